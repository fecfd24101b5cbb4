// What is left of a frame table says of what is left of the code what it said before.
#pragma once

#include "graph/atoms.h"
#include "graph/program.h"
#include "prune/plan.h"

namespace fwseal {

// To be called once all edits of code and tables are known.
void follow_in_frame_tables(const Program& program, const Atoms& atoms, const Reach& live,
                            Plan& plan);

}  // namespace fwseal
