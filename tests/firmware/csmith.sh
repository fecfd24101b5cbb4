#!/bin/sh
# csmith.sh LD DIRECTORY [COUNT [SEED]]
# Links COUNT (20) random C programs of csmith, with the seeds SEED (1), SEED + 1 and so on, with GNU
# ld and with the linker LD, from objects with and without function sections, once as GNU ld collects
# sections and once without all that is proven to be dead, and expects the same checksum from all
# images on an mps2-an500, and no size above GNU ld's; every third program also with all that is dead
# destroyed where it stood. A program that csmith does not finish, or that does not end under GNU ld,
# is passed over; they may not be the most of them.
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
count=${3:-20} seed=${4:-1}
board=mps2-an500
target $board
scripts "$work"
compile_runtime "$work"
export BOOT_SECONDS=5

# compare NAME OPTION...: the program, compiled with OPTION. Sets $outcome.
compare() {
  name=$1
  shift
  objects=$work/$name
  mkdir -p "$objects"
  cp "$work"/*.o "$work"/*.ld "$objects"
  compile "$objects/random.o" "$work/random.c" -w -I $headers "$@"
  link_arguments "$objects" --gc-sections
  arm-none-eabi-ld --no-warn-rwx-segments "@$objects/link.args" -o "$objects/gnu.elf"
  boot $board "$objects/gnu.elf" "$objects/gnu.out"
  if [ "$code" != 0 ] || ! grep -q '^checksum = ' "$objects/gnu.out"; then
    outcome=passed-over
    return
  fi
  outcome=compared
  for prune in sections proven; do
    own=$objects/$prune.elf
    if ! "$ld" --no-warn-rwx-segments "@$objects/link.args" "--fwseal-prune=$prune" -o "$own"; then
      fail "$name $prune: does not link"
      continue
    fi
    boot $board "$own" "$own.out"
    same_run "$name $prune" "$own.out" "$code" "$objects/gnu.out" 0
    not_larger "$name $prune" "$own" "$objects/gnu.elf" "$ram_origin" "$ram_length"
  done
  [ $((seed % 3)) != 0 ] || poisoned
}

# The program of compare.
poisoned() {
  own=$objects/poisoned.elf
  if "$ld" --no-warn-rwx-segments "@$objects/link.args" --fwseal-prune=proven --fwseal-poison \
    -o "$own"; then
    boot $board "$own" "$own.out"
    same_run "$name poisoned" "$own.out" "$code" "$objects/gnu.out" 0
  else
    fail "$name poisoned: does not link"
  fi
}

compared=0
last=$((seed + count))
while [ "$seed" -lt $last ]; do
  # Half of the programs with volatile and packed data, and each third at another optimisation.
  options='--no-argc --max-funcs 8 --max-block-depth 4'
  [ $((seed % 2)) = 0 ] || options="$options --no-volatiles --no-packed-struct"
  case $((seed % 3)) in 0) level=-Os ;; 1) level=-O1 ;; *) level=-O2 ;; esac
  outcome=passed-over
  # shellcheck disable=SC2086 # a list
  if timeout 20 csmith --seed "$seed" $options --output "$work/random.c" > "$work/csmith.log"; then
    compare "$seed-whole" $level
    [ $outcome = passed-over ] || compare "$seed-sections" $level -ffunction-sections -fdata-sections
  fi
  [ $outcome = passed-over ] || compared=$((compared + 1))
  [ "$failures" != 0 ] || rm -rf "$work/$seed-whole" "$work/$seed-sections"
  seed=$((seed + 1))
done
echo "csmith: $compared of $count programs compared"
[ $((compared * 2)) -ge "$count" ] || fail "only $compared of $count programs could be compared"
finish
