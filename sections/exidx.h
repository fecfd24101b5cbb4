// The ARM index table for unwinding: its rows must be in the order of the code, leave no gap that
// would be unwound by the row before it, and can be fewer than the compiler made.
#pragma once

#include <vector>

#include "graph/unwind.h"
#include "prune/plan.h"
#include "sections/layout.h"

namespace fwseal {

struct UnwindEdits {
  std::vector<EditList> edits;      // per input section; empty if no table is edited
  std::vector<UnwindEnd> ends;
};

struct UnwindOptions {
  bool merge = true;  // rows equal to the one before them are dropped too
  // -r: no row goes. The next linker ends the reach of a table behind its section; it cannot see
  // that the code at the end of a section had no table, so only such code gets a row here.
  bool object = false;
};

// Where a byte of an output section stands if each has an address space of its own.
constexpr u64 address_apart(u32 output, u64 offset) { return u64{output} << 32 | offset; }

// `addresses` gives the VMA of each input section (AddressBook::sections), for an object by
// address_apart. EHABI32 2023Q3, "Index table entries".
// `edits` are those of pruning, per input section or empty, also of the tables: the rows that it
// takes out. The result has them as well.
UnwindEdits edit_unwind_tables(const Program& program, const std::vector<EditList>& edits,
                               const std::vector<u64>& addresses, const UnwindOptions& options);

// The bytes of such a last row at address `place`, for code that ends at `end`.
std::string unwind_end_row(u64 place, u64 end);

}  // namespace fwseal
