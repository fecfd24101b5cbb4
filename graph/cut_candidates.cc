#include "graph/cut_candidates.h"

#include "graph/code_runs.h"
#include "graph/code_stops.h"
#include "graph/no_return.h"
#include "graph/pad_code.h"
#include "graph/reference.h"

namespace fwseal {
namespace {

class CandidateFinder {
 public:
  CandidateFinder(const Program& program, const std::vector<bool>& plain, const LandingPads& pads,
                  const std::function<const OcamlModules&()>& ocaml)
      : program_(program), inputs_(program.inputs), plain_(plain), pads_(pads), ocaml_(ocaml) {}

  std::vector<CutCandidate> run() {
    for (u32 i = 0; i < inputs_.read_objects; i++) find_candidates(ObjectId{i});
    return std::move(candidates_);
  }

 private:
  // What a symbol stands for.
  struct Extent {
    u32 section = 0;  // ELF section index
    u32 begin = 0;
    u64 end = 0;
    bool is_local_object = false;
    bool is_label = false;  // of data: it has no size, and marks a place among objects
  };

  // Is this a section whose pieces are what symbols of this type stand for?
  bool is_candidate(SectionId id, u8 type) const {
    const InputSection& section = inputs_[id];
    if (section.excluded || !section.has(SHF_ALLOC)) return false;
    if (type == STT_OBJECT) return plain_[index(id)] && !section.has(SHF_MERGE);
    return section.type == SHT_PROGBITS && section.has(SHF_EXECINSTR) && !section.has(SHF_WRITE) &&
           (section.name == ".text" || section.name.starts_with(".text."));
  }

  void find_candidates(ObjectId id) {
    const Object& object = inputs_.objects[index(id)];
    if (object.symbols_only) return;
    const std::vector<Extent> extents = extents_of(object);
    std::optional<CodeRuns> runs;
    for (u64 begin = 0; begin < extents.size();) {
      u64 end = begin;
      while (end < extents.size() && extents[end].section == extents[begin].section) end++;
      if (end - begin > 1 || has_pads(object.section(extents[begin].section))) {
        if (!runs) runs = code_runs(inputs_, object);
        add_candidate(object.section(extents[begin].section),
                      std::span(extents).subspan(begin, end - begin),
                      (*runs)[extents[begin].section]);
      }
      begin = end;
    }
  }

  bool has_pads(SectionId section) const { return pads_.contains(index(section)); }

  static bool marks_place(const Object& object, u32 number, const ElfSymbol& symbol) {
    if (symbol.type != STT_NOTYPE && (symbol.type != STT_OBJECT || symbol.size != 0)) return false;
    return symbol.binding != STB_LOCAL || !object.symbol(number).name.starts_with('$');
  }

  // In order of section and place.
  std::vector<Extent> extents_of(const Object& object) const {
    std::vector<Extent> extents;
    for (u32 i = 1; i < object.symbol_count; i++) {
      const ElfSymbol symbol = object.nameless_symbol(i);
      if (symbol.section == SHN_UNDEF || symbol.section >= object.section_count) continue;
      const SectionId section = object.section(symbol.section);
      if (marks_place(object, i, symbol) && is_candidate(section, STT_OBJECT)) {
        extents.push_back({symbol.section, 0, 0, false, true});
        continue;
      }
      if ((symbol.type != STT_FUNC && symbol.type != STT_OBJECT) || symbol.size == 0) continue;
      const u64 begin = symbol.type == STT_FUNC ? symbol.value & ~u64{1} : symbol.value;
      if (!is_candidate(section, symbol.type) || begin >= inputs_[section].size) continue;
      extents.push_back({symbol.section, static_cast<u32>(begin), begin + symbol.size,
                         symbol.type == STT_OBJECT && symbol.binding == STB_LOCAL});
    }
    std::ranges::sort(extents, [](const Extent& a, const Extent& b) {
      return a.section != b.section ? a.section < b.section : a.begin < b.begin;
    });
    return extents;
  }

  void add_candidate(SectionId id, std::span<const Extent> extents, std::span<const CodeRun> runs) {
    CutCandidate candidate;
    candidate.section = id;
    candidate.starts.push_back(0);
    const bool is_code = inputs_[id].has(SHF_EXECINSTR);
    u64 reach = 0;  // the end of all that began so far
    for (const Extent& extent : extents) {
      if (extent.is_label) return;
      if (extent.begin >= reach && extent.begin > candidate.starts.back())
        candidate.starts.push_back(extent.begin);
      reach = std::max(reach, extent.end);
      candidate.symbols.push_back(is_code ? extent.begin : static_cast<u32>(extent.end));
      if (extent.is_local_object) candidate.local_objects.push_back(extent.begin);
    }
    if (candidate.starts.size() < 2 && !has_pads(id)) return;
    candidate.local_objects.erase(
        std::unique(candidate.local_objects.begin(), candidate.local_objects.end()),
        candidate.local_objects.end());
    candidate.found.resize(candidate.local_objects.size());
    if (!is_code) std::ranges::sort(candidate.symbols);
    if (is_code && !scan(candidate, runs)) return;
    candidates_.push_back(std::move(candidate));
  }

  // Reads the code of the section. False if not all of it can be told.
  bool scan(CutCandidate& candidate, std::span<const CodeRun> runs) {
    if (runs.empty() || runs.front().begin != 0) return false;  // its mapping symbols are gone
    const InputSection& section = inputs_[candidate.section];
    const std::vector<u32> relocated = relocated_places(program_.isa, section);
    CodeScan scan;
    for (u64 i = 0; i < runs.size(); i++)
      if (!program_.isa.scan_code(section.contents, runs, i, relocated, scan)) return false;
    add_calls_that_stop(
        program_, section, runs, [&](SymbolId id) { return ends_in_library(id); }, scan);
    // With such an address and a number that assembly made from two labels, or that stands in a
    // table, code reaches any place.
    if (std::ranges::any_of(scan.references, &CodeReference::takes_address)) return false;
    // Who reads data from their beginning on may read all up to the next code.
    for (const CodeRun& run : runs) {
      if (run.mode != CodeMode::kData) continue;
      candidate.join(run.begin, run.end);
      candidate.data.push_back({static_cast<u32>(run.begin), static_cast<u32>(run.end)});
    }
    std::erase_if(candidate.starts, [&](u32 start) {
      return has_name_before(candidate.data, section.contents, start);
    });
    cut_inside_functions(candidate, runs, scan);
    for (const CodeReference& reference : scan.references)
      if (reference.form == CodeReference::kFixed) {
        candidate.join(reference.place, reference.target);
        candidate.join(reference.target, reference.place);
      }
    for (u64 i = 1; i < candidate.starts.size(); i++) {
      const u32 cut = candidate.starts[i];
      const u32 end = last_stop(program_.isa, cut, section.contents, runs, scan.stops);
      if (end == kRunsOn)
        scan.references.push_back(fixed_reference(cut - 1, cut));
      else if (end < cut)
        candidate.padding.push_back({end, cut});
    }
    candidate.references = scan.references;
    for (const CodeReference& reference : scan.references) candidate.enter(reference.target);
    return true;
  }

  // Does the symbol name a library's function that never returns? A program's own may do so, if its
  // compiler was told nothing of that.
  bool ends_in_library(SymbolId id) {
    if (ocaml_().never_returns(id)) return true;
    const Symbol& symbol = program_.symbols[id];
    return symbol.state == SymbolState::kDefined && symbol.section != kNoSection &&
           !inputs_.object_of(symbol.section).member.empty() && never_returns(symbol.name);
  }

  void cut_inside_functions(CutCandidate& candidate, std::span<const CodeRun> runs,
                            const CodeScan& scan) const {
    const auto functions = pads_.find(index(candidate.section));
    if (functions == pads_.end()) return;
    std::vector<CodeReference> by_place = scan.references;
    std::ranges::stable_sort(by_place, {}, &CodeReference::place);
    candidate.functions = candidate.starts;
    for (const FunctionPads& function : functions->second) {
      const auto begin = std::ranges::lower_bound(candidate.functions, function.begin);
      if (begin == candidate.functions.end() || *begin != function.begin) continue;
      const u32 end = std::next(begin) == candidate.functions.end()
                          ? static_cast<u32>(inputs_[candidate.section].size)
                          : *std::next(begin);
      if (function.pads.back() >= end) continue;
      const std::vector<u32> bounds =
          pad_code_bounds({function.begin, end, runs, by_place, scan.stops}, function);
      candidate.starts.insert(candidate.starts.end(), bounds.begin(), bounds.end());
    }
    std::ranges::sort(candidate.starts);
    candidate.starts.erase(std::unique(candidate.starts.begin(), candidate.starts.end()),
                           candidate.starts.end());
    if (candidate.starts.back() == inputs_[candidate.section].size) candidate.starts.pop_back();
  }

  // GCC's -mpoke-function-name puts the name of a function before it, and between them a word with
  // its size: 0xff000000 and the number. The address of the function is all that a reader of these
  // needs.
  static bool has_name_before(const std::vector<CodeRange>& data, Bytes contents, u32 start) {
    if (start < 8 || range_at(data, start - 4) == nullptr) return false;
    const u32 mark = contents.le<u32>(start - 4);
    const u32 size = mark & 0xff'ffff;
    return mark >> 24 == 0xff && size > 0 && size % 4 == 0 && size <= start - 4 &&
           contents.le<u8>(start - 5) == 0;
  }

  const Program& program_;
  const Inputs& inputs_;
  const std::vector<bool>& plain_;
  const LandingPads& pads_;
  const std::function<const OcamlModules&()>& ocaml_;
  std::vector<CutCandidate> candidates_;
};

}  // namespace

const CodeRange* range_at(const std::vector<CodeRange>& ranges, u64 offset) {
  const auto behind = std::ranges::upper_bound(ranges, offset, {}, &CodeRange::begin);
  if (behind == ranges.begin() || offset >= std::prev(behind)->end) return nullptr;
  return &*std::prev(behind);
}

CodeReference fixed_reference(u64 place, u64 target) {
  return {static_cast<u32>(place), static_cast<u32>(target), CodeReference::kFixed, false};
}

std::vector<CutCandidate> find_cut_candidates(const Program& program,
                                              const std::vector<bool>& plain,
                                              const LandingPads& pads,
                                              const std::function<const OcamlModules&()>& ocaml) {
  return CandidateFinder(program, plain, pads, ocaml).run();
}

}  // namespace fwseal
