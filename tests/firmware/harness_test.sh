#!/bin/sh
# harness_test.sh BOARD DIRECTORY
# The tests of firmware rest on three detectors. Each must find what it is for, in an image that GNU
# ld linked: a wrong exit code, an exception, a store into rom.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"
board=$1
need arm-none-eabi-gcc arm-none-eabi-ld qemu-system-arm cc
rm -rf "$2"
mkdir -p "$2"
work=$(cd "$2" && pwd)
target "$board"
scripts "$work"
storewatch "$work"

# ends_with CODE TEXT OPTION...: the demo, compiled with OPTION, under storewatch
ends_with() {
  expected=$1 text=$2
  shift 2
  compile_demo "$work" "-DBOARD=\"$board\"" "$@"
  link_arguments "$work" --gc-sections
  arm-none-eabi-ld --no-warn-rwx-segments "@$work/link.args" -o "$work/app.elf"
  boot "$board" "$work/app.elf" "$work/out" \
    -plugin "$work/storewatch.so,range=$rom_origin:$rom_length"
  [ "$code" = "$expected" ] || fail "$board $*: ended with $code, not $expected"
  grep -q "$text" "$work/out" || { fail "$board $*: '$text' is not in the output:"; cat "$work/out"; }
}

ends_with 0 'all is well'
ends_with 7 'all is well' -DEXIT_CODE=7
ends_with 96 '^exception at 0x' -DTAKE_EXCEPTION
ends_with 97 '^storewatch: the instruction at' -DSTORE_TO_ROM
finish
