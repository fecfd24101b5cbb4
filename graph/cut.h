// Which sections can be cut below their granularity, and where?
#pragma once

#include "graph/atoms.h"
#include "graph/program.h"

namespace fwseal {

// Cuts code sections into functions; see cut.cc for when.
Atoms cut_sections(const Program& program);

}  // namespace fwseal
