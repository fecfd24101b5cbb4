// Functions of the library whose calls may do nothing.
#pragma once

#include <optional>
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

// The function that begins at a place, if it is an atom by itself and has room for `stub`; without
// `any_of` and `symbol`.
std::optional<HollowFunction> hollow_function(const Program& program, const Atoms& atoms,
                                              SectionId section, u64 offset, std::string stub);

// A return, for one that gives nothing back.
std::string bare_return(bool is_thumb);

// `never_exits`: nobody calls what is registered to be called at exit.
std::vector<HollowFunction> find_hollow_functions(const Program& program, const Atoms& atoms,
                                                  bool never_exits);

}  // namespace fwseal
