#include "graph/reference.h"

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

}  // namespace fwseal
