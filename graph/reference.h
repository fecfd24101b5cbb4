// What one relocation keeps alive.
#pragma once

#include "graph/program.h"

namespace fwseal {

// The atom that a relocation of the section refers to, kNoAtom if it is none. For single questions;
// clauses.cc asks about all relocations at once.
AtomId atom_referred_to(const Program& program, const Atoms& atoms, const InputSection& section,
                        const Relocation& reference);

}  // namespace fwseal
