#include "graph/reference.h"

#include <algorithm>

namespace fwseal {

AtomId atom_referred_to(const Program& program, const Atoms& atoms, const InputSection& section,
                        const Relocation& reference) {
  const RelocationType* const type = program.isa.find(reference.type);
  if (type != nullptr && type->use == Use::kMarker) return kNoAtom;
  const Referent to = referent(program, section.object, reference.symbol);
  if (to.section == kNoSection || program.inputs[to.section].excluded) return kNoAtom;
  if (!atoms.is_cut(to.section)) return atom_of(to.section);
  const u64 place = to.type == STT_FUNC ? to.value & ~u64{1} : to.value;
  if (to.type != STT_SECTION || type == nullptr ||
      !section.contents.holds(reference.offset, type->size))
    return atoms.at(to.section, place);
  const i64 addend = section.has_addends ? reference.addend
                                         : program.isa.read_addend(reference.type, section.contents,
                                                                   reference.offset);
  const i64 distance = program.isa.distance_from_symbol(reference.type, addend).value_or(0);
  return atoms.at(to.section, place + static_cast<u64>(distance));
}

namespace {

template <typename See>
void for_each_reference(const Isa& isa, const InputSection& section, See see) {
  const u64 count = relocation_count(section);
  for (u64 i = 0; i < count; i++) {
    const Relocation entry = relocation(section, i);
    const RelocationType* const type = isa.find(entry.type);
    if (type == nullptr || (type->use != Use::kMarker && type->use != Use::kNone)) see(entry);
  }
}

}  // namespace

std::vector<Relocation> sorted_references(const Isa& isa, const InputSection& section) {
  std::vector<Relocation> list;
  for_each_reference(isa, section, [&](const Relocation& entry) { list.push_back(entry); });
  std::ranges::stable_sort(list, {}, &Relocation::offset);
  return list;
}

std::vector<u32> relocated_places(const Isa& isa, const InputSection& section) {
  std::vector<u32> places;
  for_each_reference(isa, section, [&](const Relocation& entry) {
    places.push_back(static_cast<u32>(entry.offset));
  });
  std::ranges::sort(places);
  return places;
}

}  // namespace fwseal
