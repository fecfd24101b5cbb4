// The clauses of OCaml's fields: from the facts of runtime_ocaml.h.
#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "graph/runtime_ocaml.h"

namespace fwseal {
namespace {

using Kind = OcamlFact::Kind;

class Adder {
 public:
  Adder(const OcamlClauses& ocaml, const Program& program, const Atoms& atoms,
        const ClauseOptions& options, const AtomNamedAt& named_at, const AtomThatActs& source,
        GraphBuilder& builder)
      : ocaml_(ocaml),
        program_(program),
        atoms_(atoms),
        options_(options),
        named_at_(named_at),
        source_(source),
        builder_(builder) {}

  void run() {
    for (const OcamlFact& fact : ocaml_.facts) add(ocaml_.functions[fact.function], fact);
    for (const DataWord& word : ocaml_.words) {
      OcamlFact fact{.kind = Kind::kStore};
      fact.block = word.block;
      fact.field = word.field;
      fact.from = word.holds;
      fact.section = word.section;
      fact.place = word.place;
      add(atom_of_block(word.block), fact);
    }
    for (const OcamlClauses::Escape& escape : ocaml_.escapes)
      builder_.add(source_(escape.premise), escaped(escape.block), ClauseKind::kReference,
                   escape.place);
    escape_named_blocks();
    // Who has the block can read all that is stored there.
    for (const auto& [field, propositions] : fields_)
      builder_.add(escaped(field.first), propositions.is_read, ClauseKind::kFollower);
    for (const OcamlClauses::Unit& unit : ocaml_.idle) start_if_needed(unit);
  }

 private:
  struct Field {
    AtomId is_read{0};
    AtomId is_touched{0};
  };

  // Those that an option or the script names are for somebody outside of the program.
  void escape_named_blocks() {
    std::map<std::pair<SectionId, u64>, BlockId> blocks;
    for (u32 i = 0; i < ocaml_.blocks.size(); i++)
      blocks.emplace(std::pair(ocaml_.blocks[i].section, ocaml_.blocks[i].place), BlockId{i});
    const auto escape = [&](SymbolId id, ClauseKind kind) {
      const Symbol& symbol = program_.symbols[id];
      const auto found = blocks.find({symbol.section, symbol.value});
      if (found != blocks.end()) builder_.add_root(escaped(found->second), kind);
    };
    for (const RootSymbol& root : options_.root_symbols) escape(root.symbol, root.kind);
    bool names_all = false;
    for (const ScriptDefinition& definition : options_.script_definitions)
      for (const SymbolId used : definition.uses) {
        escape(used, ClauseKind::kScript);
        names_all |= std::ranges::find(ocaml_.of_all_units, used) != ocaml_.of_all_units.end();
      }
    for (u32 i = 0; names_all && i < ocaml_.blocks.size(); i++)
      builder_.add_root(escaped(BlockId{i}), ClauseKind::kScript);
  }

  // Fields that are stored to and nobody reads have no proposition, or one that is never live.
  void start_if_needed(const OcamlClauses::Unit& unit) {
    const AtomId entry = ocaml_.functions[unit.entry.function];
    const BlockId block = unit.entry.block;
    add_if(ocaml_.caml_program, escaped(block), entry);
    const auto end = fields_.upper_bound({block, ~u32{0}});
    for (auto field = fields_.lower_bound({block, 0}); field != end; ++field)
      add_if(ocaml_.caml_program, field->second.is_touched, entry);
    for (const IgnoredReference& read : ocaml_.counter_reads)
      refer(source_(atoms_.at(read.section, read.offset)), entry, static_cast<u32>(read.offset));
    add_if(atoms_.at(unit.global.section, unit.global.begin), entry,
           named_at_(unit.global.section, static_cast<u32>(unit.global.begin)));
  }

  AtomId atom_of_block(BlockId id) const {
    const OcamlBlock& block = ocaml_.blocks[index(id)];
    return atoms_.at(block.section, block.place);
  }
  AtomId propose(Proposition::Kind kind, BlockId block, u32 field) {
    return builder_.add_proposition({kind, index(atom_of_block(block)), field});
  }
  AtomId escaped(BlockId block) {
    const auto [place, added] = escaped_.try_emplace(block, kNoAtom);
    if (added) place->second = propose(Proposition::Kind::kBlock, block, 0);
    return place->second;
  }
  const Field& field(BlockId block, u32 number) {
    const auto [place, added] = fields_.try_emplace({block, number});
    if (added) {
      place->second.is_read = propose(Proposition::Kind::kField, block, number);
      place->second.is_touched = propose(Proposition::Kind::kFieldTarget, block, number);
      builder_.add(place->second.is_read, place->second.is_touched, ClauseKind::kFollower);
    }
    return place->second;
  }

  void add_if(AtomId premise, AtomId other, AtomId conclusion) {
    if (conclusion == kNoAtom || conclusion == premise || conclusion == other) return;
    builder_.add_conditional(std::array{premise, other}, conclusion);
  }
  void refer(AtomId premise, AtomId conclusion, u32 place) {
    if (conclusion == kNoAtom || conclusion == premise) return;
    builder_.add(premise, conclusion, ClauseKind::kReference, place);
  }

  void add(AtomId premise, const OcamlFact& fact) {
    switch (fact.kind) {
      case Kind::kUse:
        if (fact.from != kNoBlock) refer(premise, escaped(fact.from), fact.place);
        [[fallthrough]];
      case Kind::kTouch:
        return refer(premise, named_at_(fact.section, fact.place), fact.place);
      case Kind::kReadField:
        return refer(premise, field(fact.block, fact.field).is_read, fact.place);
      case Kind::kTouchField:
        return refer(premise, field(fact.block, fact.field).is_touched, fact.place);
      case Kind::kStore: {
        const Field to = field(fact.block, fact.field);
        if (fact.from != kNoBlock) add_if(premise, to.is_read, escaped(fact.from));
        return add_if(premise, to.is_touched, named_at_(fact.section, fact.place));
      }
      case Kind::kCopy: {
        const Field to = field(fact.block, fact.field);
        const Field from = field(fact.from, fact.from_field);
        add_if(premise, to.is_read, from.is_read);
        return add_if(premise, to.is_touched, from.is_touched);
      }
    }
  }

  const OcamlClauses& ocaml_;
  const Program& program_;
  const Atoms& atoms_;
  const ClauseOptions& options_;
  const AtomNamedAt& named_at_;
  const AtomThatActs& source_;
  GraphBuilder& builder_;
  std::map<BlockId, AtomId> escaped_;
  std::map<std::pair<BlockId, u32>, Field> fields_;
};

}  // namespace

void add_ocaml_clauses(const OcamlClauses& ocaml, const Program& program, const Atoms& atoms,
                       const ClauseOptions& options, const AtomNamedAt& named_at,
                       const AtomThatActs& source, GraphBuilder& builder) {
  Adder(ocaml, program, atoms, options, named_at, source, builder).run();
}

}  // namespace fwseal
