#include "elfio/isa_arm_fields.h"

#include <gtest/gtest.h>

#include <vector>

namespace fwseal::arm {
namespace {

std::vector<const FieldCodec*> all_codecs() {
  std::vector<const FieldCodec*> codecs;
  for (u32 i = 1; i < static_cast<u32>(Field::kCount); i++)
    codecs.push_back(&codec_of(static_cast<Field>(i)));
  return codecs;
}

// Spreads the low bits of `bits` over the set bits of `mask`.
u32 deposit(u32 bits, u32 mask) {
  u32 result = 0;
  for (u32 i = 0; mask != 0; i++, mask &= mask - 1)
    if (bits >> i & 1) result |= mask & -mask;
  return result;
}

// What else an instruction may hold.
constexpr u32 kBackgrounds[] = {0, 0xffffffff, 0xaaaaaaaa, 0x55555555};

// A field of the SUB that a place holds must look like one; the rest of the place is arbitrary.
bool is_valid_pattern(const FieldCodec& codec, u32 place) {
  switch (codec.field) {
    case Field::kArmImmediate:
      return (place & (kAddBit | kSubBit)) == kAddBit || (place & (kAddBit | kSubBit)) == kSubBit;
    case Field::kThumbAdr12:
      return (place & kSubwBits) == 0 || (place & kSubwBits) == kSubwBits;
    default:
      return true;
  }
}

u32 place_mask(const FieldCodec& codec) {
  return codec.size() == 4 ? 0xffffffff : (1u << 8 * codec.size()) - 1;
}

// All patterns of a field of at most 17 bits, a dense sample and both ends of a larger one.
std::vector<u32> patterns(const FieldCodec& codec) {
  const u32 bits = static_cast<u32>(std::popcount(codec.mask));
  const u64 count = u64{1} << bits;
  const u64 step = bits <= 17 ? 1 : count / 0x10000 - 1;
  std::vector<u32> result;
  for (u64 i = 0; i < count; i += step) result.push_back(static_cast<u32>(i));
  for (u64 i = 0; i < 64; i++) {
    result.push_back(static_cast<u32>(i));
    result.push_back(static_cast<u32>(count - 1 - i));
    result.push_back(static_cast<u32>(count / 2 - 32 + i));
  }
  return result;
}

TEST(IsaArmFields, WriteIsTheInverseOfReadForEveryPattern) {
  for (const FieldCodec* codec : all_codecs())
    for (u32 pattern : patterns(*codec))
      for (u32 background : kBackgrounds) {
        const u32 other = background & place_mask(*codec) & ~codec->mask;
        const u32 place = other | deposit(pattern, codec->mask);
        if (!is_valid_pattern(*codec, place)) continue;
        const i64 value = codec->read(place);
        ASSERT_GE(value, codec->min) << static_cast<u32>(codec->field);
        ASSERT_LE(value, codec->max) << static_cast<u32>(codec->field);
        ASSERT_EQ(0, (value - (codec->step == 1 ? 0 : codec->min)) % codec->step);
        const u32 again = codec->write(other, value);
        ASSERT_EQ(value, codec->read(again)) << static_cast<u32>(codec->field) << " " << value;
        ASSERT_EQ(other, again & ~codec->mask) << static_cast<u32>(codec->field) << " " << value;
      }
}

bool can_hold(const FieldCodec& codec, i64 value) {
  switch (codec.field) {
    case Field::kArmImmediate:
      return encode_immediate(magnitude(value)).has_value();
    case Field::kThumbFuture16:
    case Field::kThumbFuture12:
    case Field::kThumbFuture18:
      return value % 2 != 0;  // bit 0 is always read as 1
    default:
      return value % codec.step == 0;
  }
}

TEST(IsaArmFields, ReadIsTheInverseOfWriteForEveryValue) {
  for (const FieldCodec* codec : all_codecs()) {
    const i64 span = codec->max - codec->min;
    const i64 step = span <= 1 << 20 ? 1 : span / 0x10000 / codec->step * codec->step;
    u32 tried = 0;
    const auto check = [&](i64 value) {
      if (value < codec->min || value > codec->max || !can_hold(*codec, value)) return;
      tried++;
      for (u32 background : kBackgrounds) {
        const u32 place = background & place_mask(*codec);
        const u32 written = codec->write(place, value);
        ASSERT_EQ(value, codec->read(written)) << static_cast<u32>(codec->field);
        ASSERT_EQ(place & ~codec->mask, written & ~codec->mask);
      }
    };
    for (i64 value = codec->min; value <= codec->max; value += step) check(value);
    for (i64 near : {codec->min, i64{0}, codec->max})
      for (i64 i = -300; i <= 300; i++) check(near + i);
    EXPECT_GE(tried, 30u) << static_cast<u32>(codec->field);
  }
}

TEST(IsaArmFields, ThumbInstructionsAreTwoLittleEndianHalfwords) {
  std::byte memory[6] = {};
  store(codec_of(Field::kThumbBranch24), memory, 1, thumb32(0xf7ff, 0xfffe));
  const u8 expected[] = {0, 0xff, 0xf7, 0xfe, 0xff, 0};
  for (u32 i = 0; i < 6; i++) EXPECT_EQ(std::byte{expected[i]}, memory[i]);
  EXPECT_EQ(0xf7fffffeu, load(codec_of(Field::kThumbBranch24), Bytes(memory), 1));
  EXPECT_EQ(0xfffef7ffu, load(codec_of(Field::kWord32), Bytes(memory), 1));
}

TEST(IsaArmFields, APlaceOutsideTheSectionIsBadInput) {
  for (const FieldCodec* codec : all_codecs()) {
    std::byte memory[4] = {};
    const std::span<std::byte> contents(memory, codec->size());
    EXPECT_NO_THROW(load(*codec, Bytes(contents), 0));
    EXPECT_NO_THROW(store(*codec, contents, 0, 0));
    for (u64 offset : {u64{1}, u64{4}, u64{5}, ~u64{0}, ~u64{0} - 3}) {
      EXPECT_THROW(load(*codec, Bytes(contents), offset), BadInput);
      EXPECT_THROW(store(*codec, contents, offset, 0), BadInput);
    }
  }
}

// AAELF32, "Group relocations": each group fits an ADD, has the highest bit, and what it leaves
// over is disjoint from it.
TEST(IsaArmFields, GroupsTakeANumberApartFromTheTop) {
  for (u64 i = 0; i < u64{1} << 32; i += 65'521) {
    const u32 value = static_cast<u32>(i * 2'654'435'761);
    u32 rest = value;
    for (u32 n = 0; n < 4; n++) {
      const GroupBits bits = group_of(value, n);
      ASSERT_EQ(rest, bits.group | bits.residual);
      ASSERT_EQ(0u, bits.group & bits.residual);
      ASSERT_TRUE(encode_immediate(bits.group).has_value()) << hex(bits.group);
      ASSERT_EQ(rest == 0, bits.group == 0);
      ASSERT_TRUE(rest == 0 || bits.residual < (rest >> 6 | 1) * 2) << hex(rest);
      rest = bits.residual;
    }
    ASSERT_EQ(0u, rest) << "four groups hold every number";
  }
}

TEST(IsaArmFields, ImmediatesAreEightBitsRotated) {
  for (u32 rotation = 0; rotation < 16; rotation++)
    for (u32 imm8 = 0; imm8 < 256; imm8++) {
      const u32 value = std::rotr(imm8, static_cast<int>(2 * rotation));
      const auto code = encode_immediate(value);
      ASSERT_TRUE(code.has_value());
      ASSERT_EQ(value, std::rotr(*code & 0xff, static_cast<int>(*code >> 8) * 2));
    }
  for (u32 value : {0x101u, 0x1feu << 1, 0xff1u, 0xf000001fu, 0xffffffffu})
    EXPECT_FALSE(encode_immediate(value).has_value() && value != 0x3fc) << hex(value);
}

TEST(IsaArmFields, OnlyAddAndSubWithAnImmediateHoldGroups) {
  EXPECT_TRUE(is_add_or_sub(0xe28f0000));   // add r0, pc, #0
  EXPECT_TRUE(is_add_or_sub(0xe24f0000));   // sub r0, pc, #0
  EXPECT_TRUE(is_add_or_sub(0x02910c12));   // addseq
  EXPECT_FALSE(is_add_or_sub(0xe0800001));  // add r0, r0, r1
  EXPECT_FALSE(is_add_or_sub(0xe2a00001));  // adc
  EXPECT_FALSE(is_add_or_sub(0xe2600001));  // rsb
  EXPECT_FALSE(is_add_or_sub(0xe59f0000));  // ldr
}

}  // namespace
}  // namespace fwseal::arm
