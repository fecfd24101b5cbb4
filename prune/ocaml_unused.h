// What the start-up object of an OCaml program has of units that are not started, or of which
// nothing is left.
#pragma once

#include <vector>

#include "graph/atoms.h"
#include "graph/runtime_ocaml.h"
#include "prune/plan.h"

namespace fwseal {

// In order of section and place.
std::vector<Gap> find_unused_units(const Atoms& atoms, const Reach& live,
                                   const OcamlClauses& ocaml);
// Makes the plan follow what code says of the other side of them.
void follow_around_gaps(const OcamlClauses& ocaml, std::span<const Gap> gaps, Plan& plan);

// Of what the pairs that stay are about, an atom each: as long as it keeps its place, they have
// one.
std::vector<AtomId> find_extent_holders(const Atoms& atoms, const Reach& live,
                                        const OcamlClauses& ocaml);

}  // namespace fwseal
