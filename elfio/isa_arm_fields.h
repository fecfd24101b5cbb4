// Where Arm instructions keep their numbers: one `read_` and one `write_` per field, inverses of
// each other.
//
// An instruction is a u32. A 32-bit Thumb instruction has its first halfword on top, as the
// encoding diagrams of the Arm ARM print it; in memory each halfword is little endian by itself.
// `read_` gives the initial addend of a SHT_REL relocation, `write_` stores a value and leaves all
// other bits alone. Neither checks ranges: a relocation's row in the table does.
//
// AAELF32 2023Q3, "Addends and PC-bias compensation", "Arm relocation actions by instruction type",
// "Thumb relocation actions by instruction type"; Arm ARM DDI 0406C for the encodings.
#pragma once

#include <array>
#include <bit>
#include <optional>
#include <span>
#include <string_view>

#include "elfio/bytes.h"
#include "elfio/types.h"

namespace fwseal::arm {

constexpr i64 sign_extend(u64 value, u32 bits) {
  return static_cast<i64>(value << (64 - bits)) >> (64 - bits);
}
constexpr u32 magnitude(i64 value) { return static_cast<u32>(value < 0 ? -value : value); }

constexpr u32 thumb32(u16 first, u16 second) { return u32{first} << 16 | second; }

// Data.
constexpr i64 read_word32(u32 place) { return sign_extend(place, 32); }
constexpr u32 write_word32(u32, i64 value) { return static_cast<u32>(value); }
constexpr i64 read_word31(u32 place) { return sign_extend(place, 31); }
constexpr u32 write_word31(u32 place, i64 value) {
  return (place & 0x80000000) | (static_cast<u32>(value) & 0x7fffffff);
}
constexpr i64 read_half16(u32 place) { return sign_extend(place, 16); }
constexpr u32 write_half16(u32, i64 value) { return static_cast<u32>(value) & 0xffff; }
constexpr i64 read_byte8(u32 place) { return sign_extend(place, 8); }
constexpr u32 write_byte8(u32, i64 value) { return static_cast<u32>(value) & 0xff; }

// The offset of B, BL and BLX: signed, 26 bits, a multiple of 4. The H bit of BLX, which is bit 1
// of its offset, is not part of the field (AAELF32 has sign_extend(insn[23:0] << 2)).
constexpr i64 read_arm_branch24(u32 insn) { return sign_extend(u64{insn & 0xffffff} << 2, 26); }
constexpr u32 write_arm_branch24(u32 insn, i64 value) {
  return (insn & 0xff000000) | (static_cast<u32>(value) >> 2 & 0xffffff);
}

// Bit 23, U: set if the offset is added. The offset of a load or store is a sign and a magnitude.
constexpr u32 kUpBit = 1u << 23;
constexpr i64 with_up_bit(u32 insn, u32 offset) {
  return insn & kUpBit ? i64{offset} : -i64{offset};
}
constexpr u32 up_bit(i64 value) { return value < 0 ? 0 : kUpBit; }

// LDR, STR, LDRB, STRB; and the 32-bit Thumb LDR (literal), which is laid out alike.
constexpr i64 read_offset12(u32 insn) { return with_up_bit(insn, insn & 0xfff); }
constexpr u32 write_offset12(u32 insn, i64 value) {
  return (insn & ~(kUpBit | 0xfffu)) | up_bit(value) | (magnitude(value) & 0xfff);
}
// LDRD, STRD, LDRH, STRH, LDRSH, LDRSB: imm4H:imm4L.
constexpr i64 read_offset8(u32 insn) {
  return with_up_bit(insn, (insn >> 4 & 0xf0) | (insn & 0xf));
}
constexpr u32 write_offset8(u32 insn, i64 value) {
  const u32 offset = magnitude(value);
  return (insn & ~(kUpBit | 0xf0fu)) | up_bit(value) | (offset & 0xf0) << 4 | (offset & 0xf);
}
// LDC, STC, and so VLDR, VSTR: imm8, in words.
constexpr i64 read_offset10(u32 insn) { return with_up_bit(insn, (insn & 0xff) << 2); }
constexpr u32 write_offset10(u32 insn, i64 value) {
  return (insn & ~(kUpBit | 0xffu)) | up_bit(value) | (magnitude(value) >> 2 & 0xff);
}

// The modified immediate of ADD and SUB: eight bits, rotated right by twice the upper four. Of the
// several encodings of a number this is the one with the fewest zeroes below it, which is what GNU
// ld chooses. Nothing if there is none.
constexpr std::optional<u32> encode_immediate(u32 value) {
  for (u32 i = 0; i < 16; i++) {
    const u32 rotation = (16 - i) % 16;
    const u32 imm8 = std::rotl(value, static_cast<int>(2 * rotation));
    if (imm8 <= 0xff) return rotation << 8 | imm8;
  }
  return std::nullopt;
}
constexpr u32 kAddBit = 1u << 23;
constexpr u32 kSubBit = 1u << 22;
constexpr bool is_add_or_sub(u32 insn) {
  const u32 opcode = insn & 0x01e00000;
  return (insn & 0x0e000000) == 0x02000000 && (opcode == kAddBit || opcode == kSubBit);
}
constexpr i64 read_arm_immediate(u32 insn) {
  const u32 value = std::rotr(insn & 0xff, static_cast<int>(insn >> 7 & 0x1e));
  return insn & kSubBit ? -i64{value} : i64{value};
}
constexpr u32 write_arm_immediate(u32 insn, i64 value) {
  return (insn & ~(kAddBit | kSubBit | 0xfffu)) | (value < 0 ? kSubBit : kAddBit) |
         encode_immediate(magnitude(value)).value_or(0);
}

// The groups of AAELF32 2023Q3, "Group relocations": G(n) are the bits of Y(n) that one ADD can
// hold, Y(n+1) is what they leave over, Y(0) is the whole.
struct GroupBits {
  u32 group = 0;
  u32 residual = 0;
};
constexpr GroupBits group_of(u32 value, u32 n) {
  GroupBits result{0, value};
  for (u32 i = 0; i <= n; i++) {
    const u32 bits = static_cast<u32>(std::bit_width(result.residual));
    const u32 shift = bits <= 8 ? 0 : (bits - 8 + 1) / 2 * 2;
    result.group = result.residual & 0xffu << shift;
    result.residual &= ~result.group;
  }
  return result;
}

// MOVW and MOVT: imm4:imm12. Read as a signed number although the instruction's is not.
constexpr i64 read_arm_mov16(u32 insn) {
  return sign_extend((insn >> 4 & 0xf000) | (insn & 0xfff), 16);
}
constexpr u32 write_arm_mov16(u32 insn, i64 value) {
  const u32 bits = static_cast<u32>(value);
  return (insn & 0xfff0f000) | (bits & 0xf000) << 4 | (bits & 0xfff);
}

// LDR and STR (immediate), 16 bits: imm5, in words.
constexpr i64 read_thumb_offset5(u32 insn) { return insn >> 4 & 0x7c; }
constexpr u32 write_thumb_offset5(u32 insn, i64 value) {
  return (insn & ~0x7c0u) | (static_cast<u32>(value) & 0x7c) << 4;
}
// LDR (literal) and ADR, 16 bits: imm8, in words. -4 is the only negative addend.
constexpr i64 read_thumb_literal8(u32 insn) {
  return static_cast<i64>((((insn & 0xff) << 2) + 4) & 0x3ff) - 4;
}
constexpr u32 write_thumb_literal8(u32 insn, i64 value) {
  return (insn & ~0xffu) | (static_cast<u32>(value) >> 2 & 0xff);
}
// CBZ and CBNZ: i:imm5:0. They only branch forward; -4 and -2 are addends.
constexpr i64 read_thumb_branch6(u32 insn) {
  const u32 imm = (insn >> 3 & 0x40) | (insn >> 2 & 0x3e);
  return static_cast<i64>((imm + 4) & 0x7f) - 4;
}
constexpr u32 write_thumb_branch6(u32 insn, i64 value) {
  const u32 bits = static_cast<u32>(value);
  return (insn & ~0x2f8u) | (bits & 0x40) << 3 | (bits & 0x3e) << 2;
}
// B, 16 bits, and B<cond>, 16 bits.
constexpr i64 read_thumb_branch11(u32 insn) { return sign_extend(u64{insn & 0x7ff} << 1, 12); }
constexpr u32 write_thumb_branch11(u32 insn, i64 value) {
  return (insn & ~0x7ffu) | (static_cast<u32>(value) >> 1 & 0x7ff);
}
constexpr i64 read_thumb_branch8(u32 insn) { return sign_extend(u64{insn & 0xff} << 1, 9); }
constexpr u32 write_thumb_branch8(u32 insn, i64 value) {
  return (insn & ~0xffu) | (static_cast<u32>(value) >> 1 & 0xff);
}
// ADD and MOV (immediate), 16 bits.
constexpr i64 read_thumb_immediate8(u32 insn) { return insn & 0xff; }
constexpr u32 write_thumb_immediate8(u32 insn, i64 value) {
  return (insn & ~0xffu) | (static_cast<u32>(value) & 0xff);
}

// BL, BLX and B.W: even, signed, 25 bits, scattered as S:I1:I2:imm10:imm11:0 where I1 = !(J1 ^ S)
// and I2 = !(J2 ^ S). Before Armv6T2 J1 and J2 are 1 and the offset has 23 bits: the same formula.
constexpr i64 read_thumb_branch24(u32 insn) {
  const u32 s = insn >> 26 & 1;
  const u32 i1 = 1 ^ (insn >> 13 & 1) ^ s;
  const u32 i2 = 1 ^ (insn >> 11 & 1) ^ s;
  return sign_extend(
      s << 24 | i1 << 23 | i2 << 22 | (insn >> 16 & 0x3ff) << 12 | (insn & 0x7ff) << 1, 25);
}
constexpr u32 write_thumb_branch24(u32 insn, i64 value) {
  const u32 bits = static_cast<u32>(value);
  const u32 s = bits >> 24 & 1;
  const u32 j1 = 1 ^ (bits >> 23 & 1) ^ s;
  const u32 j2 = 1 ^ (bits >> 22 & 1) ^ s;
  return (insn & 0xf800d000) | s << 26 | (bits >> 12 & 0x3ff) << 16 | j1 << 13 | j2 << 11 |
         (bits >> 1 & 0x7ff);
}
// B<cond>.W: even, signed, 21 bits: S:J2:J1:imm6:imm11:0.
constexpr i64 read_thumb_branch19(u32 insn) {
  return sign_extend((insn >> 26 & 1) << 20 | (insn >> 11 & 1) << 19 | (insn >> 13 & 1) << 18 |
                         (insn >> 16 & 0x3f) << 12 | (insn & 0x7ff) << 1,
                     21);
}
constexpr u32 write_thumb_branch19(u32 insn, i64 value) {
  const u32 bits = static_cast<u32>(value);
  return (insn & 0xfbc0d000) | (bits >> 20 & 1) << 26 | (bits >> 12 & 0x3f) << 16 |
         (bits >> 18 & 1) << 13 | (bits >> 19 & 1) << 11 | (bits >> 1 & 0x7ff);
}
// MOVW and MOVT: imm4:i:imm3:imm8. Signed as an addend, like their Arm counterparts.
constexpr i64 read_thumb_mov16(u32 insn) {
  return sign_extend(
      (insn >> 4 & 0xf000) | (insn >> 15 & 0x800) | (insn >> 4 & 0x700) | (insn & 0xff), 16);
}
constexpr u32 write_thumb_mov16(u32 insn, i64 value) {
  const u32 bits = static_cast<u32>(value);
  return (insn & 0xfbf08f00) | (bits & 0xf000) << 4 | (bits & 0x800) << 15 | (bits & 0x700) << 4 |
         (bits & 0xff);
}
// ADR.W: i:imm3:imm8 and ADDW or SUBW, which differ in bits 23 and 21.
constexpr u32 kSubwBits = 0x00a00000;
constexpr i64 read_thumb_adr12(u32 insn) {
  const i64 offset = (insn >> 15 & 0x800) | (insn >> 4 & 0x700) | (insn & 0xff);
  return insn & kSubwBits ? -offset : offset;
}
constexpr u32 write_thumb_adr12(u32 insn, i64 value) {
  const u32 bits = magnitude(value);
  return (insn & 0xfb5f8f00) | (value < 0 ? kSubwBits : 0) | (bits & 0x800) << 15 |
         (bits & 0x700) << 4 | (bits & 0xff);
}
// LDR.W (immediate): imm12, never negative.
constexpr i64 read_thumb_offset12(u32 insn) { return insn & 0xfff; }
constexpr u32 write_thumb_offset12(u32 insn, i64 value) {
  return (insn & ~0xfffu) | (static_cast<u32>(value) & 0xfff);
}
// BF, BFCSEL and BFL of Armv8.1-M: immA:imm10:immC:0 with an immA of `high_bits`. The addend has
// bit 0 set, so that it is an address of Thumb code once S is added (AAELF32 2023Q3, "Armv8.1-M
// Mainline Branch Future relocations"); the field does not hold that bit.
constexpr i64 read_thumb_branch_future(u32 insn, u32 high_bits) {
  const u32 high = insn >> 16 & ((1u << high_bits) - 1);
  return sign_extend(high << 12 | (insn & 0x7fe) << 1 | (insn >> 10 & 2) | 1, 12 + high_bits);
}
constexpr u32 write_thumb_branch_future(u32 insn, i64 value, u32 high_bits) {
  const u32 bits = static_cast<u32>(value);
  const u32 high = (1u << high_bits) - 1;
  return (insn & ~(high << 16 | 0xffeu)) | (bits >> 12 & high) << 16 | (bits & 2) << 10 |
         (bits >> 1 & 0x7fe);
}

// The fields by number, for the relocation table.
enum class Field : u8 {
  kNone,
  kWord32,
  kWord31,
  kHalf16,
  kByte8,
  kArmBranch24,
  kArmOffset12,
  kArmOffset8,
  kArmOffset10,
  kArmImmediate,
  kArmMov16,
  kThumbOffset5,
  kThumbLiteral8,
  kThumbBranch6,
  kThumbBranch11,
  kThumbBranch8,
  kThumbImmediate8,
  kThumbBranch24,
  kThumbBranch19,
  kThumbMov16,
  kThumbAdr12,
  kThumbLiteral12,
  kThumbOffset12,
  kThumbFuture16,
  kThumbFuture12,
  kThumbFuture18,
  kCount,
};

// Bytes of the place.
constexpr u8 size_of(Field field) {
  switch (field) {
    case Field::kNone:
      return 0;
    case Field::kByte8:
      return 1;
    case Field::kHalf16:
    case Field::kThumbOffset5:
    case Field::kThumbLiteral8:
    case Field::kThumbBranch6:
    case Field::kThumbBranch11:
    case Field::kThumbBranch8:
    case Field::kThumbImmediate8:
      return 2;
    default:
      return 4;
  }
}

// What a place is made of.
enum class Unit : u8 { kNone, kByte, kHalf, kWord, kThumb32 };

struct FieldCodec {
  Field field = Field::kNone;
  Unit unit = Unit::kNone;
  u8 step = 1;   // every value is a multiple of it
  u32 mask = 0;  // the bits it owns
  i64 min = 0;   // the values that `read` can give
  i64 max = 0;
  i64 (*read)(u32) = nullptr;
  u32 (*write)(u32, i64) = nullptr;

  u8 size() const { return size_of(field); }
};
const FieldCodec& codec_of(Field field);

// The instruction or datum at `offset`, and back. Both throw BadInput if it does not lie in
// `contents`.
u32 load(const FieldCodec& codec, Bytes contents, u64 offset);
void store(const FieldCodec& codec, std::span<std::byte> contents, u64 offset, u32 place);

}  // namespace fwseal::arm
