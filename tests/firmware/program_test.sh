#!/bin/sh
# program_test.sh PROGRAM LD DIRECTORY [LEVEL...]
# Builds programs/PROGRAM through the compiler driver, once with GNU ld and once with the linker LD in
# its place (gcc -B), for each of its boards and C libraries, with and without --gc-sections; boots
# both and expects the same output and exit code, a line "ok", and no size above GNU ld's; a third
# time LD also leaves out what is proven to be dead; and a fourth image, in which that stands where it
# was but is destroyed, must still run the same. With LEVELs (-O1), only these two comparisons, with
# whole objects: compiled at each level without sections of their own for functions and data.
#
# A program says what it needs in its head, a value or more in each line that begins with `//! KEY:`:
#   start      board   boards/demo's start-up and board.ld, after memory.ld
#              newlib  crt0 of --specs=rdimon.specs and the linker's built-in layout
#   boards libraries   libraries: full, nano
#   options link       of the compiler; of the driver when it links
#   files archive      more sources; FILE.c:OPTION:OPTION has options of its own
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"
programs=$here/programs
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

says() { sed -n "s,^//! $1: *,,p" "$programs/$program"; }
start_up=$(says start)
driver=arm-none-eabi-gcc
case $program in *.cc) driver=arm-none-eabi-g++ ;; esac

# add FILE[:OPTION...] NUMBER: compiles it and prints the object
add() {
  file=$programs/${1%%:*} extra=''
  case $1 in *:*) extra=$(echo "${1#*:}" | tr : ' ') ;; esac
  object=$objects/$2-$(basename "$file").o
  # shellcheck disable=SC2046,SC2086 # lists
  compile "$object" "$file" $specs $(says options) $extra $level
  echo "$object"
}

# compile_all: sets $inputs to the objects and archive of the program, for $core and $specs
compile_all() {
  number=0 inputs='' members=''
  for entry in $program $(says files); do
    number=$((number + 1))
    inputs="$inputs $(add "$entry" $number)"
  done
  case $start_up in
    board) compile_runtime "$objects"
           inputs="$inputs $objects/start.o $objects/board.o" ;;
    newlib) inputs="$inputs $(add vectors.S 0)" ;;
  esac
  for entry in $(says archive); do members="$members $(add "$entry" 9)"; done
  [ -n "$members" ] || return 0
  rm -f "$objects/libmembers.a"
  # shellcheck disable=SC2086 # a list
  arm-none-eabi-ar qcsD "$objects/libmembers.a" $members
  inputs="$inputs $objects/libmembers.a"
}

# link OUTPUT OPTION...
link() {
  output=$1
  shift
  # A script with INSERT stands before the one that it adds to ("The GNU linker", "INSERT"), so what
  # the program says comes between.
  case $start_up in
    board) set -- "$@" -nostartfiles -L "$work" -L "$programs" -Wl,-T,memory.ld
           last="-Wl,-T,$demo/board.ld" ;;
    newlib) set -- "$@" -Wl,--section-start=.vectors=0 -Wl,-u,vectors
            last='' ;;
  esac
  # shellcheck disable=SC2046,SC2086 # lists
  $driver $core $specs $(says options) "$@" -Wl,--no-warn-rwx-segments $inputs $(says link) \
    $last -o "$output"
}

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

# compare_proven NAME: without what is proven to be dead, and with it destroyed
compare_proven() {
  own_options=-Wl,--fwseal-prune=proven
  compare "$1" -Wl,--gc-sections
  poisoned=$work/$1-poisoned
  if link "$poisoned.elf" "-B$own_folder/" $own_options -Wl,--fwseal-poison -Wl,--gc-sections; then
    boot "$board" "$poisoned.elf" "$poisoned.out"
    same_run "$1, poisoned" "$poisoned.out" "$code" "$expected" "$gnu_code"
  else
    fail "$1, poisoned: does not link"
  fi
  own_options=
}

for board in $(says boards); do
  target "$board"
  scripts "$work"
  for library in $(says libraries); do
    specs=''
    [ "$start_up" = board ] || specs=--specs=rdimon.specs
    [ "$library" = full ] || specs="$specs --specs=nano.specs"
    objects=$work/$board-$library
    mkdir -p "$objects"
    for level in $levels; do
      level="$level -fno-function-sections -fno-data-sections"
      compile_all
      compare_proven "$board-$library${level%% *}"
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
