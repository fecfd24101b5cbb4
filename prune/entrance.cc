#include "prune/entrance.h"

#include <algorithm>
#include <optional>

namespace fwseal {

Entrances::Entrances(const Program& program, ObjectId id) {
  const Object& object = program.inputs.objects[index(id)];
  add_symbols(program, object);
  for (u32 i = 1; i < object.section_count; i++) {
    const InputSection& section = program.inputs[object.section(i)];
    if (!section.excluded && section.has(SHF_ALLOC)) add_targets(program, section);
  }
  std::ranges::sort(places_);
  std::ranges::sort(anywhere_);
}

void Entrances::add_symbols(const Program& program, const Object& object) {
  for (u32 i = 1; i < object.symbol_count; i++) {
    const ElfSymbol symbol = object.nameless_symbol(i);
    if (symbol.section == SHN_UNDEF || symbol.section >= object.section_count) continue;
    if (symbol.type == STT_SECTION || program.inputs[object.section(symbol.section)].size == 0)
      continue;
    if (symbol.binding == STB_LOCAL && object.symbol(i).name.starts_with('$')) continue;
    const u64 offset = symbol.type == STT_FUNC ? symbol.value & ~u64{1} : symbol.value;
    places_.push_back({object.section(symbol.section), offset});
  }
}

void Entrances::add_targets(const Program& program, const InputSection& section) {
  const u64 count = relocation_count(section);
  for (u64 i = 0; i < count; i++) {
    const Relocation entry = relocation(section, i);
    const Referent to = referent(program, section.object, entry.symbol);
    // Another object's place is that of its symbol, or a distance from it.
    if (to.section == kNoSection || program.inputs[to.section].object != section.object) continue;
    const RelocationType* const type = program.isa.find(entry.type);
    if (type != nullptr && (type->use == Use::kMarker || type->use == Use::kNone)) continue;
    std::optional<i64> distance;
    if (type != nullptr && section.contents.holds(entry.offset, type->size)) {
      const i64 addend = section.has_addends
                             ? entry.addend
                             : program.isa.read_addend(entry.type, section.contents, entry.offset);
      distance = program.isa.distance_from_symbol(entry.type, addend);
    }
    // Bit 0 of what a table says about code is no distance.
    if (distance)
      places_.push_back({to.section, (to.value + static_cast<u64>(*distance)) & ~u64{1}});
    else
      anywhere_.push_back(to.section);
  }
}

bool Entrances::any_in(SectionId section, u64 begin, u64 end) const {
  const auto first = std::ranges::lower_bound(places_, Place{section, begin});
  if (first != places_.end() && first->section == section && first->offset < end) return true;
  return std::ranges::binary_search(anywhere_, section);
}

}  // namespace fwseal
