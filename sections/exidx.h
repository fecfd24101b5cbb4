// The ARM index table for unwinding: its rows must be in the order of the code, leave no gap that
// would be unwound by the row before it, and can be fewer than the compiler made.
#pragma once

#include <vector>

#include "graph/program.h"
#include "prune/plan.h"
#include "sections/layout.h"

namespace fwseal {

struct UnwindEdits {
  std::vector<EditList> edits;      // per input section; empty if no table is edited
  std::vector<UnwindEnd> ends;
};

// `addresses` gives the VMA of each input section (AddressBook::sections). EHABI32 2023Q3, "Index
// table entries". With `merge`, rows equal to the one before them are dropped too.
UnwindEdits edit_unwind_tables(const Program& program, const std::vector<u64>& addresses,
                               bool merge);

// The bytes of such a last row at address `place`, for code that ends at `end`.
std::string unwind_end_row(u64 place, u64 end);

}  // namespace fwseal
