// Which sections can be cut below their granularity, and where?
#pragma once

#include "graph/atoms.h"
#include "graph/landing_pads.h"
#include "graph/program.h"

namespace fwseal {

// Cuts code sections into functions, data sections into objects, and those of strings and constants
// into these; see cut.cc and cut_strings.cc for when. `plain`:
// per input section, is it data that the script collects with everybody else's?
// `pads`: of read_landing_pads(), where functions may be cut inside; without them, none is.
Atoms cut_sections(const Program& program, const std::vector<bool>& plain,
                   const LandingPads& pads = {});

}  // namespace fwseal
