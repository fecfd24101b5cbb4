// The cross reference table (--cref) in GNU ld's layout.
#pragma once

#include <string>

#include "elfio/demangle.h"
#include "graph/program.h"
#include "sections/layout.h"

namespace fwseal {

// For each global symbol, in the order of the names as they are shown, the files that define it
// and then those that refer to it. A symbol whose section is not in the image is left out.
std::string cross_reference_table(const Program& program, const Layout& layout,
                                  Demangler names);

}  // namespace fwseal
