// Reports as plain text of at most 80 columns, for a terminal or a build log.
#pragma once

#include <string>

#include "report/budget.h"

namespace fwseal {

// A table of the regions, then what they are filled with. Ends with a newline.
std::string budget_text(const Budget& budget);

}  // namespace fwseal
