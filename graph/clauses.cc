// What keeps what alive?
//
// The rules, each a kind of clause (see graph.h):
// - A relocation in a live section keeps the section that its symbol is defined in. Debugging
//   information is the exception: it describes and needs nothing.
// - A section with SHF_LINK_ORDER, such as an unwind table, follows the section that sh_link
//   names, and no KEEP makes it a root: a row about dead code has no reader. The members of a
//   section group follow one another (gABI, "Section Groups").
// - A section that is not allocated (debugging information, comments) follows its object: it is
//   live once anything allocated of that object is.
// - Who names __start_X or __stop_X walks over all sections X, so all of them are live.
// - A symbol of the linker script keeps what its expression names, once somebody names it.
// - Code keeps what it reaches of data from the symbol of their section (anchors.h).
// - An unwind table follows its code row by row, if something can read it; see unwind_clauses.cc.
//   So does a frame table; see frame_clauses.cc.
// - A constructor's slot of which prune has proven what it writes is live once any of that is.
// - A function whose calls matter only to some atoms refers to nothing until one of those is live.
// - What the user makes depend on others is live once both something keeps it and one of these is.
#include "graph/clauses.h"

#include <elf.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "graph/frame_clauses.h"
#include "graph/runtime_ocaml.h"
#include "graph/section_bounds.h"
#include "graph/unwind_clauses.h"

namespace fwseal {
namespace {

#ifndef SHF_GNU_RETAIN
constexpr u64 SHF_GNU_RETAIN = 1 << 21;  // binutils 2.36; older elf.h do not have it
#endif

class Collector {
 public:
  Collector(const Program& program, const Atoms& atoms, const ClauseOptions& options)
      : program_(program),
        inputs_(program.inputs),
        atoms_(atoms),
        options_(options),
        unwind_(program, atoms, options.unwind_readers ? &*options.unwind_readers : nullptr),
        frames_(program, atoms, options.frame_readers ? &*options.frame_readers : nullptr),
        builder_(atoms.count()) {}

  Graph run() {
    reserve();
    make_tables();
    if (options_.unwind_readers)
      name_unwind_readers(*options_.unwind_readers);
    else
      keep_functions_whole();
    if (options_.frame_readers) name_frame_readers(*options_.frame_readers);
    name_script_symbols();
    name_start_stop();
    index_symbols();
    for (const Root& root : options_.roots)
      if (!is_kept_by_rows(root)) builder_.add_root(atom_of(root.section), root.kind);
    for (const ConditionalRoot& root : options_.conditional_roots)
      for (const AtomId premise : root.any_of)
        builder_.add(premise, root.atom, ClauseKind::kInitialiser);
    for (const AtomRoot& root : options_.atom_roots) builder_.add_root(root.atom, root.kind);
    for (const RootSymbol& root : options_.root_symbols) {
      // Where the layout puts something with the help of a mark, it does not read the table.
      const bool is_mark = unwind_marks_.contains(index(root.symbol));
      if (!is_mark || root.kind != ClauseKind::kScript) keep_symbol(root);
    }
    for (const ConditionalBody& body : options_.conditional_bodies) add_body(body);
    for (u32 i = 0; i < inputs_.objects.size(); i++) object_clauses(ObjectId{i});
    for (u32 i = 0; i < inputs_.sections.size(); i++) section_clauses(SectionId{i});
    for (const DataReach& reach : atoms_.data_reaches())
      builder_.add(reach.from, reach.to, ClauseKind::kReference, reach.place);
    if (options_.ocaml != nullptr) follow_ocaml_fields(*options_.ocaml);
    if (atoms_.any_cut()) keep_pieces_of_whole_sections();
    if (!options_.guards.empty()) guard_atoms();
    return builder_.finish();
  }

 private:
  void reserve() {
    u64 clauses = inputs_.sections.size();
    for (const InputSection& section : inputs_.sections) clauses += relocation_count(section);
    builder_.reserve(clauses);
  }

  bool usable(SectionId section) const { return section != kNoSection && usable_[index(section)]; }

  // Once anything of a section is live. Clauses from each of its pieces, for each of many that
  // follow it, would be too many; so they share those of a proposition.
  void add_for_any(SectionId premise, AtomId conclusion, ClauseKind kind) {
    if (!atoms_.is_cut(premise)) return builder_.add(atom_of(premise), conclusion, kind);
    constexpr u32 kFew = 4;
    Followers& followers = followers_[index(premise)];
    if (followers.count++ < kFew) return add_for_each(premise, conclusion, kind);
    if (followers.something_live == kNoAtom) {
      followers.something_live =
          builder_.add_proposition({Proposition::Kind::kSection, index(premise)});
      add_for_each(premise, followers.something_live, ClauseKind::kFollower);
    }
    builder_.add(followers.something_live, conclusion, kind);
  }
  void add_for_each(SectionId premise, AtomId conclusion, ClauseKind kind) {
    builder_.add(atom_of(premise), conclusion, kind);
    for (u64 i = 0; i < atoms_.pieces(premise).size(); i++)
      builder_.add(atoms_.atom_of_piece(premise, i), conclusion, kind);
  }

  // The proposition that stands for a symbol which no section holds, or kNoAtom.
  AtomId proposition(SymbolId symbol) const {
    const auto found = propositions_.find(index(symbol));
    return found == propositions_.end() ? kNoAtom : found->second;
  }

  void name_unwind_readers(const UnwindReaders& readers) {
    const AtomId is_read = builder_.add_proposition({Proposition::Kind::kUnwindTable, 0});
    const AtomId ends[] = {builder_.add_proposition({Proposition::Kind::kUnwindBegin, 0}),
                           builder_.add_proposition({Proposition::Kind::kUnwindEnd, 0})};
    mark_unwind_table(readers.places, is_read);
    mark_unwind_table(readers.begins, ends[0]);
    mark_unwind_table(readers.ends, ends[1]);
    builder_.add_conditional(ends, is_read);
    add_other_readers(readers, is_read);
    unwind_.add(is_read, builder_);
  }
  void name_frame_readers(const UnwindReaders& readers) {
    const AtomId is_read = builder_.add_proposition({Proposition::Kind::kFrameTable, 0});
    mark_unwind_table(readers.places, is_read);
    add_other_readers(readers, is_read);
    frames_.add(is_read, builder_);
  }
  void add_other_readers(const UnwindReaders& readers, AtomId is_read) {
    if (readers.always) builder_.add_root(is_read, *readers.always);
    for (const SymbolId symbol : readers.in_image) keep_symbol({symbol, ClauseKind::kScript});
  }
  // Tables of which each row has a clause of its own, whatever the script says of them.
  bool is_kept_by_rows(const Root& root) const {
    return inputs_[root.section].has(SHF_LINK_ORDER) ||
           (root.kind == ClauseKind::kKeep && frames_.has_rows(root.section));
  }

  void keep_functions_whole() {
    for (const FunctionPart& one : atoms_.parts())
      builder_.add(one.function, one.part, ClauseKind::kFollower);
  }

  // Once one of these is named.
  void mark_unwind_table(const std::vector<SymbolId>& symbols, AtomId conclusion) {
    for (const SymbolId symbol : symbols) {
      if (program_.symbols[symbol].section == kNoSection) name_proposition(index(symbol));
      keep_through_symbol(symbol, conclusion);
      unwind_marks_.insert(index(symbol));
    }
  }
  void keep_through_symbol(SymbolId premise, AtomId conclusion) {
    if (const AtomId atom = atom_of_symbol(premise); atom != kNoAtom)
      builder_.add(atom, conclusion, ClauseKind::kScriptSymbol);
  }

  void name_proposition(u32 symbol) {
    const auto [place, added] = propositions_.try_emplace(symbol, kNoAtom);
    if (added) place->second = builder_.add_proposition({Proposition::Kind::kScriptSymbol, symbol});
  }

  void name_script_symbols() {
    for (const ScriptDefinition& definition : options_.script_definitions)
      if (!definition.uses.empty()) name_proposition(index(definition.symbol));
    // What the script makes of a mark of the unwind tables is among the marks, too.
    for (const ScriptDefinition& definition : options_.script_definitions)
      for (const SymbolId used : definition.uses)
        if (!unwind_marks_.contains(index(used)))
          keep_through(proposition(definition.symbol), used, ClauseKind::kScriptSymbol);
  }

  void name_start_stop() {
    std::unordered_map<std::string_view, AtomId> by_section;
    for (u32 i = 0; i < program_.symbols.symbols.size(); i++) {
      const Symbol& symbol = program_.symbols.symbols[i];
      if (symbol.section != kNoSection) continue;
      const std::string_view name = bounded_section(symbol.name);
      if (name.empty() || propositions_.contains(i)) continue;
      const auto [place, added] = by_section.try_emplace(name, kNoAtom);
      if (added) place->second = builder_.add_proposition({Proposition::Kind::kBounds, i});
      propositions_.emplace(i, place->second);
    }
    if (by_section.empty() || !options_.bounds_keep_sections) return;
    for (u32 i = 0; i < inputs_.sections.size(); i++) {
      if (inputs_.sections[i].excluded) continue;
      const auto found = by_section.find(inputs_.sections[i].name);
      if (found == by_section.end()) continue;
      builder_.add(found->second, atom_of(SectionId{i}), ClauseKind::kStartStop);
    }
  }

  void keep_through(AtomId premise, SymbolId symbol, ClauseKind kind) {
    const AtomId conclusion = atom_of_symbol(symbol);
    if (conclusion == kNoAtom) return;
    if (premise == kNoAtom)
      builder_.add_root(conclusion, kind);
    else
      builder_.add(premise, conclusion, kind);
  }

  // What a reference to a global keeps, or kNoAtom.
  AtomId atom_of_symbol(SymbolId id) const {
    const Symbol& symbol = program_.symbols[id];
    if (symbol.section == kNoSection) return proposition(id);
    if (!usable(symbol.section)) return kNoAtom;
    return atom_of_extent(symbol.section, place_of(symbol.type, symbol.value), symbol.size);
  }

  // Who names something that reaches into the next piece means all of it.
  AtomId atom_of_extent(SectionId section, u64 place, u64 size) const {
    const AtomId atom = atoms_.at(section, place);
    if (!atoms_.is_piece(atom) || size == 0) return atom;
    const u64 end = atoms_.end_of_function(atom);
    return place > end || size > end - place ? atom_of(section) : atom;
  }

  static u64 place_of(u8 type, u64 value) { return type == STT_FUNC ? value & ~u64{1} : value; }

  void keep_symbol(const RootSymbol& root) { keep_through(kNoAtom, root.symbol, root.kind); }

  void add_body(const ConditionalBody& body) {
    const AtomId needed =
        builder_.add_proposition({Proposition::Kind::kBody, index(body.function)});
    bodies_.emplace(index(body.function), needed);
    // Who asks for the function by its name wants all of it.
    for (const Root& root : options_.roots)
      if (section_of(body.function) == root.section) builder_.add_root(needed, root.kind);
    for (const RootSymbol& root : options_.root_symbols)
      if (atom_of_symbol(root.symbol) == body.function) builder_.add_root(needed, root.kind);
    for (const AtomId other : body.any_of)
      builder_.add_conditional(std::array{body.function, other}, needed);
  }
  SectionId section_of(AtomId atom) const {
    return atoms_.is_piece(atom) ? atoms_.piece(atom).section : SectionId{index(atom)};
  }
  // What must be live for references in an atom to count.
  AtomId source(AtomId atom) const {
    if (bodies_.empty()) return atom;
    const auto found = bodies_.find(index(atom));
    return found == bodies_.end() ? atom : found->second;
  }

  // What kept the atom before now makes it wanted.
  void guard_atoms() {
    std::unordered_map<u32, AtomId> wanted;
    for (const Guard& guard : options_.guards)
      wanted.emplace(index(guard.atom),
                     builder_.add_proposition({Proposition::Kind::kWanted, index(guard.atom)}));
    builder_.redirect(wanted);
    for (const Guard& guard : options_.guards)
      for (const AtomId other : guard.any_of)
        builder_.add_conditional(std::array{wanted.at(index(guard.atom)), other}, guard.atom);
  }

  // The sections of an object that follow the object as a whole, or each other.
  void object_clauses(ObjectId id) {
    const Object& object = inputs_.objects[index(id)];
    for (const Group& group : object.groups) group_clauses(object, group);
    AtomId something_kept = kNoAtom;
    for (u32 i = 0; i < object.section_count; i++) {
      const SectionId section = object.section(i);
      if (inputs_[section].excluded || inputs_[section].has(SHF_ALLOC)) continue;
      if (something_kept == kNoAtom)
        something_kept = builder_.add_proposition({Proposition::Kind::kObject, index(id)});
      builder_.add(something_kept, atom_of(section), ClauseKind::kFollower);
    }
    if (something_kept == kNoAtom) return;
    for (u32 i = 0; i < object.section_count; i++) {
      const SectionId section = object.section(i);
      if (inputs_[section].excluded || !inputs_[section].has(SHF_ALLOC)) continue;
      add_for_any(section, something_kept, ClauseKind::kFollower);
    }
  }

  void group_clauses(const Object& object, const Group& group) {
    std::vector<SectionId> members;
    for (const u32 member : group.members)
      if (const SectionId id = object.section(member);
          usable(id) && !unwind_.is_about_code(id) && !frames_.has_rows(id))
        members.push_back(id);
    if (members.size() < 2) return;
    for (u64 i = 0; i < members.size(); i++)
      add_for_any(members[i], atom_of(members[(i + 1) % members.size()]), ClauseKind::kGroup);
  }

  void section_clauses(SectionId id) {
    const InputSection& section = inputs_[id];
    if (section.excluded) return;
    const AtomId atom = atom_of(id);
    const Object& object = inputs_.object_of(id);
    const bool describes = section.has(SHF_LINK_ORDER) && section.link != 0;
    // What describes a discarded section is never live, collected or not.
    if (describes && !usable(object.section(section.link))) return;
    if (!options_.collect) builder_.add_root(atom, ClauseKind::kWithoutGc);
    if (section.type == SHT_ARM_ATTRIBUTES) builder_.add_root(atom, ClauseKind::kOutput);
    if (section.has(SHF_GNU_RETAIN)) builder_.add_root(atom, ClauseKind::kRetain);
    if (describes) {
      if (!unwind_.is_table(id))
        add_for_any(object.section(section.link), atom, ClauseKind::kFollower);
    } else if (section.type == SHT_NOTE && section.has(SHF_ALLOC) &&
               (section.flags & SHF_GROUP) == 0) {
      builder_.add_root(atom, ClauseKind::kNote);
    }
    if (atoms_.is_cut(id)) crossing_clauses(id);
    if (!is_debug_section(section)) reference_clauses(id, section);
  }

  // What keeps all of a section keeps each piece. Of most sections nothing does, and there may be
  // many strings.
  void keep_pieces_of_whole_sections() {
    const std::vector<bool> concluded = builder_.concluded();
    for (u32 s = 0; s < inputs_.sections.size(); s++) {
      const SectionId id{s};
      if (!concluded[s] || !atoms_.is_cut(id)) continue;
      for (u64 i = 0; i < atoms_.pieces(id).size(); i++)
        builder_.add(atom_of(id), atoms_.atom_of_piece(id, i), ClauseKind::kFollower);
    }
  }

  // What code refers to without a relocation.
  void crossing_clauses(SectionId id) {
    for (const CodeReference& reference : atoms_.crossings(id))
      builder_.add(source(atoms_.at(id, reference.place)), atoms_.at(id, reference.target),
                   ClauseKind::kReference, reference.place);
  }

  // What the hot loop below asks of every symbol and relocation, in tables small enough for a
  // cache: the symbols and sections themselves are spread over many megabytes.
  void make_tables() {
    usable_.reserve(inputs_.sections.size());
    for (const InputSection& section : inputs_.sections) usable_.push_back(!section.excluded);
    for (u32 type = 0; type < kRelocationTypes; type++) {
      const RelocationType* const row = program_.isa.find(type);
      is_marker_[type] = row != nullptr && row->use == Use::kMarker;
      is_bare_[type] = row != nullptr && row->use == Use::kNone;
    }
  }
  // After the propositions are known.
  void index_symbols() {
    needed_for_.reserve(program_.symbols.symbols.size());
    for (u32 i = 0; i < program_.symbols.symbols.size(); i++)
      needed_for_.push_back(atom_of_symbol(SymbolId{i}));
  }

  AtomId needed_for(const InputSection& section, const Relocation& reference) const {
    const SymbolId global = program_.symbols.of(inputs_, section.object, reference.symbol);
    if (global != kNoSymbol) return needed_for_[index(global)];
    const Object& object = inputs_.objects[index(section.object)];
    const ElfSymbol symbol = object.nameless_symbol(reference.symbol);
    if (symbol.section == SHN_UNDEF || symbol.section == SHN_ABS || symbol.section == SHN_COMMON)
      return kNoAtom;
    const SectionId target = object.section(symbol.section);
    if (!usable(target)) return kNoAtom;
    if (!atoms_.is_cut(target)) return atom_of(target);
    if (symbol.type != STT_SECTION)
      return atom_of_extent(target, place_of(symbol.type, symbol.value), symbol.size);
    const std::optional<i64> distance = distance_of(section, reference);
    const u64 place = symbol.value + static_cast<u64>(distance.value_or(0));
    // A place that is not in there, or cannot be told, does not say which piece is meant.
    if (!distance || place > inputs_[target].size) return atom_of(target);
    return atoms_.at(target, place);
  }

  // How far behind the symbol of a section a relocation refers to, if that can be told.
  std::optional<i64> distance_of(const InputSection& section, const Relocation& reference) const {
    const RelocationType* const type = program_.isa.find(reference.type);
    if (type == nullptr || !section.contents.holds(reference.offset, type->size))
      return std::nullopt;
    const i64 addend =
        section.has_addends
            ? reference.addend
            : program_.isa.read_addend(reference.type, section.contents, reference.offset);
    return program_.isa.distance_from_symbol(reference.type, addend);
  }

  void reference_clauses(SectionId id, const InputSection& section) {
    const u64 count = relocation_count(section);
    const bool cut = atoms_.is_cut(id);
    const SectionId described = described_by(section);
    const FrameTable* const frames = frames_.table(id);
    const std::span<const IgnoredReference> ignored = those_in(id, options_.ignored);
    std::span<const IgnoredReference> in_ocaml, in_startup;
    if (options_.ocaml != nullptr) {
      in_ocaml = those_in(id, options_.ocaml->places);
      in_startup = those_in(id, options_.ocaml->startup);
    }
    const bool any_special =
        frames != nullptr || !ignored.empty() || !in_ocaml.empty() || !in_startup.empty();
    AtomId atom = atom_of(id);
    AtomId premise = source(atom);
    AtomId last = atom;  // the two halves of an address come one after the other
    for (u64 i = 0; i < count; i++) {
      const Relocation reference = relocation(section, i);
      if (reference.type < kRelocationTypes && is_marker_[reference.type]) continue;
      bool is_ocaml = false;  // other clauses say what it keeps
      if (any_special) {
        if (is_among(ignored, id, reference)) continue;
        if (frames != nullptr && frames_.is_start(*frames, reference.offset)) continue;
        is_ocaml = is_among(in_ocaml, id, reference) || is_among(in_startup, id, reference);
      }
      if (cut) premise = source(atom = atoms_.at(id, reference.offset));
      const AtomId conclusion = needed_for(section, reference);
      if (is_ocaml) {
        named_by_ocaml_.emplace(u64{index(id)} << 32 | reference.offset, conclusion);
        continue;
      }
      if (cut && conclusion != kNoAtom && is_bare(reference.type) && unwind_.is_table(id)) {
        keep_for_all_rows(id, conclusion, reference.offset);
        continue;
      }
      if (conclusion == kNoAtom || conclusion == atom || conclusion == last) continue;
      // A table about a section that is cut has rows about each piece, and needs none of them.
      if (described != kNoSection && is_part_of_cut(conclusion, described)) continue;
      builder_.add(premise, conclusion, ClauseKind::kReference, reference.offset);
      last = cut ? kNoAtom : conclusion;
    }
  }

  static bool is_among(std::span<const IgnoredReference> places, SectionId id,
                       const Relocation& reference) {
    return std::ranges::binary_search(places, IgnoredReference{id, reference.offset});
  }
  static std::span<const IgnoredReference> those_in(SectionId id,
                                                    const std::vector<IgnoredReference>& all) {
    const auto first = std::ranges::lower_bound(all, id, {}, &IgnoredReference::section);
    const auto last = std::ranges::upper_bound(all, id, {}, &IgnoredReference::section);
    return {first, last};
  }

  void follow_ocaml_fields(const OcamlClauses& ocaml) {
    const auto named_at = [&](SectionId section, u32 place) {
      const auto found = named_by_ocaml_.find(u64{index(section)} << 32 | place);
      return found == named_by_ocaml_.end() ? kNoAtom : found->second;
    };
    const auto acts = [&](AtomId atom) { return source(atom); };
    add_ocaml_clauses(ocaml, program_, atoms_, options_, named_at, acts, builder_);
  }

  bool is_bare(u32 type) const { return type < kRelocationTypes && is_bare_[type]; }

  // A personality routine of the ABI, of which an assembler says once that rows need it.
  void keep_for_all_rows(SectionId table, AtomId routine, u64 offset) {
    for (u64 i = 0; i < atoms_.pieces(table).size(); i++)
      builder_.add(atoms_.atom_of_piece(table, i), routine, ClauseKind::kReference, offset);
  }

  bool is_part_of_cut(AtomId atom, SectionId section) const {
    if (!atoms_.is_cut(section)) return false;
    return atom == atom_of(section) ||
           (atoms_.is_piece(atom) && atoms_.piece(atom).section == section);
  }

  SectionId described_by(const InputSection& section) const {
    if (!section.has(SHF_LINK_ORDER) || section.link == 0) return kNoSection;
    return inputs_.objects[index(section.object)].section(section.link);
  }

  const Program& program_;
  const Inputs& inputs_;
  const Atoms& atoms_;
  const ClauseOptions& options_;
  const UnwindClauses unwind_;
  const FrameClauses frames_;
  GraphBuilder builder_;
  std::unordered_map<u32, AtomId> propositions_;    // by SymbolId
  std::unordered_map<u32, AtomId> bodies_;          // by function: what it does is needed
  std::unordered_set<u32> unwind_marks_;            // SymbolIds, of UnwindReaders
  std::unordered_map<u64, AtomId> named_by_ocaml_;  // by section and place: OcamlClauses::places
  // What is live once anything of a section is.
  struct Followers {
    u32 count = 0;
    AtomId something_live = kNoAtom;
  };
  std::unordered_map<u32, Followers> followers_;  // by SectionId, of those that are cut
  static constexpr u32 kRelocationTypes = 256;    // ELF32 has no more
  std::bitset<kRelocationTypes> is_marker_;
  std::bitset<kRelocationTypes> is_bare_;  // R_*_NONE
  std::vector<bool> usable_;               // per input section
  std::vector<AtomId> needed_for_;         // per SymbolId: what a reference to it keeps
};

}  // namespace

bool is_debug_section(const InputSection& section) {
  if (section.has(SHF_ALLOC)) return false;
  for (const std::string_view prefix : {".debug", ".zdebug", ".stab", ".line", ".gnu.linkonce.wi."})
    if (section.name.starts_with(prefix)) return true;
  return false;
}

Graph collect_clauses(const Program& program, const Atoms& atoms, const ClauseOptions& options) {
  return Collector(program, atoms, options).run();
}

}  // namespace fwseal
