// Cutting sections into functions and objects.
//
// A compiler that was not asked for function sections, and most prebuilt libraries were not, puts
// all functions of a file into one section, and all its constants into another. They can be told
// apart if everything that refers across them is known:
// - relocations, which name a symbol. A reference is resolved by its own symbol, never by the
//   address that comes out; if symbol and addend lie in different pieces, those stay together.
//   Through the symbol of the section, the addend is all there is. In code that is a label. In
//   data, code may mean several objects by one such reference (GCC's section anchors): anchors.h
//   says what the code keeps then. Other data means an object, or a place before one that is
//   indexed from another number than 0. It must be the start of a local object, and each of them
//   must be found so, since a compiler drops local objects that it does not refer to. Then a
//   reference to the first object that is the only one there means it, and so on in order of place:
//   those of the objects before it are taken. From an object on that several refer to, one of these
//   may mean a later one, and all up to the last local object stay together. Where there are
//   anchors, local objects may be there for them alone, and this does not hold: such data keeps the
//   whole section;
// - what the assembler resolved by itself: instructions, which Isa::scan_code reads. If it cannot
//   tell with certainty what one refers to, the section stays whole. So it does if one makes an
//   address that is not used up by the next one, or if a relocation names data among the code:
//   assembly may add any distance to it;
// - control that goes on from the end of a function into the next one, or from a label in the
//   padding before it;
// - what a description in a frame table covers, which counts in it from its beginning on;
// - what assembly reaches by counting from one function to another: of code without a compiler's
//   mark nothing may take an address, unless it is ocamlopt's, which leaves none.
// Literals, tables and padding behind a function belong to it.
//
// A function may be cut inside, too, around the code that only its landing pads lead to. Whatever
// else refers to that code or runs on into it is seen as everywhere else; that the unwinder enters
// it is said by the function's description (unwind_clauses.cc). Calls of functions that never
// return are no way into what stands behind them.
//
// A function is what a symbol of type STT_FUNC with a size stands for, an object the same of
// STT_OBJECT (gABI, "Symbol Table"). Where two overlap there is no cut, and neither is there at
// other labels: those of size zero and those without a type mark places inside.
//
// Data with other labels stays whole: assembly that marks where a table begins and ends may walk
// over the objects between them.
//
// Data is only cut where the script collects it with everybody else's: what has a place of its own
// may be walked over as an array.
#include "graph/cut.h"

#include <algorithm>

#include "graph/anchors.h"
#include "graph/code_runs.h"
#include "graph/code_stops.h"
#include "graph/cut_strings.h"
#include "graph/frame_table.h"
#include "graph/no_return.h"
#include "graph/ocaml_modules.h"
#include "graph/pad_code.h"

namespace fwseal {
namespace {

struct Range {
  u32 begin = 0;
  u32 end = 0;
};
const Range* range_at(const std::vector<Range>& ranges, u64 offset) {
  const auto behind = std::ranges::upper_bound(ranges, offset, {}, &Range::begin);
  if (behind == ranges.begin() || offset >= std::prev(behind)->end) return nullptr;
  return &*std::prev(behind);
}

CodeReference fixed(u64 place, u64 target) {
  return {static_cast<u32>(place), static_cast<u32>(target), CodeReference::kFixed, false};
}

// A section that may be cut.
struct Candidate {
  SectionId section = kNoSection;
  std::vector<u32> starts;         // of its pieces
  std::vector<u32> functions;      // of these, those at which functions begin, if others are inside
  std::vector<u32> local_objects;  // where they begin
  std::vector<u32> found;          // per local object: how many places refer to its start
  std::vector<CodeReference> references;
  std::vector<u32> symbols;    // where those begin, or of data end, at which it may be cut
  std::vector<u32> entries;    // of code: to which relocations refer
  std::vector<Range> padding;  // instructions behind a piece that nobody runs through
  std::vector<Range> data;     // among code
  bool refused = false;
  // Of data: code refers to it through its section's symbol; other data does, and not to an object.
  bool is_anchored = false;
  bool is_unclear = false;
  std::optional<bool> is_compiled;  // once that was asked
  std::optional<bool> is_ocaml;

  u64 piece_of(u64 offset) const {
    return static_cast<u64>(std::ranges::upper_bound(starts, offset) - starts.begin()) - 1;
  }
  // Something refers to this place of data. False if no local object begins there.
  bool find(u64 offset) {
    const auto object = std::ranges::lower_bound(local_objects, offset);
    if (object == local_objects.end() || *object != offset) return false;
    found[static_cast<u64>(object - local_objects.begin())]++;
    return true;
  }
  bool found_all() const { return std::ranges::find(found, 0u) == found.end(); }
  bool is_refused() const { return refused || (!is_anchored && (is_unclear || !found_all())); }
  // Of several who refer to one place some may mean another object behind it.
  void join_behind_ambiguous() {
    for (u64 i = 0; i < found.size(); i++)
      if (found[i] > 1) return join(local_objects.back(), local_objects[i]);
  }
  // Somebody may jump there. From padding control would go on into the next piece.
  void enter(u64 offset) {
    if (const Range* const gap = range_at(padding, offset))
      references.push_back(fixed(gap->end - 1, gap->end));
  }
  // No cut may lie between two places; one at `to` is none between them.
  void join(u64 from, u64 to) {
    const auto [low, high] = std::minmax(from, to);
    const auto first = std::ranges::upper_bound(starts, low);
    const auto last =
        from < to ? std::ranges::lower_bound(starts, high) : std::ranges::upper_bound(starts, high);
    if (first < last) starts.erase(first, last);
  }
};

class Cutter {
 public:
  Cutter(const Program& program, const std::vector<bool>& plain, const LandingPads& pads)
      : program_(program), inputs_(program.inputs), plain_(plain), pads_(pads) {}

  Atoms run() {
    for (u32 i = 0; i < inputs_.read_objects; i++) find_candidates(ObjectId{i});
    Atoms atoms(inputs_.sections.size());
    frames_ = read_frame_tables(program_);
    if (frames_.tables.empty()) atoms.set_no_frame_tables();
    if (candidates_.empty()) return atoms;
    for (u32 i = 0; i < inputs_.sections.size(); i++) join_by_relocations(SectionId{i});
    for (Candidate& candidate : candidates_) cut(candidate, atoms);
    std::ranges::sort(anchored_);
    atoms.set_anchored(std::move(anchored_));
    atoms.set_parts(std::move(parts_));
    atoms.set_data_reaches(find_reaches(atoms));
    return atoms;
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

  void cut(Candidate& candidate, Atoms& atoms) {
    if (candidate.is_refused()) return;
    if (!candidate.is_anchored) candidate.join_behind_ambiguous();
    std::ranges::stable_sort(candidate.references, {}, &CodeReference::place);
    if (candidate.starts.size() < 2) return;
    std::vector<CodeReference> crossings;
    for (const CodeReference& reference : candidate.references)
      if (candidate.piece_of(reference.place) != candidate.piece_of(reference.target))
        crossings.push_back(reference);
    atoms.cut(candidate.section, candidate.starts, inputs_[candidate.section].size,
              std::move(crossings));
    if (candidate.is_anchored) anchored_.push_back(candidate.section);
    if (!candidate.functions.empty()) add_parts(candidate, atoms);
  }

  void add_parts(const Candidate& candidate, const Atoms& atoms) {
    AtomId function = atoms.atom_of_piece(candidate.section, 0);
    for (u64 i = 1; i < candidate.starts.size(); i++) {
      const AtomId atom = atoms.atom_of_piece(candidate.section, i);
      if (std::ranges::binary_search(candidate.functions, candidate.starts[i]))
        function = atom;
      else
        parts_.push_back({atom, function});
    }
  }

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
    Candidate candidate;
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
    if (candidate_of_.empty()) candidate_of_.resize(inputs_.sections.size());
    candidate_of_[index(id)] = static_cast<u32>(candidates_.size()) + 1;
    candidates_.push_back(std::move(candidate));
  }

  // Reads the code of the section. False if not all of it can be told.
  bool scan(Candidate& candidate, std::span<const CodeRun> runs) {
    if (runs.empty() || runs.front().begin != 0) return false;  // its mapping symbols are gone
    const InputSection& section = inputs_[candidate.section];
    const std::vector<u32> relocated = relocated_places(section);
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
        scan.references.push_back(fixed(cut - 1, cut));
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
    if (ocaml().never_returns(id)) return true;
    const Symbol& symbol = program_.symbols[id];
    return symbol.state == SymbolState::kDefined && symbol.section != kNoSection &&
           !inputs_.object_of(symbol.section).member.empty() && never_returns(symbol.name);
  }

  void cut_inside_functions(Candidate& candidate, std::span<const CodeRun> runs,
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
  static bool has_name_before(const std::vector<Range>& data, Bytes contents, u32 start) {
    if (start < 8 || range_at(data, start - 4) == nullptr) return false;
    const u32 mark = contents.le<u32>(start - 4);
    const u32 size = mark & 0xff'ffff;
    return mark >> 24 == 0xff && size > 0 && size % 4 == 0 && size <= start - 4 &&
           contents.le<u8>(start - 5) == 0;
  }

  // The places where a relocation says what an instruction means.
  std::vector<u32> relocated_places(const InputSection& section) const {
    std::vector<u32> places;
    const u64 count = relocation_count(section);
    for (u64 i = 0; i < count; i++) {
      const Relocation entry = relocation(section, i);
      const RelocationType* const type = program_.isa.find(entry.type);
      if (type == nullptr || (type->use != Use::kMarker && type->use != Use::kNone))
        places.push_back(static_cast<u32>(entry.offset));
    }
    std::ranges::sort(places);
    return places;
  }

  // ---- Relocations

  void join_by_relocations(SectionId id) {
    const InputSection& section = inputs_[id];
    if (section.excluded || !section.has(SHF_ALLOC)) return;
    const FrameTable* const frames = frames_.plain(id);
    if (frames != nullptr) join_described(*frames);
    const u64 count = relocation_count(section);
    for (u64 i = 0; i < count; i++) {
      const Relocation reference = relocation(section, i);
      if (frames != nullptr && frames_.is_start(*frames, reference.offset)) continue;
      const Referent to = referent(program_, section.object, reference.symbol);
      if (to.section == kNoSection || candidate_of_[index(to.section)] == 0) continue;
      join_by_relocation(id, reference, to, candidates_[candidate_of_[index(to.section)] - 1]);
    }
  }

  // A description counts from where its code begins, so nothing may go out of that. Otherwise it
  // follows, and refers to nothing.
  void join_described(const FrameTable& table) {
    for (const FrameRow& row : frames_.rows_of(table)) {
      if (row.code == kNoSection) continue;
      Candidate* const code = candidate_of(row.code);
      if (code != nullptr) code->join(row.start, u64{row.start} + row.size);
    }
  }

  void join_by_relocation(SectionId id, const Relocation& reference, const Referent& to,
                          Candidate& candidate) {
    const InputSection& section = inputs_[id];
    const RelocationType* const type = program_.isa.find(reference.type);
    if (type == nullptr || type->use == Use::kMarker || type->use == Use::kNone) return;
    const bool by_section = to.type == STT_SECTION;
    const bool to_data = !inputs_[candidate.section].has(SHF_EXECINSTR);
    const bool is_anchor = by_section && to_data && section.has(SHF_EXECINSTR);
    // What lies outside is an error, which relocation will report.
    if (!section.contents.holds(reference.offset, type->size)) {
      candidate.refused = true;
      return;
    }
    const i64 addend =
        section.has_addends
            ? reference.addend
            : program_.isa.read_addend(reference.type, section.contents, reference.offset);
    const std::optional<i64> distance = program_.isa.distance_from_symbol(reference.type, addend);
    if (!distance) {
      candidate.refused = candidate.refused || by_section;
      return;
    }
    if (is_anchor)
      return add_anchor(id, reference, static_cast<i64>(to.value) + *distance, candidate);
    const u64 size = inputs_[candidate.section].size;
    const u64 base = to.type == STT_FUNC ? to.value & ~u64{1} : to.value;
    const i64 target = static_cast<i64>(base) + *distance;
    if (to_data) {
      const bool is_object = candidate.find(by_section ? static_cast<u64>(target) : base);
      if (by_section && !is_object) candidate.is_unclear = true;
      if (by_section)
        places_.push_back({id, static_cast<u32>(reference.offset), candidate.section, 0});
    } else if (const u32 place = static_cast<u32>(target) & ~1u;
               !std::ranges::binary_search(candidate.symbols, place)) {
      candidate.entries.push_back(place);
    }
    if (target < 0 || static_cast<u64>(target) > size) {
      (to_data && by_section ? candidate.is_unclear : candidate.refused) = true;
      return;
    }
    if (!by_section && *distance != 0) candidate.join(base, static_cast<u64>(target));
    if (to_data) return;
    if (takes_address(*type) && !section.has(SHF_LINK_ORDER) && !is_compiled(candidate))
      candidate.refused = true;
    if (is_place_in_ocaml(id, reference.offset, to, candidate.section, target)) return;
    candidate.enter(static_cast<u64>(target));
    // To the address of data among code may be added what assembly took from two labels: any place.
    if (range_at(candidate.data, static_cast<u64>(target)) != nullptr) candidate.refused = true;
  }

  static bool takes_address(const RelocationType& type) {
    return type.use != Use::kCall && type.use != Use::kJump;
  }

  // Assembly may count from one function to the next: a compiler never does.
  bool is_compiled(Candidate& candidate) {
    if (!candidate.is_compiled)
      candidate.is_compiled = has_compiler_mark(inputs_, inputs_.object_of(candidate.section)) ||
                              is_made_by_ocamlopt(candidate);
    return *candidate.is_compiled;
  }
  // The return address of a call in OCaml's code, or where a unit's code begins or ends. Data or
  // the next function may stand there. Nothing is added to it: the runtime looks for it in a table,
  // and compares others with it (4.13: runtime/backtrace_nat.c, startup_nat.c, codefrag.c).
  bool is_place_in_ocaml(SectionId section, u64 place, const Referent& to, SectionId code,
                         i64 target) {
    if (std::ranges::binary_search(ocaml().code_bounds, to.symbol)) return true;
    return is_in(ocaml().frametables, section, place) && target > 0 &&
           ocaml().is_code(code, static_cast<u64>(target - 1));
  }
  // It leaves no mark, but tells where its code begins and ends.
  bool is_made_by_ocamlopt(Candidate& candidate) {
    if (!candidate.is_ocaml)
      candidate.is_ocaml = std::ranges::all_of(candidate.symbols, [&](u32 function) {
        return ocaml().is_code(candidate.section, function);
      });
    return *candidate.is_ocaml;
  }
  const OcamlModules& ocaml() {
    if (!ocaml_) ocaml_ = find_ocaml_modules(program_);
    return *ocaml_;
  }

  // ---- Anchors

  void add_anchor(SectionId code, const Relocation& reference, i64 base, Candidate& data) {
    data.is_anchored = true;
    anchors_.push_back({code, static_cast<u32>(reference.offset), data.section, base});
  }

  std::vector<DataReach> find_reaches(const Atoms& atoms) {
    if (anchors_.empty()) return {};
    std::vector<DataReach> reaches = reaches_of_anchors(
        program_, atoms, std::move(anchors_), [&](SectionId code) { return followable(code); },
        [&](SectionId data) { return std::span<const u32>(candidate_of(data)->symbols); });
    for (const Anchor& place : places_)
      if (atoms.is_anchored(place.data))
        reaches.push_back(
            {atoms.at(place.code, place.place), atom_of(place.data), place.code, place.place});
    return reaches;
  }

  Candidate* candidate_of(SectionId section) {
    const u32 number = candidate_of_[index(section)];
    return number == 0 ? nullptr : &candidates_[number - 1];
  }

  std::optional<AnchorCode> followable(SectionId section) {
    Candidate* const candidate = candidate_of(section);
    if (candidate == nullptr || candidate->is_refused()) return std::nullopt;
    const Object& object = inputs_.object_of(section);
    if (runs_of_ != &object) runs_ = code_runs(inputs_, object);
    runs_of_ = &object;
    relocations_ = sorted_relocations(inputs_[section]);
    by_target_ = candidate->references;
    std::ranges::stable_sort(by_target_, {}, &CodeReference::target);
    std::ranges::sort(candidate->entries);
    return AnchorCode{section,
                      runs_[inputs_[section].elf_index],
                      candidate->references,
                      by_target_,
                      relocations_,
                      candidate->symbols,
                      candidate->entries,
                      is_compiled_c(inputs_, object)};
  }

  std::vector<Relocation> sorted_relocations(const InputSection& section) const {
    std::vector<Relocation> list;
    const u64 count = relocation_count(section);
    for (u64 i = 0; i < count; i++) {
      const Relocation entry = relocation(section, i);
      const RelocationType* const type = program_.isa.find(entry.type);
      if (type == nullptr || (type->use != Use::kMarker && type->use != Use::kNone))
        list.push_back(entry);
    }
    std::ranges::stable_sort(list, {}, &Relocation::offset);
    return list;
  }

  const Program& program_;
  const Inputs& inputs_;
  const std::vector<bool>& plain_;
  const LandingPads& pads_;
  std::vector<FunctionPart> parts_;
  std::vector<SectionId> anchored_;  // data that is cut
  std::vector<Anchor> anchors_;
  FrameTables frames_;
  std::vector<Anchor> places_;  // that data refers to through the symbol of a section of data
  // Of the code that is being followed.
  const Object* runs_of_ = nullptr;
  CodeRuns runs_;
  std::vector<Relocation> relocations_;
  std::vector<CodeReference> by_target_;
  std::optional<OcamlModules> ocaml_;  // once that was asked
  std::vector<Candidate> candidates_;
  std::vector<u32> candidate_of_;  // per section: index + 1, or 0
};

}  // namespace

Atoms cut_sections(const Program& program, const std::vector<bool>& plain,
                   const LandingPads& pads) {
  Atoms atoms = Cutter(program, plain, pads).run();
  cut_strings(program.inputs, plain, atoms);
  return atoms;
}

}  // namespace fwseal
