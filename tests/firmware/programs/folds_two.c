#define PART two
#define LEAF leaf_two
#define ADDEND 4
#define POOL 0x01020305u
#include "folds_part.h"

WHOLE int leaf_two(int x) { return x - 6 + (x << 2); }
__attribute__((section(".data.code,\"awx\",%progbits@"), noinline, noclone)) int in_ram_two(int x) {
  return x * 7 + 3 + (x >> 3) * 5;
}
