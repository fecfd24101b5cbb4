// What does a function leave behind when it returns?
#pragma once

#include <string>
#include <vector>

#include "graph/program.h"

namespace fwseal {

// Proven: the function returns, and all that it did is to write into these sections.
struct Effect {
  bool proven = false;
  std::string reason;             // not proven: what stands against it, and where
  std::vector<SectionId> writes;  // in ascending order
};

// The function at `offset` of a section of code, called without arguments that matter. `plain` says
// of each input section whether it is ordinary memory: reading there has no effect, writing none
// but that the bytes are there.
Effect effect_of(const Program& program, const std::vector<bool>& plain, SectionId code, u64 offset,
                 bool is_thumb);

}  // namespace fwseal
