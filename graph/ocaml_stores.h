// Stores to static data that should never be written.
#pragma once

#include <string>
#include <vector>

#include "graph/ocaml_units.h"

namespace fwseal {

// An instruction that stores to a block which is no root of the collector.
struct OcamlStore {
  std::string block;  // a symbol of it
  Location place;
};

// Blocks that are stored to stay in RAM from here on; a unit of which something else is, as a
// whole.
std::vector<OcamlStore> keep_stored_in_ram(const Program& program, OcamlProgram& ocaml);

}  // namespace fwseal
