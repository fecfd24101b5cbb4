// Input sections that the script does not mention.
//
// They go behind the last output section of the same kind, in an output section of their own name:
// ld manual, "Orphan Sections". The details are GNU ld's, because memory maps depend on them.
#pragma once

#include "elfio/diag.h"
#include "sections/arrange.h"

namespace fwseal {

// Puts each kept section that is in no output yet into one, making outputs as needed.
void place_orphans(const Inputs& inputs, const Plan& plan, const ArrangeOptions& options,
                   Arrangement& arrangement, Diag& diag);

}  // namespace fwseal
