// What both parts have: PART is its name, LEAF what only it calls, ADDEND what only it reads.
#include "folds.h"

#define JOIN2(a, b) a##_##b
#define JOIN(a, b) JOIN2(a, b)
#define MINE(name) JOIN(name, PART)
#define WHOLE __attribute__((noinline, noclone))

const int MINE(named)[4] = {11, 22, 33, 44};

WHOLE int MINE(called)(int x) { return x * 7 + 3 + (x >> 3) * 5; }
WHOLE int MINE(called_through)(int x) { return MINE(called)(x + 1) - 2 * x; }
WHOLE int MINE(taken)(int x) { return (x ^ 0x55) * 3 + (x << 4) - 9; }

WHOLE int MINE(even)(unsigned x) { return x == 0 ? 1 : MINE(odd)(x - 1) + (int)(x & 1); }
WHOLE int MINE(odd)(unsigned x) { return x == 0 ? 0 : MINE(even)(x - 1) - (int)(x & 2); }

WHOLE int MINE(leads_to)(int x) { return LEAF(x) * 2 + 1; }
WHOLE const int* MINE(addend)(int x) { return &shared_table[ADDEND + x]; }
WHOLE const char* MINE(text)(int x) { return x > 0 ? "more than nothing" : "nothing"; }

// Numbers that are too large for an instruction.
WHOLE int MINE(sum_of_pool)(int x) {
  return (int)((unsigned)x * 0x12345677u + 0x7654321fu + POOL);
}

// Its own address, and one that both give away.
WHOLE Step MINE(own_step)(void) { return MINE(taken); }
WHOLE Step MINE(step_of_others)(void) { return shared_step; }
