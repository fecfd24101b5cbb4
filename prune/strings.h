// Strings and constants that several sections hold, once.
#pragma once

#include <vector>

#include "graph/program.h"
#include "prune/plan.h"

namespace fwseal {

// Can this section be cut into pieces and merged? (gABI, "Sections": SHF_MERGE, SHF_STRINGS.) It
// must be read-only, hold whole entries, and have no relocations.
bool is_mergeable(const InputSection& section);

// Merges the given sections, in this order, within each value of `group` (parallel to `sections`;
// the caller's idea of what may share bytes, such as the output section). Only sections of equal
// flags and entry size share a blob.
MergedStrings merge_strings(const Inputs& inputs, const std::vector<SectionId>& sections,
                            const std::vector<u32>& group);

}  // namespace fwseal
