// A program whose only use of the streams is at exit, in a file that does not include <iostream>:
// the initialiser of this one must stay.
//
//! start: newlib
//! boards: mps2-an385
//! libraries: nano
//! options: -Os -ffunction-sections -fdata-sections
//! files: at_exit_more.cc
//! stays: _ZSt4cout _ZNSt8ios_base4InitC1Ev
#include <iostream>

#include "check.h"

void have_last_words();

// std::random_device would take it from the system; without --gc-sections it is linked.
extern "C" int getentropy(void*, std::size_t) { return -1; }

int main() {
  have_last_words();
  return DONE();
}
