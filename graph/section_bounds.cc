#include "graph/section_bounds.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

namespace fwseal {
namespace {

bool is_c_identifier(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  if (name.empty() || !letter(name[0])) return false;
  return std::all_of(name.begin(), name.end(),
                     [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

}  // namespace

std::string_view bounded_section(std::string_view symbol) {
  for (const std::string_view prefix : {"__start_", "__stop_"})
    if (symbol.starts_with(prefix) && is_c_identifier(symbol.substr(prefix.size())))
      return symbol.substr(prefix.size());
  return {};
}

std::string_view measured_output(std::string_view symbol) {
  for (const std::string_view prefix : {".startof.", ".sizeof."})
    if (symbol.starts_with(prefix)) return symbol.substr(prefix.size());
  return {};
}

void define_section_bounds(const Inputs& inputs, Symbols& symbols) {
  std::unordered_map<std::string_view, std::vector<u32>> wanted;
  const auto leave_to_layout = [&](u32 symbol) {
    symbols.symbols[symbol].state = SymbolState::kScript;
    symbols.symbols[symbol].is_section_bound = true;
  };
  for (u32 i = 0; i < symbols.symbols.size(); i++) {
    if (symbols.symbols[i].state != SymbolState::kUndefined) continue;
    const std::string_view name = bounded_section(symbols.symbols[i].name);
    if (!name.empty()) wanted[name].push_back(i);
    if (!measured_output(symbols.symbols[i].name).empty()) leave_to_layout(i);
  }
  if (wanted.empty()) return;
  for (const InputSection& section : inputs.sections) {
    if (section.excluded) continue;
    const auto found = wanted.find(section.name);
    if (found == wanted.end()) continue;
    for (const u32 symbol : found->second) leave_to_layout(symbol);
  }
}

}  // namespace fwseal
