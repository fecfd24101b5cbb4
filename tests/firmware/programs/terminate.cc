// Exceptions that end the program: out of a function that says it throws none, and through code
// without rows.
//
//! start: board
//! boards: mps2-an385 raspi0
//! libraries: full
//! options: -O2 -ffunction-sections -fdata-sections
//! files: walk_code.S
#include <unwind.h>

#include <csetjmp>
#include <exception>
#include <stdexcept>

#include "check.h"

#define APART __attribute__((noinline, noclone))

extern "C" {
using Step = int();
int through_rows(Step* step);
int through_late_row(Step* step);
int no_rows_here(Step* step);
int stops_walk(Step* step);
int through_own_routine(Step* step);
_Unwind_Reason_Code __gnu_unwind_frame(_Unwind_Control_Block*, _Unwind_Context*);

_Unwind_Reason_Code own_routine(_Unwind_State, _Unwind_Control_Block* block,
                                _Unwind_Context* context) {
  return __gnu_unwind_frame(block, context) == _URC_OK ? _URC_CONTINUE_UNWIND : _URC_FAILURE;
}
}

namespace {

std::jmp_buf out;
int cleaned;

struct Cleaner {
  ~Cleaner() { cleaned++; }
};

int throws() {
  Cleaner cleaner;
  throw std::runtime_error("nobody");
}

APART void promises_nothing() noexcept {
  Cleaner cleaner;
  throws();
}

APART int catches(int (*through)(Step*)) {
  Cleaner cleaner;
  try {
    return through(throws);
  } catch (const std::exception& error) {
    return error.what()[0];
  }
}

[[noreturn]] void leave() { std::longjmp(out, 1); }

template <typename Call>
APART bool terminates(Call call) {
  cleaned = 0;
  if (setjmp(out) != 0) return true;
  call();
  return false;
}

}  // namespace

int main() {
  std::set_terminate(leave);
  CHECK(catches(through_rows) == 'n' && cleaned == 2);
  cleaned = 0;
  CHECK(catches(through_late_row) == 'n' && cleaned == 2);
  cleaned = 0;
  CHECK(catches(through_own_routine) == 'n' && cleaned == 2);
  CHECK(terminates([] { promises_nothing(); }));
  CHECK(terminates([] { catches(no_rows_here); }) && cleaned == 0);
  CHECK(terminates([] { catches(stops_walk); }) && cleaned == 0);
  return DONE();
}
