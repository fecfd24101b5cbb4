#!/bin/sh
# ocaml_table.sh LD DIRECTORY [--update README]
# The table of docs/ocaml.md: RAM, flash, functions, descriptors and units of the kit's OCaml programs,
# by GNU ld and by LD in its modes. Every image is booted: one that does not print what it should has
# a word instead of numbers. It ends with 1 if a number is above its bar. --update puts the table
# between the two lines of README that say where it begins and ends.
# The kit is found as ocaml.sh does.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"
ld=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
mkdir -p "$2"
work=$(cd "$2" && pwd)
# shellcheck source=ocaml_kit.sh
. "$here/ocaml_kit.sh"
build_kit
kinds='gnu gc proven'
if knows_quiet; then kinds="$kinds quiet"; fi

# cells PROGRAM KIND: "FLASH RAM DESCRIPTORS FUNCTIONS BYTES UNITS", or a word
cells() {
  elf=$work/$1-$2.elf
  if ! link "$1" "$2" "$elf" 2> "$elf.log"; then
    echo link
  elif ! "$kit/firmware/run.sh" "$elf" 2>&1 | cmp -s - "$expected/$1.txt"; then
    echo boot
  elif ! "$kit/sizes.sh" "$elf" > "$elf.sizes" 2> "$elf.log"; then
    echo tables
  else
    echo "$(weight "$elf.sizes") $(image "$elf" functions)"
  fi
}

for program in hello fw fwall; do
  for kind in $kinds; do echo "$program $kind $(cells $program "$kind")"; done
done > "$work/rows"

status=0
awk -f "$here/ocaml_table.awk" "$work/rows" > "$work/table.md" || status=$?
cat "$work/table.md"
if [ "${3:-}" = --update ]; then
  begins='<!-- begin: tests\/firmware\/ocaml_table.sh -->' ends='<!-- end -->'
  sed -i -e "/^$begins\$/,/^$ends\$/ { /^$begins\$/ r $work/table.md" \
    -e "/^$begins\$/ ! { /^$ends\$/ ! d } }" "$4"
fi
exit $status
