// Patterns for file and section names, as linker scripts write them: `*` any run of characters,
// `/` included, `?` one character, `[a-z]` and `[^a-z]` a set, `\` quotes the next character.
// ld manual, "Input Section Wildcard Patterns".
#pragma once

#include <string_view>

namespace fwseal {

// Linear in the text for each `*` of the pattern, however hostile both are.
bool glob_matches(std::string_view pattern, std::string_view text);

// The part of the pattern before its first special character, which every match begins with.
std::string_view glob_prefix(std::string_view pattern);

inline bool is_glob(std::string_view pattern) {
  return glob_prefix(pattern).size() != pattern.size();
}

}  // namespace fwseal
