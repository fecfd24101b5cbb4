// The first bytes of a Cortex-M image: the vector table, from which the processor itself takes the
// stack pointer and where to begin (Armv7-M and Armv6-M Architecture Reference Manual, "The vector
// table").
    .syntax unified
    .thumb

    .section .start, "a"
    .global vector_table
    .type   vector_table, %object
vector_table:
    .word   __stack_end
    .word   reset
    .rept   14                  // NMI to SysTick; interrupts stay off
    .word   exception
    .endr
    .size   vector_table, . - vector_table

    .section .text.start, "ax"
    .global reset
    .thumb_func
reset:
#if defined __ARM_FP            // Full access to the floating-point unit: CPACR, fields CP10, CP11.
    ldr     r0, =0xe000ed88
    ldr     r1, [r0]
    orr     r1, r1, #0xf00000
    str     r1, [r0]
    dsb
    isb
#endif
    bl      board_start
    .size   reset, . - reset

    .thumb_func
exception:
    ldr     r0, [sp, #24]       // the pc in the frame that the exception pushed
    ldr     r1, =board_exception
    bx      r1
    .size   exception, . - exception
    .pool
