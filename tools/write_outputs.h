// The last passes: reports while they can still help, then images.
#pragma once

#include "elfio/diag.h"
#include "elfio/isa_arm.h"
#include "graph/program.h"
#include "report/budget.h"
#include "sections/image.h"
#include "sections/layout.h"
#include "sections/match.h"
#include "sections/script.h"
#include "tools/exit_status.h"
#include "tools/options.h"
#include "tools/read_inputs.h"

namespace fwseal {

// Budget, memory usage, map: also when a region is full, for then they are wanted most. Returns
// the violated limits of [budget], reported.
std::vector<BudgetViolation> write_reports(const Program& program, const MergedStrings& merged,
                                           const Script& script, const Matcher& matcher,
                                           const Layout& layout, const Options& options,
                                           Diag& diag);

// How the program ends because of them.
ExitStatus budget_status(const std::vector<BudgetViolation>& violations);

// The ELF and every other form that is asked for.
void write_images(const Program& program, const MergedStrings& merged, const Layout& layout,
                  const MadeSections& made, const ArmFeatures& features, Image image,
                  const Options& options, Diag& diag);

}  // namespace fwseal
