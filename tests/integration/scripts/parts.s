@ The same kinds with other alignments, and what is rarer: a note, lists of constructors, a section
@ that is not loaded.
        .syntax unified
        .cpu cortex-m3
        .thumb
        .global second, second_const, second_data, second_zero, second_kept
        .section .text.second,"ax",%progbits
        .balign 8
        .type second, %function
        .thumb_func
second: bx      lr
        .word   first_data
        .word   shared
        .word   small
        .section .rodata.second,"a",%progbits
second_const:
        .byte   5, 6, 7
        .section .data.second,"aw",%progbits
        .balign 32
second_data:
        .byte   1, 2, 3
        .section .bss.second,"aw",%nobits
second_zero:
        .space  7
        .section .keep.second,"aw",%progbits
second_kept:
        .word   0x22222222
        .section .info.second,"",%progbits
        .asciz  "second"
        .section .note.second,"a",%note
        .balign 4
        .word   4, 4, 1
        .asciz  "ABC"
        .word   7
        .section .init_array.00200,"aw",%init_array
        .word   second
        .section .init_array,"aw",%init_array
        .word   second
