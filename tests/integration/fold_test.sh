#!/bin/sh
# fold_test.sh LD DIRECTORY
# What folding makes of copies of functions: where they are, and what symbols, debugging
# information, the map, the record and messages say about it.
set -eu
here=$(cd "$(dirname "$0")/../firmware" && pwd)
# shellcheck source=../firmware/common.sh
. "$here/common.sh"
ld=$1
fwseal=$(dirname "$ld")/fwseal
need arm-none-eabi-as arm-none-eabi-nm arm-none-eabi-objdump arm-none-eabi-readelf
rm -rf "$2"
mkdir -p "$2"
work=$(cd "$2" && pwd)
cd "$work"

# expect WHAT EXPECTED GOT
expect() {
  [ "$2" = "$3" ] || fail "$1:
expected: $2
got:      $3"
}
# contains WHAT FILE TEXT
contains() { grep -qF -e "$3" "$2" || { fail "$1: '$3' is not in:"; head -20 "$2"; }; }

# first, second and third are equal; the addresses of second and third are taken. in_ram is equal, too, but
# the script has it elsewhere; other_word reads another word behind its code.
cat > a.s << 'END'
  .syntax unified
  .thumb
  .macro function name section
  .ifb \section
  .section .text.\name, "ax", %progbits
  .else
  .section \section, "ax", %progbits
  .endif
  .global \name
  .type \name, %function
  .thumb_func
\name:
  .endm
  .macro body word
  ldr r1, 1f
  adds r0, r0, r1
  muls r0, r1
  bx lr
  .align 2
1: .word \word
  .endm
  .macro end name
  .size \name, . - \name
  .endm
  function _start
  bl first
  bl in_ram
  bl other_word
  ldr r2, =second
  ldr r3, =third
  cmp r2, r3
  bx r3
  .ltorg
  end _start
  function first
  body 0x12345678
  end first
  function second
.Lsecond:
  body 0x12345678
.Lsecond_end:
  end second
  function third
  body 0x12345678
  end third
  function in_ram, .text.ramcode
  body 0x12345678
  end in_ram
  function other_word
  body 0x12345679
  end other_word
  .section .debug_ranges, "", %progbits
  .word .Lsecond, .Lsecond_end
END
cat > a.ld << 'END'
ENTRY(_start)
SECTIONS {
  .ram 0x100000 : { *(.text.ramcode) }
  .text 0x8000 : { *(.text .text.*) }
}
END
arm-none-eabi-as -mcpu=cortex-m3 -o a.o a.s

# link NAME OPTION...: a.o to NAME.elf, and what is said to NAME.out
link() {
  linked=$1
  shift
  "$ld" --fwseal-prune=proven -T a.ld a.o -o "$linked.elf" -Map "$linked.map" \
    --fwseal-record="$linked.json" --print-gc-sections "$@" > "$linked.out" 2>&1 ||
    { fail "$linked does not link:"; cat "$linked.out"; }
}
# functions NAME: their addresses, without the Thumb bit, in order
functions() {
  arm-none-eabi-nm "$1.elf" | sed -nE 's/^0*([0-9a-f]+) [tT] ([a-z_]+)$/\1 \2/p' | sort -k1,1 -k2,2
}

link none --fwseal-fold=none
expect 'nothing is folded' "$(printf '100000 in_ram\n8000 _start\n801c first\n8028 second\n8034 third\n8040 other_word')" \
  "$(functions none)"
link proven
expect 'a call and a jump' "$(printf '100000 in_ram\n8000 _start\n801c first\n801c second\n8028 third\n802c other_word')" \
  "$(functions proven)"
arm-none-eabi-objdump -d --start-address=0x8028 --stop-address=0x802c proven.elf > jump.out
contains 'a jump' jump.out 'b.w	801c'
link all --fwseal-fold=all
expect 'all copies' "$(printf '100000 in_ram\n8000 _start\n801c first\n801c second\n801c third\n8028 other_word')" \
  "$(functions all)"

# What is said about it.
arm-none-eabi-objdump -s -j .debug_ranges all.elf > ranges.out
contains 'debugging information finds the code' ranges.out ' 1c800000 28800000'
for said in "folding '.text.first' in file 'a.o' into '.text.second' in file 'a.o': 12 bytes" \
  "folding '.text.third' in file 'a.o' into '.text.second' in file 'a.o': 8 bytes"; do
  contains messages proven.out "$said"
done
contains 'the map' proven.map 'jumps to .text.second of a.o'
contains 'the map' proven.map 'is .text.second of a.o'
contains 'assumptions' all.json "prune fold \`all': nobody compares the addresses of the 2 functions"
! grep -q 'prune fold' proven.json || fail 'an assumption in a link that makes none'
"$fwseal" why proven.json first > why.out
contains why why.out "folded into '.text.second' in file 'a.o'"
contains why why.out 'named by _start'
"$fwseal" what-if proven.json --without third > what-if.out
contains 'what would go' what-if.out '  4  bytes of'

# Where nothing may move.
link poisoned --fwseal-poison
cmp -s none.elf poisoned.elf || fail 'a poison run moves something'
link emitted -q
expect 'relocations that stay' "$(functions none)" "$(functions emitted)"

finish
