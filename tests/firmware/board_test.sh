#!/bin/sh
# board_test.sh BOARD LD DIRECTORY
# Links the demo for one board with GNU ld and with the linker LD, from the same arguments, and
# expects of LD's image: the same output and exit code in all its forms (ELF, raw, Intel HEX; from
# objcopy and from LD's own --oformat), no store into rom, nothing in QEMU's log that GNU ld's image
# does not cause (the micro:bit's processor reads before anything is loaded), and no size above GNU
# ld's. DIRECTORY keeps what was made.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"
board=$1 ld=$2
need arm-none-eabi-gcc arm-none-eabi-ld qemu-system-arm cc
rm -rf "$3"
mkdir -p "$3"
work=$(cd "$3" && pwd)
target "$board"
end_code=42

scripts "$work"
compile_demo "$work" "-DBOARD=\"$board\"" -DEXIT_CODE=$end_code
storewatch "$work"
watch="$work/storewatch.so,range=$rom_origin:$rom_length"

# writes_images NAME: --oformat makes of the link what objcopy makes of the ELF. GNU ld refuses that
# option for ARM ("cannot change output format whilst linking"), so it may only be asked of another.
writes_images() {
  case $("$ld" --version | head -n 1) in GNU\ ld*) return ;; esac
  for pair in binary.bin ihex.hex; do
    format=${pair%.*} suffix=${pair#*.}
    "$ld" --no-warn-rwx-segments "@$work/link.args" "--oformat=$format" -o "$work/direct.$suffix" ||
      fail "$1: does not link with --oformat=$format"
    cmp "$work/direct.$suffix" "$work/own-$1.$suffix" ||
      fail "$1: --oformat=$format is not what objcopy makes of the ELF"
  done
}

# compare NAME OPTION...: both links with these options, ours also with $own_options, and all that is
# expected of them.
own_options=
compare() {
  name=$1
  shift
  link_arguments "$work" "$@"
  arm-none-eabi-ld --no-warn-rwx-segments "@$work/link.args" -o "$work/gnu-$name.elf"
  echo $own_options >> "$work/link.args"
  if ! "$ld" --no-warn-rwx-segments "@$work/link.args" -o "$work/own-$name.elf"; then
    fail "$name: does not link"
    return
  fi
  images "$work" "own-$name"
  writes_images "$name"

  rm -f "$work/gnu.log" "$work/own.log"
  boot "$board" "$work/gnu-$name.elf" "$work/gnu-$name.out" -d guest_errors -D "$work/gnu.log"
  gnu_code=$code
  [ $gnu_code = $end_code ] || fail "$name: GNU ld's image ended with $gnu_code"
  grep -q "^$board: all is well" "$work/gnu-$name.out" || fail "$name: GNU ld's image is not well"
  for form in elf bin hex; do
    boot "$board" "$work/own-$name.$form" "$work/own-$name.$form.out"
    same_run "$name.$form" "$work/own-$name.$form.out" "$code" "$work/gnu-$name.out" "$gnu_code"
  done

  boot "$board" "$work/own-$name.elf" "$work/watched.out" -plugin "$watch" \
    -d guest_errors -D "$work/own.log"
  same_run "$name under storewatch" "$work/watched.out" "$code" "$work/gnu-$name.out" "$gnu_code"
  diff "$work/gnu.log" "$work/own.log" || fail "$name: QEMU's log is another than with GNU ld"
  not_larger "$board $name" "$work/own-$name.elf" "$work/gnu-$name.elf" "$ram_origin" "$ram_length"
}

compare gc --gc-sections
compare all
# poisoned NAME: the link before, with what it left out where it was, but destroyed
poisoned() {
  image=$work/own-$1-poisoned
  if ! "$ld" --no-warn-rwx-segments "@$work/link.args" --fwseal-poison -o "$image.elf"; then
    fail "$1, poisoned: does not link"
    return
  fi
  boot "$board" "$image.elf" "$image.out"
  same_run "$1, poisoned" "$image.out" "$code" "$work/gnu-$1.out" "$end_code"
}

# And a link that leaves out what is proven to be dead, of objects with and without sections for it.
own_options=--fwseal-prune=proven
compare proven --gc-sections
poisoned proven
compile_demo "$work" "-DBOARD=\"$board\"" -DEXIT_CODE=$end_code -fno-function-sections \
  -fno-data-sections
compare proven-whole --gc-sections
poisoned proven-whole
finish
