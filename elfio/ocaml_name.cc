// A symbol is "caml", the unit, "__" and what it is of the unit (OCaml 4.13,
// middle_end/compilenv.ml, make_symbol): an identifier with a number (typing/ident.ml,
// unique_name), a number alone (new_const_symbol), or one of the words of asmcomp/cmmgen.ml and
// asmcomp/arm/emit.mlp. Other characters than letters, digits and '_' are "$" and two hexadecimal
// digits (asmcomp/emitaux.ml, emit_symbol).
//
// A unit may have "__" in its name: those of a library that dune or the Stdlib wrap have the names
// of the library's module and their own, and begin with capitals. So the unit ends before the first
// "__" with anything else behind it.
#include "elfio/ocaml_name.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>

#include "elfio/bytes.h"

namespace fwseal {
namespace {

constexpr std::string_view kBoundaries[] = {
    "__code_begin", "__code_end",  "__data_begin",
    "__data_end",   "__ram_begin", "__ram_end",  // graph/ocaml_split.cc
};
constexpr std::string_view kOfUnits[] = {"__entry", "__gc_roots", "__frametable"};
// dune's units of an executable: "Dune__exe__Main". "Dune.exe" would be no module.
constexpr std::string_view kDune = "Dune__exe";

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) {
  return is_upper(c) || (c >= 'a' && c <= 'z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

// None if something in it is not written as ocamlopt does.
std::optional<std::string> unescaped(std::string_view text) {
  std::string result;
  for (u64 i = 0; i < text.size(); i++) {
    if (text[i] == '$') {
      unsigned char code = 0;
      const char* const end = text.data() + std::min<u64>(i + 3, text.size());
      const auto [last, fault] = std::from_chars(text.data() + i + 1, end, code, 16);
      if (fault != std::errc() || last != text.data() + i + 3 || code < ' ' || code == 0x7f)
        return std::nullopt;
      result += static_cast<char>(code);
      i += 2;
    } else if (is_letter(text[i]) || is_digit(text[i])) {
      result += text[i];
    } else {
      return std::nullopt;
    }
  }
  return result;
}

// Where the unit's name ends, after `from`
u64 end_of_unit(std::string_view name, u64 from) {
  u64 at = name.find("__", from);
  while (at != name.npos && at + 2 < name.size() && is_upper(name[at + 2]))
    at = name.find("__", at + 2);
  return at == name.npos || at + 2 == name.size() ? name.size() : at;
}

// "Stdlib__List" as "Stdlib.List"; "Lib__", where dune keeps a library's aliases, stays.
std::string with_dots(std::string_view unit) {
  std::string result;
  for (u64 i = 0; i < unit.size(); i++) {
    if (i > 0 && i + 2 < unit.size() && unit.substr(i, 2) == "__" && is_upper(unit[i + 2])) {
      result += '.';
      i++;
    } else {
      result += unit[i];
    }
  }
  return result;
}

// "map_236" as "map", "$5e_139" as "(^)"; "fun_1234" stays.
std::optional<std::string> of_function(std::string_view item) {
  const u64 line = item.rfind('_');
  const bool is_stamped = line != item.npos && line > 0 && is_number(item.substr(line + 1)) &&
                          !item.starts_with("fun_");
  std::optional<std::string> name = unescaped(item.substr(0, is_stamped ? line : item.size()));
  if (!name || name->empty() || is_digit(name->front())) return std::nullopt;
  const auto in_identifier = [](char c) { return is_letter(c) || is_digit(c) || c == '\''; };
  if (!std::ranges::all_of(*name, in_identifier)) *name = cat('(', *name, ')');
  return name;
}

// What of such words the name ends in, if any
std::string_view of_unit(std::string_view name) {
  for (const auto words : {std::span<const std::string_view>(kBoundaries), {kOfUnits}})
    for (const std::string_view word : words)
      if (name.ends_with(word)) return word;
  return {};
}

constexpr std::string_view kPrefix = "caml";

}  // namespace

bool is_ocaml_boundary(std::string_view symbol) {
  return symbol.starts_with(kPrefix) &&
         std::ranges::any_of(kBoundaries, [&](auto word) { return symbol.ends_with(word); });
}

std::string_view ocaml_unit_of_entry(std::string_view symbol) {
  constexpr std::string_view kEntry = "__entry";
  const bool is_entry = symbol.ends_with(kEntry) && symbol.starts_with(kPrefix) &&
                        symbol.size() > kPrefix.size() + kEntry.size() &&
                        is_upper(symbol[kPrefix.size()]);
  return is_entry ? symbol.substr(0, symbol.size() - kEntry.size()) : std::string_view();
}

std::string ocaml_name(std::string_view symbol) {
  if (!symbol.starts_with(kPrefix)) return {};
  const std::string_view name = symbol.substr(kPrefix.size());
  if (name.empty() || !is_upper(name[0])) return {};
  if (const std::string_view word = of_unit(name); !word.empty()) {
    const auto unit = unescaped(name.substr(0, name.size() - word.size()));
    return unit ? cat(with_dots(*unit), " (", word.substr(2), ')') : "";
  }
  const u64 end = end_of_unit(name, name.starts_with(kDune) ? kDune.size() : 0);
  const auto unit = unescaped(name.substr(0, end));
  if (!unit) return {};
  if (end == name.size()) return with_dots(*unit);
  const std::string_view item = name.substr(end + 2);
  if (is_number(item)) return cat(with_dots(*unit), " (data ", item, ')');
  const auto function = of_function(item);
  return function ? cat(with_dots(*unit), '.', *function) : "";
}

}  // namespace fwseal
