#!/bin/sh
# cut_test.sh LD DIRECTORY
# What a link with --fwseal-prune=proven makes of sections with several functions or objects: what
# stays, where it lies, and what tables, symbols and veneers say about it.
set -eu
here=$(cd "$(dirname "$0")/../firmware" && pwd)
# shellcheck source=../firmware/common.sh
. "$here/common.sh"
ld=$1
need arm-none-eabi-gcc arm-none-eabi-as arm-none-eabi-nm arm-none-eabi-readelf arm-none-eabi-objdump
rm -rf "$2"
mkdir -p "$2"
work=$(cd "$2" && pwd)
cd "$work"

# assemble NAME: standard input, for an arm1176
assemble() { arm-none-eabi-as -mcpu=arm1176jzf-s -o "$1.o" -; }

# link NAME OPTION...: NAME.o to NAME.elf
link() {
  linked=$1
  shift
  "$ld" --fwseal-prune=proven --fwseal-fold=none --gc-sections "$@" "$linked.o" -o "$linked.elf"
}

# names NAME: the functions and objects of NAME.elf: address, size, name
names() { arm-none-eabi-nm -nS "$1.elf" | awk 'NF == 4 { print $1, $2, $4 }' | sed 's/^0*//; s/ 0*/ /'; }

# expect WHAT EXPECTED GOT
expect() {
  [ "$2" = "$3" ] || fail "$1:
expected: $2
got:      $3"
}

# Four functions, one of which is named in any other way than by code.
assemble roots << END
  .macro function name
  .global \name
  .type \name, %function
\name: bx lr
  .size \name, . - \name
  .endm
  .text
  function one
  function two
  function three
  function four
END
all=$(printf '8000 4 one\n8004 4 two\n8008 4 three\n800c 4 four')
link roots -Ttext 0x8000 -e two
expect 'the entry' '8000 4 two' "$(names roots)"
link roots -Ttext 0x8000 -e two -u four
expect '-u' "$(printf '8000 4 two\n8004 4 four')" "$(names roots)"
printf 'EXTERN(one) ENTRY(four) SECTIONS { .text 0x8000 : { *(.text) } x = three + 4; }' > extern.ld
link roots -T extern.ld
expect 'EXTERN, ENTRY and an expression' "$(printf '8000 4 one\n8004 4 three\n8008 4 four')" \
  "$(names roots)"
expect 'a symbol behind a function' 00008008 "$(arm-none-eabi-nm roots.elf | sed -n 's/ . x$//p')"
printf 'SECTIONS { .text 0x8000 : { KEEP(*(.text)) } }' > keep.ld
link roots -T keep.ld -e one
expect KEEP "$all" "$(names roots)"
link roots -Ttext 0x8000 -e two -q
expect '-q' "$all" "$(names roots)"
link roots -r -u two
expect '-r' 00000010 \
  "$(arm-none-eabi-objdump -h roots.elf | awk '$2 == ".text" { print $3 }')"
link roots -Ttext 0x8000 -e two --fwseal-prune=sections
expect 'without proof' "$all" "$(names roots)"

# Branches through the symbol of a section, each to a veneer of its own.
assemble veneers << END
  .section .far, "ax", %progbits
  .global far
  .type far, %function
far: push {r4, lr}
  bl 1f
  bl 2f
  bl 1f
  pop {r4, pc}
  .size far, . - far
  .text
  .type dead, %function
dead: bx lr
  .size dead, . - dead
  .type first, %function
first:
1: mov r0, #1
  bx lr
  .size first, . - first
  .type dead2, %function
dead2: bx lr
  .size dead2, . - dead2
  .type second, %function
second:
2: mov r0, #2
  bx lr
  .size second, . - second
END
printf 'SECTIONS { .text 0x8000 : { *(.text) } .far 0x10000000 : { *(.far) } }' > veneers.ld
link veneers -T veneers.ld -e far
expect 'functions behind veneers' "$(printf '8000 8 first\n8008 8 second')" \
  "$(names veneers | grep -E 'first$|second$|dead')"
expect 'where veneers lead' "$(printf '00008000\n00008008')" \
  "$(arm-none-eabi-objdump -d veneers.elf | sed -n 's/.*\.word.*0x//p')"

# Rows of unwind tables, debugging information.
cat > unwind.c << END
int dead_first(int x) { return x * 3; }
__attribute__((noinline)) int called(int x) { __asm__ volatile(""); return x + 1; }
int dead_middle(int x) { return called(x) * 5; }
int root(int x) { return called(x) * 7; }
int dead_last(int x) { return root(x) + 1; }
void __aeabi_unwind_cpp_pr0(void) {}
void __aeabi_unwind_cpp_pr1(void) {}
END
arm-none-eabi-gcc -mcpu=cortex-m3 -mthumb -O1 -g -funwind-tables -c unwind.c
link unwind -Ttext 0x8000 -e root
expect 'a table that nobody reads' '' "$(arm-none-eabi-objdump -h unwind.elf | grep ARM.exidx)"
link unwind -Ttext 0x8000 -e root -u __exidx_start
arm-none-eabi-readelf -u unwind.elf > unwind.rows 2>&1
for name in called root; do
  grep -q "<$name>" unwind.rows || fail "no row for $name: $(cat unwind.rows)"
done
! grep dead_ unwind.rows || fail 'there are rows of dead functions'
for name in $(names unwind | sed 's/.* //'); do
  case $name in dead_*) fail "$name is still there" ;; esac
done

# What follows keeps the alignment that its section promises.
cat > align.c << END
unsigned char dead_odd[5] = {1};
unsigned char aligned[16] __attribute__((aligned(16))) = {2};
unsigned char dead_long[35] = {3};
unsigned char tail[3] = {4};
unsigned char *const table[] = {aligned, tail};
END
arm-none-eabi-gcc -mcpu=cortex-m3 -mthumb -O0 -c align.c
link align -Tdata 0x10000 -e table
names align | grep -q '0 10 aligned$' || fail "not aligned: $(names align)"
! names align | grep -q dead_ || fail "dead objects: $(names align)"
arm-none-eabi-objdump -s -j .rodata align.elf > align.dump
for name in aligned tail; do
  address=$(arm-none-eabi-nm align.elf | sed -n "s/ . $name\$//p")
  # As it stands in memory, from the lowest byte on.
  word=$(echo "$address" | sed 's/\(..\)\(..\)\(..\)\(..\)/\4\3\2\1/')
  grep -q "$word" align.dump || fail "the table does not point to $name ($word): $(cat align.dump)"
done

# A script that gives the data of one file a place of its own may walk over it; code it may not.
for name in plain special; do
  assemble $name << END
  .data
  .macro object name
  .global \name
  .type \name, %object
\name: .word 1
  .size \name, . - \name
  .endm
  object ${name}_first
  object ${name}_dead
  object ${name}_last
  .text
  .macro function name
  .global \name
  .type \name, %function
\name: bx lr
  .size \name, . - \name
  .endm
  function ${name}_code
  function ${name}_dead_code
END
done
cat > special.ld << END
SECTIONS {
  .text 0x8000 : { *special.o(.text) *(.text) }
  .special 0x10000 : { *special.o(.data) }
  .data 0x20000 : { *(.data) }
}
END
"$ld" --fwseal-prune=proven --fwseal-fold=none --gc-sections -T special.ld -e plain_code -u special_first -u plain_first \
  -u special_code special.o plain.o -o special.elf
expect 'data of one file' "$(printf '%s\n' '10000 4 special_first' '10004 4 special_dead' \
  '10008 4 special_last' '20000 4 plain_first' '8000 4 special_code' '8004 4 plain_code')" \
  "$(names special | sort)"

# Thread-local storage of functions some of which are dead: its offsets are those of all of it.
cat > threads.c << END
__thread int first = 1, second = 2, third = 3;
int dead_function(void) { return first; }
int *root(void) { return &third; }
int dead_other(void) { return second; }
END
arm-none-eabi-gcc -mcpu=cortex-m3 -mthumb -O1 -mtp=soft -ftls-model=local-exec -c threads.c
echo 'int __aeabi_read_tp(void) { return 0; }' > tp.c
arm-none-eabi-gcc -mcpu=cortex-m3 -mthumb -O1 -c tp.c
"$ld" --fwseal-prune=proven --fwseal-fold=none --gc-sections -Ttext 0x8000 -e root threads.o tp.o -o threads.elf
arm-none-eabi-ld --gc-sections -Ttext 0x8000 -e root threads.o tp.o -o threads-gnu.elf
for image in threads threads-gnu; do
  arm-none-eabi-objcopy -O binary -j .tdata $image.elf $image.tdata
  arm-none-eabi-objdump -d --disassemble=root $image.elf | grep -w .word | sed 's/.*word//' > $image.offset
done
for what in tdata offset; do
  cmp threads.$what threads-gnu.$what || fail "threads.$what: $(cat threads.$what)"
done
[ -s threads.offset ] || fail 'no offset of a thread-local variable'
case $(names threads) in *dead_*) fail "dead functions: $(names threads)" ;; esac

# Strings one by one: what a pointer or code means stays, wherever in it that is.
assemble strings << END
  .section .rodata.str1.1, "aMS", %progbits, 1
  .asciz "dead at first"
middle: .asciz "through the middle"
  .asciz "dead between"
tail: .asciz "and its tail"
behind: .asciz "one behind"
  .asciz "dead at last"
  .section .rodata.str4.4, "aMS", %progbits, 4
  .word 'd', 0
wide: .word 'w', 'w', 0
  .section .rodata.cst8, "aM", %progbits, 8
  .word 1, 2
eight: .word 3, 4
  .word 5, 6
  .data
  .word middle + 3, tail
  .text
  .global root
  .type root, %function
root:
  ldr r0, =behind
  ldr r0, =wide
  ldr r0, =eight + 4
  bx lr
  .ltorg
  .size root, . - root
  .type dead, %function
dead: ldr r0, =0x12345678
  bx lr
  .size dead, . - dead
END
printf 'SECTIONS { .text 0x8000 : { *(.text) } .rodata : { *(.rodata .rodata.*) } .data : { KEEP(*(.data)) } }' \
  > strings.ld
link strings -T strings.ld -e root
arm-none-eabi-objcopy -O binary -j .rodata strings.elf strings.bin
expect 'strings' 'throughthemiddle\0anditstail\0onebehind\0w\0\0\0w\0\0\0\0\0\0\0003\0\0\0004\0\0\0' \
  "$(od -An -v -c strings.bin | tr -d ' \n')"
symbol() { arm-none-eabi-nm strings.elf | sed -n "s/ . $1\$//p"; }
word() { arm-none-eabi-objdump -s -j "$1" strings.elf | tail -n 1 | cut -c "$2"; }
for pair in middle:3:.data:7-14 tail:0:.data:16-23; do
  name=${pair%%:*} rest=${pair#*:}
  address=$(printf %08x $((0x$(symbol "$name") + ${rest%%:*})))
  rest=${rest#*:}
  got=$(word "${rest%:*}" "${rest#*:}" | sed 's/\(..\)\(..\)\(..\)\(..\)/\4\3\2\1/')
  expect "a pointer to $name" "$address" "$got"
done

# A dead object too small for anything to move up, which refers to a section that is left out.
assemble small << END
  .macro object name, value
  .global \name
  .type \name, %object
\name: .word \\value
  .size \name, . - \name
  .endm
  .data
  .balign 8
  object first, 1
  object points, gone
  object last, 2
  .section .rodata, "a", %progbits
  object gone, 3
  .text
  .global root
  .type root, %function
root: ldr r0, =first
  ldr r0, =last
  bx lr
  .size root, . - root
END
link small -Ttext 0x8000 -Tdata 0x9000 -e root
expect 'a small dead object' '00009000 first 00009008 last' \
  "$(arm-none-eabi-nm -n small.elf | awk '$2 == "D" && $3 ~ /^(first|points|last)$/ { print $1, $3 }' | tr '\n' ' ' | sed 's/ $//')"
arm-none-eabi-objcopy -O binary -j .data small.elf small.bin
expect 'what is left of it' ' 00000001 00000000 00000002' "$(od -An -v -tx4 small.bin)"
finish
