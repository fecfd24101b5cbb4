// Constructors and destructors whose effect nobody can observe.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "graph/clauses.h"
#include "graph/initialiser_list.h"
#include "graph/program.h"

namespace fwseal {

// What is known of one slot of a list of functions that the script keeps; or of all slots of a
// section, where that is not cut.
struct Initialiser {
  AtomId slot = kNoAtom;
  SectionId section = kNoSection;
  u64 offset = 0;  // of the slot in the section
  bool proven = false;
  bool never_runs = false;  // by an assumption of the user's: nothing keeps it
  std::vector<AtomId> targets;  // the functions
  std::string functions;  // that it calls, for messages
  std::string reason;     // why it must stay, if not proven
  // Proven: the functions do nothing but to write into these, so the slot is needed only if
  // something else needs one of them.
  std::vector<AtomId> writes;
};

// Looks at each of `kept` that is such a list. `plain` as in effect.h.
std::vector<Initialiser> find_initialisers(const Program& program, const Atoms& atoms,
                                           std::span<const SectionId> kept,
                                           const std::vector<bool>& plain);

}  // namespace fwseal
