// The Arm instructions of arm_step.h.
#include <bit>

#include "elfio/arm_step.h"
#include "elfio/isa_arm_fields.h"

namespace fwseal {
namespace {

using Kind = ArmStep::Kind;
constexpr u8 kPc = 15;
constexpr i64 kArmBias = 8;  // what the pc reads as, beyond the instruction's own place

constexpr u8 bits(u32 insn, u32 shift, u32 count) {
  return static_cast<u8>(insn >> shift & ((1u << count) - 1));
}
constexpr bool bit(u32 insn, u32 shift) { return (insn >> shift & 1) != 0; }

ArmStep other(u8 rd, bool sets_flags) {
  ArmStep step;
  step.kind = rd == kPc ? Kind::kUnknown : Kind::kOther;
  step.rd = rd;
  step.sets_flags = sets_flags;
  return step;
}

// "Data-processing": the operation by its number. The operand is in `step` already.
ArmStep operation(ArmStep step, u32 insn) {
  step.rd = bits(insn, 12, 4);
  step.rn = bits(insn, 16, 4);
  step.sets_flags = bit(insn, 20);
  const u8 op = bits(insn, 21, 4);
  const bool only_flags = op >= 8 && op < 12;
  const bool only_operand = op == 13 || op == 15;
  if ((only_flags && step.rd != 0) || (only_operand && step.rn != 0)) return {};
  switch (op) {
    case 2:
      step.kind = Kind::kSubtract;
      break;
    case 4:
      step.kind = Kind::kAdd;
      break;
    case 8:   // TST
    case 9:   // TEQ
    case 11:  // CMN
      step.kind = Kind::kTest;
      return step;
    case 10:
      step.kind = Kind::kCompare;
      return step;
    case 13:
      step.kind = Kind::kMove;
      break;
    default:
      step.kind = Kind::kOther;
  }
  if (step.rd != kPc) return step;
  // MOV pc, with a register, is a return; anything else that writes pc computes a jump.
  const bool returns = step.kind == Kind::kMove && step.by_register && !step.sets_flags;
  step.kind = returns ? Kind::kJumpRegister : Kind::kUnknown;
  return step;
}

ArmStep by_register(u32 insn) {
  ArmStep step;
  step.by_register = true;
  step.rm = bits(insn, 0, 4);
  step = operation(step, insn);
  const bool is_shifted = (insn & 0xff0) != 0;
  if (!is_shifted || step.kind == Kind::kUnknown || step.kind == Kind::kTest) return step;
  if (step.kind == Kind::kJumpRegister) return {};
  step.kind = step.kind == Kind::kCompare ? Kind::kTest : Kind::kOther;
  return step;
}

ArmStep by_immediate(u32 insn) {
  ArmStep step;
  step.offset = std::rotr(insn & 0xff, 2 * bits(insn, 8, 4));
  return operation(step, insn);
}

// Addressing of single accesses: bits P, U and W are the same in all groups.
ArmStep access(u32 insn, bool load, u8 size, i64 magnitude) {
  const bool indexes = bit(insn, 24);
  ArmStep step;
  step.kind = load ? Kind::kLoad : Kind::kStore;
  step.size = size;
  step.rd = bits(insn, 12, 4);
  step.rn = bits(insn, 16, 4);
  step.offset = bit(insn, 23) ? magnitude : -magnitude;
  step.post_indexed = !indexes;
  step.writes_back = !indexes || bit(insn, 21);
  const bool is_unprivileged = !indexes && bit(insn, 21);
  if (is_unprivileged || (step.rd == kPc && (!load || size != 4))) return {};
  if (step.writes_back && step.rn == kPc) return {};
  return step;
}

ArmStep access_by_register(ArmStep step, u32 insn) {
  if (step.kind == Kind::kUnknown || !bit(insn, 23)) return {};
  step.by_register = true;
  step.rm = bits(insn, 0, 4);
  return step;
}

// "Extra load/store instructions"
ArmStep extra_access(u32 insn) {
  const bool load_bit = bit(insn, 20);
  const u8 op = bits(insn, 5, 2);
  const bool is_dual = !load_bit && op != 1;
  const bool load = load_bit || op == 2;
  const u8 size = is_dual ? 8 : op == 2 ? 1 : 2;
  const i64 magnitude = bit(insn, 22) ? bits(insn, 8, 4) << 4 | bits(insn, 0, 4) : 0;
  ArmStep step = access(insn, load, size, magnitude);
  step.rd2 = static_cast<u8>(step.rd + 1);
  if (is_dual && (step.rd & 1 || step.rd >= 12)) return {};
  if (bit(insn, 22)) return step;
  return bits(insn, 8, 4) == 0 ? access_by_register(step, insn) : ArmStep{};
}

ArmStep register_group(u32 insn) {
  ArmStep step;
  if ((insn & 0x0fffffd0) == 0x012fff10) {
    step.kind = bit(insn, 5) ? Kind::kCallRegister : Kind::kJumpRegister;
    step.rm = bits(insn, 0, 4);
    return step;
  }
  if ((insn & 0x90) == 0x90) {
    if ((insn & 0x60) != 0) return extra_access(insn);
    // Of the multiplications only MUL and MLA, which have one result.
    return (insn & 0x0fc000f0) == 0x90 ? other(bits(insn, 16, 4), bit(insn, 20)) : ArmStep{};
  }
  if ((insn & 0x01900000) == 0x01000000) return {};  // "Miscellaneous instructions"
  return by_register(insn);
}

ArmStep immediate_group(u32 insn) {
  if ((insn & 0x01900000) != 0x01000000) return by_immediate(insn);
  ArmStep step;
  if ((insn & 0x0fffffff) == 0x0320f000) step.kind = Kind::kNothing;
  const bool is_movw = (insn & 0x0ff00000) == 0x03000000;
  const bool is_movt = (insn & 0x0ff00000) == 0x03400000;
  if (!is_movw && !is_movt) return step;
  step.kind = is_movw ? Kind::kMove : Kind::kMoveTop;
  step.rd = bits(insn, 12, 4);
  step.offset = u32{bits(insn, 16, 4)} << 12 | (insn & 0xfff);
  return step.rd == kPc ? ArmStep{} : step;
}

// "Load/store word and unsigned byte", and of "Media instructions" the extensions
ArmStep register_access_group(u32 insn) {
  if (bit(insn, 4)) {
    const bool extends = (insn & 0x0f8003f0) == 0x06800070 && bits(insn, 20, 2) != 1;
    return extends ? other(bits(insn, 12, 4), false) : ArmStep{};
  }
  if ((insn & 0xfe0) != 0) return {};  // shifted
  return access_by_register(access(insn, bit(insn, 20), bit(insn, 22) ? 1 : 4, 0), insn);
}

// "Branch, branch with link, and block data transfer"
ArmStep access_many(u32 insn) {
  ArmStep step;
  step.kind = bit(insn, 20) ? Kind::kLoadMany : Kind::kStoreMany;
  step.rn = bits(insn, 16, 4);
  step.list = static_cast<u16>(insn);
  step.writes_back = bit(insn, 21);
  const i32 bytes = 4 * std::popcount(step.list);
  const bool before = bit(insn, 24);
  const bool up = bit(insn, 23);
  step.growth = up ? bytes : -bytes;
  step.offset = up ? (before ? 4 : 0) : (before ? -bytes : 4 - bytes);
  const bool for_user_mode = bit(insn, 22);
  const bool stores_pc = step.kind == Kind::kStoreMany && (step.list >> kPc) != 0;
  const bool loads_base = step.writes_back && (step.list >> step.rn & 1) != 0;
  if (for_user_mode || stores_pc || loads_base || step.list == 0 || step.rn == kPc) return {};
  return step;
}

ArmStep branch(u32 insn) {
  ArmStep step;
  step.kind = bit(insn, 24) ? Kind::kCall : Kind::kJump;
  step.offset = arm::read_arm_branch24(insn) + kArmBias;
  return step;
}

ArmStep unconditional(u32 insn) {
  if ((insn & 0xfe000000) != 0xfa000000) return {};
  ArmStep step = branch(insn);  // BLX, whose bit 24 is half a word more
  step.kind = Kind::kCall;
  step.switches = true;
  step.offset += bit(insn, 24) ? 2 : 0;
  return step;
}

ArmStep decode_body(u32 insn) {
  switch (bits(insn, 25, 3)) {
    case 0:
      return register_group(insn);
    case 1:
      return immediate_group(insn);
    case 2:
      return access(insn, bit(insn, 20), bit(insn, 22) ? 1 : 4, insn & 0xfff);
    case 3:
      return register_access_group(insn);
    case 4:
      return access_many(insn);
    case 5:
      return branch(insn);
    default:
      return {};
  }
}

}  // namespace

ArmStep decode_arm(u32 insn) {
  const u8 condition = bits(insn, 28, 4);
  if (condition == 15) return unconditional(insn);
  ArmStep step = decode_body(insn);
  step.condition = condition;
  return step;
}

}  // namespace fwseal
