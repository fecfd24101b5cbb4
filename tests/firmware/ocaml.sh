#!/bin/sh
# ocaml.sh LD DIRECTORY [PROGRAM...]
# OCaml 4.13 firmware for a board whose flash refuses stores: hello, fw and fwall of the kit, or the
# PROGRAMs. Links each in all forms (one relocatable object; a start-up object and archives; some
# position-independent code; one object with the runtime) with GNU ld and with the linker LD: sections collected only, without what
# is proven to be dead, with all folded, without backtraces if LD has that, and with what is dead
# destroyed. Each image prints what it should, also with the smallest minor heap, where the collector
# walks the frames sixty times as often; none but the last is larger than GNU ld's, in flash or in
# RAM with the frame hash. GNU ld's image is sealed as it is, too. The form for Linux is not linked: it
# is glibc's, with functions that are chosen at run time (STT_GNU_IFUNC), which no firmware has.
#
# Then what must be noticed: OCaml's data in flash, where the collector and the program write; and
# static data that caml_data_segments does not tell the runtime of.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"
ld=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
mkdir -p "$2"
work=$(cd "$2" && pwd)
shift 2
[ $# -gt 0 ] || set -- hello fw fwall
# shellcheck source=ocaml_kit.sh
. "$here/ocaml_kit.sh"
build_kit
kinds='gc proven folded poisoned'
if knows_quiet; then kinds="$kinds quiet"; fi

# run IMAGE: its output is in IMAGE.out, its exit code in IMAGE.code
run() {
  run_code=0
  "$kit/firmware/run.sh" "$1" > "$1.out" 2>&1 || run_code=$?
  echo $run_code > "$1.code"
}

# ran_well IMAGE WHAT
ran_well() {
  { diff "$expected/$program.txt" "$1.out" > "$1.diff" && [ "$(cat "$1.code")" = 0 ]; } ||
    fail "$2: exit code $(cat "$1.code"), $(sed -n '2p' "$1.diff")"
}

# runs NAME: $work/NAME.elf does what it should, with both heaps
runs() {
  image "$work/$1.elf" set caml_init_minor_heap_wsz 262144 4096 "$work/$1-small.elf" ||
    { fail "$1: has no minor heap"; return; }
  run "$work/$1.elf" &
  run "$work/$1-small.elf"
  wait
  ran_well "$work/$1.elf" "$1"
  ran_well "$work/$1-small.elf" "$1, small heap"
}

# fits NAME FORM: the tables of $work/NAME.elf are in order, and it is not larger than GNU ld's. Where
# dead parts stay, .eh_frame does not count: GNU ld joins its equal CIEs.
fits() {
  "$kit/sizes.sh" "$work/$1.elf" > "$work/$1.sizes" || { fail "$1: its tables are damaged"; return; }
  units=$(image "$work/$1.elf" startup) || { fail "$1: its start-up code and tables differ"; units=no; }
  own=$(weight "$work/$1.sizes")
  gnu=$(weight "$work/$2-gnu.sizes")
  case $1 in
    *-gc) own=$(without_frames "$work/$1.sizes") gnu=$(without_frames "$work/$2-gnu.sizes") ;;
  esac
  # shellcheck disable=SC2086 # three numbers each
  set -- "$1" $own $gnu
  echo "$1: flash $2, RAM $3 with the hash, $4 descriptors, $units units (GNU ld: $5, $6, $7)"
  [ "$2" -le "$5" ] || fail "$1: $2 bytes of flash, GNU ld needs $5"
  [ "$3" -le "$6" ] || fail "$1: $3 bytes of RAM, GNU ld needs $6"
}

# without_frames FILE: as weight, with flash less .eh_frame
without_frames() {
  set -- "$1" "$(tr -d , < "$1" | awk '$1 == ".eh_frame" { print $2 }')"
  weight "$1" | awk -v "frames=$2" '{ $1 -= frames; print }'
}

for program; do
  complete_form "$program"
  for form in "$program" "${program}_units" "${program}_got" "${program}_complete"; do
    link "$form" gnu "$work/$form-gnu.elf"
    runs "$form-gnu"
    "$kit/sizes.sh" "$work/$form-gnu.elf" > "$work/$form-gnu.sizes"
    for kind in $kinds; do
      link "$form" "$kind" "$work/$form-$kind.elf" 2> "$work/link.log" ||
        { fail "$form, $kind: does not link:"; head -3 "$work/link.log"; continue; }
      runs "$form-$kind"
      [ "$kind" = poisoned ] || fits "$form-$kind" "$form"
    done
  done
  # What GNU ld linked, with its relocations kept. QEMU stores the initial values where they run, which
  # is no RAM for a seal.
  sealed=$work/$program-sealed.elf
  if "$(dirname "$ld")/fwseal" seal "$built/$program.elf" -o "$sealed" > "$work/sealed.txt" \
      --region FLASH:flash:0x40000000:8M --region RAM:flash:0x40800000:32M; then
    runs "$program-sealed"
  else
    fail "$program: is not sealed as it is"
  fi
done

# All of .data in flash: the first store into it ends the run, unless flash can be written.
sed '/^  \.data :/s/> RAM/> FLASH/' "$kit/firmware/board/board.ld" > "$work/wrong.ld"
sed "s|-T [^ ]*|-T $work/wrong.ld|" "$built/hello.args" > "$work/wrong.args"
for mode in sections proven; do
  for writable in 0 1; do
    "$ld" --no-enum-size-warning "@$work/wrong.args" --fwseal-prune=$mode \
      "--defsym=flash_is_writable=$writable" -o "$work/wrong.elf" ||
      fail ".data in flash, $mode: does not link"
    run "$work/wrong.elf"
    outcome="$writable $(cat "$work/wrong.elf.code")"
    echo ".data in flash, $mode: flash_is_writable and exit code are $outcome"
    [ "$outcome" = '0 99' ] || [ "$outcome" = '1 0' ] ||
      fail "stores into flash are not noticed, or are where flash can be written"
  done
done

# Strings that fw hashes are not known as data: other numbers in its telegrams, or it stops.
program=fw
for kind in gnu proven; do
  [ -e "$work/fw-$kind.elf" ] || continue
  image "$work/fw-$kind.elf" unlist 'temp\0\0\0\3' "$work/unlisted.elf" || fail "fw-$kind: no segment"
  run "$work/unlisted.elf"
  if cmp -s "$expected/fw.txt" "$work/unlisted.elf.out"; then
    fail "fw-$kind: nothing is amiss without its segments of data"
  fi
done
finish
