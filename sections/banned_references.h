// NOCROSSREFS and NOCROSSREFS_TO.
#pragma once

#include "elfio/diag.h"
#include "graph/program.h"
#include "sections/layout.h"
#include "sections/script.h"

namespace fwseal {

// Reports each relocation from one output section to another that the script forbids to refer to
// it; ld manual, "Miscellaneous Commands".
void report_banned_references(const Program& program, const Script& script, const Layout& layout,
                              Diag& diag);

}  // namespace fwseal
