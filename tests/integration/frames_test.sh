#!/bin/sh
# frames_test.sh LD DIRECTORY
# Which rows of .eh_frame stay in a link with --fwseal-prune=proven, by what can read it; and that
# what stays says, as readelf reads it, of the same functions what it said before.
set -eu
here=$(cd "$(dirname "$0")/../firmware" && pwd)
# shellcheck source=../firmware/common.sh
. "$here/common.sh"
ld=$1
need arm-none-eabi-as arm-none-eabi-nm arm-none-eabi-objdump arm-none-eabi-readelf
rm -rf "$2"
mkdir -p "$2"
work=$(cd "$2" && pwd)
cd "$work"

assemble() { arm-none-eabi-as -mcpu=cortex-m3 -o "$1.o" -; }

# Functions of different lengths and frames, and code that names symbols of the script. Half of them
# stand in one section, so that dead ones go from between the others.
assemble code << 'END'
  .syntax unified
  .thumb
  .cfi_sections .eh_frame
  .macro function name, size, symbol=0
  .global \name
  .type \name, %function
  .thumb_func
\name:
  .cfi_startproc
  push {r4, lr}
  .cfi_def_cfa_offset \size
  .cfi_offset lr, -4
  .rept \size / 4
  nop
  .endr
  pop {r4, pc}
  .cfi_endproc
  .ifnc \symbol,0
  .balign 4
  .word \symbol
  .endif
  .size \name, . - \name
  .endm
  .text
  function dead1, 8
  function first, 16
  function dead2, 24
  function dead3, 32
  function second, 40
  .cfi_startproc simple
  .cfi_def_cfa sp, 4
  .cfi_endproc
  .section .text.place, "ax"
  function place, 48, __place
  .section .text.end, "ax"
  function end, 56, __end
  .section .text.thrower, "ax"
  .global thrower
  .type thrower, %function
  .thumb_func
thrower:
  .cfi_startproc
  .cfi_personality 0x1b, routine
  .cfi_lsda 0x1b, .Ldata
  push {r4, lr}
  .cfi_def_cfa_offset 64
  pop {r4, pc}
  .cfi_endproc
  .size thrower, . - thrower
  .section .gcc_except_table, "a"
.Ldata: .word 0x12345678
  .section .text.routine, "ax"
  .global routine
  .type routine, %function
  .thumb_func
routine: bx lr
  .size routine, . - routine
  .section .comment
  .asciz "GCC: (tests) 12.2.1" @ or nothing is cut whose address is taken
END
assemble begin << 'END'
  .syntax unified
  .thumb
  .section .eh_frame, "a", %progbits
__EH_FRAME_BEGIN__:
  .type __EH_FRAME_BEGIN__, %object
  .section .text.registers, "ax"
  .global registers
  .type registers, %function
  .thumb_func
registers:
  ldr r0, =__EH_FRAME_BEGIN__
  ldr r1, =__register_frame_info
  cbz r1, 1f
  bl __register_frame_info
1: bx lr
  .weak __register_frame_info
  .size registers, . - registers
END
assemble end << 'END'
  .section .eh_frame, "a", %progbits
__FRAME_END__: .word 0
END
assemble unwinder << 'END'
  .syntax unified
  .thumb
  .section .text.unwinder, "ax"
  .global __register_frame_info
  .type __register_frame_info, %function
  .thumb_func
__register_frame_info: bx lr
  .size __register_frame_info, . - __register_frame_info
END

# link SCRIPT OPTION...: to code.elf
link() {
  printf '%s\n' "SECTIONS { .text : { *(.text*) } .rodata : { *(.gcc_except_table) } $1 }" \
    > script.ld
  shift
  "$ld" --fwseal-prune=proven --gc-sections -T script.ld --unresolved-symbols=ignore-all "$@" \
    begin.o code.o $more end.o -o code.elf
}
# What a table says: the frame of each function, by the function's name; and the end.
frames() {
  arm-none-eabi-readelf --debug-dump=frames "$1" > frames.txt 2> frames.err ||
    fail "readelf refuses the frames of $1"
  [ ! -s frames.err ] || fail "readelf warns of $1: $(cat frames.err)"
  arm-none-eabi-nm "$1" | sed 's/^0*\([0-9a-f]\{8\}\) /\1 /' > names.txt
  awk '
    NR == FNR { name[$1] = $3; next }
    $4 == "FDE" {
      split($6, range, /[=.]+/)
      what = range[2] in name ? name[range[2]] : "none"
    }
    $4 == "CIE" { what = "" }
    / ZERO terminator/ { print "the end" }
    /DW_CFA_def_cfa_offset:/ && what != "" { print what, $2 }
  ' names.txt frames.txt | sort
}
# expect WHAT FRAMES SCRIPT OPTION...
expect() {
  what=$1 wanted=$2
  shift 2
  link "$@"
  got=$(frames code.elf | tr '\n' ' ' | sed 's/ $//')
  [ "$got" = "$wanted" ] || fail "$what: the frames are '$got' instead of '$wanted'"
}
more=

inside='.eh_frame : { __place = .; KEEP(*(.eh_frame)) __end = .; }'
both='first 16 second 40'
three='first 16 place 48 second 40'

# --- What must stay
expect 'the beginning is named' "$three the end" "$inside" -e first -u second -u place
more=unwinder.o
expect 'crtbegin.o registers' "$both the end" "$inside" -e first -u second -u registers
more=
expect 'without KEEP' "$three the end" \
  '.eh_frame : { __place = .; *(.eh_frame) }' -e first -u second -u place
expect 'beside the section' "$three the end" \
  '__place = .; .eh_frame : { *(.eh_frame) }' -e first -u second -u place
expect 'an address in the image' "$both the end" "$inside .x : { LONG(__place) }" -e first -u second
expect 'a label before it' "$both the end" '.eh_frame : { *(.mine) *(.eh_frame) }' \
  -e first -u second
expect 'personality and data' 'place 48 the end thrower 64' "$inside" -e thrower -u place
arm-none-eabi-nm code.elf | grep -q ' routine$' || fail 'the personality routine is gone'
arm-none-eabi-objdump -s -j .rodata code.elf | grep -q 78563412 || fail 'the data are gone'
printf '[prune]\nkeep = [".eh_frame*"]\n' > keep.toml
expect 'keep of the section' "$both the end" "$inside" -e first -u second --fwseal-config=keep.toml
printf '[prune]\nkeep = ["__place"]\n' > keep.toml
expect 'keep of the beginning' "$both the end" "$inside" -e first -u second \
  --fwseal-config=keep.toml
expect '-u of the beginning' "$both the end" "$inside" -e first -u second -u __place
expect 'all' 'dead1 8 dead2 24 dead3 32 first 16 place 48 second 40 the end thrower 64' "$inside" \
  -e first -u second -u dead1 -u dead2 -u dead3 -u place -u thrower

# --- What goes
expect 'nobody reads' '' "$inside" -e first -u second
expect 'nobody reads, though a function throws' '' "$inside" -e thrower
! arm-none-eabi-nm code.elf | grep -q ' routine$' || fail 'nobody reads, and a routine is left'
expect 'the end is named' '' "$inside" -e end
expect 'nobody registers' '' "$inside" -e first -u registers
expect 'dead functions' 'place 48 the end' "$inside" -e place
! arm-none-eabi-nm code.elf | grep -qE ' (dead.|first|second)$' || fail 'a row keeps a function'
expect 'the first ones' 'first 16 place 48 the end' "$inside" -e place -u first

# --- Without proof, and where relocations stay: the table of GNU ld
all='-e first -u second -u dead1 -u dead2 -u dead3 -u place -u thrower -u end'
for options in --fwseal-prune=sections -q --no-gc-sections; do
  # shellcheck disable=SC2086 # a list of options
  link "$inside" $all $options
  arm-none-eabi-ld -T script.ld -q begin.o code.o end.o -o gnu.elf --unresolved-symbols=ignore-all
  frames gnu.elf > gnu.txt
  frames code.elf | cmp -s - gnu.txt || fail "$options: the frames are $(frames code.elf)"
done
link "$inside" -e first -q
[ -n "$(frames code.elf)" ] || fail '-q: the table is not kept as it is'
# shellcheck disable=SC2086
link "$inside" $all -r
cp code.elf again.elf
# shellcheck disable=SC2086
link "$inside" $all -r --fwseal-prune=sections
cmp again.elf code.elf || fail '-r: another output'

# --- Destroyed
link "$inside" -e first -u second --fwseal-poison
arm-none-eabi-objdump -s -j .eh_frame code.elf | grep -q 'eeeeeeee eeeeeeee eeeeeeee' ||
  fail 'poison: a table that nobody reads is not filled'
expect 'poison with a reader' 'first 16 place 48 the end' "$inside" -e place -u first \
  --fwseal-poison

# --- Code that another object has as well: the other one's row
for copy in copy1 copy2; do
  assemble $copy << 'END'
  .syntax unified
  .thumb
  .cfi_sections .eh_frame
  .section .text.inline, "axG", %progbits, inline, comdat
  .weak inline
  .type inline, %function
  .thumb_func
inline:
  .cfi_startproc
  push {r4, lr}
  .cfi_def_cfa_offset 72
  pop {r4, pc}
  .cfi_endproc
  .size inline, . - inline
END
done
more='copy1.o copy2.o'
expect 'the same in two objects' "inline 72 place 48 the end" "$inside" -e place -u inline
more=

# --- Equal code of different frames: one description for each
assemble same << 'END'
  .syntax unified
  .thumb
  .cfi_sections .eh_frame
  .macro same name, size
  .section .text.\name, "ax"
  .global \name
  .type \name, %function
  .thumb_func
\name:
  .cfi_startproc
  push {r4, lr}
  .cfi_def_cfa_offset \size
  movs r0, #42
  movs r1, #43
  pop {r4, pc}
  .cfi_endproc
  .size \name, . - \name
  .endm
  same same1, 80
  same same2, 88
  .section .text.calls, "ax"
  .global calls
  .type calls, %function
  .thumb_func
calls:
  bl same1
  bl same2
  bx lr
  .size calls, . - calls
END
more=same.o
expect 'equal code' 'place 48 same1 80 same2 88 the end' "$inside" -e place -u calls
link "$inside" -e place -u calls --print-gc-sections 2> removed.txt
! grep -q 'folding .*same' removed.txt || fail 'equal code with two descriptions is folded'
link "$inside" -e calls --print-gc-sections 2> removed.txt
grep -q 'folding .*same' removed.txt || fail 'equal code that nothing describes is not folded'
more=

# --- What is not plain stays as it is, and what it refers to
assemble odd << 'END'
  .section .eh_frame, "a", %progbits
  .word 8, 1, dead1 - .
END
more=odd.o
link "$inside" -e first
arm-none-eabi-nm code.elf | grep -q ' dead1$' || fail 'what an odd table refers to is gone'
more=

# --- Asking why
link "$inside" -e place -u first --fwseal-record=code.json
"$(dirname "$ld")/fwseal" why code.json code.o:\(.eh_frame+0x20\) > why.txt || true
grep -q 'something can read .eh_frame' why.txt || fail "why says: $(cat why.txt)"
finish
