// Reports as JSON, for programs. The order of keys is fixed, so that two reports can be compared as
// text.
#pragma once

#include <string>

#include "report/budget.h"

namespace fwseal {

// {"schema": "fwseal.budget/1", "regions": [...], "kinds": {...}}, indented by two, with a newline
// at the end. A change that an old reader would misread gets a new number; new keys do not.
std::string budget_json(const Budget& budget);

}  // namespace fwseal
