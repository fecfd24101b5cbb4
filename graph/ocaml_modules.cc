#include "graph/ocaml_modules.h"

#include <algorithm>
#include <string>
#include <utility>

#include "graph/ocaml_frames.h"

namespace fwseal {
namespace {

constexpr std::string_view kTable = "__frametable";
constexpr std::string_view kRuntime = "caml_system";
constexpr u64 kWord = 4;

std::pair<u32, u64> place_of(const SectionRange& range) {
  return {index(range.section), range.begin};
}

bool any_overlap(const std::vector<SectionRange>& sorted) {
  return std::ranges::adjacent_find(sorted, [](const SectionRange& a, const SectionRange& b) {
           return a.section == b.section && b.begin < a.end;
         }) != sorted.end();
}

class Finder {
 public:
  explicit Finder(const Program& program) : program_(program) {}

  OcamlModules run() {
    OcamlModules found;
    const SymbolId list = program_.symbols.find("caml_frametable");
    if (defined_symbol(program_, list) == nullptr) return found;
    found.refusal = other_ocaml(program_);
    if (!found.refusal.empty()) return found;
    for (const SymbolId table : listed(program_.symbols[list])) {
      const std::string_view name = program_.symbols[table].name;
      if (!name.ends_with(kTable)) continue;
      OcamlModule unit;
      unit.name = name.substr(0, name.size() - kTable.size());
      if (unit.name != kRuntime && describe(unit, program_.symbols[table]))
        found.units.push_back(unit);
    }
    for (const OcamlModule& unit : found.units) found.codes.push_back(unit.code);
    sort_ranges(found.codes);
    if (any_overlap(found.codes)) return {};
    for (const OcamlModule& unit : found.units)
      for (const std::string_view suffix : {"__code_begin", "__code_end"})
        found.code_bounds.push_back(of_unit(unit, suffix));
    for (const OcamlModule& unit : found.units) found.frametables.push_back(unit.frametable);
    sort_ranges(found.frametables);
    if (!found.empty()) find_runtime(found);
    std::ranges::sort(found.code_bounds);
    return found;
  }

 private:
  // What the words from a symbol on name, one after the other.
  std::vector<SymbolId> listed(const Symbol& from) const {
    const InputSection& section = program_.inputs[from.section];
    std::vector<Relocation> words;
    for (u64 i = 0; i < relocation_count(section); i++)
      if (const Relocation word = relocation(section, i); word.offset >= from.value)
        words.push_back(word);
    std::ranges::stable_sort(words, {}, &Relocation::offset);
    std::vector<SymbolId> symbols;
    u64 expected = from.value;
    for (const Relocation& word : words) {
      if (word.offset != expected) break;
      const SymbolId symbol = program_.symbols.of(program_.inputs, section.object, word.symbol);
      if (defined_symbol(program_, symbol) == nullptr) break;
      symbols.push_back(symbol);
      expected += kWord;
    }
    return symbols;
  }

  void find_runtime(OcamlModules& found) const {
    const SymbolId begin = program_.symbols.find("caml_system__code_begin");
    const SymbolId end = program_.symbols.find("caml_system__code_end");
    if (defined_symbol(program_, begin) == nullptr || defined_symbol(program_, end) == nullptr)
      return;
    const Symbol& first = program_.symbols[begin];
    if (program_.symbols[end].section != first.section) return;
    found.runtime = {first.section, first.value, program_.symbols[end].value};
    found.code_bounds.insert(found.code_bounds.end(), {begin, end});
    using Kind = OcamlHelper::Kind;
    constexpr std::pair<std::string_view, Kind> kHelpers[] = {
        {"caml_call_gc", Kind::kAllocates}, {"caml_alloc1", Kind::kAllocates},
        {"caml_alloc2", Kind::kAllocates},  {"caml_alloc3", Kind::kAllocates},
        {"caml_allocN", Kind::kAllocates},  {"caml_c_call", Kind::kCallsC},
        {"caml_raise_exn", Kind::kRaises},  {"caml_ml_array_bound_error", Kind::kRaises}};
    for (const auto& [name, kind] : kHelpers) {
      const SymbolId id = program_.symbols.find(name);
      if (defined_symbol(program_, id) == nullptr) continue;
      const Symbol& symbol = program_.symbols[id];
      if (found.runtime.contains(symbol.section, symbol.value & ~u64{1}))
        found.helpers.push_back({kind, id});
    }
  }

  SymbolId of_unit(const OcamlModule& unit, std::string_view suffix) const {
    const SymbolId id = program_.symbols.find(cat(unit.name, suffix));
    return defined_symbol(program_, id) != nullptr ? id : kNoSymbol;
  }

  // Both symbols must be of the object that defines the unit's table.
  bool measure(const OcamlModule& unit, const std::string& what, const Symbol& table,
               SectionRange& range) const {
    const SymbolId begin = of_unit(unit, cat("__", what, "_begin"));
    const SymbolId end = of_unit(unit, cat("__", what, "_end"));
    if (begin == kNoSymbol || end == kNoSymbol) return false;
    const Symbol& first = program_.symbols[begin];
    const Symbol& last = program_.symbols[end];
    range = {first.section, first.value, last.value};
    return first.section == last.section && first.object == table.object &&
           last.object == table.object && range.begin <= range.end &&
           range.end <= program_.inputs[range.section].size;
  }

  bool describe(OcamlModule& unit, const Symbol& table) const {
    if (!measure(unit, "code", table, unit.code)) return false;
    unit.frametable = {table.section, table.value, table.value + table.size};
    if (table.size > program_.inputs[table.section].size - table.value) return false;
    unit.module = of_unit(unit, "");
    unit.entry = of_unit(unit, "__entry");
    unit.gc_roots = of_unit(unit, "__gc_roots");
    return program_.inputs[unit.code.section].has(SHF_EXECINSTR);
  }

  const Program& program_;
};

}  // namespace

void sort_ranges(std::vector<SectionRange>& ranges) { std::ranges::sort(ranges, {}, place_of); }

bool is_in(const std::vector<SectionRange>& ranges, SectionId section, u64 offset) {
  const auto behind =
      std::ranges::upper_bound(ranges, std::pair(index(section), offset), {}, place_of);
  return behind != ranges.begin() && std::prev(behind)->contains(section, offset);
}

bool OcamlModules::never_returns(SymbolId symbol) const {
  return std::ranges::any_of(helpers, [&](const OcamlHelper& helper) {
    return helper.symbol == symbol && helper.kind == OcamlHelper::Kind::kRaises;
  });
}

OcamlModules find_ocaml_modules(const Program& program) { return Finder(program).run(); }

}  // namespace fwseal
