// A program that ends without exit, as firmware does, told so when it is linked. Its objects have
// destructors, which nobody calls; its file includes <iostream> and uses no stream.
//
//! start: newlib
//! boards: mps2-an385
//! libraries: nano
//! options: -Os -ffunction-sections -fdata-sections
//! proven: -Wl,--fwseal-exit=never
//! gone: _ZN6NamingD1Ev __register_exitproc _ZSt4cout
//! stays: _ZN6NamingC1EPKc
#include <cstdlib>
#include <iostream>

#include "check.h"

// std::random_device would take it from the system; without --gc-sections it is linked.
extern "C" int getentropy(void*, std::size_t) { return -1; }

class Naming {
 public:
  explicit Naming(const char* name);
  ~Naming();
  const char* name() const { return name_; }

 private:
  const char* name_;
};

Naming::Naming(const char* name) : name_(name) { printf("begin %s\n", name_); }
Naming::~Naming() { printf("end %s\n", name_); }

namespace {

Naming first("first");
Naming second("second");

const Naming& third() {
  static Naming object("third");
  return object;
}

void last_words() { printf("last words\n"); }

}  // namespace

int main() {
  CHECK(std::atexit(last_words) == 0);
  CHECK(first.name()[0] == 'f' && second.name()[0] == 's' && third().name()[0] == 't');
  const int status = DONE();
  fflush(stdout);
  std::_Exit(status);
}
