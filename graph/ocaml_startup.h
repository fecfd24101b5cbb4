// What the start-up object of an OCaml program has of each unit, so that all of it can go at once.
#pragma once

#include <span>
#include <vector>

#include "elfio/code.h"
#include "graph/atoms.h"
#include "graph/ocaml_function.h"
#include "graph/ocaml_modules.h"

namespace fwseal {

// A pair of addresses in a table, good for nothing once nothing of what it is about is left.
struct OcamlExtent {
  SectionRange pair;
  SectionRange about;
};

struct OcamlTables {
  std::vector<OcamlExtent> extents;   // of caml_code_segments and caml_data_segments
  std::vector<SectionRange> globals;  // words of caml_globals
  std::vector<u32> units;             // for each of those, which of OcamlModules::units
  std::vector<SectionRange> all;      // in order of section and place
  bool has(SectionId section, u64 place) const { return is_in(all, section, place); }
};

// Empty where a table is not a section of its own, or one that was cut.
OcamlTables find_ocaml_tables(const Program& program, const Atoms& atoms,
                              const OcamlModules& modules);

// Where caml_program calls the entry function of a unit and counts it.
struct OcamlStart {
  SectionRange call;  // the call, and all up to the next one
  u64 place = 0;      // of the call's relocation
};

struct OcamlStarts {
  std::vector<OcamlStart>
      starts;  // as OcamlTables::globals; without a call where it is another one
  // What instructions of caml_program say of other places in it, for when something goes of it.
  std::vector<CodeReference> references;
};

// Empty if the function is not what OCaml 4.13 makes of it.
OcamlStarts find_ocaml_starts(const Program& program, const OcamlModules& modules,
                              const OcamlTables& tables, const OcamlFunction& caml_program);

}  // namespace fwseal
