#include "graph/runtime_ocaml.h"

#include <elf.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "graph/ocaml_code.h"
#include "graph/reference.h"

namespace fwseal {
namespace {

constexpr u64 kWord = 4;

class Collector {
 public:
  Collector(const Program& program, const Atoms& atoms)
      : program_(program), inputs_(program.inputs), atoms_(atoms) {}

  OcamlClauses run() {
    units_ = find_ocaml_modules(program_);
    if (!units_.refusal.empty()) return refused({kNoSection, 0, units_.refusal});
    if (units_.empty() || !atoms_.any_cut()) return {};
    find_runtime();
    tables_ = find_ocaml_tables(program_, atoms_, units_);
    for (const OcamlModule& unit : units_.units) add_block(unit);
    if (result_.blocks.empty()) return {};
    add_functions();
    world_.is_called_by_others.resize(world_.functions.size());
    for (u32 i = 0; i < inputs_.sections.size(); i++) find_ways_in(SectionId{i});
    note_literals();
    for (u32 i = 0; i < inputs_.sections.size(); i++)
      if (const auto place = look_at(SectionId{i}))
        return refused({place->section, place->offset,
                        "something else than the collector goes through caml_globals here"});
    std::optional<std::vector<OcamlFact>> facts = follow_values(world_, result_.words);
    if (!facts) return refused({kNoSection, 0, "what they store takes too long to follow"});
    result_.facts = *std::move(facts);
    note_escapes_of_unread();
    for (const OcamlFunction& function : world_.functions)
      result_.functions.push_back(atoms_.at(function.section, function.begin));
    find_idle();
    collect_places();
    return std::move(result_);
  }

 private:
  static OcamlClauses refused(OcamlRefusal refusal) {
    OcamlClauses nothing;
    nothing.refusals.push_back(std::move(refusal));
    return nothing;
  }

  // ---- Names

  void find_runtime() {
    for (const OcamlHelper& helper : units_.helpers)
      helpers_[program_.symbols[helper.symbol].value & ~u64{1}] = target_kind(helper.kind);
    counter_ = program_.symbols.find("caml_globals_inited");
    lists_ = program_.symbols.find("caml_globals");
    for (const SymbolId symbol : {lists_, counter_})
      if (symbol != kNoSymbol) result_.of_all_units.push_back(symbol);
    if (const Symbol* const lists = defined_symbol(program_, "caml_globals"))
      add_words(*lists, globals_);
  }
  static OcamlTarget::Kind target_kind(OcamlHelper::Kind kind) {
    switch (kind) {
      case OcamlHelper::Kind::kAllocates:
        return OcamlTarget::Kind::kAllocates;
      case OcamlHelper::Kind::kCallsC:
        return OcamlTarget::Kind::kCallC;
      default:
        return OcamlTarget::Kind::kRaises;
    }
  }

  // ---- What is followed

  // The unit's block: a black header of tag 0, and as many words as it says.
  void add_block(const OcamlModule& unit) {
    if (unit.module == kNoSymbol || unit.gc_roots == kNoSymbol) return;
    const Symbol& symbol = program_.symbols[unit.module];
    const Bytes contents = inputs_[symbol.section].contents;
    if (symbol.value % kWord != 0 || symbol.value < kWord ||
        !contents.holds(symbol.value - kWord, kWord))
      return;
    constexpr u32 kBlackWithTag0 = 3 << 8;
    const u32 header = contents.le<u32>(symbol.value - kWord);
    const u32 size = header >> 10;
    if ((header & 0x3ff) != kBlackWithTag0 || size == 0 ||
        size > (contents.size() - symbol.value) / kWord)
      return;
    const u32 number = static_cast<u32>(result_.blocks.size());
    const auto behind = blocks_.lower_bound({symbol.section, symbol.value});
    const bool overlaps = behind != blocks_.end() && behind->first.first == symbol.section &&
                          behind->first.second < symbol.value + kWord * size;
    if (overlaps || block_around(symbol.section, symbol.value)) return;
    blocks_.emplace(std::pair(symbol.section, symbol.value), number);
    result_.blocks.push_back({symbol.section, symbol.value, size});
    world_.block_sizes.push_back(size);
    const Symbol& list = program_.symbols[unit.gc_roots];
    lists_of_roots_.emplace(std::pair(list.section, list.value), number);
    add_words(list, roots_);
  }
  // Those of a list, which are all relocated; a 0 ends it.
  void add_words(const Symbol& list, std::set<std::pair<SectionId, u64>>& words) {
    const std::vector<Relocation>& all = code_.references_in(list.section);
    u64 place = list.value;
    auto entry = std::ranges::lower_bound(all, place, {}, &Relocation::offset);
    for (; entry != all.end() && entry->offset == place; ++entry, place += kWord)
      words.emplace(list.section, place);
  }
  std::optional<u32> block_around(SectionId section, u64 place) const {
    const auto behind = blocks_.upper_bound({section, place});
    if (behind == blocks_.begin()) return std::nullopt;
    const auto& [key, number] = *std::prev(behind);
    const bool is_inside =
        key.first == section && place < key.second + kWord * result_.blocks[number].size;
    return is_inside ? std::optional(number) : std::nullopt;
  }

  void add_functions() {
    std::vector<const OcamlModule*> whole;
    for (const OcamlModule& unit : units_.units) {
      const u64 before = world_.functions.size();
      code_.add(unit);
      const bool has_none = world_.functions.size() == before;
      if (has_none && unit.code.begin != unit.code.end) whole.push_back(&unit);
    }
    if (whole.empty()) return;
    const OcamlModule& first = *whole.front();
    const std::string others =
        whole.size() == 1 ? "" : cat(" and ", whole.size() - 1, " other units");
    result_.refusals.push_back({first.code.section, first.code.begin,
                                cat("code of ", first.name, others, " cannot be cut")});
  }

  // ---- References

  void find_ways_in(SectionId id) {
    const InputSection& section = inputs_[id];
    if (!section.excluded && section.has(SHF_ALLOC) && !describes_code(section))
      code_.lose_entered(id, [&](const Relocation& entry) { return is_listed(id, entry); });
  }
  static bool describes_code(const InputSection& section) {
    return section.name.starts_with(".eh_frame") || section.has(SHF_LINK_ORDER);
  }
  // In tables: no reference to what it names.
  bool is_listed(SectionId id, const Relocation& reference) const {
    return tables_.has(id, reference.offset) || is_in(units_.frametables, id, reference.offset);
  }

  void note_literals() {
    for (const OcamlFunction& function : world_.functions)
      for (const OcamlStep& step : function.steps)
        if (step.kind == OcamlStep::Kind::kAddress)
          literals_.insert(OcamlWorld::key(function.section, step.literal));
  }

  // Where somebody looks at the modules whom nobody follows.
  std::optional<IgnoredReference> look_at(SectionId id) {
    const InputSection& section = inputs_[id];
    if (section.excluded || !section.has(SHF_ALLOC)) return std::nullopt;
    const bool describes = describes_code(section);
    for (u64 i = 0; i < relocation_count(section); i++) {
      const Relocation reference = relocation(section, i);
      const auto to = find_ocaml_place(program_, section, reference);
      if (!to) continue;
      if (to->symbol != kNoSymbol && to->symbol == lists_ && !is_of_collector(id, reference.offset))
        return IgnoredReference{id, reference.offset};
      OcamlFunction* const from = code_.around(id, reference.offset);
      if (is_counter(*to) && !is_caml_program(from) && !is_of_collector(id, reference.offset))
        result_.counter_reads.push_back({id, reference.offset});
      if (from != nullptr && from->is_read) {
        look_at_code(*from, reference, *to);
        continue;
      }
      if (!describes) look_at_other(id, reference, *to, from != nullptr);
    }
    return std::nullopt;
  }

  bool is_counter(const OcamlPlace& to) const {
    if (counter_ == kNoSymbol) return false;
    const Symbol& counter = program_.symbols[counter_];
    return to.symbol == counter_ ||
           (to.section == counter.section && (to.offset == counter.value || to.is_anywhere));
  }
  bool is_caml_program(const OcamlFunction* function) const {
    const Symbol* const symbol = defined_symbol(program_, "caml_program");
    return function != nullptr && symbol != nullptr && function->section == symbol->section &&
           function->begin == (symbol->value & ~u64{1});
  }

  // Is the place in a function that goes through the modules as a collector does? (4.13:
  // roots_nat.c.) Compilers add a suffix with a dot to parts of them.
  bool is_of_collector(SectionId id, u64 place) {
    const ObjectId object = inputs_[id].object;
    const auto [known, is_new] = collectors_.try_emplace(index(object));
    if (is_new) known->second = find_collectors(inputs_.objects[index(object)]);
    return is_in(known->second, id, place);
  }
  // Joined where they overlap.
  static std::vector<SectionRange> find_collectors(const Object& object) {
    constexpr std::string_view kNames[] = {"caml_oldify_local_roots", "caml_do_roots",
                                           "caml_darken_all_roots_slice",
                                           "caml_darken_all_roots_start"};
    std::vector<SectionRange> found, joined;
    for (u32 i = 1; i < object.symbol_count; i++) {
      const ElfSymbol nameless = object.nameless_symbol(i);
      if (nameless.type != STT_FUNC || nameless.section == SHN_UNDEF ||
          nameless.section >= object.section_count)
        continue;
      const std::string_view name = object.symbol(i).name;
      const u64 begin = nameless.value & ~u64{1};
      if (std::ranges::find(kNames, name.substr(0, name.find('.'))) != std::end(kNames))
        found.push_back({object.section(nameless.section), begin, begin + nameless.size});
    }
    sort_ranges(found);
    for (const SectionRange& range : found) {
      if (!joined.empty() && joined.back().section == range.section &&
          range.begin <= joined.back().end)
        joined.back().end = std::max(joined.back().end, range.end);
      else
        joined.push_back(range);
    }
    return joined;
  }

  OcamlTarget target_of(const OcamlPlace& to) const {
    if (const auto block = blocks_.find({to.section, to.offset}); block != blocks_.end())
      return {OcamlTarget::Kind::kBlock, block->second};
    const u64 place = to.offset & ~u64{1};
    if (units_.runtime.contains(to.section, place)) {
      const auto helper = helpers_.find(place);
      return {helper == helpers_.end() ? OcamlTarget::Kind::kOther : helper->second, 0};
    }
    if (const u32* const function = code_.at(to.section, place))
      return {OcamlTarget::Kind::kFunction, *function};
    const bool is_c = to.type == STT_FUNC && !units_.is_code(to.section, place);
    if (!is_c) return {};
    const bool is_named =
        to.symbol != kNoSymbol && (program_.symbols[to.symbol].value & ~u64{1}) == place;
    OcamlTarget target{OcamlTarget::Kind::kC, 0};
    if (is_named) target.harmless = find_harmless(program_.symbols[to.symbol].name);
    return target;
  }

  // In a function that is read: its literals and calls are followed.
  void look_at_code(OcamlFunction& from, const Relocation& reference, const OcamlPlace& to) {
    const OcamlTarget target = target_of(to);
    const auto step = std::ranges::lower_bound(from.steps, reference.offset, {}, &OcamlStep::place);
    const bool is_call =
        step != from.steps.end() && step->place == reference.offset &&
        (step->kind == OcamlStep::Kind::kCall || step->kind == OcamlStep::Kind::kTailCall);
    const bool is_literal = literals_.contains(OcamlWorld::key(from.section, reference.offset));
    if (is_call || is_literal)
      world_.targets.emplace(OcamlWorld::key(from.section, reference.offset), target);
    if (!is_call) mark_called(to);
    if (!is_literal || target.kind != OcamlTarget::Kind::kBlock)
      note_escape(from.section, reference, to);
  }

  void look_at_other(SectionId id, const Relocation& reference, const OcamlPlace& to,
                     bool is_code) {
    if (is_listed(id, reference)) return;
    mark_called(to);
    if (is_code) world_.targets.emplace(OcamlWorld::key(id, reference.offset), target_of(to));
    if (const auto block = block_around(id, reference.offset)) {
      const OcamlBlock& holder = result_.blocks[*block];
      if (reference.type == R_ARM_ABS32 && (reference.offset - holder.place) % kWord == 0) {
        const OcamlTarget target = target_of(to);
        DataWord word;
        word.block = BlockId{*block};
        word.field = static_cast<u32>((reference.offset - holder.place) / kWord);
        word.section = id;
        word.place = static_cast<u32>(reference.offset);
        if (target.kind == OcamlTarget::Kind::kBlock) word.holds = BlockId{target.index};
        world_.targets.emplace(OcamlWorld::key(id, reference.offset), target);
        result_.words.push_back(word);
        if (word.holds != kNoBlock) return;
      }
    }
    if (!roots_.contains({id, reference.offset})) note_escape(id, reference, to);
  }

  // Somebody has the address of the function.
  void mark_called(const OcamlPlace& to) {
    if (const u32* const function = code_.at(to.section, to.offset & ~u64{1}))
      world_.is_called_by_others[*function] = true;
  }

  void note_escape(SectionId id, const Relocation& reference, const OcamlPlace& to) {
    const auto escape = [&](u32 block) {
      result_.escapes.push_back(
          {atoms_.at(id, reference.offset), BlockId{block}, static_cast<u32>(reference.offset)});
    };
    if (to.is_anywhere) {
      auto block = blocks_.lower_bound({to.section, 0});
      for (; block != blocks_.end() && block->first.first == to.section; ++block)
        escape(block->second);
    } else if (const auto block = block_around(to.section, to.offset)) {
      escape(*block);
    } else if (const auto list = lists_of_roots_.find({to.section, to.offset});
               list != lists_of_roots_.end() && !globals_.contains({id, reference.offset})) {
      escape(list->second);
    }
  }

  // What is known of blocks where it turned out that nobody can tell what becomes of it.
  void note_escapes_of_unread() {
    for (const OcamlFunction& function : world_.functions) {
      if (function.is_read) continue;
      const std::vector<Relocation>& all = code_.references_in(function.section);
      auto entry = std::ranges::lower_bound(all, u64{function.begin}, {}, &Relocation::offset);
      for (; entry != all.end() && entry->offset < function.end; ++entry)
        if (const auto to = find_ocaml_place(program_, inputs_[function.section], *entry))
          note_escape(function.section, *entry, *to);
    }
  }

  // ---- The result

  // Without what others need of it, nothing of a unit is started whose list has its block alone.
  void find_idle() {
    const Symbol* const symbol = defined_symbol(program_, "caml_program");
    const u32* const caml_program =
        symbol == nullptr ? nullptr : code_.at(symbol->section, symbol->value & ~u64{1});
    if (caml_program == nullptr) return;
    constexpr u64 kMostReaders = 16;  // each of them needs each unit
    if (result_.counter_reads.size() > kMostReaders) {
      const IgnoredReference& last = result_.counter_reads.back();
      result_.refusals.push_back(
          {last.section, last.offset, "all units are started: too many read caml_globals_inited"});
      return;
    }
    OcamlStarts found =
        find_ocaml_starts(program_, units_, tables_, world_.functions[*caml_program]);
    if (found.starts.empty())
      result_.refusals.push_back(
          {symbol->section, symbol->value & ~u64{1},
           "all units are started: caml_program or caml_globals is none of OCaml 4.11 to 4.14"});
    std::vector<OcamlClauses::Unit> units;
    std::vector<OcamlEntry> entries;
    for (u64 i = 0; i < found.starts.size(); i++) {
      const std::optional<OcamlEntry> entry = entry_of(units_.units[tables_.units[i]]);
      if (!entry || found.starts[i].call.section == kNoSection) continue;
      entries.push_back(*entry);
      units.push_back({*entry, found.starts[i], tables_.globals[i]});
    }
    std::vector<OcamlEntry> idle = find_idle_entries(world_, entries);
    std::ranges::sort(idle);
    for (const OcamlClauses::Unit& unit : units)
      if (std::ranges::binary_search(idle, unit.entry)) result_.idle.push_back(unit);
    result_.caml_program = result_.functions[*caml_program];
    result_.in_caml_program = std::move(found.references);
  }
  std::optional<OcamlEntry> entry_of(const OcamlModule& unit) const {
    if (unit.module == kNoSymbol || unit.entry == kNoSymbol) return std::nullopt;
    const Symbol& block = program_.symbols[unit.module];
    const Symbol& entry = program_.symbols[unit.entry];
    const Symbol& list = program_.symbols[unit.gc_roots];
    const auto found = blocks_.find({block.section, block.value});
    const u32* const function = code_.at(entry.section, entry.value & ~u64{1});
    if (found == blocks_.end() || function == nullptr ||
        !unit.code.contains(entry.section, entry.value) ||
        roots_.contains({list.section, list.value + kWord}))
      return std::nullopt;
    return OcamlEntry{*function, BlockId{found->second}};
  }

  void collect_places() {
    for (const OcamlFunction& function : world_.functions) {
      if (!function.is_read) continue;
      for (const OcamlStep& step : function.steps)
        if (step.kind == OcamlStep::Kind::kAddress)
          result_.places.push_back({function.section, step.literal});
    }
    for (const DataWord& word : result_.words) result_.places.push_back({word.section, word.place});
    std::ranges::sort(result_.places);
    result_.places.erase(std::unique(result_.places.begin(), result_.places.end()),
                         result_.places.end());
    std::ranges::sort(result_.escapes);
    result_.extents = tables_.extents;
    for (const OcamlExtent& extent : result_.extents)
      for (u64 place = extent.pair.begin; place < extent.pair.end; place += kWord)
        result_.startup.push_back({extent.pair.section, place});
    for (const OcamlClauses::Unit& unit : result_.idle) {
      result_.startup.push_back({unit.start.call.section, unit.start.place});
      result_.startup.push_back({unit.global.section, unit.global.begin});
    }
    std::ranges::sort(result_.startup);
  }

  const Program& program_;
  const Inputs& inputs_;
  const Atoms& atoms_;
  OcamlModules units_;
  std::map<u64, OcamlTarget::Kind> helpers_;  // by place in the runtime's assembly
  OcamlTables tables_;
  SymbolId lists_ = kNoSymbol;                               // caml_globals
  SymbolId counter_ = kNoSymbol;                             // caml_globals_inited
  std::map<std::pair<SectionId, u64>, u32> blocks_;          // by place of the first field
  std::map<std::pair<SectionId, u64>, u32> lists_of_roots_;  // and the block of the unit
  std::map<u32, std::vector<SectionRange>> collectors_;      // per object that names caml_globals
  std::set<std::pair<SectionId, u64>> globals_;              // words of caml_globals
  std::set<std::pair<SectionId, u64>> roots_;                // words of the collector's lists
  std::unordered_set<u64> literals_;                         // by OcamlWorld::key
  OcamlWorld world_;
  OcamlCodeMap code_{program_, atoms_, units_, world_.functions};
  OcamlClauses result_;
};

}  // namespace

OcamlClauses follow_ocaml(const Program& program, const Atoms& atoms) {
  return Collector(program, atoms).run();
}

std::vector<IgnoredReference> dead_names(const Program& program, const Atoms& atoms,
                                         const Reach& live, const OcamlClauses& ocaml) {
  std::vector<IgnoredReference> dead;
  for (u64 i = 0; i < ocaml.places.size();) {
    const SectionId id = ocaml.places[i].section;
    const InputSection& section = program.inputs[id];
    u64 end = i;
    while (end < ocaml.places.size() && ocaml.places[end].section == id) end++;
    const auto here = std::span(ocaml.places).subspan(i, end - i);
    for (u64 k = 0; k < relocation_count(section); k++) {
      const Relocation reference = relocation(section, k);
      const IgnoredReference place{id, reference.offset};
      if (!std::ranges::binary_search(here, place)) continue;
      const AtomId named = atom_referred_to(program, atoms, section, reference);
      if (named != kNoAtom && !live.live(named)) dead.push_back(place);
    }
    i = end;
  }
  std::ranges::sort(dead);
  return dead;
}

}  // namespace fwseal
