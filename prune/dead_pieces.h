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

}  // namespace fwseal
