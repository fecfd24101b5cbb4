// The Thumb instructions of arm_step.h, in the order of the manual's tables.
#include <bit>

#include "elfio/arm_step.h"
#include "elfio/isa_arm_fields.h"

namespace fwseal {
namespace {

using Kind = ArmStep::Kind;
constexpr u8 kSp = 13;
constexpr u8 kLr = 14;
constexpr u8 kPc = 15;
constexpr i64 kThumbBias = 4;  // what the pc reads as, beyond the instruction's own place

constexpr u8 bits(u32 insn, u32 shift, u32 count) {
  return static_cast<u8>(insn >> shift & ((1u << count) - 1));
}

ArmStep unknown(u8 length) {
  ArmStep step;
  step.length = length;
  return step;
}

ArmStep narrow(Kind kind) {
  ArmStep step;
  step.kind = kind;
  step.length = 2;
  return step;
}

ArmStep compute(Kind kind, u8 rd, u8 rn, i64 immediate, bool sets_flags) {
  ArmStep step = narrow(kind);
  step.rd = rd;
  step.rn = rn;
  step.offset = immediate;
  step.sets_flags = sets_flags;
  return step;
}

ArmStep compute_by_register(Kind kind, u8 rd, u8 rn, u8 rm, bool sets_flags) {
  ArmStep step = compute(kind, rd, rn, 0, sets_flags);
  step.by_register = true;
  step.rm = rm;
  return step;
}

ArmStep access(bool load, u8 size, u8 rd, u8 rn, i64 offset) {
  ArmStep step = narrow(load ? Kind::kLoad : Kind::kStore);
  step.size = size;
  step.rd = rd;
  step.rn = rn;
  step.offset = offset;
  return step;
}

ArmStep access_many(bool load, u8 rn, u16 list, bool downwards, bool writes_back) {
  ArmStep step = narrow(load ? Kind::kLoadMany : Kind::kStoreMany);
  const i32 bytes = 4 * std::popcount(list);
  step.rn = rn;
  step.list = list;
  step.offset = downwards ? -bytes : 0;
  step.growth = downwards ? -bytes : bytes;
  step.writes_back = writes_back;
  return list == 0 ? unknown(2) : step;
}

ArmStep jump(Kind kind, i64 offset, u8 condition = ArmStep::kAlways) {
  ArmStep step = narrow(kind);
  step.offset = offset + kThumbBias;
  step.condition = condition;
  return step;
}

// "Shift (immediate), add, subtract, move, and compare"
ArmStep shift_add_move(u16 insn) {
  const u8 rd = bits(insn, 0, 3);
  const u8 rn = bits(insn, 3, 3);
  const u8 rd8 = bits(insn, 8, 3);
  const u8 immediate8 = bits(insn, 0, 8);
  switch (bits(insn, 11, 3)) {
    case 0:
      if (bits(insn, 6, 5) == 0) return compute_by_register(Kind::kMove, rd, 0, rn, true);
      return compute(Kind::kOther, rd, 0, 0, true);
    case 1:
    case 2:
      return compute(Kind::kOther, rd, 0, 0, true);
    case 3: {
      const Kind kind = bits(insn, 9, 1) ? Kind::kSubtract : Kind::kAdd;
      if (bits(insn, 10, 1)) return compute(kind, rd, rn, bits(insn, 6, 3), true);
      return compute_by_register(kind, rd, rn, bits(insn, 6, 3), true);
    }
    case 4:
      return compute(Kind::kMove, rd8, 0, immediate8, true);
    case 5:
      return compute(Kind::kCompare, 0, rd8, immediate8, true);
    case 6:
      return compute(Kind::kAdd, rd8, rd8, immediate8, true);
    default:
      return compute(Kind::kSubtract, rd8, rd8, immediate8, true);
  }
}

// "Data-processing"
ArmStep data_processing(u16 insn) {
  const u8 rd = bits(insn, 0, 3);
  switch (bits(insn, 6, 4)) {
    case 8:
    case 11:
      return compute(Kind::kTest, 0, 0, 0, true);  // TST, CMN
    case 10:
      return compute_by_register(Kind::kCompare, 0, rd, bits(insn, 3, 3), true);
    default:
      return compute(Kind::kOther, rd, 0, 0, true);
  }
}

// "Special data instructions and branch and exchange"
ArmStep special(u16 insn) {
  const u8 rd = static_cast<u8>(bits(insn, 7, 1) << 3 | bits(insn, 0, 3));
  const u8 rm = bits(insn, 3, 4);
  ArmStep step;
  switch (bits(insn, 8, 2)) {
    case 0:
      step = compute_by_register(Kind::kAdd, rd, rd, rm, false);
      break;
    case 1:
      return compute_by_register(Kind::kCompare, 0, rd, rm, true);
    case 2:
      step = compute_by_register(Kind::kMove, rd, 0, rm, false);
      break;
    default:
      if (bits(insn, 0, 3) != 0) return unknown(2);  // BXNS, BLXNS
      step = narrow(bits(insn, 7, 1) ? Kind::kCallRegister : Kind::kJumpRegister);
      step.rm = rm;
      return step;
  }
  // MOV to pc does not switch to Arm state; `mov pc, lr` is a return all the same.
  if (rd == kPc && step.kind == Kind::kMove && rm == kLr)
    step.kind = Kind::kJumpRegister;
  else if (rd == kPc)
    return unknown(2);
  return step;
}

// "Load/store single data item", with a register
ArmStep access_by_register(u16 insn) {
  struct Row {
    bool load;
    u8 size;
  };
  constexpr Row kRows[] = {{false, 4}, {false, 2}, {false, 1}, {true, 1},
                           {true, 4},  {true, 2},  {true, 1},  {true, 2}};
  const Row row = kRows[bits(insn, 9, 3)];
  ArmStep step = access(row.load, row.size, bits(insn, 0, 3), bits(insn, 3, 3), 0);
  step.by_register = true;
  step.rm = bits(insn, 6, 3);
  return step;
}

// "Load/store single data item", with an immediate
ArmStep access_by_immediate(u16 insn) {
  const bool load = bits(insn, 11, 1) != 0;
  const u8 rd = bits(insn, 0, 3);
  const u8 rn = bits(insn, 3, 3);
  const i64 immediate = bits(insn, 6, 5);
  switch (bits(insn, 12, 4)) {
    case 6:
      return access(load, 4, rd, rn, immediate * 4);
    case 7:
      return access(load, 1, rd, rn, immediate);
    case 8:
      return access(load, 2, rd, rn, immediate * 2);
    default:
      return access(load, 4, bits(insn, 8, 3), kSp, bits(insn, 0, 8) * 4);
  }
}

// "If-Then, and hints"
ArmStep if_then(u16 insn) {
  if (bits(insn, 0, 4) == 0) return bits(insn, 4, 4) == 0 ? narrow(Kind::kNothing) : unknown(2);
  ArmStep step = narrow(Kind::kIfThen);
  step.offset = bits(insn, 0, 8);
  return step;
}

// "Miscellaneous 16-bit instructions"
ArmStep miscellaneous(u16 insn) {
  if ((insn & 0xff00) == 0xb000) {
    const Kind kind = bits(insn, 7, 1) ? Kind::kSubtract : Kind::kAdd;
    return compute(kind, kSp, kSp, bits(insn, 0, 7) * 4, false);
  }
  if ((insn & 0xf500) == 0xb100) {
    const Kind kind = bits(insn, 11, 1) ? Kind::kJumpIfOther : Kind::kJumpIfZero;
    // Not the field codec's reading, which takes the two largest offsets for the addends -4 and -2.
    ArmStep step = jump(kind, bits(insn, 9, 1) << 6 | bits(insn, 3, 5) << 1);
    step.rn = bits(insn, 0, 3);
    return step;
  }
  const bool extends = (insn & 0xff00) == 0xb200;
  const bool reverses = (insn & 0xff00) == 0xba00 && bits(insn, 6, 2) != 2;
  if (extends || reverses) return compute(Kind::kOther, bits(insn, 0, 3), 0, 0, false);
  const u16 low = bits(insn, 0, 8);
  if ((insn & 0xfe00) == 0xb400)
    return access_many(false, kSp, static_cast<u16>(low | bits(insn, 8, 1) << kLr), true, true);
  if ((insn & 0xfe00) == 0xbc00)
    return access_many(true, kSp, static_cast<u16>(low | bits(insn, 8, 1) << kPc), false, true);
  if ((insn & 0xff00) == 0xbf00) return if_then(insn);
  return unknown(2);
}

// "Conditional branch, and Supervisor Call"
ArmStep conditional_branch(u16 insn) {
  const u8 condition = bits(insn, 8, 4);
  if (condition >= ArmStep::kAlways) return unknown(2);  // UDF, SVC
  return jump(Kind::kJump, arm::read_thumb_branch8(insn), condition);
}

// "Modified immediate constants in Thumb instructions"
u32 expand_immediate(u16 first, u16 second) {
  const u32 code = u32{bits(first, 10, 1)} << 11 | u32{bits(second, 12, 3)} << 8;
  const u32 low = bits(second, 0, 8);
  switch (code >> 8) {
    case 0:
      return low;
    case 1:
      return low << 16 | low;
    case 2:
      return low << 24 | low << 8;
    case 3:
      return low << 24 | low << 16 | low << 8 | low;
    default:
      return std::rotr(0x80 | (low & 0x7f), static_cast<int>((code | low) >> 7));
  }
}

// What the two groups of wide data processing share: the operation by its number. The operand is
// in `step` already.
ArmStep wide_operation(ArmStep step, u16 first, u16 second) {
  step.length = 4;
  step.rd = bits(second, 8, 4);
  step.rn = bits(first, 0, 4);
  step.sets_flags = bits(first, 4, 1) != 0;
  const bool only_flags = step.rd == kPc && step.sets_flags;
  const bool without_rn = step.rn == kPc;
  switch (bits(first, 5, 4)) {
    case 0:  // AND, TST
    case 4:  // EOR, TEQ
      step.kind = only_flags ? Kind::kTest : Kind::kOther;
      break;
    case 8:
      step.kind = only_flags ? Kind::kTest : Kind::kAdd;
      break;
    case 13:
      step.kind = only_flags ? Kind::kCompare : Kind::kSubtract;
      break;
    case 2:
      step.kind = without_rn ? Kind::kMove : Kind::kOther;
      break;
    case 1:
    case 3:
    case 10:
    case 11:
    case 14:
      step.kind = Kind::kOther;
      break;
    default:
      return unknown(4);
  }
  const bool writes = step.kind != Kind::kTest && step.kind != Kind::kCompare;
  return writes && step.rd == kPc ? unknown(4) : step;
}

// "Data-processing (shifted register)"
ArmStep wide_by_register(u16 first, u16 second) {
  ArmStep step;
  step.by_register = true;
  step.rm = bits(second, 0, 4);
  step = wide_operation(step, first, second);
  const bool is_shifted = (second & 0x70f0) != 0;
  if (!is_shifted || step.kind == Kind::kUnknown || step.kind == Kind::kTest) return step;
  step.kind = step.kind == Kind::kCompare ? Kind::kTest : Kind::kOther;
  return step;
}

ArmStep wide_by_immediate(u16 first, u16 second) {
  ArmStep step;
  step.offset = expand_immediate(first, second);
  return wide_operation(step, first, second);
}

// "Data-processing (plain binary immediate)"
ArmStep plain_immediate(u16 first, u16 second) {
  ArmStep step;
  step.rd = bits(second, 8, 4);
  step.rn = bits(first, 0, 4);
  const u32 low12 =
      u32{bits(first, 10, 1)} << 11 | u32{bits(second, 12, 3)} << 8 | bits(second, 0, 8);
  step.offset = low12;
  switch (bits(first, 4, 5)) {
    case 0:
      step.kind = Kind::kAdd;
      break;
    case 10:
      step.kind = Kind::kSubtract;
      break;
    case 4:
    case 12:
      step.kind = bits(first, 4, 5) == 4 ? Kind::kMove : Kind::kMoveTop;
      step.offset = u32{step.rn} << 12 | low12;
      break;
    case 20:  // SBFX
    case 22:  // BFI, BFC
    case 28:  // UBFX
      step.kind = Kind::kOther;
      break;
    default:
      return unknown(4);
  }
  return step.rd == kPc ? unknown(4) : step;
}

// "Branches and miscellaneous control"
ArmStep wide_branch(u16 first, u16 second) {
  const u32 insn = arm::thumb32(first, second);
  ArmStep step;
  switch (second & 0x5000) {
    case 0x5000:
      step = jump(Kind::kCall, arm::read_thumb_branch24(insn));
      break;
    case 0x4000:
      step = jump(Kind::kCall, arm::read_thumb_branch24(insn));
      step.switches = true;
      break;
    case 0x1000:
      step = jump(Kind::kJump, arm::read_thumb_branch24(insn));
      break;
    default:
      if (insn == 0xf3af8000)
        step.kind = Kind::kNothing;
      else if (bits(first, 6, 4) < ArmStep::kAlways)
        step = jump(Kind::kJump, arm::read_thumb_branch19(insn), bits(first, 6, 4));
  }
  step.length = 4;
  return step;
}

// "Load multiple and store multiple"
ArmStep wide_many(u16 first, u16 second) {
  const bool load = bits(first, 4, 1) != 0;
  const u8 mode = bits(first, 7, 2);  // 1: IA, 2: DB; the others are SRS and RFE
  const u8 rn = bits(first, 0, 4);
  const bool bad_list = (second & 1u << kSp) != 0 || (!load && (second & 1u << kPc) != 0);
  if ((mode != 1 && mode != 2) || bad_list || rn == kPc) return unknown(4);
  ArmStep step = access_many(load, rn, second, mode == 2, bits(first, 5, 1) != 0);
  step.length = 4;
  return step;
}

// "Load/store dual or exclusive, table branch"
ArmStep wide_dual(u16 first, u16 second) {
  const bool indexes = bits(first, 8, 1) != 0;
  const bool writes_back = bits(first, 5, 1) != 0;
  if (!indexes && !writes_back) return unknown(4);
  const i64 immediate = bits(second, 0, 8) * 4;
  ArmStep step = access(bits(first, 4, 1) != 0, 8, bits(second, 12, 4), bits(first, 0, 4),
                        bits(first, 7, 1) ? immediate : -immediate);
  step.length = 4;
  step.rd2 = bits(second, 8, 4);
  step.post_indexed = !indexes;
  step.writes_back = writes_back;
  return step.rd >= kSp || step.rd2 >= kSp ? unknown(4) : step;
}

// "Load byte", "Load halfword", "Load word", "Store single data item"
ArmStep wide_single(u16 first, u16 second) {
  const bool load = bits(first, 4, 1) != 0;
  const bool is_signed = bits(first, 8, 1) != 0;
  const u8 log_size = bits(first, 5, 2);
  const u8 rn = bits(first, 0, 4);
  if (log_size == 3 || (is_signed && (!load || log_size == 2))) return unknown(4);
  ArmStep step = access(load, static_cast<u8>(1u << log_size), bits(second, 12, 4), rn, 0);
  step.length = 4;
  // A load of pc is a jump; a smaller one there is a hint (PLD), and no store has it.
  if (step.rd == kPc && (!load || log_size != 2)) return unknown(4);
  const i64 immediate12 = second & 0xfff;
  const bool adds = bits(first, 7, 1) != 0;
  if (rn == kPc) {
    if (!load) return unknown(4);
    step.offset = adds ? immediate12 : -immediate12;
  } else if (adds) {
    step.offset = immediate12;
  } else if (bits(second, 11, 1) != 0) {
    const bool indexes = bits(second, 10, 1) != 0;
    const i64 immediate8 = bits(second, 0, 8);
    step.offset = bits(second, 9, 1) ? immediate8 : -immediate8;
    step.writes_back = bits(second, 8, 1) != 0;
    step.post_indexed = !indexes;
    const bool is_unprivileged = bits(second, 8, 3) == 6;
    if (is_unprivileged || (!indexes && !step.writes_back)) return unknown(4);
  } else {
    if ((second & 0x0ff0) != 0) return unknown(4);  // shifted
    step.by_register = true;
    step.rm = bits(second, 0, 4);
  }
  return step;
}

// "Data processing (register)", shifts, extensions and reversals of it, and MUL, MLA, MLS.
ArmStep wide_other(u16 first, u16 second) {
  const bool is_low_half = (first & 0xff80) == 0xfa00;
  const bool shifts = is_low_half && (second & 0xf0f0) == 0xf000;
  const bool extends = is_low_half && (second & 0xf0c0) == 0xf080 && bits(first, 4, 3) <= 5;
  const bool reverses = (first & 0xfff0) == 0xfa90 && (second & 0xf0c0) == 0xf080;
  const bool counts = (first & 0xfff0) == 0xfab0 && (second & 0xf0f0) == 0xf080;
  const bool multiplies = (first & 0xfff0) == 0xfb00 && (second & 0xe0) == 0;
  if (!shifts && !extends && !reverses && !counts && !multiplies) return unknown(4);
  ArmStep step;
  step.kind = Kind::kOther;
  step.rd = bits(second, 8, 4);
  step.sets_flags = shifts;  // not all do; then too little is known of the flags
  return step.rd == kPc ? unknown(4) : step;
}

}  // namespace

ArmStep decode_thumb16(u16 insn) {
  switch (insn >> 12) {
    case 0:
    case 1:
    case 2:
    case 3:
      return shift_add_move(insn);
    case 4:
      if (bits(insn, 11, 1)) return access(true, 4, bits(insn, 8, 3), kPc, bits(insn, 0, 8) * 4);
      return bits(insn, 10, 1) ? special(insn) : data_processing(insn);
    case 5:
      return access_by_register(insn);
    case 6:
    case 7:
    case 8:
    case 9:
      return access_by_immediate(insn);
    case 10:
      return compute(Kind::kAdd, bits(insn, 8, 3), bits(insn, 11, 1) ? kSp : kPc,
                     bits(insn, 0, 8) * 4, false);
    case 11:
      return miscellaneous(insn);
    case 12: {
      const u8 rn = bits(insn, 8, 3);
      const bool load = bits(insn, 11, 1) != 0;
      const bool holds_base = (insn >> rn & 1) != 0;
      return access_many(load, rn, bits(insn, 0, 8), false, !load || !holds_base);
    }
    case 13:
      return conditional_branch(insn);
    case 14:
      return jump(Kind::kJump, arm::read_thumb_branch11(insn));
    default:
      return unknown(2);
  }
}

ArmStep decode_thumb32(u16 first, u16 second) {
  if ((first & 0xfe40) == 0xe800) return wide_many(first, second);
  if ((first & 0xfe40) == 0xe840) return wide_dual(first, second);
  if ((first & 0xfe00) == 0xea00)
    return (second & 0x8000) != 0 ? unknown(4) : wide_by_register(first, second);
  if ((first & 0xf800) == 0xf000) {
    if ((second & 0x8000) != 0) return wide_branch(first, second);
    return (first & 0x0200) != 0 ? plain_immediate(first, second)
                                 : wide_by_immediate(first, second);
  }
  if ((first & 0xfe00) == 0xf800) return wide_single(first, second);
  if ((first & 0xfe00) == 0xfa00) return wide_other(first, second);
  return unknown(4);
}

}  // namespace fwseal
