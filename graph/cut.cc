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
#include "graph/cut_candidates.h"
#include "graph/cut_strings.h"
#include "graph/frame_table.h"
#include "graph/ocaml_modules.h"
#include "graph/reference.h"

namespace fwseal {
namespace {

class Cutter {
 public:
  Cutter(const Program& program, const std::vector<bool>& plain, const LandingPads& pads)
      : program_(program), inputs_(program.inputs), plain_(plain), pads_(pads) {}

  Atoms run() {
    candidates_ = find_cut_candidates(program_, plain_, pads_,
                                      [&]() -> const OcamlModules& { return ocaml(); });
    Atoms atoms(inputs_.sections.size());
    frames_ = read_frame_tables(program_);
    if (frames_.tables.empty()) atoms.set_no_frame_tables();
    if (candidates_.empty()) return atoms;
    candidate_of_.resize(inputs_.sections.size());
    for (u32 i = 0; i < candidates_.size(); i++)
      candidate_of_[index(candidates_[i].section)] = i + 1;
    for (u32 i = 0; i < inputs_.sections.size(); i++) join_by_relocations(SectionId{i});
    for (CutCandidate& candidate : candidates_) cut(candidate, atoms);
    std::ranges::sort(anchored_);
    atoms.set_anchored(std::move(anchored_));
    atoms.set_parts(std::move(parts_));
    atoms.set_data_reaches(find_reaches(atoms));
    return atoms;
  }

 private:
  void cut(CutCandidate& candidate, Atoms& atoms) {
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

  void add_parts(const CutCandidate& candidate, const Atoms& atoms) {
    AtomId function = atoms.atom_of_piece(candidate.section, 0);
    for (u64 i = 1; i < candidate.starts.size(); i++) {
      const AtomId atom = atoms.atom_of_piece(candidate.section, i);
      if (std::ranges::binary_search(candidate.functions, candidate.starts[i]))
        function = atom;
      else
        parts_.push_back({atom, function});
    }
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
      CutCandidate* const code = candidate_of(row.code);
      if (code != nullptr) code->join(row.start, u64{row.start} + row.size);
    }
  }

  void join_by_relocation(SectionId id, const Relocation& reference, const Referent& to,
                          CutCandidate& candidate) {
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
  bool is_compiled(CutCandidate& candidate) {
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
  bool is_made_by_ocamlopt(CutCandidate& candidate) {
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

  void add_anchor(SectionId code, const Relocation& reference, i64 base, CutCandidate& data) {
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

  CutCandidate* candidate_of(SectionId section) {
    const u32 number = candidate_of_[index(section)];
    return number == 0 ? nullptr : &candidates_[number - 1];
  }

  std::optional<AnchorCode> followable(SectionId section) {
    CutCandidate* const candidate = candidate_of(section);
    if (candidate == nullptr || candidate->is_refused()) return std::nullopt;
    const Object& object = inputs_.object_of(section);
    if (runs_of_ != &object) runs_ = code_runs(inputs_, object);
    runs_of_ = &object;
    relocations_ = sorted_references(program_.isa, inputs_[section]);
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
  std::vector<CutCandidate> candidates_;
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
