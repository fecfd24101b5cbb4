#!/bin/sh
# program_test.sh PROGRAM LD DIRECTORY [LEVEL...]
# Builds programs/PROGRAM through the compiler driver, once with GNU ld and once with the linker LD in
# its place (gcc -B), for each of its boards and C libraries, with and without --gc-sections; boots
# both and expects the same output and exit code, a line "ok", and no size above GNU ld's; a third
# time LD also leaves out what is proven to be dead; and a fourth image, in which that stands where it
# was but is destroyed, must still run the same. With LEVELs (-O1), only these two comparisons, with
# whole objects: compiled at each level without sections of their own for functions and data, unless
# it asks for them (-O1:-ffunction-sections).
# What a program says in its head: program.sh.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"
program=$1
need arm-none-eabi-gcc arm-none-eabi-g++ arm-none-eabi-ld qemu-system-arm
# gcc -B looks for a program called `ld`; fwseal, beside LD, says where it keeps one.
own_folder=$("$(dirname "$2")/fwseal" --print-ld-dir)
[ -x "$own_folder/ld" ] || { echo "FAILED: there is no 'ld' in '$own_folder'"; exit 1; }
rm -rf "$3"
mkdir -p "$3"
work=$(cd "$3" && pwd)
shift 3
levels=$*
# shellcheck source=program.sh
. "$here/program.sh"

# compare NAME OPTION...: the program, linked by both with these options, and by LD with $own_options
own_options=
compare() {
  name=$1
  shift
  gnu=$work/$name-gnu own=$work/$name-own
  link "$gnu.elf" "$@"
  # shellcheck disable=SC2086 # a list
  if ! link "$own.elf" "-B$own_folder/" $own_options "$@"; then
    fail "$name: does not link"
    return
  fi
  boot "$board" "$gnu.elf" "$gnu.out"
  gnu_code=$code
  { [ "$gnu_code" = 0 ] && grep -qx ok "$gnu.out"; } ||
    { fail "$name: GNU ld's image ended with $gnu_code:"; tail -5 "$gnu.out"; }
  boot "$board" "$own.elf" "$own.out"
  expected=$gnu.out
  same_run "$name" "$own.out" "$code" "$expected" "$gnu_code"
  not_larger "$name" "$own.elf" "$gnu.elf" "$ram_origin" "$ram_length"
}

# compare_folded NAME: all copies give way, also where addresses are taken
compare_folded() {
  [ -z "$(says compares)" ] || return 0
  folded=$work/$1-folded
  if link "$folded.elf" "-B$own_folder/" $own_options -Wl,--fwseal-fold=all -Wl,--gc-sections; then
    boot "$board" "$folded.elf" "$folded.out"
    same_run "$1, folded" "$folded.out" "$code" "$expected" "$gnu_code"
    not_larger "$1, folded" "$folded.elf" "$work/$1-own.elf" "$ram_origin" "$ram_length"
  else
    fail "$1, folded: does not link"
  fi
}

# compare_proven NAME: without what is proven to be dead, and with it destroyed
compare_proven() {
  own_options="-Wl,--fwseal-prune=proven $(says proven)"
  compare "$1" -Wl,--gc-sections
  compare_folded "$1"
  poisoned=$work/$1-poisoned
  if link "$poisoned.elf" "-B$own_folder/" $own_options -Wl,--fwseal-poison -Wl,--gc-sections; then
    boot "$board" "$poisoned.elf" "$poisoned.out"
    same_run "$1, poisoned" "$poisoned.out" "$code" "$expected" "$gnu_code"
  else
    fail "$1, poisoned: does not link"
  fi
  own_options=
  [ -z "$levels" ] || return 0
  arm-none-eabi-nm "$work/$1-own.elf" > "$work/$1.symbols"
  for symbol in $(says gone); do
    if grep -q " $symbol\$" "$work/$1.symbols"; then fail "$1: $symbol is there"; fi
  done
  for symbol in $(says stays); do
    grep -q " $symbol\$" "$work/$1.symbols" || fail "$1: $symbol is gone"
  done
}

for board in $(says boards); do
  target "$board"
  scripts "$work"
  for library in $(says libraries); do
    choose_library "$library"
    objects=$work/$board-$library
    mkdir -p "$objects"
    for level in $levels; do
      name=${level%%:*}
      level="-fno-function-sections -fno-data-sections $(echo "$level" | tr : ' ')"
      compile_all
      compare_proven "$board-$library$name"
    done
    [ -z "$levels" ] || continue
    level=''
    compile_all
    compare "$board-$library-gc" -Wl,--gc-sections
    compare "$board-$library-all"
    compare_proven "$board-$library-proven"
  done
done
finish
