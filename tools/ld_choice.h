// Options whose argument is one of a few words.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tools/ld_option_table.h"

namespace fwseal {

template <typename Value>
using Choices = std::initializer_list<std::pair<std::string_view, Value>>;

// The value that a keyword stands for; reports one that is none of them.
template <typename Value>
std::optional<Value> choose(LdState& state, std::string_view keyword, Choices<Value> choices) {
  std::string expected;
  for (const auto& [name, value] : choices) {
    if (name == keyword) return value;
    expected += cat(expected.empty() ? "" : ", ", name);
  }
  state.error(cat("'", keyword, "' is none of ", expected));
  return {};
}

template <typename Value>
void set_choice(LdState& state, Value& target, std::string_view keyword, Choices<Value> choices) {
  if (const auto value = choose(state, keyword, choices)) target = *value;
}

// For options that change nothing here, though their argument must be one that GNU ld takes.
inline void check_keyword(LdState& state, std::string_view keyword,
                          std::initializer_list<std::string_view> keywords) {
  std::string expected;
  for (const std::string_view name : keywords) expected += cat(expected.empty() ? "" : ", ", name);
  if (std::find(keywords.begin(), keywords.end(), keyword) == keywords.end())
    state.error(cat("'", keyword, "' is none of ", expected));
}

}  // namespace fwseal
