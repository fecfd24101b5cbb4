#define PART one
#define LEAF leaf_one
#define ADDEND 1
#define POOL 0x01020304u
#include "folds_part.h"

const int shared_table[8] = {100, 101, 102, 103, 104, 105, 106, 107};
WHOLE int leaf_one(int x) { return x - 5 + (x << 2); }
__attribute__((section(".data.code,\"awx\",%progbits@"), noinline, noclone)) int in_ram_one(int x) {
  return x * 7 + 3 + (x >> 3) * 5;
}
Step shared_step = leaf_one;
