@ Sections to sort: by name, by alignment, by the number at the end.
        .macro  put name, value, alignment
        .section \name,"aw",%progbits
        .balign \alignment
        .byte   \value
        .endm
        put     .s.gamma, 1, 1
        put     .s.alpha, 2, 8
        put     .s.beta, 3, 2
        put     .s.delta, 4, 8
        put     .s.epsilon, 5, 4
        put     .p.10, 6, 1
        put     .p.9, 7, 1
        put     .p.00101, 8, 1
        put     .p, 9, 1
        put     .t.b, 10, 1
        put     .t.a, 11, 4
