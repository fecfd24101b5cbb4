// Which code of a function do only its landing pads lead to?
#pragma once

#include <span>
#include <vector>

#include "elfio/code.h"
#include "graph/landing_pads.h"

namespace fwseal {

// Code of one function, all offsets in its section.
struct FunctionCode {
  u32 begin = 0;
  u32 end = 0;
  std::span<const CodeRun> runs;              // of the section
  std::span<const CodeReference> references;  // of the section, by place
  std::span<const u32> stops;                 // of the section, sorted
};

// Where such code begins and ends, in order: each place at which its function may be cut. This only
// proposes cuts; whether one is sound is another question.
std::vector<u32> pad_code_bounds(const FunctionCode& code, const FunctionPads& pads);

}  // namespace fwseal
