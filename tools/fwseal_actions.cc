// Our own options. Their arguments are those of fwseal.toml.
#include <array>

#include "tools/ld_actions.h"
#include "tools/number_text.h"

namespace fwseal {
namespace {

// "RAM:ram:0x20000000:64K" in parts; empty if there are neither two nor four.
std::vector<std::string_view> split_region(std::string_view text) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto colon = text.find(':');
    parts.push_back(text.substr(0, colon));
    if (colon == text.npos) break;
    text.remove_prefix(colon + 1);
  }
  if (parts.size() != 2 && parts.size() != 4) parts.clear();
  return parts;
}

}  // namespace

void set_prune(LdState& state, std::string_view mode) {
  if (const std::optional<Prune> value = parse_prune(mode))
    state.options.prune = *value;
  else
    state.error(cat("'", mode, "' is none of none, sections, proven"));
}

void set_fold(LdState& state, std::string_view mode) {
  if (const std::optional<FoldMode> value = parse_fold(mode))
    state.options.fold = *value;
  else
    state.error(cat("'", mode, "' is none of none, proven, all"));
}

void set_seal(LdState& state, std::string_view) { state.options.seal = true; }

void set_poison(LdState& state, std::string_view what) {
  if (!what.empty() && what != "pieces")
    return state.error(cat("'", what, "' is nothing that can be poisoned; pieces can"));
  state.options.poison = what.empty() ? Poison::kAll : Poison::kPieces;
}

void add_keep(LdState& state, std::string_view pattern) {
  state.options.keep.push_back({std::string(pattern), {}});
}

void add_drop(LdState& state, std::string_view pattern) {
  state.options.drop.push_back({std::string(pattern), {}});
}

// "PATTERN=PATTERN,PATTERN"
void add_only_if(LdState& state, std::string_view text) {
  const auto equals = text.find('=');
  if (equals == 0 || equals == text.npos || equals + 1 == text.size())
    return state.error(cat("'", text, "' is not PATTERN=PATTERN or PATTERN=PATTERN,PATTERN"));
  OnlyIfRule rule{{std::string(text.substr(0, equals)), {}}, {}};
  for (std::string_view rest = text.substr(equals + 1);;) {
    const auto comma = rest.find(',');
    rule.any_of.push_back({std::string(rest.substr(0, comma)), {}});
    if (comma == rest.npos) break;
    rest.remove_prefix(comma + 1);
  }
  state.options.only_if.push_back(std::move(rule));
}

void set_exit(LdState& state, std::string_view word) {
  if (word != "never" && word != "may")
    return state.error(cat("'", word, "' is none of never, may"));
  state.options.never_exits = word == "never";
}

void set_ocaml_backtraces(LdState& state, std::string_view word) {
  if (word != "yes" && word != "no") return state.error(cat("'", word, "' is none of yes, no"));
  state.options.ocaml_backtraces = word == "yes";
}

void add_flash(LdState& state, std::string_view pattern) {
  state.options.flash.push_back({std::string(pattern), {}});
}

void add_ocaml_ram(LdState& state, std::string_view pattern) {
  state.options.ocaml_ram.push_back({std::string(pattern), {}});
}

void add_region(LdState& state, std::string_view text) {
  const std::vector<std::string_view> parts = split_region(text);
  if (parts.empty() || parts[0].empty())
    return state.error(cat("'", text, "' is not NAME:KIND or NAME:KIND:ORIGIN:LENGTH"));
  RegionRule rule;
  rule.name = parts[0];
  rule.kind = parse_region_kind(parts[1]);
  if (!rule.kind) return state.error(cat("'", parts[1], "' is none of flash, ram, iram, dram"));
  for (u64 i = 2; i < parts.size(); i++) {
    const std::optional<u64> number = parse_size(parts[i]);
    if (!number) return state.error(cat("'", parts[i], "' is no size such as 0x4000 or 256K"));
    (i == 2 ? rule.origin : rule.length) = number;
  }
  set_region(state.options, std::move(rule));
}

void add_budget(LdState& state, std::string_view text) {
  const auto equals = text.find('=');
  if (equals == 0 || equals == text.npos) return state.error(cat("'", text, "' is not NAME=SIZE"));
  const std::string_view name = text.substr(0, equals);
  std::optional<BudgetLimit> limit = parse_budget(name, text.substr(equals + 1));
  if (!limit)
    return state.error(cat("'", text.substr(equals + 1),
                           "' is no size such as 256K, nor a part of a region such as 90%"));
  set_budget(state.options, std::move(*limit));
}

}  // namespace fwseal
