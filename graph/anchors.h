// Clauses for code that reaches data from the symbol of their section.
//
// An anchor is a relocation of code that names the symbol of a section of data which is cut. What
// the code around it reaches is found by following it (anchor_walk.h). It keeps
// - every object that a load or store through the anchor can touch;
// - where a pointer leaves the function, the object that it points to; the one that ends there, as
//   it may be its end; and what begins within 16 bytes behind, since many programs count arrays
//   from 1, with a pointer to before the first element, whatever C says;
// - the object at the place that the anchor itself names, and all objects between those: the
//   distances from the anchor are in the code, so nothing that is taken out may lie in between.
// If the code cannot be followed, or not all that it reaches is known, it keeps the whole section.
#pragma once

#include <functional>
#include <vector>

#include "graph/anchor_walk.h"
#include "graph/atoms.h"

namespace fwseal {

// Of code whose instructions were all read: what is needed to follow it. Nothing of other code.
using FindAnchorCode = std::function<std::optional<AnchorCode>(SectionId)>;
// Where the objects of a section of data end, in order.
using FindObjectEnds = std::function<std::span<const u32>(SectionId)>;

// `anchors` in any order.
std::vector<DataReach> reaches_of_anchors(const Program& program, const Atoms& atoms,
                                          std::vector<Anchor> anchors,
                                          const FindAnchorCode& code_of,
                                          const FindObjectEnds& ends_of);

// Does the object come from a compiler, whichever? They leave their names; assembly has none.
bool has_compiler_mark(const Inputs& inputs, const Object& object);
// Does the object come from a compiler that hands on pointers as C has them? GCC leaves its name in
// each object; assembly has none.
bool is_compiled_c(const Inputs& inputs, const Object& object);

}  // namespace fwseal
