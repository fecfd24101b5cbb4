// Taking dead pieces out of the sections that were cut, and what is not needed out of functions.
#pragma once

#include <span>

#include "graph/atoms.h"
#include "graph/program.h"
#include "prune/hollow.h"
#include "prune/plan.h"

namespace fwseal {

// Adds to the plan the edits that take what is dead out of sections of which something is live, and
// `gaps`, in their order, out of what is live; and puts returns in place of `hollow`, all of which
// are live.
void remove_dead_pieces(const Program& program, const Atoms& atoms, const Reach& live,
                        std::span<const HollowFunction> hollow, std::span<const Gap> gaps,
                        Plan& plan);
// Of one section that was cut.
void remove_dead_pieces(const Program& program, const Atoms& atoms, const Reach& live,
                        SectionId section, EditList& edits);
// Nothing but the gaps.
void remove_gaps(const Program& program, std::span<const Gap> gaps, Plan& plan);

// Edits that leave of each piece of a section as many bytes as `kept` says, from its beginning on.
void remove_all_but(const InputSection& section, std::span<const Piece> pieces,
                    std::span<const u64> kept, EditList& edits);

}  // namespace fwseal
