#!/bin/sh
# unwind_test.sh LD DIRECTORY
# Which rows of the unwind table stay in a link with --fwseal-prune=proven, by what can read it.
set -eu
here=$(cd "$(dirname "$0")/../firmware" && pwd)
# shellcheck source=../firmware/common.sh
. "$here/common.sh"
ld=$1
need arm-none-eabi-as arm-none-eabi-nm arm-none-eabi-objdump
rm -rf "$2"
mkdir -p "$2"
work=$(cd "$2" && pwd)
cd "$work"

# Six rows, and code that names symbols of the script.
arm-none-eabi-as -mcpu=cortex-m3 -o code.o - << 'END'
  .syntax unified
  .thumb
  .macro function name, symbol=0
  .global \name
  .type \name, %function
  .thumb_func
\name:
  .fnstart
  .save {r4, lr}
  push {r4, lr}
  pop {r4, pc}
  .ifnc \symbol,0
  .balign 4
  .word \symbol
  .endif
  .fnend
  .size \name, . - \name
  .endm
  .text
  function quiet
  function dead
  .section .text.place, "ax"
  function place, __place
  .section .text.end, "ax"
  function end, __end
  .section .text.begin, "ax"
  function begin, __begin
  .section .text.routine, "ax"
  .global __aeabi_unwind_cpp_pr0
  .type __aeabi_unwind_cpp_pr0, %function
  .thumb_func
__aeabi_unwind_cpp_pr0: bx lr
  .size __aeabi_unwind_cpp_pr0, . - __aeabi_unwind_cpp_pr0
END

# link SCRIPT OPTION...: code.o to code.elf
link() {
  printf '%s\n' "SECTIONS { .text : { *(.text*) } $1 }" > script.ld
  shift
  "$ld" --fwseal-prune=proven --gc-sections -T script.ld --defsym=__other=4 \
    --unresolved-symbols=ignore-all "$@" code.o -o code.elf
}
# expect WHAT ROWS SCRIPT OPTION...: how many rows are left, of how many bytes of the routine
expect() {
  what=$1 rows=$2
  shift 2
  link "$@"
  got=$(arm-none-eabi-objdump -h code.elf | awk '$2 ~ "^.(ARM.exidx|table)$" { print $3 }')
  got=$((0x${got:-0} / 8))
  [ "$got" = "$rows" ] || fail "$what: $got rows are left instead of $rows"
  routine=$(arm-none-eabi-nm code.elf | grep -c __aeabi_unwind_cpp_pr0 || true)
  [ "$routine" = $((rows != 0)) ] || fail "$what: a personality routine is left $routine times"
}

# All rows are equal, so one row and one that ends its reach are left, or without merging one more.
inside='.table : { __place = .; *(.ARM.exidx*) __end = .; }'
expect 'nobody reads' 0 "$inside" -e quiet
expect 'nobody reads, KEEP' 0 '.table : { __place = .; KEEP(*(.ARM.exidx*)) __end = .; }' -e quiet
expect 'the beginning is named' 2 "$inside" -e place
expect 'the end is named' 2 "$inside" -e end
expect 'without merging' 3 "$inside" -e place -u quiet --no-merge-exidx-entries
expect 'in the code' 2 '.table : { *(.rodata) __place = .; *(.ARM.exidx*) __end = .; }' -e end
expect 'beside the section' 2 '__place = .; .table : { *(.ARM.exidx*) } __end = .;' -e place
expect 'ADDR' 2 '.table : { *(.ARM.exidx*) } .x : { *(.x) } __place = ADDR(.table);' -e place
expect 'an orphan' 0 '' -e quiet
expect 'an address in the image' 2 "$inside .x : { LONG(__place) }" -e quiet
expect 'a label beside it' 2 '.table : { *(.mine) *(.ARM.exidx*) }' -e quiet
away='__begin = .; __place = .; .table : { *(.ARM.exidx*) } __other_end = .; __end = .;'
expect 'another symbol behind it' 0 "$away" -e end
expect 'another symbol before it' 0 "$away" -e begin
expect 'other symbols on both sides' 2 "$away" -e begin -u end
alias='.table : { a = .; *(.ARM.exidx*) b = .; } .x : { *(.x) }'
expect 'made of the beginning' 2 "$alias __place = a + 8;" -e place
expect 'made of the end' 0 "$alias __end = b;" -e end
expect 'the layout uses the end' 0 "$alias . = b; .y : { LONG(1) }" -e quiet

# Who wants the table for a tool outside.
expect '-u of a bound' 2 "$inside" -e quiet -u __place
printf '[prune]\nkeep = [".ARM.exidx*"]\n' > keep.toml
expect 'keep of the section' 2 "$inside" -e quiet --fwseal-config=keep.toml
printf '[prune]\nkeep = ["__place"]\n' > keep.toml
expect 'keep of a bound' 2 "$inside" -e quiet --fwseal-config=keep.toml

# What follows tables that are gone is as aligned as it was behind them.
printf '  .section .rodata, "a"\n  .byte 1\n  .section .init_array, "aw", %%init_array\n  .balign 4\n  .word quiet\n' |
  arm-none-eabi-as -mcpu=cortex-m3 -o odd.o -
aligned() {
  printf '%s\n' "SECTIONS { $2 __after = .; }" > script.ld
  "$ld" --fwseal-prune=proven --gc-sections -T script.ld -e quiet --unresolved-symbols=ignore-all \
    -u quiet ${3:-} ${4:-} code.o odd.o -o code.elf
  after=$(arm-none-eabi-nm code.elf | awk '$3 == "__after" { print $1 }')
  [ $((0x$after % 4)) = 0 ] || fail "$1: what follows is at $after"
  size=$(arm-none-eabi-objdump -h code.elf | awk '$2 == ".ARM.exidx" || $2 == ".init_array"' | wc -l)
  [ "$size" = 0 ] || fail "$1: the table is still there"
}
text='.text : { *(.text*) KEEP(*(.rodata*)) }'
aligned 'a table that is gone' "$text .ARM.exidx : { *(.ARM.exidx*) }"
aligned 'constructors that are gone' "$text .init_array : { KEEP(*(.init_array)) }"
aligned 'a table with a symbol' "$text .ARM.exidx : { __place = .; *(.ARM.exidx*) } .init_array : { __end = .; KEEP(*(.init_array)) }" -u __end
aligned 'a table inside' '.text : { *(.text*) KEEP(*(.rodata*)) *(.ARM.exidx*) *(.init_array) }'

# Without proof, or linked again later.
expect 'sections' 2 "$inside" -e quiet --fwseal-prune=sections
finish
