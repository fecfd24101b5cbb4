#include "tools/options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "tools/number_text.h"

namespace fwseal {
namespace {

using NamePair = std::pair<std::string_view, std::string_view>;
// The words of fwseal.toml, and those of report/budget.h.
constexpr std::array<NamePair, 5> kBudgetSubjects{{{"flash_code", "flash.code"},
                                                   {"flash_rodata", "flash.rodata"},
                                                   {"flash_initial", "flash.initial"},
                                                   {"static_data_ram", "ram.data"},
                                                   {"static_instruction_ram", "ram.code"}}};

// Not std::stod: it follows the locale, and reads "nan" and "1e9".
std::optional<double> parse_percent(std::string_view text) {
  const auto point = text.find('.');
  const std::string_view fraction = point == text.npos ? "0" : text.substr(point + 1);
  u64 whole = 0;
  u64 part = 0;
  double scale = 1;
  for (u64 i = 0; i < fraction.size(); i++) scale *= 10;
  const auto read = [](std::string_view digits, u64& value) {
    const char* const end = digits.data() + digits.size();
    const auto result = std::from_chars(digits.data(), end, value);
    return !digits.empty() && result.ec == std::errc{} && result.ptr == end;
  };
  if (!read(text.substr(0, point), whole) || !read(fraction, part)) return {};
  return static_cast<double>(whole) + static_cast<double>(part) / scale;
}

}  // namespace

void set_region(Options& options, RegionRule rule) {
  const auto same = std::find_if(options.regions.begin(), options.regions.end(),
                                 [&](const RegionRule& r) { return r.name == rule.name; });
  if (same == options.regions.end()) return options.regions.push_back(std::move(rule));
  if (rule.kind) same->kind = rule.kind;
  if (rule.origin) same->origin = rule.origin;
  if (rule.length) same->length = rule.length;
  same->place = std::move(rule.place);
}

void set_budget(Options& options, BudgetLimit limit, SettingPlace place) {
  options.budget_places[limit.subject] = std::move(place);
  const auto same = std::find_if(options.budgets.begin(), options.budgets.end(),
                                 [&](const BudgetLimit& b) { return b.subject == limit.subject; });
  if (same == options.budgets.end())
    options.budgets.push_back(std::move(limit));
  else
    *same = std::move(limit);
}

std::optional<Prune> parse_prune(std::string_view text) {
  if (text == "none") return Prune::kNone;
  if (text == "sections") return Prune::kSections;
  if (text == "proven") return Prune::kProven;
  return {};
}

std::optional<FoldMode> parse_fold(std::string_view text) {
  if (text == "none") return FoldMode::kNone;
  if (text == "proven") return FoldMode::kProven;
  if (text == "all") return FoldMode::kAll;
  return {};
}

std::optional<RegionKind> parse_region_kind(std::string_view text) {
  for (const RegionKind kind :
       {RegionKind::kFlash, RegionKind::kRam, RegionKind::kIram, RegionKind::kDram})
    if (name_of(kind) == text) return kind;
  return {};
}

std::string_view budget_subject(std::string_view name) {
  for (const auto& [word, subject] : kBudgetSubjects)
    if (word == name) return subject;
  return name;
}

std::optional<BudgetLimit> parse_budget(std::string_view name, std::string_view amount) {
  BudgetLimit limit;
  limit.subject = budget_subject(name);
  const bool is_sum = limit.subject != name;
  if (amount.ends_with('%')) {
    limit.max_percent = parse_percent(amount.substr(0, amount.size() - 1));
    // A sum has no length that it could be a part of.
    if (!limit.max_percent || is_sum) return {};
  } else {
    limit.max_bytes = parse_size(amount);
    if (!limit.max_bytes) return {};
  }
  return limit;
}

std::vector<RegionKindRule> region_kinds(const Options& options) {
  std::vector<RegionKindRule> rules;
  for (const RegionRule& region : options.regions)
    if (region.kind) rules.push_back({region.name, *region.kind});
  return rules;
}

}  // namespace fwseal
