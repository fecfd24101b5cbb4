// Turns what the last walk left into the Layout that everything after it reads.
#pragma once

#include "elfio/diag.h"
#include "sections/lay_out.h"
#include "sections/layout.h"
#include "sections/layout_pass.h"

namespace fwseal {

// Takes the state apart.
Layout finish_layout(LayoutState&& state);

// Layout::entry; ld manual, "Setting the Entry Point". Warns if there is none.
void set_entry(const Program& program, const MergedStrings& merged, const LayoutOptions& options,
               Layout& layout, Diag& diag);

}  // namespace fwseal
