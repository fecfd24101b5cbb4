@ A reference the other way.
        .section .right,"aw",%progbits
        .word   in_left
