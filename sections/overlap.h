// Do two output sections want the same memory?
#pragma once

#include "elfio/diag.h"
#include "sections/layout.h"

namespace fwseal {

// GNU ld's rules and words. No two sections may be stored in the same place; they may run in the
// same place only if two begin at the same address, as overlays do.
void report_overlaps(const Layout& layout, Diag& diag);

}  // namespace fwseal
