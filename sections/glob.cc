#include "sections/glob.h"

namespace fwseal {
namespace {

// Where a set "[...]" that begins at `at` ends: behind its bracket, or npos if it never closes.
std::size_t end_of_set(std::string_view pattern, std::size_t at) {
  std::size_t i = at + 1;
  if (i < pattern.size() && (pattern[i] == '^' || pattern[i] == '!')) i++;
  if (i < pattern.size() && pattern[i] == ']') i++;  // a bracket that comes first is a member
  while (i < pattern.size() && pattern[i] != ']') i++;
  return i < pattern.size() ? i + 1 : std::string_view::npos;
}

bool set_contains(std::string_view set, char c) {  // `set` without its brackets
  const bool inverted = !set.empty() && (set[0] == '^' || set[0] == '!');
  if (inverted) set.remove_prefix(1);
  bool found = false;
  const auto byte = [](char x) { return static_cast<unsigned char>(x); };
  for (std::size_t i = 0; i < set.size(); i++) {
    if (i + 2 < set.size() && set[i + 1] == '-') {
      found = found || (byte(set[i]) <= byte(c) && byte(c) <= byte(set[i + 2]));
      i += 2;
    } else {
      found = found || set[i] == c;
    }
  }
  return found != inverted;
}

// Matches one character of the text against the element of the pattern at `at`, which is not `*`,
// and moves `at` behind the element.
bool element_matches(std::string_view pattern, std::size_t& at, char c) {
  switch (pattern[at]) {
    case '?': at++; return true;
    case '[': {
      const std::size_t end = end_of_set(pattern, at);
      if (end == std::string_view::npos) break;  // no set: the bracket stands for itself
      const bool in = set_contains(pattern.substr(at + 1, end - at - 2), c);
      at = end;
      return in;
    }
    case '\\':
      if (at + 1 < pattern.size()) at++;
      break;
    default: break;
  }
  return pattern[at++] == c;
}

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view text) {
  constexpr std::size_t kNone = std::string_view::npos;
  std::size_t p = 0;
  std::size_t t = 0;
  // The last `*`, and how much of the text it has taken so far. Only the last one ever needs to
  // take more: whatever an earlier one could gain, the last one can take as well.
  std::size_t star = kNone;
  std::size_t star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
      continue;
    }
    std::size_t next = p;
    if (p < pattern.size() && element_matches(pattern, next, text[t])) {
      p = next;
      t++;
      continue;
    }
    if (star == kNone) return false;
    p = star + 1;
    t = ++star_text;
  }
  while (p < pattern.size() && pattern[p] == '*') p++;
  return p == pattern.size();
}

std::string_view glob_prefix(std::string_view pattern) {
  return pattern.substr(0, pattern.find_first_of("*?[\\"));
}

}  // namespace fwseal
