#!/bin/sh
# csmith.sh LD DIRECTORY [COUNT [SEED [FORM...]]]
# Links COUNT (20) random C programs of csmith, with the seeds SEED (1), SEED + 1 and so on, with GNU
# ld and with the linker LD, and expects the same checksum from all images, and no size above GNU ld's.
# The FORMs of each program:
#   whole     built without function sections, linked by LD without what is proven to be dead;
#             every third program also with that destroyed where it stood
#   sections  built with them, linked so too, and as GNU ld collects sections
# both, if none is named. The seed chooses the board, and with it the instruction set, the level of
# optimisation and other ways to reach functions and data; and what the program is made of.
#
# A program that csmith does not finish, that does not fit, or that does not end under GNU ld, is
# passed over; they may not be the most of them. What failed stays in DIRECTORY/SEED-FORM.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"
ld=$1
need arm-none-eabi-gcc arm-none-eabi-ld qemu-system-arm csmith
headers=/usr/include/csmith
[ -e $headers/csmith.h ] || { echo "SKIPPED: $headers/csmith.h is not installed"; exit 77; }
rm -rf "$2"
mkdir -p "$2"
work=$(cd "$2" && pwd)
count=${3:-20} first=${4:-1}
shift $(($# < 4 ? $# : 4))
forms=${*:-whole sections}

# choose SEED: sets $board, and $options of the compiler. Neighbours differ in all of it.
choose() {
  case $(($1 % 4)) in
    0) board=mps2-an500 options='' ;;
    1) board=mps2-an385 options='' ;;
    2) board=raspi0 options='' ;;
    3) board=raspi0 options=-mthumb ;;
  esac
  case $(($1 % 5)) in
    0) options="$options -Os" ;;
    1) options="$options -O1" ;;
    2) options="$options -O2" ;;
    3) options="$options -O3 -fno-section-anchors" ;;
    4) options="$options -O0" ;;
  esac
  case $(($1 % 7)) in
    0) options="$options -mlong-calls" ;;
    1) options="$options -fno-section-anchors" ;;
    2) options="$options -fno-inline" ;;
    3) options="$options -fno-toplevel-reorder" ;;
    4) [ "$board" = raspi0 ] || options="$options -mpure-code" ;;
  esac
}

# generate SEED: $work/random.c. With `static` it is what firmware looks like; without, the compiler
# leaves functions and objects that nobody needs.
generate() {
  with='--no-argc --max-funcs 8 --max-block-depth 4'
  case $(($1 % 3)) in
    0) with="$with --no-volatiles --no-packed-struct" ;;
    1) with="$with --random-random" ;;
  esac
  # shellcheck disable=SC2086,SC3045 # a list; every sh of Linux has -t
  (cd "$work" && ulimit -t 5 && csmith --seed "$1" $with --output "$work/random.c") > "$work/csmith.log" 2>&1 ||
    return 1
  [ $(($1 / 4 % 2)) = 0 ] || sed -i 's/^static //' "$work/random.c"
}

# prepare: the runtime of $board and the arguments of a link with it, once, in $objects
prepare() {
  objects=$work/$board
  [ ! -e "$objects/link.args" ] || return 0
  mkdir -p "$objects"
  scripts "$objects"
  compile_runtime "$objects"
  touch "$objects/random.o"
  link_arguments "$objects" --gc-sections
}

# links NAME LINKER OPTION...: sets $image to NAME.elf
links() {
  image=$objects/$1.elf linker=$2
  shift 2
  "$linker" --no-warn-rwx-segments "@$objects/link.args" "$@" -o "$image"
}

# same_as_gnu NAME OPTION...: what LD makes with these options runs like GNU ld's image
same_as_gnu() {
  if ! links "$@"; then
    fail "$form, $1: does not link"
    return
  fi
  boot "$board" "$image" "$image.out"
  same_run "$form, $1" "$image.out" "$code" "$objects/gnu.out" 0
}

# compare SEED FORM: sets $outcome
compare() {
  form="$1 $2 ($board $options)"
  case $2 in
    whole) sections='' prunes=proven ;;
    *) sections='-ffunction-sections -fdata-sections' prunes='sections proven' ;;
  esac
  # shellcheck disable=SC2086 # lists
  compile "$objects/random.o" "$work/random.c" -w -I $headers $options $sections
  outcome=passed-over
  links gnu arm-none-eabi-ld > "$work/gnu.log" 2>&1 || return 0
  # What ends at all ends soon.
  export BOOT_SECONDS=4
  boot "$board" "$image" "$objects/gnu.out"
  unset BOOT_SECONDS
  [ "$code" = 0 ] && grep -q '^checksum = ' "$objects/gnu.out" || return 0
  outcome=compared
  before=$failures
  for prune in $prunes; do
    same_as_gnu "$prune" "$ld" "--fwseal-prune=$prune"
    not_larger "$form, $prune" "$image" "$objects/gnu.elf" "$ram_origin" "$ram_length"
  done
  [ $(($1 % 3)) != 0 ] || same_as_gnu poisoned "$ld" --fwseal-prune=proven --fwseal-poison
  [ "$failures" = $before ] || { cp -r "$objects" "$work/$1-$2" && cp "$work/random.c" "$work/$1-$2"; }
}

compared=0
seed=$first
while [ "$seed" -lt $((first + count)) ]; do
  choose "$seed"
  target "$board"
  prepare
  outcome=passed-over
  if generate "$seed"; then
    for name in $forms; do compare "$seed" "$name"; done
  fi
  [ $outcome = passed-over ] || compared=$((compared + 1))
  seed=$((seed + 1))
done
echo "csmith: $compared of $count programs compared"
[ $((compared * 2)) -ge "$count" ] || fail "only $compared of $count programs could be compared"
finish
