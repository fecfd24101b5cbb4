#include "tools/proven.h"

#include <algorithm>

#include "prune/leftover.h"
#include "sections/arrange.h"
#include "sections/plain_memory.h"
#include "sections/unwind_readers.h"

namespace fwseal {
bool prunes_proven(const Options& options) {
  return options.prune == Prune::kProven && !options.relocatable;
}

void KeptByScript::add_roots(ClauseOptions& clauses) const {
  for (const SectionId section : always) clauses.roots.push_back({section, ClauseKind::kKeep});
  for (const Initialiser& slot : initialisers) {
    if (slot.proven)
      clauses.conditional_roots.push_back({slot.section, slot.writes});
    else
      clauses.roots.push_back({slot.section, ClauseKind::kKeep});
  }
  clauses.unwind_readers = unwind_readers;
}

KeptByScript find_kept_by_script(const Program& program, const Script& script,
                                 const Matcher& matcher, const Options& options) {
  KeptByScript kept;
  std::vector<SectionId> named = kept_by_script(program.inputs, script);
  if (!prunes_proven(options)) {
    kept.always = std::move(named);
    return kept;
  }
  kept.unwind_readers = find_unwind_readers(program.inputs, program.symbols, script, matcher);
  std::vector<SectionId> initialisers;
  for (const SectionId section : named) {
    if (is_initialiser_list(program.inputs[section]))
      initialisers.push_back(section);
    else if (is_leftover(program.inputs[section]))
      kept.leftovers.push_back(section);
    else
      kept.always.push_back(section);
  }
  if (!initialisers.empty())
    kept.initialisers =
        find_initialisers(program, initialisers, plain_memory(program.inputs, matcher));
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
