// Debugging information follows the code that it is about.
//
// The compiler counted distances between the functions of a section: in line tables, lists of
// ranges and locations, lengths of units. Where some of the functions are taken out these are
// wrong. What is about code that is gone gets a tombstone or goes.
#pragma once

#include "elfio/diag.h"
#include "graph/program.h"
#include "prune/plan.h"

namespace fwseal {

// Adds to the plan what becomes of the debugging information of objects whose code has edits, once
// all those are known. What is malformed is left as it is, with a warning.
void follow_in_debug_info(const Program& program, Plan& plan, Diag& diag);

}  // namespace fwseal
