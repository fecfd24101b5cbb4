// What does a function leave behind when it returns?
#pragma once

#include <string>
#include <vector>

#include "graph/program.h"
#include "prune/code_view.h"

namespace fwseal {

// Proven: the function returns, and all that it did is to write into these sections.
struct Effect {
  bool proven = false;
  std::string reason;             // not proven: what stands against it, and where
  std::vector<SectionId> writes;  // in ascending order
};

// What all questions about one program share: its code as it was read, and a bound on the time that
// they may take together.
struct EffectSearch {
  explicit EffectSearch(const Program& program) : code(program) {}

  CodeView code;
  u64 work_left = u64{1} << 27;  // steps, and places that a jump is compared with
};

// The function at `offset` of a section of code, called without arguments that matter. `plain` says
// of each input section whether it is ordinary memory: reading there has no effect, writing none
// but that the bytes are there.
Effect effect_of(const Program& program, const std::vector<bool>& plain, EffectSearch& search,
                 SectionId code, u64 offset, bool is_thumb);

}  // namespace fwseal
