// What still refers to atoms that the user's rules took out.
#pragma once

#include <string>
#include <vector>

#include "graph/clauses.h"
#include "graph/program.h"

namespace fwseal {

struct GuardedReference {
  SectionId section = kNoSection;  // live there
  u64 offset = 0;
  AtomId to = kNoAtom;
  // A word of a table, which can hold 0 instead. Code has no such way out, and neither has a list
  // of functions that the start-up code calls.
  bool is_word = false;
};

// In order. `guards` as the clauses had them.
std::vector<GuardedReference> find_guarded_references(const Program& program, const Atoms& atoms,
                                                      const Reach& live,
                                                      const std::vector<Guard>& guards);

}  // namespace fwseal
