// Which constructors may be left out?
//
// A constructor is kept by the script alone: KEEP names its slot in .init_array, the slot names the
// function, and the function the objects that it builds. So an object that nobody uses stays
// because it is built. Of each slot we try to prove that its function only writes into certain
// sections (effect.h). Then the KEEP gives way to clauses: the slot is live once one of those
// sections is live for another reason. Without a section to write to, there is nothing that needs
// the function, and the slot goes.
//
// Of a section that is not cut into slots all functions must be proven, and any use keeps them all.
// Clauses from elsewhere (a reference, SHF_GNU_RETAIN, the user's keep) are left as they are.
#include "prune/initialiser.h"

#include <set>

#include "prune/effect.h"

namespace fwseal {
namespace {

constexpr u64 kWord = 4;

class Finder {
 public:
  Finder(const Program& program, const Atoms& atoms, const std::vector<bool>& plain)
      : program_(program), search_(program, atoms, plain), view_(search_.code) {}

  Initialiser look_at(AtomId slot, SectionId section, u64 begin, u64 end) {
    Initialiser result;
    result.slot = slot;
    result.section = section;
    result.offset = begin;
    writes_.clear();
    result.reason = look_at_slots(section, begin, end, result);
    result.proven = result.reason.empty();
    if (result.proven) result.writes.assign(writes_.begin(), writes_.end());
    return result;
  }

 private:
  // Gives the reason against these slots, or nothing.
  std::string look_at_slots(SectionId id, u64 begin, u64 end, Initialiser& result) {
    const InputSection& section = program_.inputs[id];
    if (section.size == 0) return "it is empty";
    if (section.size % kWord != 0 || section.contents.size() != section.size)
      return "it is not made of words";
    for (u64 offset = begin; offset < end; offset += kWord) {
      const CodeView::Fixup fixup = view_.fixup(id, offset, kWord);
      if (fixup.clash || !fixup.relocation) return "it holds a word that is no function";
      std::string obstacle = look_at_slot(id, *fixup.relocation, result);
      if (!obstacle.empty()) return obstacle;
    }
    return {};
  }

  // There can be as many slots as an object has room for, and one name can take all the rest.
  static constexpr u64 kEnough = 512;

  static std::string shortened(std::string_view text) {
    return text.size() <= kEnough ? std::string(text) : cat(text.substr(0, kEnough), "...");
  }
  static void add_name(std::string_view name, std::string& names) {
    if (names.size() > kEnough) return;
    names += cat(names.empty() ? "" : ", ", shortened(name));
    if (names.size() > kEnough) names += ", ...";
  }

  std::string look_at_slot(SectionId id, const Relocation& slot, Initialiser& result) {
    const std::string_view name = display_name(program_, program_.inputs[id].object, slot.symbol);
    add_name(name, result.functions);
    const bool is_address = slot.type == R_ARM_ABS32 || slot.type == R_ARM_TARGET1;
    const Value target = is_address ? view_.value_of(slot, id) : Value{};
    if (!target.is(Value::Kind::kAddress)) return cat(shortened(name), " is not known");
    const CodePlace function = place_of(target);
    result.targets.push_back(search_.atoms.at(function.section, function.offset));
    const Effect effect = effect_of(search_, function);
    if (!effect.proven) return cat(shortened(name), ": ", shortened(effect.reason));
    writes_.insert(effect.writes.begin(), effect.writes.end());
    return {};
  }

  const Program& program_;
  EffectSearch search_;
  CodeView& view_;
  std::set<AtomId> writes_;  // of the slots that are looked at
};

}  // namespace

std::vector<Initialiser> find_initialisers(const Program& program, const Atoms& atoms,
                                           std::span<const SectionId> kept,
                                           const std::vector<bool>& plain) {
  std::vector<Initialiser> found;
  Finder finder(program, atoms, plain);
  for (const SectionId section : kept) {
    if (!is_initialiser_list(program.inputs[section])) continue;
    const std::span<const Piece> slots = atoms.pieces(section);
    for (u64 i = 0; i < slots.size(); i++)
      found.push_back(
          finder.look_at(atoms.atom_of_piece(section, i), section, slots[i].begin, slots[i].end));
    if (slots.empty())
      found.push_back(finder.look_at(atom_of(section), section, 0, program.inputs[section].size));
  }
  return found;
}

}  // namespace fwseal
