// ld 2.40: ldelf.c, ldelf_place_orphan; ldlang.c, lang_output_section_find_by_flags.
#include "sections/orphan_search.h"

#include <elf.h>

#include <array>

namespace fwseal {
namespace {

constexpr u32 kBytes = kContentsKind | kAllocKind | kLoadKind;
constexpr u32 kAll = kBytes | kReadOnlyKind | kCodeKind | kThreadKind;

constexpr std::array<ClassModel, kOrphanClasses> kModels = {{
    {".text", kBytes | kReadOnlyKind | kCodeKind},
    {".rodata", kBytes | kReadOnlyKind | kDataKind},
    {".tdata", kBytes | kDataKind | kThreadKind},
    {".data", kBytes | kDataKind},
    {".bss", kAllocKind},
    {".interp", kBytes | kReadOnlyKind | kDataKind},
    {".comment", kContentsKind},
    {".rel.dyn", 0},
}};

// Which kinds decide whether one section may follow another that is not quite the same.
u32 decisive_kinds(u32 kinds) {
  if ((kinds & kCodeKind) != 0) return kAll & ~u32{kReadOnlyKind};
  if ((kinds & kReadOnlyKind) != 0) return kBytes | kReadOnlyKind;  // constants behind code
  if ((kinds & kContentsKind) != 0) return kBytes | kThreadKind;    // data behind constants
  return kAllocKind;                                                // zeroes behind anything
}

}  // namespace

OrphanClass class_of_orphan(u32 kinds, u32 type) {
  if ((kinds & (kAllocKind | kDebugKind)) == 0) return OrphanClass::kNonAlloc;
  if ((kinds & kAllocKind) == 0) return OrphanClass::kNowhere;
  if ((kinds & kLoadKind) != 0 && type == SHT_NOTE) return OrphanClass::kNotes;
  if ((kinds & (kLoadKind | kContentsKind | kThreadKind)) == 0) return OrphanClass::kBss;
  if ((kinds & kThreadKind) != 0) return OrphanClass::kTdata;
  if ((kinds & kReadOnlyKind) == 0) return OrphanClass::kData;
  return (kinds & kCodeKind) == 0 ? OrphanClass::kRodata : OrphanClass::kText;
}

const ClassModel& model_of(OrphanClass orphan) { return kModels[index(orphan)]; }

OrphanSearch::Found OrphanSearch::by_kinds(u32 kinds_of_orphan, u32 type) const {
  if (const auto same = last_like(type, kinds_of_orphan, kAll)) return {same, true};
  if ((kinds_of_orphan & kAllocKind) == 0)
    return {last_like(std::nullopt, kinds_of_orphan, kDebugKind), false};
  const bool is_thread_data =
      (kinds_of_orphan & (kCodeKind | kReadOnlyKind)) == 0 && (kinds_of_orphan & kThreadKind) != 0;
  if (is_thread_data) return {for_thread(kinds_of_orphan), false};
  const u32 decisive = decisive_kinds(kinds_of_orphan);
  if (const auto like = last_like(type, kinds_of_orphan, decisive)) return {like, false};
  // Once more, and now the type does not matter.
  if (const auto same = last_like(std::nullopt, kinds_of_orphan, kAll)) return {same, false};
  return {last_like(std::nullopt, kinds_of_orphan, decisive), false};
}

// With a type, output sections that have another one do not count.
std::optional<u32> OrphanSearch::last_like(std::optional<u32> type, u32 wanted, u32 mask) const {
  for (auto it = order.rbegin(); it != order.rend(); ++it) {
    const u32* output = std::get_if<u32>(&*it);
    if (output == nullptr) continue;
    if (kinds[*output].made && type && kinds[*output].type != *type) continue;
    if (((kinds_in(*output) ^ wanted) & mask) == 0) return *output;
  }
  return std::nullopt;
}

// .tdata and .tbss stand together, in this order, behind .data.
std::optional<u32> OrphanSearch::for_thread(u32 kinds_of_orphan) const {
  std::optional<u32> found;
  bool seen = false;
  for (const ArrangedStatement& statement : order) {
    const u32* output = std::get_if<u32>(&statement);
    if (output == nullptr) continue;
    const u32 other = kinds_in(*output);
    const u32 differ = other ^ (kinds_of_orphan | kLoadKind | kContentsKind);
    if ((differ & (kThreadKind | kAllocKind)) == 0) {
      if ((other & kLoadKind) == 0 && (kinds_of_orphan & kLoadKind) != 0) break;
      found = *output;
      seen = true;
    } else if (seen) {
      break;
    } else if ((differ & kBytes) == 0) {
      found = *output;
    }
  }
  return found;
}

// Relocations for a dynamic linker follow what is read-only.
std::optional<u32> OrphanSearch::for_dynamic() const {
  std::optional<u32> last;
  std::optional<u32> last_alloc;
  std::optional<u32> last_read_only;
  for (const ArrangedStatement& statement : order) {
    const u32* output = std::get_if<u32>(&statement);
    if (output == nullptr) continue;
    if (outputs[*output].name.starts_with(".rel")) break;
    last = *output;
    if (!kinds[*output].made || !kinds[*output].allocated()) continue;
    last_alloc = *output;
    if ((kinds[*output].kinds & kReadOnlyKind) != 0) last_read_only = *output;
  }
  return last_read_only ? last_read_only : last_alloc ? last_alloc : last;
}

}  // namespace fwseal
