// What is code, and in which mode: the mapping symbols of an object.
#pragma once

#include <map>
#include <vector>

#include "elfio/code.h"
#include "graph/resolve.h"

namespace fwseal {

// Per ELF section index of an object, the runs between its mapping symbols, in order. A section of
// code has one at its start (AAELF32 2023Q3, "Mapping symbols"); what stands before the first one, if
// a tool took some away, may be anything.
using CodeRuns = std::map<u32, std::vector<CodeRun>>;
CodeRuns code_runs(const Inputs& inputs, const Object& object);

}  // namespace fwseal
