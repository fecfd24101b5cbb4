// `[prune] drop` and `only_if`: what the user says of the program that nothing proves.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "elfio/diag.h"
#include "graph/clauses.h"
#include "prune/initialiser.h"
#include "prune/plan.h"
#include "tools/options.h"

namespace fwseal {

struct UserRules {
  std::vector<Guard> guards;
  std::vector<std::string> texts;       // of each guard, the rule: "drop `x'"
  std::vector<IgnoredReference> words;  // of tables, which become 0

  // The rule about an atom, or empty.
  std::string_view rule_about(AtomId atom) const;
};

UserRules find_user_rules(const Program& program, const Atoms& atoms,
                          std::span<const Initialiser> initialisers, const Options& options,
                          Diag& diag);

// Now that it is known what is live: reports what cannot do without what the rules took out, and
// notes which words become 0.
void check_user_rules(const Program& program, const Atoms& atoms, const Reach& live,
                      const Options& options, UserRules& rules, Diag& diag);

}  // namespace fwseal
