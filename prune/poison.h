// The poison run: a link that leaves everything where it is and destroys what it holds to be dead.
// An image that still behaves shows that nothing of it was needed.
#pragma once

#include <span>

#include "graph/atoms.h"
#include "graph/program.h"
#include "prune/hollow.h"
#include "prune/plan.h"

namespace fwseal {

enum class Poison : u8 {
  kNothing,
  kPieces,  // of sections of which something is live
  kAll,
};

// Makes the plan keep dead code and data, but with undefined instructions and bytes 0xEE in their
// place. Dead parts of tables that somebody walks over go all the same: slots of constructors and
// unwind rows. So do `gaps`. So do sections of strings that are all dead; of others, the dead
// strings become others.
void poison_dead(const Program& program, const Atoms& atoms, const Reach& live,
                 std::span<const HollowFunction> hollow, std::span<const Gap> gaps, Poison what,
                 Plan& plan);

}  // namespace fwseal
