// What the configuration says of regions and budgets, held against the linker script.
#pragma once

#include <vector>

#include "elfio/diag.h"
#include "flashmap/board.h"
#include "report/budget.h"
#include "sections/layout.h"
#include "sections/script.h"
#include "tools/options.h"

namespace fwseal {

// Reports each [board.regions] rule whose region the script does not have.
void check_region_names(const Options& options, const Script& script, Diag& diag);

// The memories of the board. Reports each region of the script that reaches beyond what the
// configuration says that the board has.
Board describe_board(const Layout& layout, const Script& script, const Options& options,
                     Diag& diag);

// The limits of [budget] that do not hold; a region that overflows without a limit is reported by
// layout.
std::vector<BudgetViolation> violated_limits(const Budget& budget, const Options& options);
void report_violations(const std::vector<BudgetViolation>& violations, const Options& options,
                       Diag& diag);

}  // namespace fwseal
