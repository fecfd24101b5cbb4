@ Functions in assembly, whose line table and unit as(1) makes. With SPLIT each has a section.
  .syntax unified
  .thumb
  .macro function name
  .ifdef SPLIT
  .section .text.\name, "ax", %progbits
  .endif
  .balign 4
  .global \name
  .thumb_func
  .type \name, %function
\name:
  .endm
  .macro done name
  .size \name, . - \name
  .endm
  .text

function loops
  movs r1, #0
1:
  adds r1, r0
  subs r0, #1
  bne 1b
  mov r0, r1
  bx lr
  done loops

function branches
  cmp r0, r1
  ble 2f
  subs r0, r1
  bx lr
2:
  muls r0, r1
  bx lr
  done branches

function small
  bx lr
  done small

function ends_in_call
  movs r0, #3

  nop

  bl stop
  done ends_in_call

function switches
  ldr r0, =out
  ldr r0, [r0]
  bx lr
  .ltorg
  done switches

function calls
  push {r4, lr}
  bl small
  mov r4, r0
  bl small
  add r0, r4
  pop {r4, pc}
  done calls

function long_one
  .rept 200
  add r0, r0, #1000
  .endr
  bx lr
  done long_one

function last
  movs r0, #9
  bx lr
  done last
