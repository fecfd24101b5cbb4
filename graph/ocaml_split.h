// Takes the static data of OCaml units apart, as if the compiler had put what is constant and what
// is written into sections of their own.
#pragma once

#include <algorithm>
#include <functional>
#include <string_view>
#include <vector>

#include "graph/atoms.h"
#include "graph/ocaml_units.h"

namespace fwseal {

// The sections of a unit that was taken apart.
struct OcamlParts {
  std::string_view unit;              // "camlStdlib__List"
  SectionId constants = kNoSection;   // from X__data_begin to X__data_end, and a word behind
  SectionId ram = kNoSection;         // the blocks that are written; kNoSection if there are none
  SectionId frametable = kNoSection;  // X__frametable
  std::vector<u32> starts;            // where the constants may be cut, 0 among them
};

struct OcamlSections {
  std::vector<OcamlParts> units;
  SectionId segments = kNoSection;  // caml_data_segments, if it was written anew
  std::vector<SectionId> all;       // these, and the tables of the start-up object; sorted
  bool holds(SectionId section) const { return std::ranges::binary_search(all, section); }
};

// How to call what stays in RAM of a section: a name that the script treats as it treats that one.
using OcamlRamName = std::function<std::string(SectionId section, std::string_view unit)>;

// Gives `inputs` the sections and `symbols` their new places; no id of a section that was known
// before is good afterwards. What cannot be taken apart is given a refusal, and stays as it was.
OcamlSections split_ocaml_units(OcamlProgram& ocaml, const Isa& isa, const OcamlRamName& ram_name,
                                Inputs& inputs, Symbols& symbols);

// Cuts the constants of each unit into blocks and tables.
void cut_ocaml_units(const OcamlSections& sections, const Inputs& inputs, Atoms& atoms);

}  // namespace fwseal
