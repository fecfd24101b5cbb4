// A derivation is read back through `kept_by`: the clause by which an atom was found, then those of
// its premises, until only roots are left.
#include "report/why.h"

#include <algorithm>

namespace fwseal {

Why::Why(const AtomIndex& atoms)
    : atoms_(atoms),
      graph_(atoms.graph()),
      live_(reach(graph_.graph)),
      tree_(retain_tree(graph_.graph, live_)),
      backwards_(graph_.graph) {}

bool Why::holds(ClauseId clause) const {
  return std::ranges::all_of(backwards_.premises(clause),
                             [&](AtomId premise) { return live_.live(premise); });
}

bool Why::is_circular(ClauseId clause, AtomId atom) const {
  const u32 first = tree_.position[index(atom)];
  return std::ranges::any_of(backwards_.premises(clause), [&](AtomId premise) {
    const u32 at = tree_.position[index(premise)];
    return at >= first && at - first < tree_.count[first];
  });
}

// Breadth first, so that the main line of a derivation stands before what else a clause needs.
std::vector<WhyStep> Why::derive(AtomId atom) const {
  std::vector<WhyStep> steps{{atom, live_.kept_by[index(atom)]}};
  std::vector<bool> seen;
  for (u64 next = 0; next < steps.size(); next++) {
    const auto premises = backwards_.premises(steps[next].clause);
    // Only several premises can lead to the same atom again.
    if (premises.size() > 1 && seen.empty()) {
      seen.resize(graph_.atoms.size());
      for (const WhyStep& step : steps) seen[index(step.atom)] = true;
    }
    for (const AtomId premise : premises) {
      if (!seen.empty() && seen[index(premise)]) continue;
      if (!seen.empty()) seen[index(premise)] = true;
      steps.push_back({premise, live_.kept_by[index(premise)]});
    }
  }
  return steps;
}

WhyAnswer Why::explain(AtomId atom) const {
  WhyAnswer answer{atom, live_.live(atom), {}, {}};
  if (answer.live) answer.derivation = derive(atom);
  for (const ClauseId clause : backwards_.clauses_for(atom))
    if (!answer.live || holds(clause))
      answer.keepers.push_back({clause, answer.live && is_circular(clause, atom)});
  std::ranges::stable_sort(answer.keepers, {}, &WhyKeeper::circular);
  return answer;
}

// A word may name very many atoms, such as ".text"; each has its own derivation.
std::vector<WhyAnswer> Why::ask(std::string_view word) const {
  constexpr u64 kMostAnswers = 1000;
  constexpr u64 kMostSteps = 1'000'000;  // of all together
  std::vector<WhyAnswer> answers;
  u64 steps = 0;
  for (const AtomId atom : atoms_.find(word)) {
    if (answers.size() == kMostAnswers || steps > kMostSteps) break;
    answers.push_back(explain(atom));
    steps += answers.back().derivation.size() + answers.back().keepers.size();
  }
  std::ranges::stable_sort(answers, {}, [](const WhyAnswer& answer) {
    return std::pair(!answer.live, answer.derivation.size());
  });
  return answers;
}

std::string_view Why::rule(AtomId atom) const {
  for (const RecordRule& rule : graph_.rules)
    if (rule.atom == index(atom)) return graph_.strings[rule.text];
  return {};
}

}  // namespace fwseal
