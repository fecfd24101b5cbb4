// Which atoms does each atom need? All knowledge about liveness, as clauses.
#pragma once

#include <optional>
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

// The same of a part of a section.
struct AtomRoot {
  AtomId atom;
  ClauseKind kind;
};

// An atom that stays once one of others is live: a constructor's slot, of which it is proven that
// nothing but these can tell whether the constructor ran.
struct ConditionalRoot {
  AtomId atom;
  std::vector<AtomId> any_of;
};

// A function that does nothing of use unless one of others is live: until then what it refers to
// does not count, and it may be a mere return.
struct ConditionalBody {
  AtomId function;
  std::vector<AtomId> any_of;
};

// An atom that stays only if one of others is live, whatever else keeps it; with none, never. The
// user's word.
struct Guard {
  AtomId atom;
  std::vector<AtomId> any_of;
};

// A place that refers to something and does not keep it.
struct IgnoredReference {
  SectionId section;
  u64 offset;
  auto operator<=>(const IgnoredReference&) const = default;
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

// Who can read the unwind tables of the image: he names a place in them, or both of their ends. Of
// frame tables, where they begin is such a place, and ends are not asked for.
struct UnwindReaders {
  std::vector<SymbolId> places;  // any of these is enough
  std::vector<SymbolId> begins;  // one of these together with one of `ends`
  std::vector<SymbolId> ends;
  std::vector<SymbolId> in_image;    // of these: their value is data of the image (LONG)
  std::optional<ClauseKind> always;  // why somebody does whatever is live
};

struct OcamlClauses;  // runtime_ocaml.h

struct ClauseOptions {
  bool collect = true;               // false: every section that may be in the image is a root
  bool bounds_keep_sections = true;  // false: -z start-stop-gc
  std::vector<Root> roots;           // KEEP, and what the configuration keeps
  std::vector<AtomRoot> atom_roots;
  std::vector<ConditionalRoot> conditional_roots;
  std::vector<ConditionalBody> conditional_bodies;
  std::vector<Guard> guards;              // at most one for an atom
  std::vector<IgnoredReference> ignored;  // in order
  std::vector<RootSymbol> root_symbols;   // entry, -u, EXTERN, _init and _fini, the script's uses
  std::vector<ScriptDefinition> script_definitions;
  std::optional<UnwindReaders> unwind_readers;  // nothing: unwind tables follow their code
  std::optional<UnwindReaders> frame_readers;   // nothing: frame tables are kept as other data are
  const OcamlClauses* ocaml = nullptr;          // nothing: fields of modules are not told apart
};

Graph collect_clauses(const Program& program, const Atoms& atoms, const ClauseOptions& options);

struct UndefinedOptions {
  bool warn_only = false;
  bool once = false;                 // --warn-once: one place per symbol
  std::vector<std::string> ignored;  // --ignore-unresolved-symbol
};

// Reports each undefined symbol that a live section refers to, unless all references are weak, in
// GNU ld's words.
void report_undefined(const Program& program, const Atoms& atoms, const Reach& live,
                      const UndefinedOptions& options, Diag& diag);

// Sections of debugging information: they describe the program and keep nothing alive.
bool is_debug_section(const InputSection& section);

}  // namespace fwseal
