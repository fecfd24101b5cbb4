// A second initialiser of the streams, beside an object that nobody needs.
#include <iostream>

int only_written;
void forgets() __asm__("forgets");
__attribute__((noinline)) void forgets() { only_written = 2; }

namespace {

// What it does is seen by itself alone.
struct Forgetful {
  Forgetful() { only_written = 1; }
  ~Forgetful() { forgets(); }
};
Forgetful unread;

}  // namespace
