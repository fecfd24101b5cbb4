#include "tools/board_rules.h"

#include <algorithm>

namespace fwseal {
namespace {

std::string region_names(const Script& script) {
  std::string names;
  for (const MemoryRegion& region : script.regions)
    names += cat(names.empty() ? "" : ", ", region.name);
  return names.empty() ? "it has none" : cat("it has ", names);
}

// Written as subtractions: origins and lengths are the user's, and sums could wrap.
bool lies_within(const RegionUse& region, u64 origin, u64 length) {
  return region.origin >= origin && region.origin - origin <= length &&
         length - (region.origin - origin) >= region.length;
}

void check_extent(const RegionUse& region, const RegionRule& rule, Diag& diag) {
  const u64 origin = rule.origin.value_or(region.origin);
  const u64 length = rule.length.value_or(region.length);
  if (lies_within(region, origin, length)) return;
  diag.error(rule.place.location(),
             cat("region '", region.name, "' of the linker script, ", hex(region.length),
                 " bytes at ", hex(region.origin), ", is not within what the board has, ",
                 hex(length), " bytes at ", hex(origin)));
}

}  // namespace

void check_region_names(const Options& options, const Script& script, Diag& diag) {
  for (const RegionRule& rule : options.regions)
    if (std::ranges::find(script.regions, rule.name, &MemoryRegion::name) == script.regions.end())
      diag.error(rule.place.location(), cat("board.regions: the linker script has no region '",
                                            rule.name, "'; ", region_names(script)));
}

Board describe_board(const Layout& layout, const Script& script, const Options& options,
                     Diag& diag) {
  for (const RegionUse& region : layout.regions) {
    const auto rule = std::ranges::find(options.regions, region.name, &RegionRule::name);
    if (rule != options.regions.end()) check_extent(region, *rule, diag);
  }
  const std::vector<RegionKindRule> kinds = region_kinds(options);
  return infer_board(layout, script, kinds);
}

std::vector<BudgetViolation> violated_limits(const Budget& budget, const Options& options) {
  std::vector<BudgetViolation> violations = check_budget(budget, options.budgets);
  std::erase_if(violations, [&](const BudgetViolation& violation) {
    return std::ranges::find(options.budgets, violation.subject, &BudgetLimit::subject) ==
           options.budgets.end();
  });
  return violations;
}

void report_violations(const std::vector<BudgetViolation>& violations, const Options& options,
                       Diag& diag) {
  for (const BudgetViolation& violation : violations) {
    const auto place = options.budget_places.find(violation.subject);
    const Location where =
        place == options.budget_places.end() ? Location{} : place->second.location();
    diag.error(where, cat("budget: ", violation.message));
  }
}

}  // namespace fwseal
