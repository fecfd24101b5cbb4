// Makes an image with newlib's own start-up (crt0.o of --specs=rdimon.specs) one that a Cortex-M
// board of QEMU boots: linked with --section-start=.vectors=0 and -u vectors.
    .syntax unified
    .thumb
    .section .vectors, "a"
    .global vectors
    .type   vectors, %object
vectors:
    .word   0x20010000
    .word   enter
    .size   vectors, . - vectors

    .section .text.enter, "ax"
    .type   enter, %function
enter:
#if defined __ARM_FP            // CPACR: full access to the floating-point unit
    ldr     r0, =0xe000ed88
    ldr     r1, [r0]
    orr     r1, r1, #0xf00000
    str     r1, [r0]
    dsb
    isb
#endif
    ldr     r0, =_start
    bx      r0
    .size   enter, . - enter
    .pool
