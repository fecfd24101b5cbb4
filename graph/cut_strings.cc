// SHF_MERGE says that a linker may keep a string or constant anywhere, so nobody can rely on what
// stands beside it (gABI, "Sections"). What refers to one is a relocation: through the symbol of
// the section, the addend selects it, through another symbol, that one's place does; an addend in
// the middle of a string, or behind its end, counts from there.
//
// A reference that does not select one keeps the section whole, see clauses.cc: an addend from
// which the distance cannot be told, one that leads out of the section, a symbol that is larger
// than what stands there. And so does KEEP, or whoever walks from __start_X to __stop_X. As with
// other data, only what the script collects with everybody else's is cut.
#include "graph/cut_strings.h"

#include "graph/mergeable.h"

namespace fwseal {
namespace {

// A section of nothing but terminators is one atom for every byte; that would take many times the
// memory that the section itself does.
bool are_too_many(u64 entries, u64 size) {
  constexpr u64 kMany = 65536;
  constexpr u64 kFewBytes = 4;  // each
  return entries > kMany && size / entries < kFewBytes;
}

}  // namespace

void cut_strings(const Inputs& inputs, const std::vector<bool>& plain, Atoms& atoms) {
  std::vector<u32> starts;
  for (u32 i = 0; i < inputs.sections.size(); i++) {
    const InputSection& section = inputs.sections[i];
    if (!plain[i] || section.excluded || !section.has(SHF_ALLOC) || !is_mergeable(section))
      continue;
    starts.clear();
    for (u64 at = 0; at < section.size; at = mergeable_entry(section, at).next)
      starts.push_back(static_cast<u32>(at));
    if (starts.size() > 1 && !are_too_many(starts.size(), section.size))
      atoms.cut(SectionId{i}, starts, section.size, {});
  }
}

}  // namespace fwseal
