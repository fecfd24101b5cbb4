// The work is libstdc++'s, which has the same demangler as binutils. It takes any text, but gives
// as much output as the text asks for: 289 bytes can ask for 872 MB. So the output is bounded
// first.
#include "elfio/demangle.h"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace fwseal {
namespace {

// Binutils gives up on longer names, too (demangle.h, DEMANGLE_RECURSION_LIMIT).
constexpr u64 kLongest = 1024;
constexpr u64 kMostCharacters = u64{1} << 24;  // takes about a tenth of a second

bool is_sequence_id(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); }

// "Pack expansions" of types and expressions: a pattern, repeated for each element of a pack.
bool is_expansion(std::string_view text) {
  return text.starts_with("Dp") || text.starts_with("sp");
}

// Itanium C++ ABI, "Compression" and "Template parameters": S_, S0_, ... stand for a part that came
// before, T_, T0_, ... for a template argument. Such a reference can double what there is, and an
// expansion repeat it as often as a pack of the name has elements, of which each takes a character.
// Letters of identifiers count as well, which errs to the safe side. Of 75,000 symbols of LLVM,
// libstdc++ and this program, 0.8 % are refused.
bool is_bounded(std::string_view name) {
  if (name.size() > kLongest) return false;
  u64 most = name.size();
  bool in_reference = false;  // after S or T, and what may stand between it and the underscore
  for (u64 i = 0; i < name.size() && most <= kMostCharacters; i++) {
    if (in_reference && name[i] == '_') most *= 2;
    in_reference = name[i] == 'S' || name[i] == 'T' || (in_reference && is_sequence_id(name[i]));
    if (is_expansion(name.substr(i))) most *= name.size() / 2;
  }
  return most <= kMostCharacters;
}

struct Free {
  void operator()(char* text) const { std::free(text); }  // as __cxa_demangle's manual asks
};

}  // namespace

std::string Demangler::name(std::string_view symbol) {
  const u64 start = std::min(symbol.find_first_not_of(".$"), symbol.size());
  const u64 end = std::min(symbol.find('@', start), symbol.size());
  const std::string core(symbol.substr(start, end - start));
  // Other text would be taken for a type: "i" for "int".
  const bool is_mangled = core.starts_with("_Z") || core.starts_with("_GLOBAL_");
  if (!enabled_ || !is_mangled || spent_ > kMostTogether || !is_bounded(core))
    return std::string(symbol);
  int status = 0;
  const std::unique_ptr<char, Free> plain(
      abi::__cxa_demangle(core.c_str(), nullptr, nullptr, &status));
  if (plain == nullptr) return std::string(symbol);
  const std::string_view text = plain.get();
  spent_ += text.size();
  return cat(symbol.substr(0, start), text, symbol.substr(end));
}

}  // namespace fwseal
