@ Each encoding of Thumb code that names another place, near and far, and what only looks like one.
  .syntax unified
  .arch armv7-a
  .fpu vfpv3
  .text
  .thumb
  .type first, %function
first:
  b.n last
  b.w last
  b.w first
  beq.n last
  bhi.w last
  bcc.w first
  cbz r0, near
  cbnz r7, near
  nop
near:
  ldr r0, last
  ldr.w r1, last
  ldr.w sp, first
  ldrb.w r2, last
  ldrsb.w r3, first
  ldrh.w r4, last
  ldrsh.w r5, last
  ldrd r6, r7, last
  ldrd r8, r9, first
  pld last
  pld first
  pli last
  adr r0, last
  adr.w r1, last
  adr.w r2, first
  addw r3, pc, #8
  subw r4, pc, #0
  subw r5, pc, #5
  addw r6, pc, #5
  vldr s0, last
  vldr d0, first
  vldr s1, [pc]
  ldc p14, c5, last
  ldr r0, [pc, #0]
  ldr.w r0, [pc, #-0]
  ldr.w r0, [pc, #-7]
  it eq
  ldreq r0, last
  ite ne
  addne r0, r1
  beq last
  it eq
  bxeq lr
  bl first
  bl last
  blx arm
  ldr.w pc, [sp], #4
  ldr pc, [r0, r1]
  ldr.w pc, last
  pop {r0, pc}
  ldmia r0!, {r1, pc}
  bx lr
  mov pc, lr
  bx pc
  .align 2
last:
  nop
  udf #1
  .align 2
  .arm
arm:
  bx lr
  .thumb
  tbb [pc, r0]
table:
  .byte (case - table) / 2, (other - table) / 2, (case - table) / 2
  .align 1
case:
  nop
other:
  tbh [pc, r0, lsl #1]
halves:
  .short (after - halves) / 2, (after - halves) / 2
after:
  bx lr
