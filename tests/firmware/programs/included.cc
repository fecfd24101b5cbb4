// A program that includes <iostream> in two files and uses no stream, beside constructors and
// destructors of which some are needed.
//
//! start: newlib
//! boards: mps2-an385
//! libraries: nano
//! options: -Os -ffunction-sections -fdata-sections
//! files: included_more.cc included_needed.cc
//! gone: _ZSt4cout _ZNSt8ios_base4InitC1Ev only_written forgets
//! stays: _ZN7CountedC1Ei
#include "included.h"

#include <cstdlib>
#include <iostream>

#include "check.h"

// std::random_device would take it from the system; without --gc-sections it is linked.
extern "C" int getentropy(void*, std::size_t) { return -1; }

namespace {

void last_words() {
  printf("at exit: %d\n", counted());
  if (counted() != 42) abort();
}

}  // namespace

int main() {
  std::atexit(last_words);
  CHECK(counted() == 42);
  return DONE();
}
