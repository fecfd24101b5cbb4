// What only assembly does. Every other function is dead, so that all live ones move.
  .syntax unified
  .text
#ifdef __thumb__
  .thumb
#define FUNCTION(name) .balign 4; .global name; .type name, %function; .thumb_func; name:
#else
#define FUNCTION(name) .balign 4; .global name; .type name, %function; name:
#endif
#define END(name) .size name, . - name

FUNCTION(dead_code_1)
  movs r0, #1
  bx lr
  movs r0, #1
END(dead_code_1)

FUNCTION(code_adr)
  adr r1, code_adr_table
  lsls r0, r0, #2
  ldr r0, [r1, r0]
  bx lr
END(code_adr)
FUNCTION(code_adr_owner)
  movs r0, #5
  bx lr
  .balign 4
code_adr_table:
  .word 11, 12, 13, 14
END(code_adr_owner)

FUNCTION(dead_code_2)
  movs r0, #2
  bx lr
  nop
  nop
  nop
END(dead_code_2)

// Control goes on into the next one, through padding.
FUNCTION(code_falls)
  adds r0, r0, #8
  nop
END(code_falls)
FUNCTION(code_falls_into)
  cmp r0, #100
  bhi dead_code_2
END(code_falls_into)
FUNCTION(code_falls_again)
  adds r0, r0, #8
  bx lr
END(code_falls_again)

FUNCTION(dead_code_3)
  movs r0, #3
  bx lr
END(dead_code_3)

// A table of branches, by the processor's own means.
FUNCTION(code_table)
#if defined(__thumb__) && defined(__ARM_ARCH_7M__)
  tbb [pc, r0]
code_table_rows:
  .byte (code_table_0 - code_table_rows) / 2
  .byte (code_table_1 - code_table_rows) / 2
  .byte (code_table_2 - code_table_rows) / 2
  .balign 2
#elif defined(__thumb__)
  cmp r0, #1
  blo code_table_0
  beq code_table_1
  b code_table_2
#else
  cmp r0, #2
  addls pc, pc, r0, lsl #2
  b dead_code_3
  b code_table_0
  b code_table_1
  b code_table_2
#endif
END(code_table)
FUNCTION(code_table_0)
  movs r0, #20
  bx lr
END(code_table_0)
FUNCTION(dead_code_4)
  movs r0, #4
  bx lr
END(dead_code_4)
FUNCTION(code_table_1)
  movs r0, #21
  bx lr
END(code_table_1)
FUNCTION(code_table_2)
  movs r0, #22
  bx lr
END(code_table_2)

FUNCTION(code_shared_literal)
  ldr r1, code_literal
  adds r0, r0, r1
  bx lr
END(code_shared_literal)
FUNCTION(dead_code_5)
  ldr r0, code_literal
  bx lr
END(dead_code_5)
FUNCTION(code_literal_owner)
  movs r0, #0
  bx lr
  .balign 4
code_literal: .word 0x12345678
END(code_literal_owner)

// The word before a function, by a pointer to it.
FUNCTION(code_word_before_owner)
  bx lr
  .balign 4
  .word 0x0badcafe
END(code_word_before_owner)
  .global code_word_target
  .type code_word_target, %function
code_word_target:
  bx lr
END(code_word_target)
FUNCTION(code_word_before)
  ldr r0, 1f
#ifdef __thumb__
  subs r0, #1
#endif
  ldr r0, [r0]
  bx lr
  .balign 4
1: .word code_word_target - 4
END(code_word_before)

FUNCTION(dead_code_6)
  movs r0, #6
  bx lr
  .space 14
END(dead_code_6)

// Backwards, over what is dead.
FUNCTION(code_back_end)
  adds r0, r0, #20
  bx lr
END(code_back_end)
FUNCTION(dead_code_7)
  movs r0, #7
  bx lr
  .space 6
END(dead_code_7)
FUNCTION(code_back)
  b code_back_end
END(code_back)

// A distance between functions, as a number.
FUNCTION(code_relative)
  adr r1, code_relative_row
  ldr r2, [r1]
  adds r1, r1, r2
  bx r1
  .balign 4
code_relative_row:
#ifdef __thumb__
  .word code_relative_target - code_relative_row + 1
#else
  .word code_relative_target - code_relative_row
#endif
END(code_relative)
FUNCTION(dead_code_8)
  movs r0, #8
  bx lr
END(dead_code_8)
  .balign 4
  .type code_relative_target, %function
#ifdef __thumb__
  .thumb_func
#endif
code_relative_target:
  movs r0, #50
  bx lr
END(code_relative_target)
