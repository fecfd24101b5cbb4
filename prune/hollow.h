// Functions of the library whose calls may do nothing.
#pragma once

#include <string>
#include <vector>

#include "graph/clauses.h"
#include "graph/program.h"

namespace fwseal {

// A function that may give way to a return as long as none of `any_of` is live.
struct HollowFunction {
  AtomId function = kNoAtom;
  SectionId section = kNoSection;
  u64 begin = 0;
  u64 end = 0;
  std::vector<AtomId> any_of;
  std::string stub;  // what takes its place
  SymbolId symbol = kNoSymbol;
};

// `never_exits`: nobody calls what is registered to be called at exit.
std::vector<HollowFunction> find_hollow_functions(const Program& program, const Atoms& atoms,
                                                  bool never_exits);

}  // namespace fwseal
