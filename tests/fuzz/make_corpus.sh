#!/bin/sh
# make_corpus.sh DIRECTORY: makes the seeds of each fuzz target, DIRECTORY/{object,archive,
# executable,script,link}, from the few lines of assembly and script below. Needs arm-none-eabi-as
# and -ar.
set -eu
[ $# = 1 ] || { echo "usage: $0 DIRECTORY" >&2; exit 2; }
for tool in as ar ld objcopy; do
  command -v "arm-none-eabi-$tool" > /dev/null || { echo "no arm-none-eabi-$tool" >&2; exit 77; }
done
out=$1
mkdir -p "$out/object" "$out/archive" "$out/executable" "$out/script" "$out/link"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# assemble NAME [OPTION...]: standard input to an object that is a seed.
assemble() {
  name=$1
  shift
  arm-none-eabi-as "$@" -o "$work/$name.o" -
  cp "$work/$name.o" "$out/object/$name"
}

assemble thumb -mcpu=cortex-m4 <<'END'
  .syntax unified
  .thumb
  .section .text.start,"ax",%progbits
  .global _start
  .thumb_func
  .type _start, %function
_start:
  bl f
  b.w g
  beq.w g
  ldr r0, =table
  movw r1, #:lower16:table
  movt r1, #:upper16:table
  ldr r2, =__stack
  bx lr
  .section .text.f,"ax",%progbits
  .global f
  .thumb_func
f: cbz r0, 1f
  b 1f
1: bx lr
  .section .data.table,"aw",%progbits
  .global table
table: .word f, g, _start - .
  .section .bss.room,"aw",%nobits
  .global room
room: .space 64
  .comm shared, 8, 4
  .weak maybe
  .data
  .word maybe, shared
END

assemble arm -mcpu=arm926ej-s <<'END'
  .text
  .global g
  .type g, %function
g: bl f
  blx f
  b f
  ldr r0, [pc, #4]
  bx lr
  .word table(GOT), _GLOBAL_OFFSET_TABLE_ - .
  .word table(TARGET1), table(TARGET2)
  .global table
  .data
table: .byte 1
END

assemble unwind -mcpu=cortex-m4 <<'END'
  .syntax unified
  .thumb
  .section .text.a,"ax",%progbits
  .global a
  .thumb_func
a: .fnstart
  push {r4, lr}
  .save {r4, lr}
  pop {r4, pc}
  .fnend
  .section .text.b,"ax",%progbits
  .thumb_func
b: .fnstart
  .cantunwind
  bx lr
  .fnend
  .section .text.c,"ax",%progbits
  .thumb_func
c: .fnstart
  .personality keeper
  .handlerdata
  .word a
  bx lr
  .fnend
  .global keeper
keeper: .word b, c
END

assemble strings -mcpu=cortex-m0 <<'END'
  .section .rodata.str1.1,"aMS",%progbits,1
  .asciz "a string", "string", "ring", "ring"
  .section .rodata.str2.2,"aMS",%progbits,2
  .short 'w', 'i', 0, 'i', 0
  .section .rodata.cst4,"aM",%progbits,4
  .word 1, 2, 1
  .section .data.pointers,"aw",%progbits
  .global words
words: .word .rodata.str1.1, .rodata.str1.1 + 9, .rodata.cst4 + 4
END

assemble groups -mcpu=cortex-m0 <<'END'
  .section .text.one,"axG",%progbits,one,comdat
  .weak one
one: .word two
  .section .text.two,"axG",%progbits,two,comdat
  .weak two
two: .word one
  .section .gnu.linkonce.t.old,"ax",%progbits
  .weak old
old: .word one
  .section .init_array.00101,"aw",%init_array
  .word one
  .section .ctors,"aw",%progbits
  .word two
  .section names,"a",%progbits
  .word __start_names, __stop_names
  .section .note.own,"a",%note
  .word 4, 0, 1, 0x004e574f
END

# What a constructor of an object that nobody reads looks like, for what decodes instructions.
for state in thumb arm; do
  assemble "constructor-$state" -mcpu=cortex-a8 << END
  .syntax unified
  .$state
  .section .text.startup.make,"ax",%progbits
  .type make, %function
make:
  push {r4, lr}
  ldr r4, =unread
  movw r3, #:lower16:vtable
  movt r3, #:upper16:vtable
  movs r2, #1
  strb r2, [r4, #4]!
  str r3, [r4], #4
  stmia r4!, {r2, r3}
  cmp r2, #0
  beq 1f
  bl other
  ldrd r0, r1, [r4, #-8]
1: pop {r4, pc}
  .section .text.other,"ax",%progbits
  .type other, %function
other: adr r0, other
  add r0, r0, r1, lsl #2
  tst r0, #3
  it ne
  movne r0, #4
  bx lr
  .section .init_array,"aw",%init_array
  .word make
  .section .bss.unread,"aw",%nobits
unread: .space 32
  .section .rodata.vtable,"a",%progbits
vtable: .word 0, other
  .text
  .global _start
_start: b _start
END
done

assemble threads -mcpu=cortex-a8 <<'END'
  .section .tdata,"awT",%progbits
  .global mine
mine: .word 1
  .section .tbss,"awT",%nobits
here: .space 8
  .text
  .global _start
_start: .word mine(TPOFF), here(TPOFF), mine(GOTTPOFF)
END

for method in zlib zlib-gnu; do
  assemble "debug-$method" -mcpu=cortex-m3 -g "--compress-debug-sections=$method" << 'END'
  .text
  .global _start
_start: .word 1
  .section .debug_str,"MS",%progbits,1
  .fill 4000, 1, 'a'
  .asciz ""
  .section .debug_ranges
  .fill 2000
  .word _start
END
done
# Functions of one section, some of which nobody calls, and what as(1) says about them.
for version in 2 5; do
  assemble "debug-cut-$version" -mcpu=cortex-m3 "--gdwarf-$version" << 'END'
  .syntax unified
  .thumb
  .cfi_sections .debug_frame
  .macro function name
  .global \name
  .thumb_func
  .type \name, %function
\name: .cfi_startproc
  nop
  bx lr
  .cfi_endproc
  .size \name, . - \name
  .endm
  function unused
  function _start
  function unused_too
  function used
  .section .text.user, "ax", %progbits
  .word used
END
done
# And by hand: lists, and addresses by number.
assemble debug-lists -mcpu=cortex-m3 << 'END'
  .syntax unified
  .thumb
  .macro function name
  .global \name
  .thumb_func
  .type \name, %function
\name: nop
  bx lr
  .size \name, . - \name
  .endm
  .text
begin:
  function unused
  function _start
  function last
end:
  .section .debug_abbrev
  .uleb128 1, 0x11; .byte 1
  .uleb128 0x11, 0x1b, 0x12, 0x06, 0x73, 0x17, 0x74, 0x17, 0x8c, 0x17, 0, 0
  .uleb128 2, 0x2e; .byte 0
  .uleb128 0x11, 0x01, 0x12, 0x0f, 0x55, 0x17, 0x02, 0x17, 0x7d, 0x01, 0, 0
  .uleb128 3, 0x34; .byte 0
  .uleb128 0x55, 0x23, 0x02, 0x22, 0x12, 0x21
  .sleb128 4
  .uleb128 0, 0, 0
  .section .debug_addr
  .word 4f - 3f
3: .hword 5; .byte 4, 0
addresses: .word begin, end
4:
  .section .debug_rnglists
  .word 4f - 3f
3: .hword 5; .byte 4, 0; .word 1
ranges: .word 3f - ranges
3: .byte 4, 0, 4, 4, 4, 8, 1, 0, 2, 0, 1, 3, 0, 12, 5; .word begin
  .byte 6; .word begin, end; .byte 7; .word end - 4; .byte 4, 0
4:
  .section .debug_loclists
  .word 4f - 3f
3: .hword 5; .byte 4, 0; .word 1
locations: .word 3f - locations
3: .byte 9, 0, 1, 4, 0, 4, 1, 0x50, 5, 1, 0x51, 8; .word end - 4; .byte 4, 1, 0x52, 0
4:
  .section .debug_ranges
old: .word 4, 8, -1, begin + 4, 0, 4, begin, begin + 4, 0, 0
  .section .debug_loc
  .word 4, 8; .hword 1; .byte 0x50; .word 0, 0
  .section .debug_aranges
  .word 4f - 3f
3: .hword 2; .word .debug_info; .byte 4, 0; .word 0, begin, 12, 0, 0
4:
  .section .debug_info
  .word 4f - 3f
3: .hword 5; .byte 1, 4; .word .debug_abbrev
  .byte 1, 0; .word end - begin, addresses, ranges, locations
  .byte 2; .word begin + 4; .byte 4; .word old, .debug_loc, begin + 8
  .byte 3, 0, 0, 0
4:
END
arm-none-eabi-ld -r -o "$out/object/relinked" "$work/thumb.o" "$work/unwind.o" "$work/strings.o"

# Executables, with relocations and without.
for option in -q --build-id=none -N; do
  arm-none-eabi-ld "$option" --no-warn-rwx-segments --defsym=__stack=0x20001000 --defsym=g=f \
    "$work/thumb.o" "$work/strings.o" -o "$out/executable/linked$option"
done

(
  cd "$work"
  arm-none-eabi-ar rcs "$out/archive/indexed" thumb.o arm.o unwind.o strings.o
  arm-none-eabi-ar rcS "$out/archive/without-index" thumb.o strings.o
  arm-none-eabi-ar rcsT thin.a thumb.o arm.o
  cp thin.a "$out/archive/thin"
  cp thumb.o a-name-of-more-than-sixteen-characters.o
  arm-none-eabi-ar rcs "$out/archive/long-names" a-name-of-more-than-sixteen-characters.o arm.o
)

# script NAME: standard input is a seed.
script() { cat > "$out/script/$1"; }

script board <<'END'
/* a comment */
ENTRY(_start)
EXTERN(f) SEARCH_DIR(.) OUTPUT_FORMAT("elf32-littlearm", "elf32-bigarm", "elf32-littlearm")
MEMORY { flash (rx) : ORIGIN = 0x08000000, LENGTH = 64K  ram (!rx) : o = 0x20000000, l = 8K }
REGION_ALIAS("code", flash)
__stack = ORIGIN(ram) + LENGTH(ram);
SECTIONS {
  .text : ALIGN(4) {
    KEEP(*(.vectors)) *(EXCLUDE_FILE(*arm.o) .text .text.*)
    *(SORT_BY_INIT_PRIORITY(.init_array.*)) KEEP(*(SORT(.ctors))) . = ALIGN(8);
    PROVIDE(etext = .); BYTE(1) SHORT(2) LONG(3) QUAD(4) FILL(0xdead) ASCIZ "text"
  } > code =0xff
  .ARM.exidx : { __exidx_start = .; *(.ARM.exidx*) __exidx_end = .; } > code
  .rodata : { *(.rodata*) } > code
  .data : ALIGN_WITH_INPUT { *(.data*) } > ram AT> flash
  .bss (NOLOAD) : SUBALIGN(4) { *(.bss* COMMON) . += 0x10; } > ram
  .heap (NOLOAD) : { . = . + (DEFINED(heap_size) ? heap_size : 16); } > ram
  ASSERT(. < __stack, "full")
  /DISCARD/ : { *(.note*) *(.comment) }
}
END
script segments <<'END'
PHDRS { headers PT_PHDR PHDRS; text PT_LOAD FILEHDR PHDRS FLAGS(5); data PT_LOAD AT(0x9000); }
SECTIONS {
  . = 0x8000 + SIZEOF_HEADERS;
  .text : { *(.text*) } :headers :text
  .data : AT(ADDR(.text) + SIZEOF(.text)) { *(.data*) } :data
  .x ALIGN(0x100) (NOLOAD) : ONLY_IF_RW { *(.bss) }
  _end = MAX(., LOADADDR(.data)) + ALIGNOF(.data) + LOG2CEIL(9) ? ~1 : -2 ** 3;
}
END
script overlay <<'END'
SECTIONS {
  .text : { *(.text*) }
  OVERLAY 0x1000 : NOCROSSREFS AT (0x4000) { .a { *(.data*) } .b { *(.rodata*) } } > ram =0
  .late : { *(COMMON) }
}
MEMORY { ram : ORIGIN = 0, LENGTH = 1M }
NOCROSSREFS(.a .b)
SECTIONS { .added : { *(.bss*) } } INSERT AFTER .text;
END
script inputs <<'END'
INPUT(archive.a) GROUP(object.o AS_NEEDED(-lnone)) STARTUP(object.o)
INCLUDE script.ld
LD_FEATURE("SANE_EXPR")
a = b; b = a + 1; c <<= 2;
END

# word NUMBER: its four bytes, the least significant first.
word() {
  # shellcheck disable=SC2059 # the escapes are the point
  printf "$(printf '\\%03o\\%03o\\%03o\\%03o' $(($1 & 255)) $(($1 >> 8 & 255)) \
    $(($1 >> 16 & 255)) $(($1 >> 24 & 255)))"
}

# link NAME CHOICES OBJECT ARCHIVE SCRIPT: a seed as link_fuzz.cc splits it.
link() {
  for file in "$3" "$4"; do [ -s "$file" ] || echo "$0: $file is empty" >&2; done
  {
    word "$2"
    word "$(wc -c < "$3")"
    word "$(wc -c < "$4")"
    cat "$3" "$4" "$5"
  } > "$out/link/$1"
}

number=0
for object in "$out"/object/*; do
  for choices in 0 2 18 1024 1408 16400 32768; do
    link "default-$number-$choices" $((choices)) "$object" "$out/archive/indexed" /dev/null
  done
  for script in "$out"/script/*; do
    link "$(basename "$script")-$number" $((1 + number % 4 * 1024 + (number % 3) * 16)) \
      "$object" "$out/archive/without-index" "$script"
  done
  number=$((number + 1))
done
for archive in "$out"/archive/*; do
  for choices in 130 146; do
    link "$(basename "$archive")-$choices" $((choices)) "$out/object/thumb" "$archive" /dev/null
  done
done
link hex 67 "$out/object/thumb" "$out/archive/indexed" "$out/script/board"
link bin 35 "$out/object/thumb" "$out/archive/indexed" "$out/script/board"
