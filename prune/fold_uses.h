// Who could tell a copy from what it is a copy of?
#pragma once

#include <vector>

#include "prune/fold_content.h"

namespace fwseal {

// What is done with an atom, beyond calls of it.
struct AtomUses {
  bool pinned = false;   // something other than code and data names it: the script, the user
  bool exposed = false;  // its address is taken
  bool inside = false;   // ... or one inside it
  bool called_inside = false;
  bool held = false;         // a reference does not reach other places
  bool held_inside = false;  // ... and is to one inside it
};

// Per atom. What is not in `asked_about` may be left out. `reach`: the most that any output section
// may hold from begin to end.
std::vector<AtomUses> find_uses(const FoldWorld& world, const ContentReader& contents,
                                const std::vector<bool>& asked_about,
                                const std::vector<bool>& named, u64 reach);

// Per atom: is it live for another reason than that another atom refers to it?
std::vector<bool> named_atoms(const Graph& graph, const Atoms& atoms);

}  // namespace fwseal
