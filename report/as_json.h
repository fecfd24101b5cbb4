// Reports as JSON, for programs. The order of keys is fixed, so that two reports can be compared as
// text.
#pragma once

#include <string>

#include "report/budget.h"
#include "report/record.h"

namespace fwseal {

// {"schema": "fwseal.budget/1", "regions": [...], "kinds": {...}}, indented by two, with a newline
// at the end. A change that an old reader would misread gets a new number; new keys do not.
std::string budget_json(const Budget& budget);

// The same with the board, what was left out, the assumptions, and the digest of the sealed image
// (null until there is one).
std::string report_json(const Record& record);

// All of the record: {"schema": "fwseal.record/1", ...}. `fwseal why`, `diff` and `gate` read it.
std::string record_json(const Record& record);

}  // namespace fwseal
