// Veneers: code that takes a branch further than it reaches, or into the other instruction set.
#pragma once

#include "elfio/isa_arm_branch.h"

namespace fwseal::arm {

// The veneer that this branch needs; nothing if it gets there alone, or no veneer can help it.
std::optional<VeneerShape> shape_for(const ArmRelocation& relocation, const Branch& branch,
                                     const BranchRules& rules, bool pic);
// The veneer at x.P that leads to x.S, in the state that the shape was made for.
void write_shape(const VeneerShape& shape, const Operands& x, std::span<std::byte> out);
std::vector<VeneerMark> marks_of(const VeneerShape& shape);

}  // namespace fwseal::arm
