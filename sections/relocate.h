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
// kNoSection. With `relocatable` (-r), relocations are not applied: their addends are brought up to
// date for the next linker.
Image relocate(const Program& program, const Atoms& atoms, const Plan& plan,
               const MergedStrings& merged, const Layout& layout, const GotPlan& got,
               SectionId got_section, bool relocatable, Diag& diag);

// .ctors run backwards and .init_array forwards, so the words of a .ctors section that the script
// put into .init_array change their order; the same for .dtors in .fini_array (GNU ld does so).
bool runs_reversed(std::string_view input, std::string_view output);
// Where a byte of such a section of `size` bytes goes.
u64 reversed_offset(u64 offset, u64 size);

}  // namespace fwseal
