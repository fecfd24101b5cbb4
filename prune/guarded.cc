#include "prune/guarded.h"

#include <unordered_set>

#include "graph/initialiser_list.h"
#include "graph/reference.h"

namespace fwseal {

std::vector<GuardedReference> find_guarded_references(const Program& program, const Atoms& atoms,
                                                      const Reach& live,
                                                      const std::vector<Guard>& guards) {
  std::vector<GuardedReference> found;
  std::unordered_set<u32> gone;
  for (const Guard& guard : guards)
    if (!live.live(guard.atom)) gone.insert(index(guard.atom));
  if (gone.empty()) return found;
  for (u32 i = 0; i < program.inputs.sections.size(); i++) {
    const SectionId id{i};
    const InputSection& section = program.inputs[id];
    // What describes code describes no more than what is left of it.
    if (section.excluded || !section.has(SHF_ALLOC) || section.has(SHF_LINK_ORDER)) continue;
    if (!atoms.any_live(live, id)) continue;
    const bool is_table = !section.has(SHF_EXECINSTR) && !is_initialiser_list(section);
    const u64 count = relocation_count(section);
    for (u64 k = 0; k < count; k++) {
      const Relocation entry = relocation(section, k);
      const AtomId to = atom_referred_to(program, atoms, section, entry);
      if (to == kNoAtom || !gone.contains(index(to))) continue;
      if (!live.live(atoms.at(id, entry.offset))) continue;
      const bool is_address = entry.type == R_ARM_ABS32 || entry.type == R_ARM_TARGET1;
      found.push_back({id, entry.offset, to, is_table && is_address});
    }
  }
  return found;
}

}  // namespace fwseal
