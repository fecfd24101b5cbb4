#include "graph/ocaml_code.h"

#include <elf.h>

#include <algorithm>

#include "graph/reference.h"

namespace fwseal {

std::optional<OcamlPlace> find_ocaml_place(const Program& program, const InputSection& section,
                                           const Relocation& reference) {
  const RelocationType* const type = program.isa.find(reference.type);
  if (type == nullptr || type->use == Use::kMarker || type->use == Use::kNone) return std::nullopt;
  const Referent to = referent(program, section.object, reference.symbol);
  if (to.section == kNoSection || program.inputs[to.section].excluded) return std::nullopt;
  OcamlPlace place{to.section, to.type == STT_FUNC ? to.value & ~u64{1} : to.value, to.symbol,
                   to.type};
  if (!section.contents.holds(reference.offset, type->size)) return place;
  const i64 addend = section.has_addends ? reference.addend
                                         : program.isa.read_addend(reference.type, section.contents,
                                                                   reference.offset);
  const std::optional<i64> distance = program.isa.distance_from_symbol(reference.type, addend);
  place.is_anywhere = !distance && to.type == STT_SECTION;
  place.offset += static_cast<u64>(distance.value_or(0));
  return place;
}

const std::vector<Relocation>& OcamlCodeMap::references_in(SectionId id) {
  const auto [place, added] = references_.try_emplace(index(id));
  if (added) place->second = sorted_references(program_.isa, inputs_[id]);
  return place->second;
}

const OcamlCodeMap::Code& OcamlCodeMap::code_of(SectionId id) {
  const auto [place, added] = codes_.try_emplace(index(id));
  Code& code = place->second;
  if (!added) return code;
  const InputSection& section = inputs_[id];
  const Object& object = inputs_.object_of(id);
  const auto [runs, is_new_object] = runs_.try_emplace(index(section.object));
  if (is_new_object) runs->second = code_runs(inputs_, object);
  if (const auto own = runs->second.find(section.elf_index); own != runs->second.end())
    code.runs = own->second;
  code.references = references_in(id);
  for (const Relocation& entry : code.references) {
    const SymbolId symbol = program_.symbols.of(inputs_, section.object, entry.symbol);
    if (symbol != kNoSymbol && modules_.never_returns(symbol))
      code.raises.push_back(static_cast<u32>(entry.offset));
  }
  for (u32 i = 1; i < object.symbol_count; i++) {
    const ElfSymbol symbol = object.nameless_symbol(i);
    if (symbol.type != STT_FUNC || symbol.size == 0 || symbol.section != section.elf_index)
      continue;
    const auto [known, is_new] = code.functions.emplace(symbol.value & ~u64{1}, symbol.size);
    if (!is_new && known->second != symbol.size) known->second = 0;
  }
  return code;
}

void OcamlCodeMap::add(const OcamlModule& unit) {
  const SectionId id = unit.code.section;
  const Code& code = code_of(id);
  std::span<const Piece> pieces = atoms_.pieces(id);
  Piece whole;
  if (!atoms_.is_cut(id)) {
    // Of one function there is nothing to cut.
    if (code.functions.size() != 1 || unit.code.begin != 0) return;
    whole.section = id;
    whole.end = static_cast<u32>(inputs_[id].size);
    pieces = {&whole, 1};
  }
  auto piece = std::ranges::lower_bound(pieces, unit.code.begin, {}, &Piece::begin);
  for (; piece != pieces.end() && piece->begin < unit.code.end; ++piece) {
    const auto [place, is_new] =
        numbers_.emplace(std::pair(id, u64{piece->begin}), static_cast<u32>(functions_.size()));
    if (is_new) functions_.push_back(read(id, code, *piece));  // or it is of another unit, too
  }
}

OcamlFunction OcamlCodeMap::read(SectionId id, const Code& code, const Piece& piece) const {
  OcamlFunction function;
  const auto known = code.functions.find(piece.begin);
  const auto next = known == code.functions.end() ? known : std::next(known);
  const bool is_one = known != code.functions.end() && known->second != 0 &&
                      known->second <= piece.end - piece.begin &&
                      (next == code.functions.end() || next->first >= piece.end);
  if (is_one && !code.runs.empty())
    function = read_ocaml_function(
        program_.isa, {id, inputs_[id].contents, code.runs, code.references, code.raises},
        piece.begin, piece.begin + static_cast<u32>(known->second));
  function.section = id;
  function.begin = piece.begin;
  function.end = piece.end;
  return function;
}

const u32* OcamlCodeMap::at(SectionId section, u64 begin) const {
  const auto found = numbers_.find({section, begin});
  return found == numbers_.end() ? nullptr : &found->second;
}

OcamlFunction* OcamlCodeMap::around(SectionId section, u64 place) {
  const auto behind = numbers_.upper_bound({section, place});
  if (behind == numbers_.begin() || std::prev(behind)->first.first != section) return nullptr;
  OcamlFunction& function = functions_[std::prev(behind)->second];
  return place < function.end ? &function : nullptr;
}

void OcamlCodeMap::lose_entered(SectionId from,
                                const std::function<bool(const Relocation&)>& is_listed) {
  const InputSection& section = inputs_[from];
  if (atoms_.is_cut(from))
    for (const CodeReference& crossing : atoms_.crossings(from))
      for (const u32 place : {crossing.place, crossing.target})
        if (OcamlFunction* const function = around(from, place)) function->is_read = false;
  for (u64 i = 0; i < relocation_count(section); i++) {
    const Relocation reference = relocation(section, i);
    const auto to = find_ocaml_place(program_, section, reference);
    if (!to || is_listed(reference)) continue;
    const u64 place = to->offset & ~u64{1};
    if (to->is_anywhere) lose_all(to->section);
    if (at(to->section, place) != nullptr) continue;
    if (OcamlFunction* const inside = around(to->section, place)) inside->is_read = false;
  }
}

void OcamlCodeMap::lose_all(SectionId section) {
  auto function = numbers_.lower_bound({section, 0});
  for (; function != numbers_.end() && function->first.first == section; ++function)
    functions_[function->second].is_read = false;
}

}  // namespace fwseal
