@ A member of an archive.
        .syntax unified
        .cpu cortex-m3
        .thumb
        .global third, third_data
        .section .text.third,"ax",%progbits
        .type third, %function
        .thumb_func
third:  bx      lr
        .word   third_data
        .section .data.third,"aw",%progbits
        .balign 2
third_data:
        .hword  0x3333
        .section .init_array.00101,"aw",%init_array
        .word   third
        .section .keep.third,"a",%progbits
        .word   0x33333333
        .section .rodata.third,"a",%progbits
        .balign 4
        .word   third_data
        .section names,"a",%progbits
        .word   0x44
        .section .bss.third,"aw",%nobits
        .balign 4
        .space  4
