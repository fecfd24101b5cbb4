// Strings and constants that several sections hold, once.
#pragma once

#include <vector>

#include "graph/program.h"
#include "prune/plan.h"

namespace fwseal {

// Merges what the plan leaves of the given mergeable sections, in this order, within each value of
// `group` (parallel to `sections`; the caller's idea of what may share bytes, such as the output
// section). Only sections of equal flags and entry size share a blob.
MergedStrings merge_strings(const Inputs& inputs, const Plan& plan,
                            const std::vector<SectionId>& sections, const std::vector<u32>& group);

}  // namespace fwseal
