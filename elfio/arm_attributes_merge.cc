// Can these objects be linked with each other, and what does the result need?
//
// Each tag has a rule that combines what was seen before with one more object. Addenda32 2023Q3,
// "Combining attribute values", gives the principle; the rules, and what is an error, a warning or
// nothing, are those of GNU ld 2.40, so that what it links we link.
#include <algorithm>

#include "elfio/arm_attributes.h"
#include "elfio/arm_attributes_tags.h"

namespace fwseal {

using namespace arm;

namespace {

enum class Rule : u8 {
  kSpecial,  // has a function of its own
  kLargest,
  kSmallest,
  kZeroTwoOne,  // 0 is no need, 2 a weak one, 1 a strong one; larger values are larger
  kFirst,       // of the first object
  kIfEqual,     // only if all agree
  kUnknown,
};

Rule rule_of(u32 tag) {
  switch (tag) {
    case kTagArmIsaUse:
    case kTagThumbIsaUse:
    case kTagWmmxArch:
    case kTagAdvancedSimdArch:
    case kTagFpRounding:
    case kTagFpExceptions:
    case kTagFpUserExceptions:
    case kTagFpNumberModel:
    case kTagFpHpExtension:
    case kTagUnalignedAccess:
    case kTagT2eeUse:
    case kTagMpExtensionUse:
    case kTagMveArch:
    case kTagPacExtension:
    case kTagBtiExtension:
    case kTagBtiUse:
    case kTagPacretUse:
      return Rule::kLargest;
    case kTagAlignPreserved:
    case kTagPcsRoData:
      return Rule::kSmallest;
    case kTagAlignNeeded:
    case kTagFpDenormal:
    case kTagPcsGotUse:
      return Rule::kZeroTwoOne;
    case kTagOptimizationGoals:
    case kTagFpOptimizationGoals:
      return Rule::kFirst;
    case kTagConformance:
    case kTagFramePointerUse:
      return Rule::kIfEqual;
    case kTagCpuRawName:
    case kTagCpuName:
    case kTagCpuArch:
    case kTagCpuArchProfile:
    case kTagFpArch:
    case kTagPcsConfig:
    case kTagPcsR9Use:
    case kTagPcsRwData:
    case kTagWcharSize:
    case kTagEnumSize:
    case kTagHardFpUse:
    case kTagVfpArgs:
    case kTagWmmxArgs:
    case kTagCompatibility:
    case kTagFp16Format:
    case kTagDivUse:
    case kTagDspExtension:
    case kTagNodefaults:
    case kTagAlsoCompatibleWith:
    case kTagVirtualizationUse:
    case kTagMpExtensionUseLegacy:
      return Rule::kSpecial;
    default:
      return Rule::kUnknown;
  }
}

// Tag_FP_arch: a version of the instruction set and a number of registers.
struct FpArch {
  u32 version;
  u32 registers;
};
constexpr FpArch kFpArchs[] = {{0, 0},  {1, 16}, {2, 16}, {3, 32}, {3, 16},
                               {4, 32}, {4, 16}, {8, 32}, {8, 16}};
constexpr u32 kFpArchCount = 9;

u32 combine_fp_arch(u32 a, u32 b) {
  if (std::max(a, b) >= kFpArchCount) return std::max(a, b);
  const u32 version = std::max(kFpArchs[a].version, kFpArchs[b].version);
  const u32 registers = std::max(kFpArchs[a].registers, kFpArchs[b].registers);
  for (u32 i = kFpArchCount - 1; i > 0; i--)
    if (kFpArchs[i].version == version && kFpArchs[i].registers == registers) return i;
  return 0;
}

u32 combine_zero_two_one(u32 old, u32 fresh) {
  constexpr u32 kRank[] = {0, 2, 1};
  if (fresh > 2) return std::max(old, fresh);
  return old <= 2 && kRank[fresh] > kRank[old] ? fresh : old;
}

bool may_divide(u32 div_use, u32 arch, u32 profile) {
  if (div_use == 1) return false;
  if (div_use != 0) return true;
  return (arch == kArchV7 && (profile == 'R' || profile == 'M')) || arch >= kArchV7EM;
}

std::string_view enum_name(u32 size) {
  return size == 1 ? "variable-size" : size == 2 ? "32-bit" : "unknown";
}

std::string profile_name(u32 profile) {
  if (profile == 0) return "none";
  if (profile < 0x20 || profile > 0x7e) return cat("number ", profile);
  return std::string(1, static_cast<char>(profile));
}

constexpr u32 kR9StaticBase = 1, kR9Unused = 3;
constexpr u32 kRwDataStaticBase = 2;
constexpr u32 kVfpArgsBoth = 3;
constexpr u32 kEnumForcedWide = 3;

}  // namespace

// Adds one object to what was merged before.
class ArmAttributesMerge {
 public:
  ArmAttributesMerge(ArmAttributesMerger& merger, const ArmAttributes& object,
                     const Location& where, Diag& diag)
      : merger_(merger), out_(merger.out_), in_(object), where_(where), diag_(diag) {}

  void first() {
    out_ = in_;
    merger_.first_ = where_.text();
    for (const auto& [tag, attribute] : in_.tags) merger_.origins_[tag] = where_.text();
    merge_legacy_mp_extension();
    // A crti.o without floating point may say "only single precision" (GNU ld, PR 28859).
    if (out(kTagHardFpUse) == 3 && out(kTagFpArch) == 0) set(kTagHardFpUse, 0);
  }

  void next() {
    merge_vfp_args();  // before Tag_ABI_FP_number_model
    if (!merge_arch()) return;
    merge_profile();
    for (u32 tag : all_tags()) merge_by_rule(tag);
    merge_fp_arch();
    merge_pcs();
    merge_sizes();
    merge_register_use();
    merge_div();
    merge_dsp();
    merge_virtualization();
    merge_legacy_mp_extension();
    inherit_presence();
    merge_compatibility(in_.tags, out_.tags);
    merge_compatibility(in_.gnu_tags, out_.gnu_tags);
  }

 private:
  u32 in(u32 tag) const { return in_.number(tag); }
  u32 out(u32 tag) const { return out_.number(tag); }
  // Whose value is it?
  std::string origin(u32 tag) const {
    const auto found = merger_.origins_.find(tag);
    return found == merger_.origins_.end() ? merger_.first_ : found->second;
  }
  void set(u32 tag, u32 value) {
    if (value == out(tag)) return;
    out_.tags[tag].number = value;
    merger_.origins_[tag] = where_.text();
  }
  void error(const std::string& what) {
    if (merger_.options_.report) diag_.error(where_, what);
  }
  void warning(const std::string& what) {
    if (merger_.options_.report) diag_.warning(where_, what);
  }

  std::set<u32> all_tags() const {
    std::set<u32> tags;
    for (const auto& [tag, attribute] : in_.tags) tags.insert(tag);
    for (const auto& [tag, attribute] : out_.tags) tags.insert(tag);
    return tags;
  }

  void merge_by_rule(u32 tag) {
    switch (rule_of(tag)) {
      case Rule::kLargest:
        return set(tag, std::max(out(tag), in(tag)));
      case Rule::kSmallest:
        return set(tag, std::min(out(tag), in(tag)));
      case Rule::kZeroTwoOne:
        return set(tag, combine_zero_two_one(out(tag), in(tag)));
      case Rule::kIfEqual:
        return keep_if_equal(tag);
      case Rule::kUnknown:
        report_unknown(tag);
        return keep_if_equal(tag);
      case Rule::kSpecial:
      case Rule::kFirst:
        return;
    }
  }

  void keep_if_equal(u32 tag) {
    if (in(tag) != out(tag) || in_.text(tag) != out_.text(tag)) out_.tags.erase(tag);
  }

  // Addenda32 2023Q3, "Coding extensibility and compatibility": tags 64 to 127, modulo 128, can be
  // ignored, the others must be understood.
  void report_unknown(u32 tag) {
    const bool means_something =
        in(tag) != 0 || out(tag) != 0 || !in_.text(tag).empty() || !out_.text(tag).empty();
    if (!means_something || !merger_.unknown_.insert(tag).second) return;
    const std::string what =
        cat("unknown build attribute ", tag, in_.tags.contains(tag) ? "" : ", of " + origin(tag));
    if (tag % 128 < 64)
      error(what + ", which a linker must understand");
    else
      warning(what);
  }

  // Tag_ABI_FP_number_model 0: no floating point, so nothing can disagree.
  void merge_vfp_args() {
    const u32 mine = in(kTagVfpArgs), theirs = out(kTagVfpArgs);
    if (mine == theirs) return;
    const bool has_floats = in(kTagFpNumberModel) != 0;
    if (out(kTagFpNumberModel) == 0 || (has_floats && theirs == kVfpArgsBoth))
      return set(kTagVfpArgs, mine);
    if (!has_floats || mine == kVfpArgsBoth) return;
    const std::string other = theirs == 0 ? origin(kTagFpNumberModel) : origin(kTagVfpArgs);
    error(mine != 0 ? cat("passes floating-point arguments in VFP registers, ", other,
                          " does not; compile both with the same -mfloat-abi")
                    : cat("passes floating-point arguments in core registers, ", other,
                          " in VFP registers; compile both with the same -mfloat-abi"));
  }

  bool merge_arch() {
    const u32 old = out(kTagCpuArch), fresh = in(kTagCpuArch);
    const u32 old_full = arch_with_alternative(old, out_.text(kTagAlsoCompatibleWith));
    const u32 fresh_full = arch_with_alternative(fresh, in_.text(kTagAlsoCompatibleWith));
    const bool known = old <= kArchV9 && fresh <= kArchV9;
    const u32 both = known ? combine_arch(old_full, fresh_full) : kNoArch;
    if (both == kNoArch) {
      error(cat("is for architecture ", arch_name(fresh), ", which cannot be combined with ",
                arch_name(old), " of ", origin(kTagCpuArch)));
      return false;
    }
    set_alternative(both, std::max(old_full, fresh_full));
    set(kTagCpuArch, both == kArchV4TAndV6M ? u32{kArchV4T} : both);
    merge_cpu_names(old, fresh);
    return true;
  }

  // Up to Armv6KZ the alternative of the objects before stays as it is.
  void set_alternative(u32 both, u32 highest) {
    if (highest <= kArchV6KZ) return;
    if (!in_.tags.contains(kTagAlsoCompatibleWith) && !out_.tags.contains(kTagAlsoCompatibleWith))
      return;
    const char text[] = {static_cast<char>(kTagCpuArch), static_cast<char>(kArchV6M)};
    out_.tags[kTagAlsoCompatibleWith].text =
        both == kArchV4TAndV6M ? std::string(text, 2) : std::string();
  }

  // A name says more than an architecture, so it goes with the object whose architecture won.
  void merge_cpu_names(u32 old, u32 fresh) {
    const u32 both = out(kTagCpuArch);
    for (u32 tag : {u32{kTagCpuName}, u32{kTagCpuRawName}}) {
      if (!in_.tags.contains(tag) && !out_.tags.contains(tag)) continue;
      std::string& name = out_.tags[tag].text;
      if (both != old) name = both == fresh ? std::string(in_.text(tag)) : std::string();
      if (tag == kTagCpuName && name.empty()) name = arch_name(both);
    }
  }

  // 'S' is "A or R".
  void merge_profile() {
    const u32 old = out(kTagCpuArchProfile), fresh = in(kTagCpuArchProfile);
    const auto refines = [](u32 loose, u32 strict) {
      return loose == 0 || (loose == 'S' && (strict == 'A' || strict == 'R'));
    };
    if (old == fresh || refines(fresh, old)) return;
    if (refines(old, fresh)) return set(kTagCpuArchProfile, fresh);
    error(cat("is for architecture profile ", profile_name(fresh), ", ", origin(kTagCpuArchProfile),
              " for profile ", profile_name(old)));
  }

  // Tag_ABI_HardFP_use restricts Tag_FP_arch; 0 is "as Tag_FP_arch says".
  void merge_fp_arch() {
    if (out(kTagFpArch) == 0) {
      set(kTagFpArch, in(kTagFpArch));
      return set(kTagHardFpUse, in(kTagHardFpUse));
    }
    if (in(kTagFpArch) == 0) return;
    if (in(kTagHardFpUse) != out(kTagHardFpUse)) set(kTagHardFpUse, 0);
    set(kTagFpArch, combine_fp_arch(out(kTagFpArch), in(kTagFpArch)));
  }

  void merge_pcs() {
    if (out(kTagPcsConfig) == 0)
      set(kTagPcsConfig, in(kTagPcsConfig));
    else if (in(kTagPcsConfig) != 0 && in(kTagPcsConfig) != out(kTagPcsConfig))
      warning(cat("is for another platform configuration (", in(kTagPcsConfig), ") than ",
                  origin(kTagPcsConfig), " (", out(kTagPcsConfig), ")"));
    const u32 old = out(kTagPcsR9Use), fresh = in(kTagPcsR9Use);
    if (old != fresh && old != kR9Unused && fresh != kR9Unused)
      error(cat("uses r9 otherwise (", fresh, ") than ", origin(kTagPcsR9Use), " (", old, ")"));
    if (old == kR9Unused) set(kTagPcsR9Use, fresh);
    if (in(kTagPcsRwData) == kRwDataStaticBase && out(kTagPcsR9Use) != kR9StaticBase &&
        out(kTagPcsR9Use) != kR9Unused)
      error(cat("addresses data relative to r9, which ", origin(kTagPcsR9Use), " uses otherwise (",
                out(kTagPcsR9Use), ")"));
    set(kTagPcsRwData, std::min(out(kTagPcsRwData), in(kTagPcsRwData)));
  }

  void merge_sizes() {
    const u32 old_wchar = out(kTagWcharSize), wchar = in(kTagWcharSize);
    if (old_wchar == 0)
      set(kTagWcharSize, wchar);
    else if (wchar != 0 && wchar != old_wchar && merger_.options_.warn_wchar_size)
      warning(cat("has a wchar_t of ", wchar, " bytes, ", origin(kTagWcharSize), " of ", old_wchar,
                  "; values of that type cannot be exchanged (--no-wchar-size-warning)"));
    const u32 old_enum = out(kTagEnumSize), fresh_enum = in(kTagEnumSize);
    if (fresh_enum == 0) return;
    if (old_enum == 0 || old_enum == kEnumForcedWide) return set(kTagEnumSize, fresh_enum);
    if (fresh_enum != kEnumForcedWide && fresh_enum != old_enum && merger_.options_.warn_enum_size)
      warning(cat("has ", enum_name(fresh_enum), " enums, ", origin(kTagEnumSize), " ",
                  enum_name(old_enum),
                  " ones; values of such a type cannot be exchanged (--no-enum-size-warning)"));
  }

  void merge_register_use() {
    if (in(kTagWmmxArgs) != out(kTagWmmxArgs))
      error(
          cat("and ", origin(kTagWmmxArgs), " disagree on passing arguments in iWMMXt registers"));
    const u32 old = out(kTagFp16Format), fresh = in(kTagFp16Format);
    if (fresh == 0) return;
    if (old != 0 && old != fresh)
      error(cat("uses another 16-bit floating-point format (", fresh, ") than ",
                origin(kTagFp16Format), " (", old, ")"));
    set(kTagFp16Format, fresh);
  }

  // 0: if the architecture has it; 1: not allowed; 2: allowed.
  void merge_div() {
    const u32 old = out(kTagDivUse), fresh = in(kTagDivUse);
    if (old == fresh) return;
    if (fresh == 1 && !may_divide(old, out(kTagCpuArch), out(kTagCpuArchProfile)))
      set(kTagDivUse, 1);
    else if (fresh == 2 || (old == 1 && may_divide(fresh, in(kTagCpuArch), in(kTagCpuArchProfile))))
      set(kTagDivUse, fresh);
  }

  // 1 where DSP instructions are an addition to the architecture, 0 where they are part of it.
  void merge_dsp() {
    if (!in_.tags.contains(kTagDspExtension) && !out_.tags.contains(kTagDspExtension)) return;
    const u32 profile = in(kTagCpuArchProfile), arch = in(kTagCpuArch);
    constexpr u32 kV5T = 3;
    if (arch <= kV5T || (profile == 'M' && arch != kArchV7EM && in(kTagDspExtension) == 0)) return;
    const u32 all = out(kTagCpuArchProfile);
    const bool part_of_it = out(kTagCpuArch) > kV5T && (all == 'A' || all == 'R' || all == 'S' ||
                                                        out(kTagCpuArch) == kArchV7EM);
    set(kTagDspExtension, part_of_it ? 0 : 1);
  }

  // Bit 0: TrustZone, bit 1: the virtualization extensions.
  void merge_virtualization() {
    const u32 old = out(kTagVirtualizationUse), fresh = in(kTagVirtualizationUse);
    if (old == fresh || fresh == 0) return;
    if (old == 0) return set(kTagVirtualizationUse, fresh);
    if (old <= 3 && fresh <= 3) return set(kTagVirtualizationUse, 3);
    error(cat("has a Tag_Virtualization_use (", fresh, ") that cannot be combined with that of ",
              origin(kTagVirtualizationUse), " (", old, ")"));
  }

  // Tag 70 is an old number of Tag_MPextension_use, and is not written.
  void merge_legacy_mp_extension() {
    const u32 legacy = in(kTagMpExtensionUseLegacy), current = in(kTagMpExtensionUse);
    if (legacy != 0 && current != 0 && legacy != current)
      error("has two different values for Tag_MPextension_use");
    set(kTagMpExtensionUse, std::max(out(kTagMpExtensionUse), legacy));
    out_.tags.erase(kTagMpExtensionUseLegacy);
  }

  // A tag that any object has is there from now on, if only with its default value. That matters
  // for Tag_nodefaults, which has no value, and for Tag_DSP_extension.
  void inherit_presence() {
    for (const auto& [tag, attribute] : in_.tags) out_.tags.try_emplace(tag);
  }

  void merge_compatibility(const std::map<u32, ArmAttribute>& in_tags,
                           const std::map<u32, ArmAttribute>& out_tags) {
    const auto of = [](const std::map<u32, ArmAttribute>& tags) {
      const auto found = tags.find(kTagCompatibility);
      return found == tags.end() ? ArmAttribute() : found->second;
    };
    const ArmAttribute mine = of(in_tags), theirs = of(out_tags);
    if (mine.number > 0 && mine.text != "gnu")
      return error(
          cat("must be linked by the tools of '", mine.text, "', says its Tag_compatibility"));
    if (mine.number != theirs.number || (mine.number != 0 && mine.text != theirs.text))
      error(cat("has Tag_compatibility ", mine.number, " '", mine.text, "', but ",
                origin(kTagCompatibility), " has ", theirs.number, " '", theirs.text, "'"));
  }

  ArmAttributesMerger& merger_;
  ArmAttributes& out_;
  const ArmAttributes& in_;
  const Location& where_;
  Diag& diag_;
};

void ArmAttributesMerger::add(const ArmAttributes& object, const Location& where, Diag& diag) {
  if (!object.present) return;
  ArmAttributesMerge merge(*this, object, where, diag);
  if (out_.present)
    merge.next();
  else
    merge.first();
}

}  // namespace fwseal
