#include "cuts.h"

#include <setjmp.h>
#include <stdarg.h>

#define NOINLINE __attribute__((noinline, noclone))
#define OPAQUE(x) __asm__ volatile("" : "+r"(x))

// Of odd size, so that what follows must not lose its alignment.
uint8_t dead_bytes[3] = {9, 9, 9};
NOINLINE int dead_first(int x) {
  OPAQUE(x);
  return x * 77 + dead_bytes[x & 1];
}

// A table of functions that nobody else names, the first one of which stands behind dead ones.
static int step_a(int x) { return x + 1; }
static int step_b(int x) { return x + 2; }
NOINLINE int dead_between(int x) {
  OPAQUE(x);
  return dead_first(x) + 1;
}
static int step_c(int x) { return x + 7; }
static int step_d(int x) { return x * 3; }
const Step steps[4] = {step_a, step_b, step_c, step_d};

// Reached through one anchor, with distances to both sides.
static int anchor_low[3];
uint8_t anchored_first[6] = {1, 2, 3, 4, 5, 6};
static int anchor_high[40] = {100, 200};
static int anchor_end = 2;
int dead_data[5] = {5};
NOINLINE int reads_before(int x) {
  OPAQUE(x);
  anchor_low[1] = x;
  return anchor_high[0] + anchor_low[1] + (anchor_end - 2);
}

NOINLINE int jump_dense(int x) {
  switch (x) {
    case 0:
      return 3;
    case 1:
      OPAQUE(x);
      return x + 3;
    case 2:
      OPAQUE(x);
      return x * 2 + 3;
    case 3:
      OPAQUE(x);
      return x * 3 + 3;
    case 4:
      OPAQUE(x);
      return x * 4 + 3;
    case 5:
      OPAQUE(x);
      return x * 5 + 3;
    case 6:
      OPAQUE(x);
      return x * 6 + 3;
    case 7:
      OPAQUE(x);
      return x * 7 + 3;
    default:
      return -1;
  }
}

NOINLINE int jump_sparse(int x) {
  switch (x) {
    case 0:
      return 1000;
    case 300:
      return 1003;
    case 600:
      return 1006;
    case 900:
      return 1009;
    default:
      return 7;
  }
}

// Too long for a table of bytes.
#define NOPS_5 "nop\n nop\n nop\n nop\n nop\n"
#define NOPS_25 NOPS_5 NOPS_5 NOPS_5 NOPS_5 NOPS_5
#define LONG_CODE(x) __asm__ volatile(NOPS_25 NOPS_25 NOPS_25 NOPS_25 : "+r"(x))
NOINLINE int jump_far(int x) {
  switch (x) {
    case 0:
      LONG_CODE(x);
      return x + 2;
    case 1:
      LONG_CODE(x);
      return x + 32;
    case 2:
      LONG_CODE(x);
      return x * 31 + 2;
    case 3:
      LONG_CODE(x);
      return x + 92;
    case 4:
      LONG_CODE(x);
      return x * 31 + 2;
    case 5:
      LONG_CODE(x);
      return x + 152;
    default:
      return 9;
  }
}

NOINLINE int dead_second(int x) {
  OPAQUE(x);
  return dead_between(x) * 3;
}

// Addresses of labels, and distances between them.
NOINLINE int jump_labels(const uint8_t* program) {
  static const void* const labels[] = {&&add, &&twice, &&less, &&end};
  static const int distances[] = {&&add - &&add, &&twice - &&add, &&less - &&add, &&end - &&add};
  int x = 5;
  unsigned turn = 0;
next:
  if (turn++ & 1) goto*(void*)((const char*)&&add + distances[*program++]);
  goto* labels[*program++];
add:
  x += 9;
  goto next;
twice:
  x *= 2;
  goto next;
less:
  x += 1;
  goto next;
end:
  return x;
}

// Branches that return to nobody here.
static NOINLINE int tail_last(int x) {
  OPAQUE(x);
  return x + 100;
}
NOINLINE int dead_third(int x) {
  OPAQUE(x);
  return dead_second(x) - 1;
}
static NOINLINE int tail_middle(int x) {
  OPAQUE(x);
  return tail_last(x * 3);
}
NOINLINE int through_tail_calls(int x) {
  OPAQUE(x);
  return x == 5 ? tail_middle(x) + 1 : tail_middle(x - 1);
}

NOINLINE int sum_of(int count, ...) {
  va_list list;
  va_start(list, count);
  int sum = 0;
  while (count-- > 0) sum += va_arg(list, int);
  va_end(list);
  return sum;
}

static jmp_buf back;
static NOINLINE void leave(int x) { longjmp(back, x * 3); }
NOINLINE int leaves_by_longjmp(int x) {
  const int came = setjmp(back);
  if (came == 0) leave(x);
  return came;
}

int strong_name(int x) {
  OPAQUE(x);
  return x + 40;
}
int weak_name(int x) __attribute__((weak, alias("strong_name")));
int other_name(int x) __attribute__((alias("strong_name")));

__attribute__((section(".text.own"), noinline)) static int own_dead(int x) { return x / 3; }
__attribute__((section(".text.own"))) int dead_own(int x) { return own_dead(x) + 1; }
__attribute__((section(".text.own"))) int in_own_section(int x) {
  OPAQUE(x);
  return x * 11;
}

// Far away, so that veneers lead back to functions that have moved.
static NOINLINE int from_ram_a(int x) {
  OPAQUE(x);
  return x * 5;
}
static NOINLINE int from_ram_b(int x) {
  OPAQUE(x);
  return x + 10;
}
__attribute__((section(".ramcode"), long_call)) int in_ram(int x);
int in_ram(int x) {
  OPAQUE(x);
  return from_ram_b(from_ram_a(x));
}

int middle[4] = {11, 22, 33, 44};
__asm__(
    ".global alias_of_middle\n"
    ".type alias_of_middle, %object\n"
    ".size alias_of_middle, 8\n"
    ".set alias_of_middle, middle + 8\n");
