#include "sections/section_kind.h"

#include <elf.h>

#include <algorithm>
#include <array>

namespace fwseal {
namespace {

// AAELF32 2023Q3, "Section Attribute Flags": SHF_ARM_PURECODE.
constexpr u64 kPureCode = 0x2000'0000;
// SHF_GNU_RETAIN of binutils 2.36; older elf.h do not have it.
constexpr u64 kRetain = 1 << 21;

constexpr u64 kWA = SHF_WRITE | SHF_ALLOC;
constexpr u64 kAX = SHF_ALLOC | SHF_EXECINSTR;

// How much of a name a row of the table speaks of.
enum class Match : u8 {
  kWhole,
  kStem,    // also .stem.anything
  kPrefix,  // whatever follows
};
struct NameRow {
  std::string_view name;
  Match match;
  NamedSection section;
};
// gABI 4.1, "Special Sections", with the names that GNU ld adds (bfd 2.40, elf.c).
constexpr std::array<NameRow, 32> kNames = {{
    {".bss", Match::kStem, {SHT_NOBITS, kWA}},
    {".comment", Match::kWhole, {SHT_PROGBITS, 0}},
    {".data", Match::kStem, {SHT_PROGBITS, kWA}},
    {".data1", Match::kWhole, {SHT_PROGBITS, kWA}},
    {".debug", Match::kWhole, {SHT_PROGBITS, 0}},
    {".debug_abbrev", Match::kWhole, {SHT_PROGBITS, 0}},
    {".debug_aranges", Match::kWhole, {SHT_PROGBITS, 0}},
    {".debug_info", Match::kWhole, {SHT_PROGBITS, 0}},
    {".debug_line", Match::kWhole, {SHT_PROGBITS, 0}},
    {".fini", Match::kWhole, {SHT_PROGBITS, kAX}},
    {".fini_array", Match::kStem, {SHT_FINI_ARRAY, kWA}},
    {".gnu.linkonce.b", Match::kStem, {SHT_NOBITS, kWA}},
    {".gnu.linkonce.n", Match::kStem, {SHT_NOBITS, kWA}},
    {".gnu.linkonce.p", Match::kStem, {SHT_PROGBITS, kWA}},
    {".got", Match::kWhole, {SHT_PROGBITS, kWA}},
    {".init", Match::kWhole, {SHT_PROGBITS, kAX}},
    {".init_array", Match::kStem, {SHT_INIT_ARRAY, kWA}},
    {".interp", Match::kWhole, {SHT_PROGBITS, 0}},
    {".line", Match::kWhole, {SHT_PROGBITS, 0}},
    {".noinit", Match::kStem, {SHT_NOBITS, kWA}},
    {".note.GNU-stack", Match::kWhole, {SHT_PROGBITS, 0}},
    {".note", Match::kPrefix, {SHT_NOTE, 0}},
    {".persistent.bss", Match::kWhole, {SHT_NOBITS, kWA}},
    {".persistent", Match::kStem, {SHT_PROGBITS, kWA}},
    {".plt", Match::kWhole, {SHT_PROGBITS, kAX}},
    {".preinit_array", Match::kStem, {SHT_PREINIT_ARRAY, kWA}},
    {".rodata", Match::kStem, {SHT_PROGBITS, SHF_ALLOC}},
    {".rodata1", Match::kWhole, {SHT_PROGBITS, SHF_ALLOC}},
    {".text", Match::kStem, {SHT_PROGBITS, kAX}},
    {".tbss", Match::kStem, {SHT_NOBITS, kWA | SHF_TLS}},
    {".tdata", Match::kStem, {SHT_PROGBITS, kWA | SHF_TLS}},
    {".ARM.exidx", Match::kStem, {SHT_ARM_EXIDX, SHF_ALLOC | SHF_LINK_ORDER}},
}};

bool row_matches(const NameRow& row, std::string_view name) {
  if (!name.starts_with(row.name)) return false;
  const std::string_view rest = name.substr(row.name.size());
  return rest.empty() || row.match == Match::kPrefix ||
         (row.match == Match::kStem && rest[0] == '.');
}

bool is_debug_name(std::string_view name) {
  constexpr std::array<std::string_view, 6> kPrefixes = {
      ".debug", ".gnu.debuglto_.debug_", ".gnu.linkonce.wi.", ".zdebug", ".line", ".stab"};
  return name == ".gdb_index" ||
         std::any_of(kPrefixes.begin(), kPrefixes.end(),
                     [&](std::string_view prefix) { return name.starts_with(prefix); });
}

// What the script's type of an output section makes of what is put into it; ld manual, "Output
// Section Type".
u32 as_typed(u32 kinds, OutputType type) {
  switch (type) {
    case OutputType::kDefault:
      return kinds;
    case OutputType::kNoload:
      return (kinds & ~(kLoadKind | kContentsKind)) | kNeverLoadKind;
    case OutputType::kReadonly:
      return kinds | kReadOnlyKind;
    case OutputType::kCopy:
    case OutputType::kInfo:
    case OutputType::kDsect:
    case OutputType::kOverlay:
      return kinds & ~u32{kAllocKind};
  }
  return kinds;
}

bool takes_no_memory(OutputType type) {
  return type == OutputType::kCopy || type == OutputType::kInfo || type == OutputType::kDsect ||
         type == OutputType::kOverlay;
}

}  // namespace

u32 kind_of(const InputSection& section) {
  const bool has_bytes = section.type != SHT_NOBITS;
  const bool loads = has_bytes && section.has(SHF_ALLOC);
  u32 kinds = 0;
  if (has_bytes) kinds |= kContentsKind;
  if (section.has(SHF_ALLOC)) kinds |= kAllocKind;
  if (loads) kinds |= kLoadKind;
  if (!section.has(SHF_WRITE)) kinds |= kReadOnlyKind;
  if (section.has(SHF_EXECINSTR))
    kinds |= kCodeKind;
  else if (loads)
    kinds |= kDataKind;
  if (section.has(SHF_TLS)) kinds |= kThreadKind;
  if (section.has(SHF_MERGE)) kinds |= kMergeKind;
  if (section.has(SHF_STRINGS)) kinds |= kStringsKind;
  if (section.has(SHF_EXCLUDE)) kinds |= kExcludeKind;
  if (!section.has(SHF_ALLOC) && is_debug_name(section.name)) kinds |= kDebugKind;
  return kinds;
}

NamedSection section_named(std::string_view name) {
  const auto* const row = std::find_if(kNames.begin(), kNames.end(),
                                       [&](const NameRow& r) { return row_matches(r, name); });
  return row == kNames.end() ? NamedSection{} : row->section;
}

void OutputKind::make(std::string_view name) {
  if (made) return;
  made = true;
  const NamedSection named = section_named(name);
  type = named.type;
  flags = named.flags;
}

void OutputKind::add(std::string_view name, const InputSection& section, OutputType script_type,
                     bool relocatable) {
  alignment = std::max(alignment, section.alignment);
  u32 added = as_typed(kind_of(section), script_type);
  if (!relocatable) added &= ~u32{kExcludeKind};
  if (!made) kinds = added;
  make(name);
  // Read-only is what holds for all of its input, the rest is what holds for any.
  kinds &= added | ~u32{kReadOnlyKind};
  constexpr u32 kMerging = kMergeKind | kStringsKind;
  if (has_input) {
    added &= ~u32{kReadOnlyKind};
    const bool same = (kinds & kMerging) == (added & kMerging) &&
                      ((added & kMergeKind) == 0 || entry_size == section.entry_size);
    if (!same) {
      kinds &= ~kMerging;
      added &= ~kMerging;
    }
  }
  kinds |= added;
  // What speaks to the linker must reach the next one. Code that is never read as data stays so
  // only if all of it is.
  const u64 own = section.flags & (relocatable ? kPureCode | kRetain : kPureCode);
  if (has_input) {
    flags = (flags & (own | ~kPureCode)) | (own & kRetain);
    return;
  }
  has_input = true;
  if (type == SHT_PROGBITS || type == SHT_NOTE || type == SHT_NOBITS) type = SHT_NULL;
  const bool is_common = section.name == "COMMON" && section.type == SHT_NOBITS;
  if (type == SHT_NULL && kinds == kind_of(section) && !is_common) type = section.type;
  flags = own | (section.flags & SHF_LINK_ORDER);
  if ((added & kMergeKind) != 0) entry_size = section.entry_size;
}

void OutputKind::add_data(std::string_view name, OutputType script_type) {
  u32 added = kContentsKind | kAllocKind | kLoadKind;
  if (script_type == OutputType::kNoload)
    added = kNeverLoadKind | kAllocKind;
  else if (script_type == OutputType::kReadonly)
    added |= kReadOnlyKind;
  else if (takes_no_memory(script_type))
    added = kContentsKind;
  kinds |= made ? added : added | kReadOnlyKind;
  make(name);
}

void OutputKind::add_room(OutputType script_type) {
  if (!takes_no_memory(script_type)) kinds |= kAllocKind;
}

u32 OutputKind::final_type() const {
  if (wanted_type != SHT_NULL) return wanted_type;
  // What is in memory and has nothing in it needs no bytes, whatever its name or first section
  // says.
  const bool room_only = allocated() && (kinds & (kLoadKind | kContentsKind)) == 0;
  if ((kinds & kNeverLoadKind) != 0 || room_only) return SHT_NOBITS;
  return type == SHT_NULL || (type == SHT_NOBITS && allocated()) ? SHT_PROGBITS : type;
}

u64 OutputKind::final_flags() const {
  u64 result = flags;
  if (allocated()) result |= SHF_ALLOC;
  if ((kinds & kReadOnlyKind) == 0) result |= SHF_WRITE;
  if ((kinds & kCodeKind) != 0) result |= SHF_EXECINSTR;
  if ((kinds & kThreadKind) != 0) result |= SHF_TLS;
  if ((kinds & kMergeKind) != 0) result |= SHF_MERGE;
  if ((kinds & kStringsKind) != 0) result |= SHF_STRINGS;
  if ((kinds & kExcludeKind) != 0) result |= SHF_EXCLUDE;
  return result;
}

u32 OutputKind::final_entry_size() const {
  switch (wanted_type != SHT_NULL ? wanted_type : type) {
    case SHT_INIT_ARRAY:
    case SHT_FINI_ARRAY:
    case SHT_PREINIT_ARRAY:
      return 4;
    default:
      return (kinds & kMergeKind) != 0 ? entry_size : 0;
  }
}

}  // namespace fwseal
