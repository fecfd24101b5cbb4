// May this image be sealed?
#pragma once

#include "elfio/diag.h"
#include "flashmap/board.h"
#include "graph/program.h"
#include "prune/plan.h"

namespace fwseal {

// Reports each table for a dynamic linker that stayed because something live refers to it.
void check_no_dynamic_tables(const Program& program, const Plan& plan, Diag& diag);

// Reports each output section with bytes to load that no region may hold: one that is stored
// outside every region, or in RAM although there is flash (it would be gone without power), and
// code that runs where only data can be. Without regions nothing can be said.
void check_regions_hold(const Layout& layout, const Board& board, Diag& diag);

}  // namespace fwseal
