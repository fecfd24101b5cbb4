// Each object file that includes <iostream> constructs an object of std::ios_base::Init, so that
// the standard streams exist before anybody uses them (C++17 [iostream.objects.overview]). What
// that construction does is defined in terms of these streams alone ([ios::Init]): who uses none of
// them cannot tell whether it took place. The object itself is empty, in libstdc++ too. What the
// library does besides (its reference count, the buffers that the streams share with stdio, the
// classic locale, which anybody else who needs it initialises too) serves nobody but the streams.
//
// At exit the last destructor flushes the streams ([ios::Init]); of those that nobody uses nothing
// comes out. libstdc++'s flush of std::cout ends as fflush(stdout), which exit does itself right
// afterwards (C11 7.22.4.4). So we want exit to be the library's.
//
// To register a function for exit has no effect before exit, but that there is less room for others
// (C11 7.22.4.2 promises 32; nothing is promised of one that does not fit).
#include "prune/library_calls.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace fwseal {
namespace {

using Kind = LibraryFunction::Kind;

struct NamedFunction {
  std::string_view name;
  LibraryFunction function;
};

// libstdc++, and Itanium C++ ABI, "DSO Object Destruction API"; for __aeabi_atexit RTABI32 2023Q3,
// "Registering a function to be called at exit".
constexpr std::array<NamedFunction, 7> kFunctions{{
    {"_ZNSt8ios_base4InitC1Ev", {Kind::kInitStreams}},
    {"_ZNSt8ios_base4InitC2Ev", {Kind::kInitStreams}},
    {"_ZNSt8ios_base4InitD1Ev", {Kind::kEndStreams}},
    {"_ZNSt8ios_base4InitD2Ev", {Kind::kEndStreams}},
    {"__aeabi_atexit", {Kind::kRegister, 1, 0}},
    {"__cxa_atexit", {Kind::kRegister, 0, 1}},
    {"atexit", {Kind::kRegister, 0}},
}};

constexpr std::array<std::string_view, 8> kStreams{"_ZSt3cin",   "_ZSt4cout", "_ZSt4cerr",
                                                   "_ZSt4clog",  "_ZSt4wcin", "_ZSt5wcout",
                                                   "_ZSt5wcerr", "_ZSt5wclog"};

bool is_defined(const Program& program, SymbolId id) {
  return id != kNoSymbol && program.symbols[id].state == SymbolState::kDefined &&
         program.symbols[id].section != kNoSection;
}

}  // namespace

bool is_from_library(const Program& program, SymbolId id) {
  return is_defined(program, id) &&
         !program.inputs.object_of(program.symbols[id].section).member.empty();
}

LibraryCalls::LibraryCalls(const Program& program, const Atoms& atoms) {
  const SymbolId exit = program.symbols.find("exit");
  bool are_known = !is_defined(program, exit) || is_from_library(program, exit);
  for (const std::string_view name : kStreams) {
    const SymbolId id = program.symbols.find(name);
    if (!is_defined(program, id)) continue;
    are_known = are_known && is_from_library(program, id);
    streams_.push_back(atoms.at(program.symbols[id].section, program.symbols[id].value));
  }
  for (const NamedFunction& named : kFunctions) {
    const SymbolId id = program.symbols.find(named.name);
    if (!is_from_library(program, id) || program.symbols[id].type != STT_FUNC) continue;
    const bool is_about_streams = named.function.kind != Kind::kRegister;
    if (is_about_streams && (streams_.empty() || !are_known)) continue;
    const Symbol& symbol = program.symbols[id];
    functions_.push_back(
        {place_of(address(symbol.section, static_cast<i64>(symbol.value))), named.function, id});
  }
}

LibraryFunction LibraryCalls::find(const CodePlace& place) const {
  const auto found = std::ranges::find(functions_, place, &Entry::place);
  return found == functions_.end() ? LibraryFunction() : found->function;
}

}  // namespace fwseal
