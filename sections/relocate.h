// The bytes of the image at their final addresses.
#pragma once

#include "elfio/diag.h"
#include "graph/program.h"
#include "prune/plan.h"
#include "sections/got.h"
#include "sections/image.h"
#include "sections/layout.h"

namespace fwseal {

// Copies what is kept, fills the gaps, and applies every relocation. Values that do not fit are
// reported, all of them. `got_section` is the input section that holds the global offset table, or
// kNoSection.
Image relocate(const Program& program, const MergedStrings& merged, const Layout& layout,
               const GotPlan& got, SectionId got_section, Diag& diag);

}  // namespace fwseal
