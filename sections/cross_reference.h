// The cross reference table (--cref) in GNU ld's layout.
#pragma once

#include <string>

#include "graph/program.h"
#include "sections/layout.h"

namespace fwseal {

// For each global symbol, by name, the files that define it and then those that refer to it.
// A symbol whose section is not in the image is left out.
std::string cross_reference_table(const Program& program, const Layout& layout);

}  // namespace fwseal
