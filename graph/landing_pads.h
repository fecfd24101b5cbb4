// Where the unwinder enters functions: the landing pads that unwind descriptions name.
//
// Code that only landing pads lead to runs only if something reads the unwind tables. So it can be
// cut out of its function (cut.cc), and is live once both are: the function, and a reader of the
// tables.
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "graph/unwind.h"

namespace fwseal {

// All offsets are in the section of the code.
struct FunctionPads {
  u32 begin = 0;
  std::vector<u32> pads;  // sorted, each behind `begin`
};

// Per section of code, the functions of which the pads are known, in order of place. What cannot be
// read with certainty is left out.
using LandingPads = std::unordered_map<u32, std::vector<FunctionPads>>;

// Can a program have landing pads that read_landing_pads() understands? A quick question.
bool may_have_landing_pads(const Program& program);

LandingPads read_landing_pads(const Program& program, const UnwindTables& tables);

}  // namespace fwseal
