// Walking the stack from C: each live function has its row, and code without rows ends the walk.
//
//! start: board
//! boards: mps2-an385 raspi0
//! libraries: nano
//! options: -Os -funwind-tables -fno-optimize-sibling-calls
//! files: walk_code.S
#include <stdint.h>
#include <unwind.h>

#include "check.h"

typedef int Step(void);
typedef int Through(Step*);
Through through_rows, stops_walk, through_row_before, through_own_routine, through_long_row,
    no_rows_here, no_row_yet, through_late_row;
_Unwind_Reason_Code __gnu_unwind_frame(_Unwind_Control_Block*, struct _Unwind_Context*);

static int own_calls;

// What a personality routine does that has nothing to clean up.
_Unwind_Reason_Code own_routine(_Unwind_State state, _Unwind_Control_Block* block,
                                struct _Unwind_Context* context) {
  (void)state;
  own_calls++;
  return __gnu_unwind_frame(block, context) == _URC_OK ? _URC_CONTINUE_UNWIND : _URC_FAILURE;
}

static int frames;
static int saw_main;
static uintptr_t in_main;  // where main goes on

static _Unwind_Reason_Code look(struct _Unwind_Context* context, void* unused) {
  (void)unused;
  frames++;
  if (((_Unwind_GetIP(context) ^ in_main) & ~(uintptr_t)1) == 0) saw_main++;
  return frames < 50 ? _URC_NO_REASON : _URC_END_OF_STACK;
}

__attribute__((noinline)) static int walk(void) {
  frames = saw_main = 0;
  _Unwind_Backtrace(look, 0);
  return 1;
}

__attribute__((noinline)) static int deeper(void) { return walk() + 1; }

// Nobody calls it.
__attribute__((noinline)) int dead(Step* step) { return step() + 2; }

__attribute__((noinline)) static void expect(Through* through, const char* name, int passes) {
  in_main = (uintptr_t)__builtin_return_address(0);
  CHECK(through(deeper) == 3);
  CHECK(saw_main == passes);
  printf("%s: %d frames up to main\n", name, passes ? frames : 0);
  // As far as the function itself: look's caller, deeper, and maybe the function.
  if (!passes) CHECK(frames == 2 || frames == 3);
}

int main(void) {
  expect(through_rows, "through_rows", 1);
  expect(stops_walk, "stops_walk", 0);
  expect(through_row_before, "through_row_before", 1);
  CHECK(own_calls == 0);
  expect(through_own_routine, "through_own_routine", 1);
  CHECK(own_calls == 1);
  expect(through_long_row, "through_long_row", 1);
  expect(no_rows_here, "no_rows_here", 0);
  expect(through_late_row, "through_late_row", 1);
  return DONE();
}
