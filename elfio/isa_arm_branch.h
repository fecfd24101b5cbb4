// Branches, whatever relocation they have: where they lead, whether they get there by themselves,
// and how.
#pragma once

#include "elfio/isa_arm.h"
#include "elfio/isa_arm_table.h"

namespace fwseal::arm {

// The processor and what the user allows, in the terms of a branch.
struct BranchRules {
  ArmFeatures features;
  bool may_use_blx = false;  // to switch state
};

bool is_branch(const ArmRelocation& relocation);
bool is_branch_future(const ArmRelocation& relocation);

// A branch instruction and its target.
struct Branch {
  bool from_thumb = false;
  bool to_thumb = false;
  bool is_call = false;     // a BL or BLX, which can become the other
  bool can_switch = false;  // and may
  i64 offset = 0;           // that its field must hold
  Range range;
  u32 alignment = 1;  // of the offset

  bool switches() const { return from_thumb != to_thumb; }
  // Does it get to its target without a veneer?
  bool reaches() const { return (!switches() || can_switch) && range.holds(offset); }
};
Branch examine(const ArmRelocation& relocation, const Operands& x, u32 insn,
               const BranchRules& rules);

// The instruction, leading to its target.
std::optional<RelocationFault> apply_branch(const ArmRelocation& relocation, const Operands& x,
                                            const BranchRules& rules, std::span<std::byte> contents,
                                            u64 offset);
// BF, BFCSEL and BFL are hints: one that cannot hold its target becomes a no-operation.
void apply_branch_future(const ArmRelocation& relocation, const Operands& x,
                         std::span<std::byte> contents, u64 offset);

// The addend of a branch that leads exactly to its symbol: what pc is ahead of the instruction.
i64 pc_bias(const ArmRelocation& relocation);

}  // namespace fwseal::arm
