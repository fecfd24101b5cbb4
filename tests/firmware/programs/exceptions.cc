// Unwinding: it works only if every function's row of .ARM.exidx is there, in the order of
// addresses, and leads to the right table. Not with nano: its libstdc++ catches nothing.
//
//! start: board
//! boards: mps2-an385 raspi0
//! libraries: full
//! options: -O2 -ffunction-sections -fdata-sections
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include "check.h"

#define APART __attribute__((noinline, noclone))

namespace {

std::string trace;

struct Note {
  explicit Note(char letter) : letter_(letter) {}
  ~Note() { trace += letter_; }
  char letter_;
};

struct Failure : std::runtime_error {
  Failure(const char* what, int code) : std::runtime_error(what), code(code) {}
  int code;
};
struct DeepFailure : Failure {
  using Failure::Failure;
};

APART void innermost(int code) {
  Note note('a');
  if (code == 1) throw DeepFailure("deep", 11);
  if (code == 2) throw std::out_of_range("far out");
  if (code == 3) throw 33;
  trace += '.';
}

APART void middle(int code) {
  Note note('b');
  std::vector<Note> many(2, Note('m'));
  trace.clear();  // of the copies that made the vector
  innermost(code);
}

APART void outer(int code) {
  Note note('c');
  try {
    middle(code);
  } catch (const std::out_of_range&) {
    trace += '!';
    throw;
  }
}

// Recursion: one function, many frames.
APART int fall(int depth) {
  Note note('r');
  if (depth == 0) throw depth;
  const int below = fall(depth - 1);
  return below + 1;
}

APART int with_function_try(int code) try {
  outer(code);
  return 0;
} catch (const Failure& failure) {
  return failure.code;
} catch (const std::exception& error) {
  return static_cast<int>(std::string(error.what()).size());
} catch (...) {
  return -1;
}

struct Half {
  Note first{'1'};
  Half() { throw Failure("half built", 5); }
  Note second{'2'};
};

APART std::exception_ptr kept() {
  try {
    throw DeepFailure("kept", 77);
  } catch (...) {
    return std::current_exception();
  }
}

}  // namespace

int main() {
  CHECK(with_function_try(0) == 0 && trace == ".ammbc");
  CHECK(with_function_try(1) == 11 && trace == "ammbc");
  CHECK(with_function_try(2) == 7 && trace == "ammb!c");
  CHECK(with_function_try(3) == -1 && trace == "ammbc");

  trace.clear();
  bool caught = false;
  try {
    fall(40);
  } catch (int depth) {
    caught = depth == 0;
  }
  CHECK(caught && trace == std::string(41, 'r'));

  trace.clear();
  try {
    Half half;
  } catch (const Failure& failure) {
    trace += static_cast<char>('0' + failure.code);
  }
  CHECK(trace == "215");

  try {
    std::rethrow_exception(kept());
  } catch (const DeepFailure& failure) {
    CHECK(failure.code == 77 && std::string("kept") == failure.what());
  }

  try {
    std::string("short").at(99);
    CHECK(false);
  } catch (const std::exception& error) {
    printf("%s\n", error.what());
  }
  try {
    (void)new char[0x7fffff00];
    CHECK(false);
  } catch (const std::bad_alloc& error) {
    printf("%s\n", error.what());
  }
  CHECK(std::uncaught_exceptions() == 0);
  return DONE();
}
