// Taking dead pieces out of the sections that were cut.
#pragma once

#include "graph/atoms.h"
#include "graph/program.h"
#include "prune/plan.h"

namespace fwseal {

// Adds to the plan the edits that take what is dead out of sections of which something is live.
void remove_dead_pieces(const Program& program, const Atoms& atoms, const Reach& live, Plan& plan);
// Of one section that was cut.
void remove_dead_pieces(const Program& program, const Atoms& atoms, const Reach& live,
                        SectionId section, EditList& edits);

// Edits that leave of each piece of a section as many bytes as `kept` says, from its beginning on.
void remove_all_but(const InputSection& section, std::span<const Piece> pieces,
                    std::span<const u64> kept, EditList& edits);

}  // namespace fwseal
