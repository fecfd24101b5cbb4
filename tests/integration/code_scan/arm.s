@ Each encoding of Arm code that names another place, near and far, and what only looks like one.
  .syntax unified
  .arch armv7-a
  .fpu vfpv3
  .text
  .arm
first:
  b first
  bne last
  bl first
  blne last
  blx thumb
  ldr r0, first
  ldrb r0, last
  ldrh r0, first
  ldrsb r0, last
  ldrsh r0, first
  ldrd r0, r1, last
  pld last
  pld first
  pli last
  adr r0, first
  adr r0, last
  add r0, pc, #8
  sub r0, pc, #8
  sub r0, pc, #0
  subne r0, pc, #4
  vldr d0, first
  vldr s0, last
  ldc p14, c5, last
  ldc2 p14, c5, [r1]
  ldr r0, [pc]
  ldr r0, [pc, #-0]
  ldrne r0, [pc, #-7]
  mov lr, pc
  bx r3
  mov lr, pc
  mov pc, r3
  ldrne pc, last
  ldr pc, last
  popne {r4, pc}
  pop {r4, pc}
  ldmia r0, {r1, pc}^
  bxeq lr
  bx lr
  subs pc, lr, #4
  movs pc, lr
last:
  cmp r3, #2
  ldrls pc, [pc, r3, lsl #2]
  b first
  .word 1, 2, 3
  cmp r2, #3
  addls pc, pc, r2, lsl #2
  b first
  b first
  b last
  b first
  bx lr
  .thumb
thumb:
  bx lr
