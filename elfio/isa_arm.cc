// Class Isa for Arm: the table and the codecs, the types whose meaning is the platform's choice,
// and what a row of the table cannot say.
#include "elfio/isa_arm.h"

#include <elf.h>

#include "elfio/arm_attributes_tags.h"
#include "elfio/isa_arm_branch.h"
#include "elfio/isa_arm_forms.h"
#include "elfio/isa_arm_scan.h"
#include "elfio/isa_arm_table.h"
#include "elfio/isa_arm_veneer.h"

namespace fwseal {
namespace {

using namespace arm;

bool is_m_arch(u32 arch) {
  return arch == kArchV6M || arch == kArchV6SM || arch == kArchV7EM || arch == kArchV8MBase ||
         arch == kArchV8MMain || arch == kArchV8_1MMain;
}

// The 32-bit Thumb instructions, all of them.
bool arch_has_thumb2(u32 arch) {
  return arch == kArchV6T2 ||
         (arch >= kArchV7 && arch != kArchV6M && arch != kArchV6SM && arch != kArchV8MBase);
}

const ArmRelocation& row_of(u32 type) {
  const ArmRelocation* const row = find_arm_relocation(type);
  if (row == nullptr) throw BadInput(cat("unknown relocation type ", type));
  return *row;
}

std::optional<RelocationFault> out_of_range(i64 value, Range range) {
  return RelocationFault{"out of range", true, value, range.min, range.max};
}

std::optional<RelocationFault> because(std::string why) {
  return RelocationFault{std::move(why), false, 0, 0, 0};
}

// G(n) as an ADD or SUB. Thumb functions have bit 0 in X, so a residual can be that bit.
std::optional<RelocationFault> store_group(const ArmRelocation& row, i64 X,
                                           std::span<std::byte> contents, u64 offset) {
  const FieldCodec& codec = codec_of(row.field);
  const u32 insn = load(codec, Bytes(contents), offset);
  if (!is_add_or_sub(insn)) return because("needs an ADD or SUB with an immediate");
  const GroupBits g = group_of(magnitude(X), row.group);
  if (row.range.checked() && g.residual != 0)
    return because(cat("out of range: ", X, " leaves ", hex(g.residual), " after group ",
                       static_cast<u32>(row.group)));
  // An empty group of a negative number is SUB 0, not ADD 0: the sign is X's.
  const u32 opcode = X < 0 ? kSubBit : kAddBit;
  const u32 result = codec.write(insn, i64{g.group});
  store(codec, contents, offset, (result & ~(kAddBit | kSubBit)) | opcode);
  return std::nullopt;
}

// A load or store takes what the groups before it leave over.
i64 residual_before(const ArmRelocation& row, i64 X) {
  if (row.group == 0) return X;
  const u32 residual = group_of(magnitude(X), row.group - 1u).residual;
  return X < 0 ? -i64{residual} : i64{residual};
}

std::optional<RelocationFault> store_value(const ArmRelocation& row, i64 X, bool unchecked,
                                           std::span<std::byte> contents, u64 offset) {
  const FieldCodec& codec = codec_of(row.field);
  const i64 value = residual_before(row, X) >> row.shift;
  if (!unchecked && !row.range.holds(value)) return out_of_range(value, row.range);
  if (value % codec.step != 0) return because(cat("not aligned to ", static_cast<u32>(codec.step)));
  u32 insn = codec.write(load(codec, Bytes(contents), offset), value);
  // The offset of a load is |X| with a sign; GNU ld and AAELF32 take the sign of the whole X.
  if (X < 0 && value == 0 && codec.mask & kUpBit && row.group != 0) insn &= ~kUpBit;
  store(codec, contents, offset, insn);
  return std::nullopt;
}

class IsaArm final : public Isa {
 public:
  IsaArm(const ArmFeatures& features, const ArmOptions& options)
      : options_(options),
        rules_{features, may_use_blx(features, options)},
        target1_(row_of(kTarget1).type),
        target2_(row_of(kTarget2).type),
        v4bx_(row_of(kV4Bx).type) {
    if (options.target2 == ArmTarget2::kGotRel) target2_.use = Use::kGotEntry;
    if (options.fix_v4bx) v4bx_.use = Use::kAddress;
  }

  u16 machine() const override { return EM_ARM; }

  const RelocationType* find(u32 type) const override {
    if (type == kTarget1) return &target1_;
    if (type == kTarget2) return &target2_;
    if (type == kV4Bx) return &v4bx_;
    const ArmRelocation* const row = find_arm_relocation(type);
    return row == nullptr ? nullptr : &row->type;
  }

  i64 read_addend(u32 type, Bytes contents, u64 offset) const override {
    if (type == kV4Bx) return 0;
    const FieldCodec& codec = codec_of(meaning_of(type).field);
    if (codec.field == Field::kNone) return 0;
    return codec.read(load(codec, contents, offset));
  }

  std::optional<RelocationFault> write_addend(u32 type, i64 addend, std::span<std::byte> contents,
                                              u64 offset) const override {
    if (type == kV4Bx) return std::nullopt;
    const FieldCodec& codec = codec_of(meaning_of(type).field);
    if (codec.field == Field::kNone) return std::nullopt;
    const Range range = addends_of(codec);
    if (!range.holds(addend)) return out_of_range(addend, range);
    if (addend % codec.step != 0)
      return because(cat("not aligned to ", static_cast<u32>(codec.step)));
    if (codec.field == Field::kArmImmediate && !encode_immediate(magnitude(addend)))
      return because(cat("cannot hold the addend ", addend));
    store(codec, contents, offset, codec.write(load(codec, Bytes(contents), offset), addend));
    return std::nullopt;
  }

  std::optional<RelocationFault> apply(u32 type, const Operands& x, std::span<std::byte> contents,
                                       u64 offset) const override {
    const ArmRelocation& row = meaning_of(type);
    if (!row.refusal.empty()) return because(std::string(row.refusal));
    if (type == kV4Bx) return apply_v4bx(contents, offset);
    if (row.field == Field::kNone) return std::nullopt;
    if (is_branch(row)) return apply_branch(row, x, rules_, contents, offset);
    if (is_branch_future(row)) {
      apply_branch_future(row, x, contents, offset);
      return std::nullopt;
    }
    const i64 X = value_of(row.value, x);
    if (row.field == Field::kArmImmediate) return store_group(row, X, contents, offset);
    // The unwinder takes a row of nobody for nothing; as GNU ld, we do not check how far 0 is.
    const bool unchecked = x.weak_undefined && row.field == Field::kWord31;
    return store_value(row, X, unchecked, contents, offset);
  }

  std::optional<VeneerShape> veneer_for(u32 type, const Operands& x, Bytes contents,
                                        u64 offset) const override {
    const ArmRelocation& row = meaning_of(type);
    if (!is_branch(row) || x.weak_undefined) return std::nullopt;
    const u32 insn = load(codec_of(row.field), contents, offset);
    return shape_for(row, examine(row, x, insn, rules_), rules_, options_.pic_veneer);
  }

  void write_veneer(const VeneerShape& shape, const Operands& x,
                    std::span<std::byte> out) const override {
    write_shape(shape, x, out);
  }

  std::vector<VeneerMark> veneer_marks(const VeneerShape& shape) const override {
    return marks_of(shape);
  }

  i64 branch_bias(u32 type) const override {
    const ArmRelocation& row = meaning_of(type);
    return is_branch(row) ? pc_bias(row) : 0;
  }

  std::optional<i64> distance_from_symbol(u32 type, i64 addend) const override {
    switch (type) {
      case R_ARM_ABS32:
      case R_ARM_TARGET1:
      case R_ARM_PREL31:
      case R_ARM_MOVW_ABS_NC:
      case R_ARM_MOVT_ABS:
      case R_ARM_THM_MOVW_ABS_NC:
      case R_ARM_THM_MOVT_ABS: return addend;
      default: break;
    }
    if (is_branch(meaning_of(type))) return addend - branch_bias(type);
    return std::nullopt;
  }

  bool reaches(u32 type, u64 reach) const override {
    switch (type) {
      case R_ARM_ABS32:
      case R_ARM_REL32:
      case R_ARM_PREL31:
      case R_ARM_TARGET1:
      case R_ARM_TARGET2:
      case R_ARM_GOT32:
      case R_ARM_GOT_PREL:
      case R_ARM_MOVW_ABS_NC:
      case R_ARM_MOVT_ABS:
      case R_ARM_THM_MOVW_ABS_NC:
      case R_ARM_THM_MOVT_ABS:
      case R_ARM_PC24:
      case R_ARM_PLT32:
      case R_ARM_CALL:
      case R_ARM_JUMP24:
      case R_ARM_THM_PC22:
      case R_ARM_THM_JUMP24: return true;
      case R_ARM_THM_JUMP19: return reach <= shortest_branch_reach();
      default: return false;
    }
  }

  // Arm ARM, "B", encodings T4 and A1: `B .`.
  std::optional<Jump> jump(CodeMode mode) const override {
    using namespace std::string_view_literals;
    if (mode == CodeMode::kArm) return Jump{"\xfe\xff\xff\xea"sv, R_ARM_JUMP24, -8};
    if (mode != CodeMode::kThumb || !rules_.features.has_thumb2) return std::nullopt;
    return Jump{"\xff\xf7\xfe\xbf"sv, R_ARM_THM_JUMP24, -4};
  }

  bool scan_code(Bytes contents, std::span<const CodeRun> runs, u64 number,
                 std::span<const u32> relocated, CodeScan& scan) const override {
    return arm::scan_code(contents, runs, number, relocated, scan);
  }
  std::optional<RelocationFault> redirect(const CodeReference& reference, i64 change,
                                          std::span<std::byte> contents,
                                          u64 offset) const override {
    return arm::redirect(reference, change, contents, offset);
  }

  ArmStep step_at(CodeMode mode, Bytes contents, u64 offset) const override {
    const bool is_thumb = mode == CodeMode::kThumb;
    if (mode == CodeMode::kData || !contents.holds(offset, is_thumb ? 2 : 4)) return {};
    if (!is_thumb) return decode_arm(contents.le<u32>(offset));
    const u16 first = contents.le<u16>(offset);
    if (!is_wide_thumb(first)) return decode_thumb16(first);
    return contents.holds(offset, 4) ? decode_thumb32(first, contents.le<u16>(offset + 2))
                                     : ArmStep{};
  }
  bool is_padding(CodeMode mode, Bytes bytes) const override {
    const bool thumb = mode == CodeMode::kThumb;
    const u64 unit = thumb ? 2 : 4;
    if (bytes.size() % unit != 0) return false;
    for (u64 at = 0; at < bytes.size(); at += unit) {
      const u32 word = thumb ? bytes.le<u16>(at) : bytes.le<u32>(at);
      const bool nothing = thumb ? word == 0 || word == 0xbf00 || word == 0x46c0
                                 : word == 0 || word == 0xe1a0'0000 || word == 0xe320'f000;
      if (!nothing) return false;
    }
    return true;
  }

  // Less the pc bias, which shortens the way back.
  u64 shortest_branch_reach() const override {
    if (rules_.features.has_thumb2) return (u64{1} << 20) - 4;
    return (rules_.features.has_long_bl ? u64{1} << 24 : u64{1} << 22) - 4;
  }

  // Group size of GNU ld 2.40: the reach of a Thumb-1 BL, less room for two thousand veneers. It is
  // too much for a B<cond>.W at the start of a group that needs one; such a link is refused.
  u64 veneer_group_size() const override { return 4'170'000; }

  bool mixes_instruction_sets() const override { return !rules_.features.is_m_profile; }

 private:
  static constexpr u32 kAbs32 = 2, kRel32 = 3, kTarget1 = 38, kV4Bx = 40, kTarget2 = 41,
                       kGotPrel = 96;

  // An erratum of the ARM1176 sends a BLX (immediate) astray. GNU ld 2.40 avoids it up to Armv6K,
  // unless told --no-fix-arm1176 (ld manual, "ARM").
  static bool may_use_blx(const ArmFeatures& features, const ArmOptions& options) {
    if (features.is_m_profile) return false;
    if (options.use_blx) return true;
    if (!options.fix_arm1176) return features.has_blx;
    return features.arch == kArchV6T2 || features.arch > kArchV6K;
  }

  static Range addends_of(const FieldCodec& codec) {
    // A word holds a signed or an unsigned number; which one is lost, and does not matter modulo
    // 2^32.
    if (codec.field == Field::kWord32) return {codec.min, 0xffffffff};
    return {codec.min, codec.max};
  }

  // The row that says what a type does on this platform.
  const ArmRelocation& meaning_of(u32 type) const {
    if (type == kTarget1) return row_of(options_.target1_is_rel ? kRel32 : kAbs32);
    if (type == kTarget2) {
      if (options_.target2 == ArmTarget2::kAbs) return row_of(kAbs32);
      return row_of(options_.target2 == ArmTarget2::kRel ? kRel32 : kGotPrel);
    }
    return row_of(type);
  }

  // BX Rm becomes MOV PC, Rm for Armv4, which has no Thumb state to switch to.
  std::optional<RelocationFault> apply_v4bx(std::span<std::byte> contents, u64 offset) const {
    if (!options_.fix_v4bx) return std::nullopt;
    const FieldCodec& codec = codec_of(Field::kWord32);
    const u32 insn = load(codec, Bytes(contents), offset);
    if ((insn & 0x0ffffff0) != 0x012fff10) return because("needs a BX instruction");
    store(codec, contents, offset, (insn & 0xf000000f) | 0x01a0f000);
    return std::nullopt;
  }

  ArmOptions options_;
  BranchRules rules_;
  RelocationType target1_;
  RelocationType target2_;
  RelocationType v4bx_;
};

}  // namespace

ArmFeatures arm_features(u32 arch, u32 profile, u32 thumb_isa_use) {
  ArmFeatures features;
  features.arch = arch;
  features.is_m_profile = profile != 0 ? profile == 'M' : is_m_arch(arch);
  // 1 and 2 are deprecated names for Thumb-1 and Thumb-2, 3 is "whatever the architecture has".
  features.has_thumb2 = thumb_isa_use < 3 ? thumb_isa_use == 2 : arch_has_thumb2(arch);
  features.has_long_bl = arch == kArchV6T2 || arch >= kArchV7;
  features.has_blx = arch > kArchV4T;
  features.has_movw = features.has_thumb2 || arch == kArchV8MBase;
  features.has_arm_nop = !is_m_arch(arch) && (arch == kArchV6T2 || arch >= kArchV6K);
  features.has_thumb_nop = arch == kArchV6T2 || arch >= kArchV7;
  return features;
}

std::unique_ptr<Isa> make_isa_arm(const ArmFeatures& features, const ArmOptions& options) {
  return std::make_unique<IsaArm>(features, options);
}

}  // namespace fwseal
