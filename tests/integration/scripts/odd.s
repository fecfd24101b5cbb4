@ Empty sections with symbols in them, a section whose name is one in C, and uses of both.
        .syntax unified
        .cpu cortex-m3
        .thumb
        .global fourth, in_empty
        .section .empty.a,"aw",%progbits
in_empty:
        .section .text.fourth,"ax",%progbits
        .balign 4
        .type fourth, %function
        .thumb_func
fourth: b       third
        .word   in_empty
        .section names,"a",%progbits
        .word   0x45
        .section .text,"ax",%progbits
        .word   third
        .section .rodata.fourth,"a",%progbits
        .byte   1
