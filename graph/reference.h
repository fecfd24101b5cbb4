// What one relocation keeps alive.
#pragma once

#include <vector>

#include "graph/program.h"

namespace fwseal {

// The atom that a relocation of the section refers to, kNoAtom if it is none. For single questions;
// clauses.cc asks about all relocations at once.
AtomId atom_referred_to(const Program& program, const Atoms& atoms, const InputSection& section,
                        const Relocation& reference);

// The relocations of a section that refer to something, in order of place.
std::vector<Relocation> sorted_references(const Isa& isa, const InputSection& section);
// Where they stand: what instructions there mean is said by them.
std::vector<u32> relocated_places(const Isa& isa, const InputSection& section);

}  // namespace fwseal
