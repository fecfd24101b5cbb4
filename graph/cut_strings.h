// Which strings and constants are atoms of their own?
#pragma once

#include <vector>

#include "graph/atoms.h"
#include "graph/program.h"

namespace fwseal {

// Cuts sections that a linker may merge into the strings and constants that they hold; see
// cut_strings.cc for which. `plain` as for cut_sections.
void cut_strings(const Inputs& inputs, const std::vector<bool>& plain, Atoms& atoms);

}  // namespace fwseal
