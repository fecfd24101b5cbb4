// Reports as plain text of at most 80 columns, for a terminal or a build log.
#pragma once

#include <string>

#include "report/budget.h"
#include "report/record.h"

namespace fwseal {

// A table of the regions, then what they are filled with. Ends with a newline.
std::string budget_text(const Budget& budget);

// What `fwseal seal` prints beside the budget: what was left out and on what proof, and every
// assumption. Ends with a newline.
std::string decisions_text(const Record& record);

// "sealed: sha256 <digest>", for a sealed image.
std::string sealed_text(const Record& record);

}  // namespace fwseal
