@ What an object brings along that was made for a dynamic linker.
    .section .interp, "a", %progbits
    .asciz "/lib/ld-linux-armhf.so.3"
    .section .got.plt, "aw", %progbits
    .word 0, 0, 0
