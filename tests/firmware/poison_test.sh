#!/bin/sh
# poison_test.sh LD DIRECTORY
# The poison run must be able to fail: programs/astray.c needs what is proven to be dead. Linked by
# LD without that it says 43; with what is dead destroyed it must say or do something else.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"
ld=$1
need arm-none-eabi-gcc qemu-system-arm
rm -rf "$2"
mkdir -p "$2"
work=$(cd "$2" && pwd)
board=mps2-an385
target $board
scripts "$work"
compile_runtime "$work"

# The two objects stand in one section, in this order, and are cut: code names each.
for what in FUNCTION OBJECT STRING; do
  compile "$work/astray.o" "$here/programs/astray.c" -O1 -fno-section-anchors \
    -fno-toplevel-reorder "-DSTRAY_$what"
  link_arguments "$work" --gc-sections
  for poison in '' '--fwseal-prune=proven --fwseal-poison'; do
    # shellcheck disable=SC2086 # a list
    "$ld" --no-warn-rwx-segments "@$work/link.args" $poison -o "$work/app.elf" ||
      fail "$what: does not link"
    boot $board "$work/app.elf" "$work/out"
    outcome="$code $(head -n 1 "$work/out")"
    if [ -z "$poison" ]; then
      [ "$outcome" = '0 43' ] || fail "$what: '$outcome', not '0 43'"
    else
      [ "$outcome" != '0 43' ] || fail "$what: the poison run does not notice"
    fi
    echo "$what $poison: $outcome"
  done
done
finish
