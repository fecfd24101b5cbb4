#include "elfio/isa_arm_forms.h"

#include <cstring>
#include <iterator>

#include "elfio/isa_arm_fields.h"

namespace fwseal::arm {
namespace {

constexpr i64 kMiB = i64{1} << 20;

// BLX has bit 1 of its distance in bit 24, H.
constexpr i64 read_arm_blx(u32 insn) { return read_arm_branch24(insn) | (insn >> 23 & 2); }
constexpr u32 write_arm_blx(u32 insn, i64 value) {
  return (write_arm_branch24(insn, value) & ~(1u << 24)) | (static_cast<u32>(value) & 2) << 23;
}
// As instructions read them, not as addends: never negative.
constexpr i64 read_compare(u32 insn) { return (insn >> 3 & 0x40) | (insn >> 2 & 0x3e); }
constexpr i64 read_literal8(u32 insn) { return (insn & 0xff) << 2; }

// clang-format off
constexpr FormCodec kCodecs[] = {
    // size, thumb, aligned, step, min and max, codec
    {},
    {4, false, false, 4, -32 * kMiB, 32 * kMiB - 4, read_arm_branch24, write_arm_branch24},
    {4, false, false, 2, -32 * kMiB, 32 * kMiB - 2, read_arm_blx, write_arm_blx},
    {4, false, false, 1, -4095, 4095, read_offset12, write_offset12},
    {4, false, false, 1, -255, 255, read_offset8, write_offset8},
    {4, false, false, 4, -1020, 1020, read_offset10, write_offset10},
    {4, false, false, 1, -0xff000000LL, 0xff000000LL, read_arm_immediate, write_arm_immediate},
    {2, true,  false, 2, -256, 254, read_thumb_branch8, write_thumb_branch8},
    {2, true,  false, 2, -2048, 2046, read_thumb_branch11, write_thumb_branch11},
    {2, true,  false, 2, 0, 126, read_compare, write_thumb_branch6},
    {4, true,  false, 2, -kMiB, kMiB - 2, read_thumb_branch19, write_thumb_branch19},
    {4, true,  false, 2, -16 * kMiB, 16 * kMiB - 2, read_thumb_branch24, write_thumb_branch24},
    {4, true,  true,  4, -16 * kMiB, 16 * kMiB - 4, read_thumb_branch24, write_thumb_branch24},
    {2, true,  true,  4, 0, 1020, read_literal8, write_thumb_literal8},
    {2, true,  true,  4, 0, 1020, read_literal8, write_thumb_literal8},
    {4, true,  true,  1, -4095, 4095, read_offset12, write_offset12},
    {4, true,  true,  4, -1020, 1020, read_offset10, write_offset10},
    {4, true,  true,  1, -4095, 4095, read_thumb_adr12, write_thumb_adr12},
};
// clang-format on
static_assert(std::size(kCodecs) == static_cast<std::size_t>(Form::kCount));

}  // namespace

const FormCodec& codec_of(Form form) { return kCodecs[static_cast<std::size_t>(form)]; }

std::optional<RelocationFault> redirect(const CodeReference& reference, i64 change,
                                        std::span<std::byte> contents, u64 offset) {
  if (reference.form == CodeReference::kFixed || reference.form >= static_cast<u8>(Form::kCount))
    return RelocationFault{"cannot be moved", false, 0, 0, 0};
  const FormCodec& codec = codec_of(static_cast<Form>(reference.form));
  const Bytes place = Bytes(contents).sub(offset, codec.size);
  u32 insn = codec.size == 2 ? place.le<u16>(0) : place.le<u32>(0);
  const bool two_halves = codec.thumb && codec.size == 4;
  if (two_halves) insn = insn << 16 | insn >> 16;
  const i64 value = codec.read(insn) + change;
  if (value < codec.min || value > codec.max)
    return RelocationFault{"is out of range", true, value, codec.min, codec.max};
  insn = codec.write(insn, value);
  if (codec.read(insn) != value)
    return RelocationFault{cat("cannot hold a distance of ", value), false, 0, 0, 0};
  if (two_halves) insn = insn << 16 | insn >> 16;
  std::memcpy(contents.data() + offset, &insn, codec.size);
  return std::nullopt;
}

}  // namespace fwseal::arm
