// The start-up object has, of the units X in the order in which they are linked (OCaml 4.13,
// asmcomp/asmlink.ml; cmm_helpers.ml, entry_point and the tables behind it):
//
//   caml_program        calls X__entry, then adds 1 to caml_globals_inited
//   caml_globals        X__gc_roots, and 0 at its end
//   caml_data_segments  X__data_begin, X__data_end, and 0; ocaml_split.cc adds X__ram_begin and
//                       X__ram_end - 4
//   caml_code_segments  X__code_begin, X__code_end, and 0
//
// Of caml_globals, the collector scans as many as are counted, and the one behind
// (runtime/roots_nat.c): so a call, its count and its word are only left out together. The pairs
// say which addresses are values and which are code (runtime/startup_nat.c, init_static); of the
// start-up object itself they come first and always stay, since nobody expects an empty table.
#include "graph/ocaml_startup.h"

#include <elf.h>

#include <algorithm>
#include <map>
#include <optional>

#include "graph/code_runs.h"

namespace fwseal {
namespace {

using Kind = OcamlStep::Kind;
constexpr u64 kWord = 4;

struct Word {
  SymbolId symbol = kNoSymbol;
  i64 addend = 0;
};

struct Table {
  SectionId section = kNoSection;
  std::vector<Word> words;
};

class TableReader {
 public:
  TableReader(const Program& program, const Atoms& atoms, const OcamlModules& modules)
      : program_(program), atoms_(atoms), modules_(modules) {}

  OcamlTables run() {
    read_globals();
    read_extents("caml_data_segments");
    read_extents("caml_code_segments");
    result_.all = result_.globals;
    for (const OcamlExtent& extent : result_.extents) result_.all.push_back(extent.pair);
    sort_ranges(result_.all);
    return std::move(result_);
  }

 private:
  // Words with the addresses of symbols, and a zero word behind them; nothing else in the section,
  // which is loaded and kept as one, and no other table of ours. Where more than words are aligned,
  // one of them cannot go: what stood for it would be a zero, and end the table.
  Table read(std::string_view name) {
    const Symbol* const symbol = defined_symbol(program_, name);
    if (symbol == nullptr || symbol->value != 0) return {};
    const InputSection& section = program_.inputs[symbol->section];
    if (section.type != SHT_PROGBITS || !section.has(SHF_ALLOC) || atoms_.is_cut(symbol->section) ||
        std::ranges::find(sections_, symbol->section) != sections_.end())
      return {};
    sections_.push_back(symbol->section);
    const u64 count = relocation_count(section);
    if (section.alignment > kWord || section.has_addends ||
        section.contents.size() != section.size || section.size != kWord * (count + 1) ||
        section.contents.le<u32>(kWord * count) != 0)
      return {};
    Table table{symbol->section, std::vector<Word>(count)};
    for (u64 i = 0; i < count; i++) {
      const Relocation entry = relocation(section, i);
      const SymbolId named = program_.symbols.of(program_.inputs, section.object, entry.symbol);
      if (entry.type != R_ARM_ABS32 || entry.offset % kWord != 0 || entry.offset >= kWord * count ||
          named == kNoSymbol || table.words[entry.offset / kWord].symbol != kNoSymbol)
        return {};
      table.words[entry.offset / kWord] = {
          named, program_.isa.read_addend(entry.type, section.contents, entry.offset)};
    }
    return table;
  }

  // Each unit has one word, and is in the list of frametables.
  void read_globals() {
    const Table table = read("caml_globals");
    if (table.words.empty()) return;
    std::map<SymbolId, u32> unit_of;  // of those that have no word yet
    for (u32 i = 0; i < modules_.units.size(); i++)
      unit_of.try_emplace(modules_.units[i].gc_roots, i);
    for (const Word& word : table.words) {
      const auto unit = unit_of.extract(word.symbol);
      if (unit.empty() || word.addend != 0) {
        result_.globals.clear();
        result_.units.clear();
        return;
      }
      const u64 place = kWord * result_.globals.size();
      result_.globals.push_back({table.section, place, place + kWord});
      result_.units.push_back(unit.mapped());
    }
  }

  void read_extents(std::string_view name) {
    const Table table = read(name);
    for (u64 i = 0; i + 1 < table.words.size(); i += 2) {
      OcamlExtent extent{{table.section, kWord * i, kWord * (i + 2)}, {}};
      if (is_extent(table.words[i], table.words[i + 1], extent.about))
        result_.extents.push_back(extent);
    }
  }
  // The ends of data are the addresses of last words.
  bool is_extent(const Word& first, const Word& last, SectionRange& about) const {
    const Symbol& begin = program_.symbols[first.symbol];
    const Symbol& end = program_.symbols[last.symbol];
    for (const auto& [stem, behind] :
         {std::pair("__code", u64{0}), std::pair("__data", kWord), std::pair("__ram", kWord)}) {
      const std::string before = cat(stem, "_begin");
      if (!begin.name.ends_with(before)) continue;
      const std::string_view unit = begin.name.substr(0, begin.name.size() - before.size());
      about = {begin.section, begin.value, end.value + static_cast<u64>(last.addend) + behind};
      return unit != "caml_startup" && end.name == cat(unit, stem, "_end") &&
             begin.section != kNoSection && begin.section == end.section && first.addend == 0 &&
             about.begin < about.end && about.end <= program_.inputs[about.section].size &&
             (before != "__code_begin" || has_entry(unit, about));
    }
    return false;
  }
  // If not, the functions are somewhere else: a script sorted their sections by name.
  bool has_entry(std::string_view unit, const SectionRange& code) const {
    const Symbol* const entry = defined_symbol(program_, cat(unit, "__entry"));
    return entry != nullptr && code.contains(entry->section, entry->value & ~u64{1});
  }

  const Program& program_;
  const Atoms& atoms_;
  const OcamlModules& modules_;
  std::vector<SectionId> sections_;  // with a table
  OcamlTables result_;
};

class StartReader {
 public:
  StartReader(const Program& program, const OcamlModules& modules, const OcamlTables& tables,
              const OcamlFunction& function)
      : program_(program),
        modules_(modules),
        tables_(tables),
        function_(function),
        section_(program.inputs[function.section]) {
    for (u64 i = 0; i < relocation_count(section_); i++)
      if (const Relocation entry = relocation(section_, i);
          entry.offset >= function.begin && entry.offset < function.end)
        relocations_.push_back(entry);
    std::ranges::stable_sort(relocations_, {}, &Relocation::offset);
  }

  OcamlStarts run() {
    OcamlStarts result;
    if (!function_.is_read || section_.has_addends || !goes_straight() ||
        !read_references(result.references))
      return {};
    const std::vector<OcamlStep>& steps = function_.steps;
    for (u64 i = 0; i < steps.size(); i++) {
      if (steps[i].kind != Kind::kCall) continue;
      const u64 number = result.starts.size();
      const SymbolId entry = named_at(steps[i].place);
      if (number == tables_.units.size() || entry == kNoSymbol ||
          modules_.units[tables_.units[number]].entry != entry)
        return {};
      OcamlStart start;
      start.place = steps[i].place;
      if (counts(i)) start.call = {function_.section, steps[i].place, steps[i + 5].place};
      result.starts.push_back(start);
    }
    if (result.starts.size() != tables_.units.size()) return {};
    return result;
  }

 private:
  bool goes_straight() const {
    for (u64 i = 0; i < function_.steps.size(); i++) {
      const OcamlStep& step = function_.steps[i];
      if (step.is_conditional || step.kind == Kind::kCallUnknown ||
          (!step.targets.empty() && behind_literals(i) == i))
        return false;
    }
    return true;
  }
  // Of a hundred units, caml_program is too long for literals at its end alone. The step to which
  // one leads that jumps over them and what fills up before them; of others, the step itself.
  u64 behind_literals(u64 number) const {
    const OcamlStep& jump = function_.steps[number];
    if (jump.kind != Kind::kJump || jump.targets.size() != 1) return number;
    const u64 target = jump.targets.front();
    for (u64 i = number + 1; i < target; i++) {
      const OcamlStep& step = function_.steps[i];
      if (step.kind != Kind::kCompute || step.reads != 0 || step.writes != 0 || step.stores)
        return number;
    }
    return std::max(number, target);
  }

  SymbolId named_at(u64 place) const {
    const auto entry = std::ranges::lower_bound(relocations_, place, {}, &Relocation::offset);
    if (entry == relocations_.end() || entry->offset != place) return kNoSymbol;
    return program_.symbols.of(program_.inputs, section_.object, entry->symbol);
  }

  // Behind a call: a = &caml_globals_inited; b = *a; c = b + 1; *a = c. All registers are the
  // next call's to destroy, or nobody reads them.
  bool counts(u64 call) const {
    const std::vector<OcamlStep>& steps = function_.steps;
    if (steps.size() - call < 6 || !comes_next(call + 5)) return false;
    const OcamlStep& address = steps[call + 1];
    const OcamlStep& load = steps[call + 2];
    const OcamlStep& add = steps[call + 3];
    const OcamlStep& store = steps[call + 4];
    if (address.kind != Kind::kAddress || load.kind != Kind::kLoad || add.kind != Kind::kCompute ||
        store.kind != Kind::kStore)
      return false;
    const SymbolId counter = named_at(address.literal);
    return counter != kNoSymbol && program_.symbols[counter].name == "caml_globals_inited" &&
           section_.contents.le<u32>(address.literal) == 0 && load.rn == address.rd &&
           load.offset == 0 && add.adds && add.rn == load.rd && add.offset == 1 &&
           add.writes == 1u << store.rd && store.rn == address.rd && store.offset == 0 &&
           store.rd != address.rd && load.rd != address.rd;
  }

  bool comes_next(u64 number) const {
    number = behind_literals(number);
    return function_.steps[number].kind == Kind::kCall || is_end(number);
  }
  // From here on the function gives r0 a number and returns.
  bool is_end(u64 first) const {
    bool has_result = false;
    for (const OcamlStep& step : std::span(function_.steps).subspan(first)) {
      const bool computes = step.kind == Kind::kCompute && step.reads == 0 && !step.stores;
      if (computes && step.is_number && step.writes == 1) has_result = true;
      const bool returns = step.kind == Kind::kReturn && has_result;
      if (!computes && !returns && step.kind != Kind::kMoveStack) return false;
    }
    return has_result;
  }

  // False if something cannot be said anew.
  bool read_references(std::vector<CodeReference>& references) const {
    const CodeRuns all = code_runs(program_.inputs, program_.inputs.object_of(function_.section));
    const auto runs = all.find(section_.elf_index);
    if (runs == all.end()) return false;
    std::vector<u32> relocated;
    for (const Relocation& entry : relocations_)
      relocated.push_back(static_cast<u32>(entry.offset));
    CodeScan scan;
    for (u64 i = 0; i < runs->second.size(); i++) {
      const CodeRun& run = runs->second[i];
      if (run.end <= function_.begin || run.begin >= function_.end || run.mode == CodeMode::kData)
        continue;
      if (run.begin < function_.begin || run.end > function_.end) return false;
      if (!program_.isa.scan_code(section_.contents, runs->second, i, relocated, scan))
        return false;
    }
    for (const CodeReference& one : scan.references)
      if (one.form == CodeReference::kFixed || one.takes_address || one.target < function_.begin ||
          one.target >= function_.end)
        return false;
    references = std::move(scan.references);
    return true;
  }

  const Program& program_;
  const OcamlModules& modules_;
  const OcamlTables& tables_;
  const OcamlFunction& function_;
  const InputSection& section_;
  std::vector<Relocation> relocations_;  // of the function, in order
};

}  // namespace

OcamlTables find_ocaml_tables(const Program& program, const Atoms& atoms,
                              const OcamlModules& modules) {
  return TableReader(program, atoms, modules).run();
}

OcamlStarts find_ocaml_starts(const Program& program, const OcamlModules& modules,
                              const OcamlTables& tables, const OcamlFunction& caml_program) {
  return StartReader(program, modules, tables, caml_program).run();
}

}  // namespace fwseal
