// Each atom gets its name and place, the clauses their new numbers.
//
// How many bytes an atom takes: what layout made of its part of the section. A section of merged
// strings shares its bytes with others, so none are its own. Padding belongs to nobody.
#include "report/record_atoms.h"

#include <elf.h>

#include <algorithm>
#include <utility>

#include "graph/clauses.h"
#include "graph/retain.h"
#include "graph/section_bounds.h"
#include "report/budget.h"

namespace fwseal {

AtomPlace place_of(const Program& program, const Atoms& atoms, AtomId atom) {
  if (atoms.is_piece(atom)) {
    const Piece& piece = atoms.piece(atom);
    return {piece.section, piece.begin, piece.end};
  }
  if (index(atom) >= program.inputs.sections.size()) return {};
  const SectionId section{index(atom)};
  if (atoms.is_cut(section)) return {};  // its pieces have the bytes
  return {section, 0, program.inputs[section].size};
}

namespace {

u32 narrow(u64 value) { return static_cast<u32>(std::min<u64>(value, kNoIndex - 1)); }

class Describer {
 public:
  Describer(const Program& program, const Atoms& atoms, const Graph& graph, const Layout& layout,
            const MergedStrings& merged, const Board& board)
      : program_(program),
        inputs_(program.inputs),
        cuts_(atoms),
        from_(graph),
        layout_(layout),
        merged_(merged),
        board_(board) {}

  RecordGraph run(std::span<const FlashMove> moves, std::span<const RemovalRule> rules) {
    for (const FlashMove& move : moves) original_.emplace(index(move.section), move.original);
    describe_outputs();
    describe_objects();
    number_atoms();
    for (u32 i = 0; i < from_.atom_count(); i++)
      if (number_[i] != kNoIndex) to_.atoms.push_back(describe(AtomId{i}));
    name_symbols();
    for (const RemovalRule& rule : rules)
      if (const u32 atom = number_[index(rule.atom)]; atom != kNoIndex)
        to_.rules.push_back({atom, to_.strings.add(rule.text)});
    number_clauses();
    return std::move(to_);
  }

 private:
  void describe_outputs() {
    for (const BoardRegion& region : board_.regions)
      to_.regions.push_back(to_.strings.add(region.name));
    for (const OutputSection& output : layout_.outputs) {
      RecordOutput described{to_.strings.add(output.name)};
      if (takes_room(output)) {
        const OutputHome home = home_of(output, board_);
        described.region = home.run.value_or(kNoIndex);
        described.load_region = home.load.value_or(kNoIndex);
      }
      to_.outputs.push_back(described);
      for (const Chunk& chunk : output.chunks)
        if (chunk.kind == ChunkKind::kInput) size_of_[index(chunk.section)] = chunk.size;
    }
  }

  void describe_objects() {
    for (const Object& object : inputs_.objects)
      to_.objects.push_back({to_.strings.add(object.file),
                             object.member.empty() ? kNoIndex : to_.strings.add(object.member)});
  }

  // What is excluded has no clauses, unless a rule is about what losing copies have in common.
  void number_atoms() {
    std::vector<bool> concluded(from_.atom_count());
    for (u32 i = 0; i < from_.clause_count(); i++)
      concluded[index(from_.conclusion(ClauseId{i}))] = true;
    u32 next = 0;
    for (u32 i = 0; i < from_.atom_count(); i++) {
      const AtomPlace place = place_of(program_, cuts_, AtomId{i});
      const bool left_out = place.section != kNoSection && inputs_[place.section].excluded;
      const bool used = concluded[i] || !from_.clauses_about(AtomId{i}).empty();
      number_.push_back(left_out && !used ? kNoIndex : next++);
    }
  }

  RecordAtom describe(AtomId atom) {
    const AtomPlace place = place_of(program_, cuts_, atom);
    if (place.section == kNoSection) return describe_proposition(atom);
    const InputSection& section = inputs_[place.section];
    RecordAtom to;
    to.object = index(section.object);
    const auto moved = original_.find(index(place.section));
    to.name = to_.strings.add(moved == original_.end() ? section.name : moved->second);
    to.offset = narrow(place.begin);
    to.size = narrow(place.end - place.begin);
    const OutputId output = layout_.places[index(place.section)].output;
    if (output == kNoOutput || !takes_room(layout_.outputs[index(output)])) return to;
    to.output = index(output);
    to.bytes = narrow(bytes_of(place));
    return to;
  }

  u64 bytes_of(const AtomPlace& place) const {
    const auto found = size_of_.find(index(place.section));
    if (found == size_of_.end() || merged_.merged(place.section)) return 0;
    if (!cuts_.is_cut(place.section)) return found->second;
    // The edits of a section that is cut take out pieces that are dead, whole ones.
    const bool edited = index(place.section) < layout_.edits.size();
    const bool gone = edited && layout_.edits[index(place.section)].removes(place.begin);
    if (layout_.folds.is_jump(place.section, place.begin)) return Folds::kJumpSize;
    return gone ? 0 : place.end - place.begin;
  }

  static std::string_view about_unwinding(Proposition::Kind kind) {
    switch (kind) {
      case Proposition::Kind::kUnwindTable:
        return "something can read the unwind tables";
      case Proposition::Kind::kUnwindBegin:
        return "a symbol before the unwind tables";
      case Proposition::Kind::kUnwindEnd:
        return "a symbol behind the unwind tables";
      case Proposition::Kind::kFrameTable:
        return "something can read .eh_frame";
      default:
        return {};
    }
  }

  RecordAtom describe_proposition(AtomId atom) {
    RecordAtom to;
    const Proposition* const said = from_.proposition(atom);
    if (said == nullptr) {
      const InputSection& section = inputs_[SectionId{index(atom)}];
      to.object = index(section.object);
      to.name = to_.strings.add(cat("all of ", section.name, " is live"));
      return to;
    }
    if (const std::string_view text = about_unwinding(said->kind); !text.empty()) {
      to.name = to_.strings.add(text);
      return to;
    }
    if (said->kind == Proposition::Kind::kObject) {
      to.object = said->subject;
      to.name = to_.strings.add("something of the object is live");
      return to;
    }
    if (said->kind == Proposition::Kind::kSection) {
      const InputSection& section = inputs_[SectionId{said->subject}];
      to.object = index(section.object);
      to.name = to_.strings.add(cat("something of ", section.name, " is live"));
      return to;
    }
    if (const AtomPlace about = subject_of(*said); about.section != kNoSection) {
      to.object = index(inputs_[about.section].object);
      to.name = to_.strings.add(words_for(*said, inputs_[about.section].name));
      return to;
    }
    const std::string_view symbol = program_.symbols.symbols[said->subject].name;
    const std::string_view section = bounded_section(symbol);
    const bool is_bound = said->kind == Proposition::Kind::kBounds;
    to.name = to_.strings.add(is_bound ? cat("__start_", section, " or __stop_", section)
                                       : std::string(symbol));
    return to;
  }

  static std::string words_for(const Proposition& said, std::string_view section) {
    switch (said.kind) {
      case Proposition::Kind::kBody:
        return cat("what the function does is needed: ", section);
      case Proposition::Kind::kBlock:
        return cat("anybody may read the module's block in ", section);
      case Proposition::Kind::kField:
        return cat("field ", said.detail, " of the module's block is read: ", section);
      case Proposition::Kind::kFieldTarget:
        return cat("what field ", said.detail,
                   " of the module's block refers to is read: ", section);
      default:
        return cat("wanted, if what it is for is live: ", section);
    }
  }

  // The bytes that a proposition is about, if it is about such.
  AtomPlace subject_of(const Proposition& said) const {
    switch (said.kind) {
      case Proposition::Kind::kBody:
      case Proposition::Kind::kWanted:
      case Proposition::Kind::kBlock:
      case Proposition::Kind::kField:
      case Proposition::Kind::kFieldTarget:
        return section_of(AtomId{said.subject});
      default:
        return {};
    }
  }
  AtomPlace section_of(AtomId atom) const {
    const AtomPlace place = place_of(program_, cuts_, atom);
    return place.section != kNoSection ? place : AtomPlace{SectionId{index(atom)}, 0, 0};
  }

  void name_symbols() {
    index_places();
    for (u32 i = 0; i < program_.symbols.symbols.size(); i++) {
      const Symbol& symbol = program_.symbols.symbols[i];
      if (symbol.state == SymbolState::kDefined && symbol.section != kNoSection)
        add_symbol(symbol.name, symbol.section, symbol.type, symbol.value);
    }
    for (const Object& object : inputs_.objects) name_locals(object);
    for (u32 i = 0; i < from_.atom_count(); i++) name_proposition(AtomId{i});
    std::ranges::stable_sort(to_.symbols, {}, [](const RecordSymbol& symbol) {
      return std::pair(symbol.atom, symbol.offset);
    });
  }

  // AAELF32 2023Q3, "Mapping symbols": they mark what bytes are and name nothing. Other names that
  // begin so are the compiler's own, and so are those with ".L"; ocamlopt has one for each return
  // address.
  void name_locals(const Object& object) {
    if (object.symbols_only) return;
    for (u32 i = 1; i < std::min(object.first_global, object.symbol_count); i++) {
      const ElfSymbol nameless = object.nameless_symbol(i);
      if (nameless.type == STT_SECTION || nameless.type == STT_FILE) continue;
      if (nameless.section == SHN_UNDEF || nameless.section >= object.section_count) continue;
      const ElfSymbol symbol = object.symbol(i);
      if (symbol.name.empty() || symbol.name.starts_with('$')) continue;
      if (symbol.name.starts_with(".L")) continue;
      add_symbol(symbol.name, object.section(symbol.section), symbol.type, symbol.value);
    }
  }

  void name_proposition(AtomId atom) {
    const Proposition* const said = from_.proposition(atom);
    if (said == nullptr || said->kind == Proposition::Kind::kObject ||
        said->kind == Proposition::Kind::kSection || !about_unwinding(said->kind).empty() ||
        subject_of(*said).section != kNoSection)
      return;
    const std::string_view name = program_.symbols.symbols[said->subject].name;
    const u32 number = number_[index(atom)];
    if (said->kind == Proposition::Kind::kScriptSymbol) {
      to_.symbols.push_back({number, to_.strings.add(name), 0});
      return;
    }
    for (const std::string_view prefix : {"__start_", "__stop_"})
      to_.symbols.push_back({number, to_.strings.add(cat(prefix, bounded_section(name))), 0});
  }

  void add_symbol(std::string_view name, SectionId section, u8 type, u64 value) {
    // Bit 0 of a function says that it is Thumb code (AAELF32 2023Q3, "Symbol Values").
    const u32 offset = narrow(type == STT_FUNC ? value & ~u64{1} : value);
    const u32 atom = atom_at(section, offset);
    if (atom != kNoIndex) to_.symbols.push_back({atom, to_.strings.add(name), offset});
  }

  // Of all atoms that are bytes, by place; empty ones before those that begin at the same byte.
  void index_places() {
    for (u32 i = 0; i < from_.atom_count(); i++) {
      const AtomPlace place = place_of(program_, cuts_, AtomId{i});
      if (place.section != kNoSection && number_[i] != kNoIndex)
        places_.push_back({index(place.section), place.begin, place.end, number_[i]});
    }
    std::ranges::sort(places_);
  }

  // The number of the atom with a byte. What lies behind the end belongs to the last one.
  u32 atom_at(SectionId section, u64 offset) const {
    const Place wanted{index(section), offset, ~u64{0}, 0};
    const auto behind = std::ranges::upper_bound(places_, wanted);
    if (behind == places_.begin() || std::prev(behind)->section != index(section)) return kNoIndex;
    return std::prev(behind)->number;
  }

  // Of the references from one atom to another, the first says enough.
  void number_clauses() {
    const Backwards backwards(from_);
    GraphBuilder builder(static_cast<u32>(to_.atoms.size()));
    std::vector<u32> referred_from(to_.atoms.size(), kNoIndex);
    const auto number = [&](AtomId atom) { return AtomId{number_[index(atom)]}; };
    std::vector<AtomId> premises;
    for (u32 i = 0; i < from_.clause_count(); i++) {
      const ClauseId clause{i};
      const AtomId to = number(from_.conclusion(clause));
      if (from_.premise(clause) == kNoAtom) {
        builder.add_root(to, from_.kind(clause));
        continue;
      }
      const AtomId from = number(from_.premise(clause));
      if (from_.has_several_premises(clause)) {
        premises.clear();
        for (const AtomId premise : backwards.premises(clause)) premises.push_back(number(premise));
        builder.add_conditional(premises, to);
        continue;
      }
      const bool reference = from_.kind(clause) == ClauseKind::kReference;
      if (reference && std::exchange(referred_from[index(to)], index(from)) == index(from))
        continue;
      builder.add(from, to, from_.kind(clause), from_.offset(clause));
    }
    for (const Fold& fold : layout_.folds.all())
      builder.add(number(cuts_.at(fold.section, fold.begin)),
                  number(cuts_.at(fold.into, fold.into_begin)), ClauseKind::kFold);
    to_.graph = builder.finish();
  }

  struct Place {
    u32 section;
    u64 begin;
    u64 end;
    u32 number;
    auto operator<=>(const Place&) const = default;
  };

  const Program& program_;
  const Inputs& inputs_;
  const Atoms& cuts_;
  const Graph& from_;
  const Layout& layout_;
  const MergedStrings& merged_;
  const Board& board_;
  RecordGraph to_;
  std::vector<u32> number_;  // per atom of the link: that of the record
  std::vector<Place> places_;
  std::unordered_map<u32, u64> size_of_;                // per section: bytes in its output section
  std::unordered_map<u32, std::string_view> original_;  // per moved section
};

}  // namespace

RecordGraph record_graph(const Program& program, const Atoms& atoms, const Graph& graph,
                         const Layout& layout, const MergedStrings& merged, const Board& board,
                         std::span<const FlashMove> moves, std::span<const RemovalRule> rules) {
  return Describer(program, atoms, graph, layout, merged, board).run(moves, rules);
}

}  // namespace fwseal
