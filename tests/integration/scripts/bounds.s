@ Asks for the bounds of output sections, and for symbols that only a script can define.
        .section .rodata.bounds,"a",%progbits
        .word   __start_names, __stop_names
        .word   wanted, wanted_too
        .weak   maybe
        .word   maybe
