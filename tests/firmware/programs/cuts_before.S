// Constants before the function that knows how far away they are: an address of code, less a number.
  .syntax unified
  .text
#ifdef __thumb__
  .thumb
#define FUNCTION(name) .balign 4; .global name; .type name, %function; .thumb_func; name:
#else
#define FUNCTION(name) .balign 4; .global name; .type name, %function; name:
#endif
#define END(name) .size name, . - name

before_all:
  .word 0x600d, 0x1234, 0x5678, 0x9abc

FUNCTION(code_behind_adr)
  adr r1, code_behind_adr_place
  .balign 4
code_behind_adr_place:
  subs r1, #code_behind_adr_place - before_all
  ldr r0, [r1]
  bx lr
END(code_behind_adr)

FUNCTION(dead_before)
  movs r0, #1
  bx lr
END(dead_before)
