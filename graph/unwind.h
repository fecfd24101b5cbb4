// The unwind tables of ARM, row by row, and where they may be cut.
//
// EHABI32 2023Q3, "Index table entries": a row of .ARM.exidx is two words: the start of a function
// (PREL31), and 1 (EXIDX_CANTUNWIND), an unwind description (bit 31 set) or the place of one in
// .ARM.extab (PREL31). A row is good for all code from there to the start of the next row.
#pragma once

#include <span>
#include <vector>

#include "graph/program.h"

namespace fwseal {

inline constexpr u64 kUnwindRowSize = 8;

// Does it describe a section of code?
bool is_unwind_table(const InputSection& section);

struct UnwindRow {
  u64 start = 0;                       // in the section that the table describes
  SectionId description = kNoSection;  // that the second word refers to, if it does
  u64 place = 0;                       // there
};

struct UnwindTable {
  SectionId section = kNoSection;
  SectionId code = kNoSection;  // that it describes
  u32 first_row = 0;
  u32 row_count = 0;  // 0: it is not made of plain rows in the order of the code
};

struct UnwindTables {
  std::vector<UnwindTable> tables;  // about code that is in the link
  std::vector<UnwindRow> rows;
  std::vector<bool> is_table;        // per section
  std::vector<bool> is_description;  // per section: rows refer to it

  std::span<const UnwindRow> rows_of(const UnwindTable& table) const {
    return std::span(rows).subspan(table.first_row, table.row_count);
  }
};

UnwindTables read_unwind_tables(const Program& program);

// Cuts tables into rows, and sections of descriptions where rows refer to them.
void cut_unwind_tables(const Program& program, Atoms& atoms);

}  // namespace fwseal
