#include "tools/passes.h"

#include <elf.h>

#include <algorithm>
#include <utility>

#include "graph/cut.h"
#include "graph/frame_table.h"
#include "graph/initialiser_list.h"
#include "graph/memory_hints.h"
#include "graph/mergeable.h"
#include "graph/unwind.h"
#include "prune/dead_pieces.h"
#include "prune/fold_uses.h"
#include "prune/ocaml_unused.h"
#include "prune/poison.h"
#include "prune/strings.h"
#include "sections/banned_references.h"
#include "sections/glob.h"
#include "sections/overlap.h"
#include "sections/plain_memory.h"
#include "sections/script_eval.h"
#include "sections/segment_draft.h"
#include "tools/folding.h"
#include "tools/ocaml_frames.h"

namespace fwseal {
namespace {

void keep_named_by_user(const Program& program, const Options& options, ClauseOptions& clauses,
                        Diag& diag) {
  for (const NameRule& rule : options.keep) {
    bool used = false;
    for (u32 i = 0; i < program.symbols.symbols.size(); i++) {
      const SymbolState state = program.symbols.symbols[i].state;
      if (state != SymbolState::kDefined && state != SymbolState::kScript) continue;
      if (!glob_matches(rule.pattern, program.symbols.symbols[i].name)) continue;
      clauses.root_symbols.push_back({SymbolId{i}, ClauseKind::kUser});
      used = true;
    }
    for (u32 i = 0; i < program.inputs.sections.size(); i++) {
      const InputSection& section = program.inputs.sections[i];
      if (section.excluded || !glob_matches(rule.pattern, section.name)) continue;
      used = true;
      // Each row follows its code; a user who keeps the table does not keep dead code.
      if (is_unwind_table(section) && clauses.unwind_readers)
        clauses.unwind_readers->always = ClauseKind::kUser;
      else if (is_frame_table(section) && clauses.frame_readers)
        clauses.frame_readers->always = ClauseKind::kUser;
      else
        clauses.roots.push_back({SectionId{i}, ClauseKind::kUser});
    }
    if (!used)
      diag.warning(rule.place.location(),
                   cat("keep: no symbol and no section is called `", rule.pattern, "'"));
  }
}

// The arrays of the start-up code are only called once there is an executable.
void keep_arrays(const Inputs& inputs, ClauseOptions& clauses) {
  for (u32 i = 0; i < inputs.sections.size(); i++) {
    const InputSection& section = inputs.sections[i];
    const bool is_array = section.type == SHT_INIT_ARRAY || section.type == SHT_FINI_ARRAY ||
                          section.type == SHT_PREINIT_ARRAY || section.name.starts_with(".ctors") ||
                          section.name.starts_with(".dtors");
    if (is_array && !section.excluded) clauses.roots.push_back({SectionId{i}, ClauseKind::kKeep});
  }
}

void keep_symbol_named(const Symbols& symbols, std::string_view name, ClauseKind kind,
                       ClauseOptions& clauses) {
  if (const SymbolId id = symbols.find(name); id != kNoSymbol)
    clauses.root_symbols.push_back({id, kind});
}

void require_defined(const Symbols& symbols, const Options& options, Diag& diag) {
  for (const std::string& name : options.require_defined) {
    const SymbolId id = symbols.find(name);
    const bool defined = id != kNoSymbol && symbols[id].state != SymbolState::kUnseen &&
                         symbols[id].state != SymbolState::kUndefined;
    if (!defined) diag.error({}, cat("required symbol `", name, "' not defined"));
  }
}

SegmentOptions segment_options(const Options& options, const Script& script) {
  SegmentOptions segments;
  segments.paged = options.paging == Paging::kDemandPaged;
  if (options.max_page_size != 0) segments.max_page_size = options.max_page_size;
  segments.uses_headers_size = uses_headers_size(script);
  segments.relocatable = options.relocatable;
  return segments;
}

LayoutOptions layout_options(const Options& options, const Script& script) {
  LayoutOptions layout;
  for (const SectionStart& start : options.section_starts) {
    if (start.is_segment) {
      const std::string segment = start.section.substr(1);
      layout.segment_starts[segment] = start.address;
      if (segment.ends_with("-segment") || uses_segment_start(script, segment)) continue;
    }
    layout.section_starts[start.section] = start.address;
  }
  layout.entry = options.entry;
  layout.entry_default = script.entry;
  layout.entry_is_thumb = options.thumb_entry;
  if (options.max_page_size != 0) layout.max_page_size = options.max_page_size;
  if (options.common_page_size != 0) layout.common_page_size = options.common_page_size;
  layout.merge_exidx_entries = options.merge_exidx;
  layout.check_sections = options.check_sections;
  layout.warn_section_align = options.warn_section_align;
  layout.text_is_writable = options.paging == Paging::kOmagic;
  layout.relocatable = options.relocatable;
  layout.keep_groups = options.relocatable && !options.force_group_allocation;
  return layout;
}

}  // namespace

std::unique_ptr<Isa> make_isa(const Options& options, const ArmFeatures& features) {
  ArmOptions arm;
  arm.target1_is_rel = options.target1_is_rel;
  arm.fix_arm1176 = options.fix_arm1176;
  switch (options.target2) {
    case Target2::kRel:
      arm.target2 = ArmTarget2::kRel;
      break;
    case Target2::kAbs:
      arm.target2 = ArmTarget2::kAbs;
      break;
    case Target2::kGotRel:
      arm.target2 = ArmTarget2::kGotRel;
      break;
  }
  return make_isa_arm(features, arm);
}

Atoms cut_into_atoms(const Program& program, const Matcher& matcher, const OcamlSections& ocaml,
                     bool in_functions, const Options& options) {
  // The relocations that -q writes down are not those of a section with gaps.
  if (!prunes_proven(options) || options.emit_relocations)
    return Atoms(program.inputs.sections.size());
  const LandingPads pads =
      in_functions ? read_landing_pads(program, read_unwind_tables(program)) : LandingPads();
  Atoms atoms = cut_sections(program, plain_memory(program.inputs, matcher), pads);
  cut_initialiser_lists(program, atoms);
  cut_ocaml_units(ocaml, program.inputs, atoms);
  cut_unwind_tables(program, atoms);
  cut_frame_tables(program, atoms);
  return atoms;
}

bool landing_pads_are_dead(const Program& program, const Script& script, const Matcher& matcher,
                           const OcamlSections& ocaml, const MadeSections& made,
                           const Options& options) {
  if (!prunes_proven(options) || options.emit_relocations || !may_have_landing_pads(program))
    return false;
  const Atoms atoms = cut_into_atoms(program, matcher, ocaml, true, options);
  if (atoms.parts().empty()) return false;
  std::ostringstream unheard;  // all of it will be said again
  Diag trial(unheard);
  const KeptByScript kept = find_kept_by_script(program, atoms, script, matcher, options, trial);
  const Graph graph = build_graph(program, atoms, script, kept, made, options, trial);
  const Reach live = reach(graph);
  for (u32 i = graph.atom_count(); i-- != 0;) {
    const Proposition* const said = graph.proposition(AtomId{i});
    if (said == nullptr) break;
    if (said->kind == Proposition::Kind::kUnwindTable && live.live(AtomId{i})) return false;
  }
  return true;
}

Graph build_graph(const Program& program, const Atoms& atoms, const Script& script,
                  const KeptByScript& kept, const MadeSections& made, const Options& options,
                  Diag& diag) {
  const Symbols& symbols = program.symbols;
  ClauseOptions clauses;
  clauses.collect = options.gc_sections();
  clauses.bounds_keep_sections = !options.start_stop_gc;
  kept.add_roots(clauses);
  if (options.relocatable) keep_arrays(program.inputs, clauses);
  if (made.build_id != kNoSection) clauses.roots.push_back({made.build_id, ClauseKind::kOutput});
  add_frames(atoms, kept.frames, made, clauses);
  const std::string entry = options.entry.value_or(script.entry.value_or("_start"));
  keep_symbol_named(symbols, entry, ClauseKind::kEntry, clauses);
  keep_symbol_named(symbols, options.init_symbol, ClauseKind::kInitFini, clauses);
  keep_symbol_named(symbols, options.fini_symbol, ClauseKind::kInitFini, clauses);
  for (const std::string& name : options.undefined)
    keep_symbol_named(symbols, name, ClauseKind::kUndefined, clauses);
  for (const std::string& name : script.externs)
    keep_symbol_named(symbols, name, ClauseKind::kExtern, clauses);
  for (const SymbolId id : symbols_layout_uses(script, symbols))
    clauses.root_symbols.push_back({id, ClauseKind::kScript});
  if (options.gc_keep_exported)
    for (u32 i = 0; i < symbols.symbols.size(); i++)
      if (symbols.symbols[i].state == SymbolState::kDefined &&
          symbols.symbols[i].visibility == STV_DEFAULT)
        clauses.root_symbols.push_back({SymbolId{i}, ClauseKind::kExported});
  clauses.script_definitions = script_definitions(script, symbols);
  keep_named_by_user(program, options, clauses, diag);
  require_defined(symbols, options, diag);
  return collect_clauses(program, atoms, clauses);
}

namespace {

std::vector<AtomId> find_hollow(const Graph& graph, const Reach& live) {
  std::vector<AtomId> hollow;
  for (u32 i = graph.atom_count(); i-- != 0;) {
    const Proposition* const said = graph.proposition(AtomId{i});
    if (said == nullptr) break;
    if (said->kind != Proposition::Kind::kBody || live.live(AtomId{i})) continue;
    if (live.live(AtomId{said->subject})) hollow.push_back(AtomId{said->subject});
  }
  std::ranges::sort(hollow);
  return hollow;
}

}  // namespace

Liveness find_live(Graph graph, const Atoms& atoms, const KeptByScript& kept,
                   const Options& options) {
  Liveness result{reach(graph), {}, {}, {}};
  result.hollow = find_hollow(graph, result.live);
  if (folds(options)) {
    result.named = named_atoms(graph, atoms);
    for (const AtomId atom : find_extent_holders(atoms, result.live, kept.ocaml))
      result.named[index(atom)] = true;
  }
  const bool is_wanted = !options.record_path.empty() || !options.report_path.empty() ||
                         options.print_report || options.print_gc_sections;
  if (is_wanted) result.graph = std::move(graph);
  return result;
}

UndefinedOptions undefined_options(const Options& options) {
  return {options.unresolved == Unresolved::kWarn, options.warn_once, options.ignored_unresolved};
}

namespace {

// What nobody follows becomes 0 or another number. In functions that return at once nothing is
// left.
void clear_ignored(const Atoms& atoms, const Liveness& liveness,
                   std::span<const IgnoredReference> ignored, Plan& plan, char number = 0) {
  for (const IgnoredReference& word : ignored)
    if (const AtomId atom = atoms.at(word.section, word.offset);
        plan.keeps(word.section) && liveness.live.live(atom) &&
        !std::ranges::binary_search(liveness.hollow, atom))
      plan.overwrites[index(word.section)].push_back(
          {word.offset, std::string{number, '\0', '\0', '\0'}});
}

}  // namespace

Plan plan_sections(const Program& program, const Atoms& atoms, const Liveness& liveness,
                   const KeptByScript& kept, const Options& options) {
  const Reach& live = liveness.live;
  Plan plan;
  plan.kept.resize(program.inputs.sections.size());
  for (u32 i = 0; i < plan.kept.size(); i++) {
    const InputSection& section = program.inputs.sections[i];
    const bool stripped = options.strip != Strip::kNone && is_debug_section(section);
    plan.kept[i] = !section.excluded && !stripped && atoms.any_live(live, SectionId{i});
  }
  std::vector<HollowFunction> hollow;
  for (const HollowFunction& function : kept.hollow)
    if (std::ranges::binary_search(liveness.hollow, function.function)) hollow.push_back(function);
  const std::vector<Gap> unused = find_unused_units(atoms, live, kept.ocaml);
  if (options.poison != Poison::kNothing)
    poison_dead(program, atoms, live, hollow, unused, options.poison, plan);
  else
    remove_dead_pieces(program, atoms, live, hollow, unused, plan);
  follow_around_gaps(kept.ocaml, unused, plan);
  clear_ignored(atoms, liveness, kept.ignored, plan);
  clear_ignored(atoms, liveness, kept.user_rules.words, plan);
  clear_ignored(atoms, liveness, dead_names(program, atoms, live, kept.ocaml), plan, kOcamlZero);
  for (auto& [section, list] : plan.overwrites)
    std::ranges::stable_sort(list, {}, &Overwrite::offset);
  return plan;
}

namespace {

std::string_view why_dead(const Atoms& atoms, const Reach& live, AtomId piece) {
  return is_unused_pad(atoms, live, piece) ? kUnusedPad : "nothing live refers to it";
}

}  // namespace

void print_removed(const Program& program, const Atoms& atoms, const Reach& live,
                   std::span<const RecordInitialiser> slots, Diag& diag) {
  for (const RecordInitialiser& slot : slots)
    diag.note({}, cat(slot.removed ? "removing" : "keeping", " the call of '", slot.functions,
                      "' in ", slot.place, ": ", slot.rule));
  for (u32 i = 0; i < program.inputs.sections.size(); i++) {
    const SectionId id{i};
    const InputSection& section = program.inputs[id];
    if (section.excluded || section.size == 0) continue;
    const Object& object = program.inputs.object_of(id);
    if (atoms.any_live(live, id)) {
      for (u64 k = 0; k < atoms.pieces(id).size(); k++) {
        const Piece& piece = atoms.pieces(id)[k];
        const AtomId piece_atom = atoms.atom_of_piece(id, k);
        if (live.live(piece_atom)) continue;
        diag.note({}, cat("removing unused bytes at ", hex(piece.begin), " in section '",
                          section.name, "' in file '", object.location().text(), "': ",
                          piece.end - piece.begin, " bytes, ", why_dead(atoms, live, piece_atom)));
      }
      continue;
    }
    diag.note(
        {}, cat("removing unused section '", section.name, "' in file '", object.location().text(),
                "': ", section.size, " bytes, nothing live refers to it"));
  }
}

void make_room_for(const GotPlan& got, const MadeSections& made, Inputs& inputs, Plan& plan) {
  plan.kept[index(made.got)] = got.needed() || (made.got_is_named && plan.kept[index(made.got)]);
  inputs.sections[index(made.got)].size = got.entries().size() * kGotEntrySize;
}

ArrangeOptions arrange_options(const Options& options) {
  ArrangeOptions arrange;
  arrange.sort_section = options.sort_section;
  arrange.orphans = options.orphans;
  for (const SectionStart& start : options.section_starts)
    if (!start.is_segment || !start.section.ends_with("-segment"))
      arrange.named_outputs.push_back(start.section);
  arrange.unique_all = options.unique_orphans;
  arrange.unique = options.unique_sections;
  arrange.relocatable = options.relocatable;
  arrange.tables_leave_alignment = prunes_proven(options);
  arrange.keep_groups = options.relocatable && !options.force_group_allocation;
  return arrange;
}

namespace {

// Strings have odd lengths. Behind everything else of its list, a blob of them makes nobody wait
// for alignment; among the rest, each change of length would cost or save some bytes by chance.
void move_blobs_behind(const MergedStrings& merged, Arrangement& arrangement) {
  if (merged.blobs.empty()) return;
  for (ArrangedOutput& output : arrangement.outputs) {
    for (ArrangedItem& item : output.items) {
      auto* list = std::get_if<SectionList>(&item);
      if (list == nullptr) continue;
      std::stable_partition(list->sections.begin(), list->sections.end(), [&](SectionId id) {
        const MergedBlob* blob = merged.blob(id);
        return blob == nullptr || blob->place != id;
      });
    }
  }
}

}  // namespace

MergedStrings merge_arranged(const Program& program, const Plan& plan, const Options& options,
                             Arrangement& arrangement) {
  std::vector<SectionId> sections;
  std::vector<u32> groups;
  if (!options.relocatable) {
    for (u32 i = 0; i < arrangement.outputs.size(); i++) {
      for (const ArrangedItem& item : arrangement.outputs[i].items) {
        const auto* list = std::get_if<SectionList>(&item);
        if (list == nullptr) continue;
        const std::span<const SectionId> candidates = list->sections;
        for (u64 k = 0; k < candidates.size(); k++) {
          prefetch_ahead(program.inputs.sections, candidates, k);
          if (!is_mergeable(program.inputs[candidates[k]])) continue;
          sections.push_back(candidates[k]);
          groups.push_back(i);
        }
      }
    }
  }
  MergedStrings merged = merge_strings(program.inputs, plan, sections, groups);
  move_blobs_behind(merged, arrangement);
  return merged;
}

Layout place_everything(const Program& program, const Plan& plan, const MergedStrings& merged,
                        const Script& script, const Arrangement& arrangement,
                        const Options& options, Diag& diag) {
  LayoutOptions layout_with = layout_options(options, script);
  const SegmentOptions segments = segment_options(options, script);
  std::ostringstream unheard;
  Diag trial(unheard);
  // How many headers there are depends on the addresses, and those on the headers. As in GNU ld, a
  // first guess is corrected a few times.
  constexpr int kGuesses = 6;
  for (int i = 0; segments.uses_headers_size && i < kGuesses; i++) {
    Layout guess = lay_out(program, plan, merged, script, arrangement, layout_with, trial);
    const u64 guessed = layout_with.headers_size;
    if (i > 0) plan_segments(script, segments, guess, trial);
    layout_with.headers_size = i > 0 ? kElfHeaderSize + guess.segments.size() * kProgramHeaderSize
                                     : headers_size(script, segments, guess.outputs);
    if (i > 0 && (layout_with.headers_size == guessed || script.has_segments)) break;
  }
  Layout layout = lay_out(program, plan, merged, script, arrangement, layout_with, diag);
  if (options.check_sections && !options.relocatable) report_overlaps(layout, diag);
  report_banned_references(program, script, layout, diag);
  // What has no sound address has been reported; a segment would only say it again.
  plan_segments(script, segments, layout, diag.errors() == 0 ? diag : trial);
  return layout;
}

}  // namespace fwseal
