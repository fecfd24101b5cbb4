// Which atoms does each atom need? All knowledge about liveness, as clauses.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "elfio/diag.h"
#include "graph/graph.h"
#include "graph/program.h"

namespace fwseal {

// A section that stays whatever else does, and why.
struct Root {
  SectionId section;
  ClauseKind kind;
};

// A symbol that the linker script defines, and the symbols that its value is made of.
struct ScriptDefinition {
  SymbolId symbol;
  std::vector<SymbolId> uses;
};

struct RootSymbol {
  SymbolId symbol;
  ClauseKind kind;
};

struct ClauseOptions {
  bool collect = true;  // false: every section that may be in the image is a root
  std::vector<Root> roots;                 // KEEP, and what the configuration keeps
  std::vector<RootSymbol> root_symbols;    // entry, -u, EXTERN, _init and _fini, the script's uses
  std::vector<ScriptDefinition> script_definitions;
};

Graph collect_clauses(const Program& program, const ClauseOptions& options);

// Reports each undefined symbol that a live section refers to, in GNU ld's words. With
// `warn_only`, as warnings; with `weak_allowed` false, weak ones too.
void report_undefined(const Program& program, const Reach& live, bool warn_only, Diag& diag);

// The X of __start_X and __stop_X, or empty. X must be an identifier of C (ld manual, "Output
// Section Keywords").
std::string_view bounded_section(std::string_view symbol);

// Gives the undefined __start_X and __stop_X for which there is a section X to layout to define.
void define_section_bounds(const Inputs& inputs, Symbols& symbols);

// Sections of debugging information: they describe the program and keep nothing alive.
bool is_debug_section(const InputSection& section);

}  // namespace fwseal
