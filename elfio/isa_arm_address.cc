// An address may be for calculation: with a number that assembly made from two labels it leads to
// any place of the section. Compilers make it for a constant of 64 bits and for the table of a
// jump, and load from there by the very next instruction.
//
// Arm ARM DDI 0406C, "LDR (immediate)", "LDR (register)", "LDRD (immediate)".
#include "elfio/isa_arm_address.h"

#include "elfio/isa_arm_fields.h"

namespace fwseal::arm {
namespace {

constexpr u32 kPc = 15;

constexpr u32 bits(u32 insn, u32 high, u32 low) {
  return insn >> low & ((u32{2} << (high - low)) - 1);
}

u32 register_of(Form form, u32 insn) {
  switch (form) {
    case Form::kThumbAddress8:
      return bits(insn, 10, 8);
    case Form::kThumbAddress12:
      return bits(insn, 11, 8);
    default:
      return bits(insn, 15, 12);
  }
}

std::optional<u64> used_by_thumb16(u32 insn, u32 rd) {
  // LDR Rt, [Rn, #imm5 * 4]
  const bool fits = insn >> 11 == 0x0d && bits(insn, 5, 3) == rd && bits(insn, 2, 0) == rd;
  return fits ? std::optional(u64{4} * bits(insn, 10, 6) + 4) : std::nullopt;
}

std::optional<u64> used_by_thumb32(u32 insn, u32 rd) {
  if (bits(insn, 19, 16) != rd) return std::nullopt;
  const u32 rt = bits(insn, 15, 12);
  switch (insn & 0xfff0'0000) {
    case 0xe9d0'0000:  // LDRD Rt, Rt2, [Rn, #imm8 * 4]
      if (rt != rd && bits(insn, 11, 8) != rd) return std::nullopt;
      return u64{4} * bits(insn, 7, 0) + 8;
    case 0xf8d0'0000:  // LDR.W Rt, [Rn, #imm12]
      return rt == rd ? std::optional(u64{bits(insn, 11, 0)} + 4) : std::nullopt;
    case 0xf850'0000:  // LDR.W PC, [Rn, Rm, LSL #imm2]
      return rt == kPc && bits(insn, 11, 6) == 0 ? std::optional(u64{4}) : std::nullopt;
    default:
      return std::nullopt;
  }
}

std::optional<u64> used_by_arm(u32 insn, u32 rd) {
  if (bits(insn, 19, 16) != rd) return std::nullopt;
  const u32 rt = bits(insn, 15, 12);
  switch (insn & 0xfff0'0000) {
    case 0xe590'0000:  // LDR Rt, [Rn, #imm12]
      return rt == rd ? std::optional(u64{bits(insn, 11, 0)} + 4) : std::nullopt;
    case 0xe790'0000:  // LDR PC, [Rn, Rm, LSL #2]
      return rt == kPc && bits(insn, 11, 4) == 0x10 ? std::optional(u64{4}) : std::nullopt;
    case 0xe1c0'0000:  // LDRD Rt, Rt + 1, [Rn, #imm8]
      if (bits(insn, 7, 4) != 0xd || (rt != rd && rt + 1 != rd)) return std::nullopt;
      return u64{bits(insn, 11, 8) << 4 | bits(insn, 3, 0)} + 8;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<u64> bytes_used_up(Form form, u32 insn, Bytes contents, u64 place, u64 end) {
  const u32 rd = register_of(form, insn);
  const bool thumb = codec_of(form).thumb;
  if (rd == kPc || place + (thumb ? 2 : 4) > end) return std::nullopt;
  if (!thumb) {
    constexpr u32 kAlways = 14;
    if (insn >> 28 != kAlways) return std::nullopt;
    return used_by_arm(contents.le<u32>(place), rd);
  }
  const u16 first = contents.le<u16>(place);
  if (first < 0xe800) return used_by_thumb16(first, rd);
  if (place + 4 > end) return std::nullopt;
  return used_by_thumb32(thumb32(first, contents.le<u16>(place + 2)), rd);
}

}  // namespace fwseal::arm
