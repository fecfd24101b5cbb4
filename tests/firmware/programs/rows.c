// A program that reads the unwind table itself: by its bounds, and without any unwinder.
//
//! start: board
//! boards: mps2-an385 raspi0
//! libraries: nano
//! options: -Os -funwind-tables
//! files: walk_code.S
#include <stdint.h>
#include <unwind.h>

#include "check.h"

typedef struct {
  uint32_t start, what;
} Row;
extern const Row __exidx_start[], __exidx_end[];

typedef int Step(void);
typedef int Through(Step*);
Through through_rows, stops_walk, through_row_before, through_own_routine, through_long_row,
    no_rows_here, through_late_row;

_Unwind_Reason_Code own_routine(_Unwind_State state, _Unwind_Control_Block* block,
                                struct _Unwind_Context* context) {
  (void)state, (void)block, (void)context;
  return _URC_FAILURE;
}

static uintptr_t place_of(const uint32_t* word) {
  return (uintptr_t)word + (uintptr_t)((int32_t)(*word << 1) >> 1);
}

static const Row* row_of(uintptr_t function) {
  const Row* found = 0;
  uintptr_t last = 0;
  for (const Row* row = __exidx_start; row != __exidx_end; row++) {
    const uintptr_t start = place_of(&row->start) & ~(uintptr_t)1;
    CHECK(start >= last);
    last = start;
    if (start <= (function & ~(uintptr_t)1)) found = row;
  }
  return found;
}

// What is the same wherever the linker puts it.
static void show(const char* name, uintptr_t function) {
  const Row* row = row_of(function);
  if (row == 0 || row->what == 1) {
    printf("%s: cannot be unwound\n", name);
  } else if (row->what >> 31) {
    printf("%s: %08x\n", name, (unsigned)row->what);
  } else {
    const uint32_t* words = (const uint32_t*)place_of(&row->what);
    if (words[0] >> 31) {
      printf("%s: %08x %08x\n", name, (unsigned)words[0], (unsigned)words[1]);
    } else {
      CHECK((place_of(words) & ~(uintptr_t)1) == ((uintptr_t)own_routine & ~(uintptr_t)1));
      printf("%s: own routine, %08x %08x\n", name, (unsigned)words[1], (unsigned)words[2]);
    }
  }
}
#define SHOW(name) show(#name, (uintptr_t)name)

int main(void) {
  CHECK(__exidx_end > __exidx_start + 4);
  SHOW(through_rows);
  SHOW(stops_walk);
  SHOW(through_row_before);
  SHOW(through_own_routine);
  SHOW(through_long_row);
  SHOW(no_rows_here);
  SHOW(through_late_row);
  SHOW(main);
  SHOW(row_of);
  return DONE();
}
