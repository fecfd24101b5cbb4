// Functions that call back, each unwound in another way. All push r4 and lr in the same way.
  .syntax unified
#ifdef __thumb__
  .thumb
#define FUNCTION(name) .balign 4; .global name; .type name, %function; .thumb_func; name:
#else
#define FUNCTION(name) .balign 4; .global name; .type name, %function; name:
#endif
#define END(name) .size name, . - name
#define BODY push {r4, lr}; blx r0; adds r0, r0, #1; pop {r4, pc}

// A section with rows for some of its functions, of which some are dead.
  .section .text.rows, "ax", %progbits
FUNCTION(dead_rows_1)
  .fnstart
  bx lr
  .cantunwind
  .fnend
END(dead_rows_1)
FUNCTION(through_rows)
  .fnstart
  .save {r4, lr}
  BODY
  .fnend
END(through_rows)
FUNCTION(dead_rows_2)
  .fnstart
  .save {r4, r5, r6, lr}
  push {r4, r5, r6, lr}
  pop {r4, r5, r6, pc}
  .fnend
END(dead_rows_2)
FUNCTION(stops_walk)
  .fnstart
  .cantunwind
  BODY
  .fnend
END(stops_walk)
FUNCTION(dead_rows_3)
  .fnstart
  .save {r4, lr}
  BODY
  .fnend
END(dead_rows_3)
// No row of its own: that of the dead function before it is right for it.
FUNCTION(through_row_before)
  BODY
END(through_row_before)
FUNCTION(through_own_routine)
  .fnstart
  .save {r4, lr}
  .personality own_routine
  .handlerdata
  .word 0x12345678
  .section .text.rows
  BODY
  .fnend
END(through_own_routine)
FUNCTION(through_long_row)
  .fnstart
  .save {r4, r5, r6, r7, r8, r9, r10, lr}
  .pad #1024
  push {r4, r5, r6, r7, r8, r9, r10, lr}
  sub sp, sp, #1024
  blx r0
  add sp, sp, #1024
  adds r0, r0, #1
  pop {r4, r5, r6, r7, r8, r9, r10, pc}
  .fnend
END(through_long_row)

// Code without any row, behind code that has some.
  .section .text.rows.behind, "ax", %progbits
FUNCTION(no_rows_here)
  BODY
END(no_rows_here)

// In front of the first row of a section stands code without one.
  .section .text.rows.late, "ax", %progbits
FUNCTION(no_row_yet)
  BODY
END(no_row_yet)
FUNCTION(through_late_row)
  .fnstart
  .save {r4, lr}
  BODY
  .fnend
END(through_late_row)
