// The first bytes of a Raspberry Pi image: the firmware jumps to 0x8000, in ARM state.
    .syntax unified
    .arm

    .section .start, "ax"
    .global reset
    .type   reset, %function
reset:
    ldr     sp, =__stack_end
    ldr     r0, =exceptions
    mcr     p15, 0, r0, c12, c0, 0      // vector base address register
#if defined __ARM_FP
    mrc     p15, 0, r0, c1, c0, 2       // full access to the floating-point unit
    orr     r0, r0, #0xf00000
    mcr     p15, 0, r0, c1, c0, 2
    mov     r0, #0x40000000             // FPEXC.EN
    vmsr    fpexc, r0
#endif
    blx     board_start
    .size   reset, . - reset
    .pool

    .balign 32                          // VBAR has no bits below
exceptions:
    .rept   8
    b       exception
    .endr
    .type   exception, %function
exception:
    ldr     sp, =__stack_end            // each mode has a stack pointer of its own
    sub     r0, lr, #8                  // exact for a data abort, else off by one instruction
    blx     board_exception
    .size   exception, . - exception
    .pool
