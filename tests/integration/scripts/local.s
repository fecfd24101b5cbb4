@ References that NOCROSSREFS may forbid: to a global symbol, and within a file.
        .syntax unified
        .cpu cortex-m3
        .thumb
        .global in_left, in_right
        .section .left,"aw",%progbits
in_left:
        .word   in_right
        .section .right,"aw",%progbits
in_right:
        .word   0
