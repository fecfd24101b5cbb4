#include "far.h"

#define IN_RAM APART __attribute__((section(".ramcode")))

IN_RAM int away_4(int x) { return x | 4; }
IN_RAM int away_8(int x) { return near_2(x) | 8; }
IN_RAM int away_tail(int x) { return near_2(x | 32); }
IN_RAM int away_conditional(int x) {
  if (x & 128) return near_2(x);
  return near_1(x);
}
IN_RAM int away_again(int x) { return away_4(x | 256); }
