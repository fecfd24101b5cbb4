@ Entry, code, constants, data, zeroes and common symbols: one section of each kind.
        .syntax unified
        .cpu cortex-m3
        .thumb
        .global _start, first_code, first_const, first_data, first_zero, first_kept
        .section .text.first,"ax",%progbits
        .type _start, %function
        .thumb_func
_start: bl      second
        bx      lr
        .section .text,"ax",%progbits
        .type first_code, %function
        .thumb_func
first_code:
        nop
        nop
        nop
        .section .rodata.first,"a",%progbits
        .balign 8
first_const:
        .word   1, 2
        .byte   3
        .section .data.first,"aw",%progbits
        .balign 4
first_data:
        .word   first_zero
        .byte   9
        .section .bss.first,"aw",%nobits
        .balign 16
first_zero:
        .space  20
        .section .keep.first,"a",%progbits
first_kept:
        .word   0x11111111
        .comm   shared, 24, 8
        .comm   small, 3, 1
