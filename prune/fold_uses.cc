// Every reference counts that is in the image, also one from data, and from sections that the
// script places although they are not allocated. Unwind tables describe a function, and nobody gets
// its address out of them who does not have it; debugging information is not part of the program.
#include "prune/fold_uses.h"

#include "graph/clauses.h"

namespace fwseal {
namespace {

class UseFinder {
 public:
  UseFinder(const FoldWorld& world, const ContentReader& contents,
            const std::vector<bool>& asked_about, u64 reach)
      : world_(world),
        program_(world.program),
        contents_(contents),
        asked_about_(asked_about),
        reach_(reach),
        uses_(asked_about.size()) {}

  std::vector<AtomUses> run(const std::vector<bool>& named) {
    for (u32 i = 0; i < uses_.size(); i++) uses_[i].pinned = named[i];
    index_symbols();
    for (u32 s = 0; s < program_.inputs.sections.size(); s++) {
      const SectionId id{s};
      const InputSection& section = program_.inputs[id];
      if (!world_.plan.kept[s] || is_debug_section(section)) continue;
      if (section.type != SHT_ARM_EXIDX) read_relocations(id, section);
      if (world_.atoms.is_cut(id)) read_crossings(id);
    }
    return std::move(uses_);
  }

 private:
  // Of each global symbol the atom, if it is asked about: most are not, and are passed over fast.
  void index_symbols() {
    const std::vector<Symbol>& symbols = program_.symbols.symbols;
    atom_of_symbol_.resize(symbols.size(), kNoAtom);
    for (u32 i = 0; i < symbols.size(); i++) {
      if (symbols[i].section == kNoSection) continue;
      const AtomId atom =
          world_.atoms.at(symbols[i].section, place_of_symbol(symbols[i].type, symbols[i].value));
      if (asked_about_[index(atom)]) atom_of_symbol_[i] = atom;
    }
  }

  static u64 place_of_symbol(u8 type, u64 value) {
    return type == STT_FUNC ? value & ~u64{1} : value;
  }

  void read_relocations(SectionId id, const InputSection& section) {
    const u64 count = relocation_count(section);
    for (u64 i = 0; i < count; i++) {
      const Relocation entry = relocation(section, i);
      const SymbolId global = program_.symbols.of(program_.inputs, section.object, entry.symbol);
      if (global != kNoSymbol && atom_of_symbol_[index(global)] == kNoAtom) continue;
      const Referent to = referent(program_, section.object, entry.symbol);
      if (to.section == kNoSection || world_.plan.removes(id, entry.offset)) continue;
      read_relocation(section, entry, to);
    }
  }

  void read_relocation(const InputSection& section, const Relocation& entry, const Referent& to) {
    const RelocationType* const type = program_.isa.find(entry.type);
    if (type == nullptr || type->use == Use::kNone || type->use == Use::kMarker) return;
    if (!section.contents.holds(entry.offset, type->size)) return;  // relocation will report it
    const i64 addend = section.has_addends
                           ? entry.addend
                           : program_.isa.read_addend(entry.type, section.contents, entry.offset);
    const i64 distance = program_.isa.distance_from_symbol(entry.type, addend).value_or(addend);
    const u64 symbol = place_of_symbol(to.type, to.value);
    const u64 place = symbol + static_cast<u64>(distance);
    const AtomId atom = world_.atoms.at(to.section, to.type == STT_SECTION ? place : symbol);
    if (!asked_about_[index(atom)]) return;
    AtomUses& uses = uses_[index(atom)];
    const bool inside = place != contents_.place_of(atom).begin;
    const bool calls = type->use == Use::kCall || type->use == Use::kJump;
    (calls ? (inside ? uses.called_inside : ignored_) : (inside ? uses.inside : uses.exposed)) =
        true;
    if (program_.isa.reaches(entry.type, reach_)) return;
    (inside ? uses.held_inside : uses.held) = true;
  }

  // These reach other pieces of their own section only.
  void read_crossings(SectionId id) {
    for (const CodeReference& crossing : world_.atoms.crossings(id)) {
      if (world_.plan.removes(id, crossing.place)) continue;
      const AtomId atom = world_.atoms.at(id, crossing.target);
      if (!asked_about_[index(atom)]) continue;
      AtomUses& uses = uses_[index(atom)];
      const bool inside = crossing.target != contents_.place_of(atom).begin;
      const bool falls_into = crossing.form == CodeReference::kFixed;
      (inside || falls_into ? uses.held_inside : uses.held) = true;
      if (crossing.takes_address) (inside ? uses.inside : uses.exposed) = true;
    }
  }

  const FoldWorld& world_;
  const Program& program_;
  const ContentReader& contents_;
  const std::vector<bool>& asked_about_;
  const u64 reach_;
  std::vector<AtomUses> uses_;
  std::vector<AtomId> atom_of_symbol_;
  bool ignored_ = false;
};

}  // namespace

std::vector<AtomUses> find_uses(const FoldWorld& world, const ContentReader& contents,
                                const std::vector<bool>& asked_about,
                                const std::vector<bool>& named, u64 reach) {
  return UseFinder(world, contents, asked_about, reach).run(named);
}

std::vector<bool> named_atoms(const Graph& graph, const Atoms& atoms) {
  std::vector<bool> named(atoms.count());
  for (u32 i = 0; i < graph.clause_count(); i++) {
    const ClauseId clause{i};
    const ClauseKind kind = graph.kind(clause);
    if (kind == ClauseKind::kReference || kind == ClauseKind::kFollower ||
        kind == ClauseKind::kGroup)
      continue;
    const AtomId atom = graph.conclusion(clause);
    if (index(atom) >= atoms.count()) continue;
    named[index(atom)] = true;
    if (atoms.is_piece(atom)) continue;
    const SectionId section{index(atom)};
    for (u64 k = 0; k < atoms.pieces(section).size(); k++)
      named[index(atoms.atom_of_piece(section, k))] = true;
  }
  return named;
}

}  // namespace fwseal
