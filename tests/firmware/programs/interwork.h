// Shared by interwork.c and interwork_code.c, which is compiled four times: near and far, ARM and
// Thumb. Every function adds its digit to a number.
#pragma once

#define APART __attribute__((noinline, noclone))

#define DECLARE(place)        \
  int place##_step(int);      \
  int place##_call(int, int); \
  int place##_tail(int, int); \
  int place##_when(int, int); \
  int place##_pointer(int (*)(int), int);
DECLARE(near_arm)
DECLARE(near_thumb)
DECLARE(far_arm)
DECLARE(far_thumb)
