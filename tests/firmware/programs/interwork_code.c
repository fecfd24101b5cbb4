#include "interwork.h"

#define GLUE(a, b) a##b
#define NAME(place, what) GLUE(place, what)
#ifdef FAR
#define HERE APART __attribute__((section(".far")))
#else
#define HERE APART
#endif

#define near_arm_digit 1
#define near_thumb_digit 2
#define far_arm_digit 3
#define far_thumb_digit 4

HERE int NAME(PLACE, _step)(int x) { return x * 10 + NAME(PLACE, _digit); }

HERE int NAME(PLACE, _call)(int x, int to) {
  int y = 0;
  if (to == 0) y = near_arm_step(x);
  if (to == 1) y = near_thumb_step(x);
  if (to == 2) y = far_arm_step(x);
  if (to == 3) y = far_thumb_step(x);
  return y * 10;
}

HERE int NAME(PLACE, _tail)(int x, int to) {
  switch (to) {
    case 0:
      return near_arm_step(x);
    case 1:
      return near_thumb_step(x);
    case 2:
      return far_arm_step(x);
    default:
      return far_thumb_step(x);
  }
}

HERE int NAME(PLACE, _when)(int x, int to) {
  if (x < 0) return x;
  if (to == 0) return near_arm_step(x);
  if (to == 1) return near_thumb_step(x);
  if (to == 2) return far_arm_step(x);
  return far_thumb_step(x);
}

HERE int NAME(PLACE, _pointer)(int (*step)(int), int x) { return step(x) * 10; }
