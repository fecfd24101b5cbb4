// Branches that do not reach: code in flash calls code that start-up copied to RAM, 512 MiB away,
// and back; as calls, tail calls and conditional branches. The linker adds the veneers.
//
//! start: board
//! boards: mps2-an385 mps2-an500 microbit netduinoplus2
//! libraries: nano
//! options: -O2 -ffunction-sections
//! files: far_away.c
#include "far.h"

#include <stdint.h>

#include "check.h"

APART int near_1(int x) { return x | 1; }
APART int near_2(int x) { return near_1(x) | 2; }

APART static int tail(int x) { return away_8(x | 16); }
APART static int conditional(int x) {
  if (x & 64) return away_4(x);
  return near_1(x);
}

int main(void) {
  CHECK((uintptr_t)away_4 >= 0x20000000 && (uintptr_t)near_1 < 0x20000000);
  CHECK(away_4(0) == 4);
  CHECK(away_8(0) == (8 | 2 | 1));
  CHECK(tail(0) == (16 | 8 | 2 | 1));
  CHECK(conditional(64) == (64 | 4) && conditional(0) == 1);
  CHECK(away_tail(0) == (32 | 2 | 1));
  CHECK(away_conditional(0) == 1 && away_conditional(128) == (128 | 2 | 1));
  CHECK(away_again(0) == (256 | 4));
  int (*volatile pointer)(int) = away_4;
  CHECK(pointer(1) == 5);
  return DONE();
}
