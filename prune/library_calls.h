// Functions of the C and C++ libraries whose effect follows from what the standards say of them.
#pragma once

#include <vector>

#include "graph/program.h"
#include "prune/effect_state.h"

namespace fwseal {

// Is a function defined by a library, that is, by a member of an archive, and not by the program
// itself? Only then it is taken to do what its name says.
bool is_from_library(const Program& program, SymbolId symbol);

struct LibraryFunction {
  enum class Kind : u8 {
    kOther,        // nothing is known of it
    kInitStreams,  // std::ios_base::Init::Init: gives the standard streams their first value
    kEndStreams,   // its destructor: flushes them
    kRegister,     // asks for a call at exit
  };
  Kind kind = Kind::kOther;
  // kRegister: the registers with the function to call and with its argument.
  u8 function = 0;
  u8 argument = kNoArgument;
  static constexpr u8 kNoArgument = 0xff;
};

class LibraryCalls {
 public:
  LibraryCalls(const Program& program, const Atoms& atoms);

  struct Entry {
    CodePlace place;
    LibraryFunction function;
    SymbolId symbol = kNoSymbol;
  };
  const std::vector<Entry>& functions() const { return functions_; }
  LibraryFunction find(const CodePlace& place) const;
  // What holds std::cout and the others.
  const std::vector<AtomId>& streams() const { return streams_; }

 private:
  std::vector<Entry> functions_;
  std::vector<AtomId> streams_;
};

}  // namespace fwseal
