// The fields by number, and their way to memory and back.
#include "elfio/isa_arm_fields.h"

#include <cassert>
#include <iterator>

namespace fwseal::arm {
namespace {

constexpr i64 read_nothing(u32) { return 0; }
constexpr u32 write_nothing(u32 place, i64) { return place; }

template <u32 kHighBits>
constexpr i64 read_future(u32 insn) {
  return read_thumb_branch_future(insn, kHighBits);
}
template <u32 kHighBits>
constexpr u32 write_future(u32 insn, i64 value) {
  return write_thumb_branch_future(insn, value, kHighBits);
}

constexpr i64 kMiB = i64{1} << 20;
constexpr i64 kHighest = 0xff000000;  // of the modified immediates
using F = Field;
using enum Unit;

// clang-format off
constexpr FieldCodec kCodecs[] = {
    // field, unit, step, mask, min and max, codec
    {F::kNone,            kNone,    1, 0x00000000, 0, 0, read_nothing, write_nothing},
    {F::kWord32,          kWord,    1, 0xffffffff, -2048 * kMiB, 2048 * kMiB - 1,
        read_word32, write_word32},
    {F::kWord31,          kWord,    1, 0x7fffffff, -1024 * kMiB, 1024 * kMiB - 1,
        read_word31, write_word31},
    {F::kHalf16,          kHalf,    1, 0x0000ffff, -32768, 32767, read_half16, write_half16},
    {F::kByte8,           kByte,    1, 0x000000ff, -128, 127, read_byte8, write_byte8},
    {F::kArmBranch24,     kWord,    4, 0x00ffffff, -32 * kMiB, 32 * kMiB - 4,
        read_arm_branch24, write_arm_branch24},
    {F::kArmOffset12,     kWord,    1, 0x00800fff, -4095, 4095, read_offset12, write_offset12},
    {F::kArmOffset8,      kWord,    1, 0x00800f0f, -255, 255, read_offset8, write_offset8},
    {F::kArmOffset10,     kWord,    4, 0x008000ff, -1020, 1020, read_offset10, write_offset10},
    {F::kArmImmediate,    kWord,    1, 0x00c00fff, -kHighest, kHighest,
        read_arm_immediate, write_arm_immediate},
    {F::kArmMov16,        kWord,    1, 0x000f0fff, -32768, 32767, read_arm_mov16, write_arm_mov16},
    {F::kThumbOffset5,    kHalf,    4, 0x000007c0, 0, 124, read_thumb_offset5, write_thumb_offset5},
    {F::kThumbLiteral8,   kHalf,    4, 0x000000ff, -4, 1016,
        read_thumb_literal8, write_thumb_literal8},
    {F::kThumbBranch6,    kHalf,    2, 0x000002f8, -4, 122,
        read_thumb_branch6, write_thumb_branch6},
    {F::kThumbBranch11,   kHalf,    2, 0x000007ff, -2048, 2046,
        read_thumb_branch11, write_thumb_branch11},
    {F::kThumbBranch8,    kHalf,    2, 0x000000ff, -256, 254,
        read_thumb_branch8, write_thumb_branch8},
    {F::kThumbImmediate8, kHalf,    1, 0x000000ff, 0, 255,
        read_thumb_immediate8, write_thumb_immediate8},
    {F::kThumbBranch24,   kThumb32, 2, 0x07ff2fff, -16 * kMiB, 16 * kMiB - 2,
        read_thumb_branch24, write_thumb_branch24},
    {F::kThumbBranch19,   kThumb32, 2, 0x043f2fff, -kMiB, kMiB - 2,
        read_thumb_branch19, write_thumb_branch19},
    {F::kThumbMov16,      kThumb32, 1, 0x040f70ff, -32768, 32767,
        read_thumb_mov16, write_thumb_mov16},
    {F::kThumbAdr12,      kThumb32, 1, 0x04a070ff, -4095, 4095,
        read_thumb_adr12, write_thumb_adr12},
    {F::kThumbLiteral12,  kThumb32, 1, 0x00800fff, -4095, 4095, read_offset12, write_offset12},
    {F::kThumbOffset12,   kThumb32, 1, 0x00000fff, 0, 4095,
        read_thumb_offset12, write_thumb_offset12},
    {F::kThumbFuture16,   kThumb32, 1, 0x001f0ffe, -65536, 65535, read_future<5>, write_future<5>},
    {F::kThumbFuture12,   kThumb32, 1, 0x00010ffe, -4096, 4095, read_future<1>, write_future<1>},
    {F::kThumbFuture18,   kThumb32, 1, 0x007f0ffe, -262144, 262143,
        read_future<7>, write_future<7>},
};
// clang-format on

constexpr bool indexed_by_field() {
  for (std::size_t i = 0; i < std::size(kCodecs); i++)
    if (kCodecs[i].field != static_cast<Field>(i)) return false;
  return std::size(kCodecs) == static_cast<std::size_t>(Field::kCount);
}
static_assert(indexed_by_field());

constexpr bool sizes_agree() {
  constexpr u8 kSizes[] = {0, 1, 2, 4, 4};  // by Unit
  for (const FieldCodec& codec : kCodecs)
    if (size_of(codec.field) != kSizes[static_cast<u8>(codec.unit)]) return false;
  return true;
}
static_assert(sizes_agree());

// AAELF32 2023Q3, table "Examples of REL format initial addends". Its code for the LDR has r15
// where its text has r2, which does not matter here.
static_assert(read_arm_immediate(0xe2410fff) == -1020);
static_assert(read_offset12(0xe59f0010) == 16);
static_assert(read_thumb_branch24(thumb32(0xf7ff, 0xfffe)) == -4);
static_assert(read_byte8(0xf0) == -16);

// As arm-none-eabi-as 2.40 encodes them.
static_assert(read_arm_branch24(0xebfffffe) == -8);                       // bl .
static_assert(write_arm_branch24(0xeb000000, -8) == 0xebfffffe);          //
static_assert(write_arm_mov16(0xe3000000, 0x1234) == 0xe3010234);         // movw r0, #0x1234
static_assert(write_thumb_mov16(0xf2400000, 0x1234) == 0xf2412034);       // movw r0, #0x1234
static_assert(write_thumb_mov16(0xf6400000, 0xffffabcd) == 0xf64a30cd);   // movw r0, #0xabcd
static_assert(write_thumb_branch24(0xf000d000, -4) == 0xf7fffffe);        // bl .
static_assert(write_thumb_branch24(0xf000d000, 0x123456) == 0xf123fa2b);  // bl .+0x12345a
static_assert(read_thumb_branch19(0xf43faffe) == -4);                     // beq.w .
static_assert(write_thumb_branch19(0xf0008000, -4) == 0xf43faffe);        //
static_assert(write_thumb_branch11(0xe000, -4) == 0xe7fe);                // b .
static_assert(write_thumb_branch8(0xd000, -4) == 0xd0fe);                 // beq .
static_assert(read_thumb_branch6(0xb3e8) == 122 && read_thumb_branch6(0xb3f0) == -4);  // cbz
static_assert(read_thumb_literal8(0x48ff) == -4);                    // ldr r0, [pc, #1020]
static_assert(write_thumb_adr12(0xf20f0000, -0x123) == 0xf2af1023);  // subw r0, pc, #0x123
static_assert(write_offset8(0xe1d000b0, -0xab) == 0xe1500abb);       // ldrh r0, [r0, #-0xab]
static_assert(write_offset10(0xed900b00, -1020) == 0xed100bff);      // vldr d0, [r0, #-1020]

// AAELF32 2023Q3, "Group relocations": two bits at a time from the top.
static_assert(group_of(0x12345678, 0).group == 0x12000000);
static_assert(group_of(0x12345678, 1).group == 0x00344000);
static_assert(group_of(0x12345678, 2).group == 0x1640 && group_of(0x12345678, 2).residual == 0x38);
static_assert(group_of(0x100, 0).group == 0x100 && group_of(0x3ff, 0).residual == 3);

}  // namespace

const FieldCodec& codec_of(Field field) {
  assert(field < Field::kCount);
  return kCodecs[static_cast<std::size_t>(field)];
}

u32 load(const FieldCodec& codec, Bytes contents, u64 offset) {
  const Bytes place = contents.sub(offset, codec.size());
  switch (codec.unit) {
    case kNone:
      return 0;
    case kByte:
      return place.le<u8>(0);
    case kHalf:
      return place.le<u16>(0);
    case kWord:
      return place.le<u32>(0);
    case kThumb32:
      return thumb32(place.le<u16>(0), place.le<u16>(2));
  }
  return 0;
}

void store(const FieldCodec& codec, std::span<std::byte> contents, u64 offset, u32 place) {
  (void)Bytes(contents).sub(offset, codec.size());
  if (codec.unit == kThumb32) place = place >> 16 | place << 16;
  std::memcpy(contents.data() + offset, &place, codec.size());
}

}  // namespace fwseal::arm
