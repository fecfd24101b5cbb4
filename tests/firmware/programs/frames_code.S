// Functions with frames of different sizes, of which some are dead. Each calls back, and returns 1
// more than that does.
  .syntax unified
  .cfi_sections .eh_frame
#ifdef __thumb__
  .thumb
#define FUNCTION(name) .balign 4; .global name; .type name, %function; .thumb_func; name:
#else
#define FUNCTION(name) .balign 4; .global name; .type name, %function; name:
#endif
  .macro function name, size, bytes
FUNCTION(\name)
  .cfi_startproc
  push {r4, lr}
  .cfi_def_cfa_offset 8
  .cfi_offset 4, -8
  .cfi_offset 14, -4
  sub sp, sp, #\size
  .cfi_def_cfa_offset 8 + \size
  blx r0
  adds r0, r0, #1
  .rept \bytes
  nop
  .endr
  add sp, sp, #\size
  .cfi_def_cfa_offset 8
  pop {r4, pc}
  .cfi_endproc
  .size \name, . - \name
  .endm

// As a compiler's, whose addresses nobody counts from.
  .section .comment
  .asciz "GCC: (assembly)"

  .section .text.framed, "ax", %progbits
  function dead_frame_1, 8, 1
  function small_frame, 16, 2
  function dead_frame_2, 24, 3
  function dead_frame_3, 32, 4
  function large_frame, 40, 5
  function dead_frame_4, 48, 6
  .section .text.own_frame, "ax", %progbits
  function own_frame, 64, 1

// Two functions in the reach of one description, of which one is called.
  .section .text.joined, "ax", %progbits
FUNCTION(unused_joined)
  .cfi_startproc
  push {r4, lr}
  pop {r4, pc}
  .size unused_joined, . - unused_joined
FUNCTION(used_joined)
  push {r4, lr}
  .cfi_def_cfa_offset 8
  .cfi_offset 14, -4
  blx r0
  adds r0, r0, #1
  pop {r4, pc}
  .cfi_endproc
  .size used_joined, . - used_joined
