// What is registered for an exit that never comes.
#pragma once

#include <vector>

#include "graph/clauses.h"
#include "graph/program.h"

namespace fwseal {

// The literals of code that serve as arguments of functions that register something for exit, and
// for nothing else. In order.
std::vector<IgnoredReference> find_exit_arguments(const Program& program, const Atoms& atoms);

}  // namespace fwseal
