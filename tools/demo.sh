#!/usr/bin/env bash
# demo.sh: what fwseal is for, in one run on a bare Debian 12. Installs what is missing (as root),
# builds fwseal, then links, seals and boots a small firmware for a Cortex-M3 board of QEMU, next to
# the image that GNU ld makes of the same objects, and prints what fills its memories.
#
# Everything that it makes stays in build/demo.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=packages.sh
. tools/packages.sh
# shellcheck disable=SC2086 # lists
install_packages $build_packages $firmware_packages

say() { printf '\n== %s\n' "$*"; }

say 'building fwseal'
cmake --preset release
cmake --build --preset release
fwseal=$PWD/build/release/bin/fwseal

here=tests/firmware
# shellcheck source=../tests/firmware/common.sh
. "$here/common.sh"
board=lm3s6965evb
rm -rf build/demo
mkdir -p build/demo
work=build/demo

say "compiling a firmware for $board: a Cortex-M3, 256K of flash, 64K of RAM"
target $board
scripts $work
compile_demo $work "-DBOARD=\"$board\""
link_arguments $work --gc-sections
arm-none-eabi-ld --no-warn-rwx-segments "@$work/link.args" -o $work/gnu.elf

say 'fwseal seal: one pass for the link, the images and the report'
libraries=()
for library in libc_nano.a libgcc.a; do
  # shellcheck disable=SC2086,SC2154 # a list, set by target
  libraries+=("$(arm-none-eabi-gcc $core "-print-file-name=$library")")
done
"$fwseal" seal $work/*.o "${libraries[@]}" -L $work -L "$demo" -T app.ld -o $work/app.elf \
  --bin $work/app.bin --hex $work/app.hex --json $work/app.json --map $work/app.map

say "booting the sealed image: ELF, raw binary, Intel HEX"
for form in elf bin hex; do
  boot $board $work/app.$form $work/app.$form.out
  if [ "$code" != 0 ] || ! grep -q "^$board: all is well" "$work/app.$form.out"; then
    fail "app.$form ended with $code:"
    cat $work/app.$form.out
  fi
done
grep -v '^Timer with period zero' $work/app.elf.out # a message of QEMU's own

say 'summary'
# shellcheck disable=SC2154 # set by target
not_larger "$board" $work/app.elf $work/gnu.elf "$ram_origin" "$ram_length"
echo "sealed: $work/app.elf, app.bin, app.hex; report: app.json; map: app.map"
[ "$failures" = 0 ] || { echo 'demo.sh: the demo FAILED' >&2; exit 1; }
echo "the sealed image booted in all three forms and answered as it should"
