// Folding: of equal functions, and of equal constants, one stays.
#pragma once

#include <vector>

#include "prune/fold_content.h"

namespace fwseal {

// Which atoms give way to which. `named`: of named_atoms(). No reference between two places of an
// output section spans more than `reach` bytes; a longer one may need jumps that there are not.
std::vector<Fold> find_folds(const FoldWorld& world, const std::vector<bool>& named, u64 reach,
                             const FoldOptions& options);

// Takes them out of the plan.
void leave_out_folded(const Program& program, const Atoms& atoms, const Reach& live,
                      std::vector<Fold> folds, Plan& plan);

}  // namespace fwseal
