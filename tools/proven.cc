#include "tools/proven.h"

#include <algorithm>

#include "prune/exit_calls.h"
#include "prune/leftover.h"
#include "sections/arrange.h"
#include "sections/plain_memory.h"
#include "sections/unwind_readers.h"
#include "tools/ocaml_frames.h"

namespace fwseal {
bool prunes_proven(const Options& options) {
  return options.prune == Prune::kProven && !options.relocatable;
}

void KeptByScript::add_roots(ClauseOptions& clauses) const {
  for (const SectionId section : always) clauses.roots.push_back({section, ClauseKind::kKeep});
  for (const HollowFunction& function : hollow)
    clauses.conditional_bodies.push_back({function.function, function.any_of});
  clauses.ignored = ignored;
  clauses.guards = user_rules.guards;
  for (const Initialiser& slot : initialisers) {
    if (slot.never_runs) continue;
    if (slot.proven)
      clauses.conditional_roots.push_back({slot.slot, slot.writes});
    else
      clauses.atom_roots.push_back({slot.slot, ClauseKind::kKeep});
  }
  clauses.unwind_readers = unwind_readers;
  clauses.frame_readers = frame_readers;
  if (!ocaml.empty()) clauses.ocaml = &ocaml;
}

namespace {

KeptByScript find_proven(const Program& program, const Atoms& atoms, const Script& script,
                         const Matcher& matcher, const Options& options) {
  KeptByScript kept;
  std::vector<SectionId> named = kept_by_script(program.inputs, script);
  if (!prunes_proven(options)) {
    kept.always = std::move(named);
    return kept;
  }
  kept.unwind_readers = find_unwind_readers(program.inputs, program.symbols, script, matcher);
  // The relocations that -q writes down are those of whole tables.
  if (!options.emit_relocations)
    kept.frame_readers = find_frame_readers(program.inputs, program.symbols, script, matcher);
  std::vector<SectionId> initialisers;
  for (const SectionId section : named) {
    if (is_initialiser_list(program.inputs[section]))
      initialisers.push_back(section);
    else if (is_leftover(program.inputs[section]))
      kept.leftovers.push_back(section);
    else
      kept.always.push_back(section);
  }
  // The relocations that -q writes down are those of the functions as they were.
  if (!options.emit_relocations)
    kept.hollow = find_hollow_functions(program, atoms, options.never_exits);
  if (!options.emit_relocations && options.never_exits)
    kept.ignored = find_exit_arguments(program, atoms);
  if (!options.emit_relocations) kept.ocaml = follow_ocaml(program, atoms);
  if (!initialisers.empty())
    kept.initialisers =
        find_initialisers(program, atoms, initialisers, plain_memory(program.inputs, matcher));
  for (Initialiser& slot : kept.initialisers)
    slot.never_runs = options.never_exits && is_destructor_list(program.inputs[slot.section]);
  return kept;
}

}  // namespace

KeptByScript find_kept_by_script(const Program& program, const Atoms& atoms, const Script& script,
                                 const Matcher& matcher, const Options& options, Diag& diag) {
  KeptByScript kept = find_proven(program, atoms, script, matcher, options);
  if (options.never_exits && !prunes_proven(options))
    diag.warning({}, "exit never has no effect without --fwseal-prune=proven");
  for (const OcamlRefusal& refusal : kept.ocaml.refusals)
    diag.warning(refusal.section == kNoSection
                     ? Location{}
                     : program.inputs.location(refusal.section, refusal.offset),
                 cat("OCaml's modules stay whole: ", refusal.why));
  kept.frames = find_frames(program, atoms, matcher, options, diag);
  if (kept.frames.possible()) kept.hollow.push_back(*kept.frames.init);
  kept.user_rules = find_user_rules(program, atoms, kept.initialisers, options, diag);
  return kept;
}

std::vector<FlashMove> place_constants(const Program& program, const Plan& plan,
                                       const Matcher& matcher, const Options& options,
                                       Inputs& inputs, Diag& diag) {
  if (options.relocatable) return {};
  std::vector<FlashRule> rules;
  for (const NameRule& rule : options.flash) rules.push_back({rule.pattern, rule.place.location()});
  std::vector<FlashMove> moves =
      plan_flash_moves(program, plan, matcher, prunes_proven(options), rules, inputs, diag);
  apply_flash_moves(moves, inputs);
  return moves;
}

}  // namespace fwseal
