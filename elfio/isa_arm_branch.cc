// Branches: their targets, their instruction sets, their reach.
//
// Which instruction set a target is in is known for functions only. Anything else (a label in
// assembly, an address from a linker script) is taken to be in the state the instruction as
// written leads to, so BL stays BL and BLX stays BLX.
//
// AAELF32 2023Q3, "Call and Jump relocations", "Thumb call and jump relocations", "Weak
// References".
#include "elfio/isa_arm_branch.h"

namespace fwseal::arm {
namespace {

// Arm: B and BL have a condition, BLX has 0xf in its place. H, bit 24, is bit 1 of BLX's offset.
constexpr bool is_arm_blx(u32 insn) { return (insn & 0xfe000000) == 0xfa000000; }
constexpr bool is_arm_bl_always(u32 insn) { return (insn & 0xff000000) == 0xeb000000; }
// Thumb: bit 14 of a BL's or BLX's second halfword is set, of a B.W's it is clear. Bit 12 tells BL
// from BLX.
constexpr bool is_thumb_call(u32 insn) { return (insn & 0xf800c000) == 0xf000c000; }
constexpr u32 kThumbBlBit = 1u << 12;
constexpr bool is_thumb_blx(u32 insn) { return is_thumb_call(insn) && !(insn & kThumbBlBit); }

constexpr u32 kThumbNopW = 0xf3af8000;

// R_ARM_JUMP24 is for branches that cannot become BLX, also for BL<cond>. The deprecated types are
// for all branches, and then the instruction says which it is.
bool is_call(const ArmRelocation& relocation, u32 insn) {
  if (relocation.type.use != Use::kCall) return false;
  return relocation.field == Field::kArmBranch24 ? is_arm_bl_always(insn) || is_arm_blx(insn)
                                                 : is_thumb_call(insn);
}

bool leads_to_thumb(const Operands& x, bool from_thumb, bool is_blx, const BranchRules& rules) {
  if (rules.features.is_m_profile) return true;
  if (x.is_function) return x.T != 0;
  return from_thumb != is_blx;
}

constexpr i64 kThumb1Reach = i64{1} << 22;

Range reach(const ArmRelocation& relocation, bool switches, const BranchRules& rules) {
  Range range = relocation.range;
  if (relocation.field == Field::kThumbBranch24 && !rules.features.has_long_bl)
    range = {-kThumb1Reach, kThumb1Reach - 2};
  // BLX leads to multiples of 4 in Arm state, and to multiples of 2 in Thumb state.
  if (switches) range.max += relocation.field == Field::kArmBranch24 ? 2 : -2;
  return range;
}

i64 modulo_2_32(u64 value) { return sign_extend(value & 0xffffffff, 32); }

// A call or jump to a weak symbol that nobody defined goes on with the next instruction. AAELF32
// says so for calls and leaves jumps to us; this is what GNU ld 2.40 does for all of them whose
// reach is long.
u32 no_operation(const ArmRelocation& relocation, u32 insn, const ArmFeatures& features) {
  switch (relocation.field) {
    case Field::kArmBranch24: {
      const u32 condition = is_arm_blx(insn) ? 0xe0000000 : insn & 0xf0000000;
      return condition | (features.has_arm_nop ? 0x0320f000 : 0x01a00000);  // NOP, or MOV r0, r0
    }
    case Field::kThumbBranch24:
      // Thumb-1 has no 32-bit NOP: branch over the second halfword.
      return features.has_thumb2 ? kThumbNopW : thumb32(0xe000, 0xbf00);
    case Field::kThumbBranch19:
      return kThumbNopW;
    default:
      return features.has_thumb_nop ? 0xbf00 : 0x46c0;  // NOP, or MOV r8, r8
  }
}

// The instruction with its offset, and as BL or BLX if it is one of them. A call to something that
// is no function keeps its form, and `switches` is what it does.
u32 encode(const ArmRelocation& relocation, const Branch& branch, u32 insn) {
  const u32 result = codec_of(relocation.field).write(insn, branch.offset);
  if (!branch.is_call) return result;
  if (branch.from_thumb)
    return branch.to_thumb ? result | kThumbBlBit : result & ~(kThumbBlBit | 1u);
  const u32 h = static_cast<u32>(branch.offset) << 23 & 1u << 24;
  return (result & 0xffffff) | (branch.to_thumb ? 0xfa000000 | h : 0xeb000000);
}

}  // namespace

bool is_branch(const ArmRelocation& relocation) {
  switch (relocation.field) {
    case Field::kArmBranch24:
    case Field::kThumbBranch24:
    case Field::kThumbBranch19:
    case Field::kThumbBranch11:
    case Field::kThumbBranch8:
    case Field::kThumbBranch6:
      return true;
    default:
      return false;
  }
}

bool is_branch_future(const ArmRelocation& relocation) {
  return relocation.field == Field::kThumbFuture16 || relocation.field == Field::kThumbFuture12 ||
         relocation.field == Field::kThumbFuture18;
}

i64 pc_bias(const ArmRelocation& relocation) {
  return relocation.field == Field::kArmBranch24 ? -8 : -4;
}

Branch examine(const ArmRelocation& relocation, const Operands& x, u32 insn,
               const BranchRules& rules) {
  Branch branch;
  branch.from_thumb = relocation.field != Field::kArmBranch24;
  branch.is_call = is_call(relocation, insn);
  const bool is_blx = branch.is_call && (branch.from_thumb ? is_thumb_blx(insn) : is_arm_blx(insn));
  branch.to_thumb = leads_to_thumb(x, branch.from_thumb, is_blx, rules);
  // Where BLX is avoided, one that the programmer wrote for a label stays.
  const bool as_written = is_blx && !x.is_function;
  branch.can_switch = branch.is_call && (rules.may_use_blx || as_written);
  branch.range = reach(relocation, branch.switches() && branch.can_switch, rules);
  const u64 target = x.S + static_cast<u64>(x.A);
  if (branch.from_thumb && !branch.to_thumb) {
    // Thumb BLX counts from pc rounded down to a multiple of 4.
    branch.offset = modulo_2_32(target - (x.P & ~u64{3}));
    branch.alignment = 4;
  } else if (branch.to_thumb) {
    // Bit 0 says Thumb; it is no part of the offset, whoever has put it into S.
    branch.offset = modulo_2_32((target & ~u64{1}) - x.P);
    branch.alignment = 2;
  } else {
    branch.offset = modulo_2_32(target - x.P);
    branch.alignment = 4;
  }
  return branch;
}

std::optional<RelocationFault> apply_branch(const ArmRelocation& relocation, const Operands& x,
                                            const BranchRules& rules, std::span<std::byte> contents,
                                            u64 offset) {
  const FieldCodec& codec = codec_of(relocation.field);
  const u32 insn = load(codec, Bytes(contents), offset);
  if (x.weak_undefined) {
    store(codec, contents, offset, no_operation(relocation, insn, rules.features));
    return std::nullopt;
  }
  const Branch branch = examine(relocation, x, insn, rules);
  if (branch.switches() && !branch.can_switch)
    return RelocationFault{cat("would have to switch to ", branch.to_thumb ? "Thumb" : "Arm",
                               " state, which only BL can"),
                           false, 0, 0, 0};
  if (!branch.range.holds(branch.offset))
    return RelocationFault{"out of range", true, branch.offset, branch.range.min, branch.range.max};
  if (branch.offset % branch.alignment != 0)
    return RelocationFault{cat("not aligned to ", branch.alignment), false, 0, 0, 0};
  store(codec, contents, offset, encode(relocation, branch, insn));
  return std::nullopt;
}

void apply_branch_future(const ArmRelocation& relocation, const Operands& x,
                         std::span<std::byte> contents, u64 offset) {
  const FieldCodec& codec = codec_of(relocation.field);
  const i64 X = value_of(relocation.value, x);
  const bool possible = !x.weak_undefined && relocation.range.holds(X);
  const u32 insn = load(codec, Bytes(contents), offset);
  store(codec, contents, offset, possible ? codec.write(insn, X) : kThumbNopW);
}

}  // namespace fwseal::arm
