// ARM and Thumb code that call each other, near and 96 MiB apart: BL that becomes BLX, branches
// that cannot, and branches that do not reach. The Thumb of this processor has no 32-bit branches.
//
//! start: board
//! boards: raspi0
//! libraries: full
//! options: -O2 -ffunction-sections
//! files: interwork_code.c:-DPLACE=near_arm:-marm
//! files: interwork_code.c:-DPLACE=near_thumb:-mthumb
//! files: interwork_code.c:-DPLACE=far_arm:-marm:-DFAR
//! files: interwork_code.c:-DPLACE=far_thumb:-mthumb:-DFAR
//! link: -Wl,-T,far.ld
#include "interwork.h"

#include <stdint.h>

#include "check.h"

typedef int (*Step)(int);

static volatile const Step steps[] = {near_arm_step, near_thumb_step, far_arm_step, far_thumb_step};
static const int digits[] = {1, 2, 3, 4};

#define FROM(place)                                                         \
  for (int to = 0; to < 4; to++) {                                          \
    const int digit = digits[to];                                           \
    CHECK(place##_call(5, to) == (50 + digit) * 10);                        \
    CHECK(place##_tail(5, to) == 50 + digit);                               \
    CHECK(place##_when(5, to) == 50 + digit && place##_when(-5, to) == -5); \
    CHECK(place##_pointer(steps[to], 5) == (50 + digit) * 10);              \
  }

int main(void) {
  FROM(near_arm)
  FROM(near_thumb)
  FROM(far_arm)
  FROM(far_thumb)
  CHECK((uintptr_t)steps[0] % 4 == 0 && (uintptr_t)steps[1] % 2 == 1);
  CHECK((uintptr_t)steps[2] >= 0x06000000 && (uintptr_t)steps[2] % 4 == 0);
  CHECK((uintptr_t)steps[3] >= 0x06000000 && (uintptr_t)steps[3] % 2 == 1);
  CHECK(near_arm_step(0) == 1 && near_thumb_step(0) == 2);
  CHECK(far_arm_step(0) == 3 && far_thumb_step(0) == 4);
  return DONE();
}
