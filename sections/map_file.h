// The link map (-Map, -M) in GNU ld's layout, which other tools read.
#pragma once

#include <string>

#include "graph/program.h"
#include "prune/plan.h"
#include "sections/layout.h"
#include "sections/match.h"
#include "sections/script.h"

namespace fwseal {

struct MapOptions {
  std::string output_name;  // as -o gives it
  std::string output_format = "elf32-littlearm";
  bool discarded = true;  // --[no-]print-map-discarded
  bool demangle = true;   // --[no-]demangle
};

// Archive members and why they were loaded, discarded input sections, memory regions, and what
// stands where. `matcher` must be that of the script.
std::string map_file(const Program& program, const Script& script, const Matcher& matcher,
                     const MergedStrings& merged, const Layout& layout, const MapOptions& options);

}  // namespace fwseal
