// Where control ends, beyond what single instructions say.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "elfio/code.h"
#include "graph/program.h"

namespace fwseal {

// Adds to the stops of a section the calls to which nobody returns: those with data behind them,
// and those of functions that never return. Sorts the stops.
void add_calls_that_stop(const Program& program, const InputSection& section,
                         std::span<const CodeRun> runs,
                         const std::function<bool(SymbolId)>& never_returns, CodeScan& scan);

// Where control ends at the latest before a cut, or kRunsOn if it may go on there. What stands
// behind a jump or return can be data or padding, which nobody runs through; data behind anything
// else may be instructions that the assembler did not know.
inline constexpr u32 kRunsOn = ~u32{0};
u32 last_stop(const Isa& isa, u32 cut, Bytes contents, std::span<const CodeRun> runs,
              const std::vector<u32>& stops);

}  // namespace fwseal
