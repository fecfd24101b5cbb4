// What keeps the rows of a frame table, as clauses.
#pragma once

#include "graph/clauses.h"
#include "graph/frame_table.h"

namespace fwseal {

// A description is live once the code is that it describes, if something live can read the table; a
// CIE is once a description of it is. What they refer to follows them by their relocations.
class FrameClauses {
 public:
  // Without `readers`, tables are sections like all others, and nothing is said here.
  FrameClauses(const Program& program, const Atoms& atoms, const UnwindReaders* readers);

  // Made of rows, none of which KEEP keeps: that is said here.
  bool has_rows(SectionId section) const { return table(section) != nullptr; }
  // nullptr if it has none
  const FrameTable* table(SectionId section) const {
    return tables_.tables.empty() ? nullptr : tables_.plain(section);  // most programs have none
  }
  // A relocation that says what a row describes: no reference.
  bool is_start(const FrameTable& table, u64 offset) const {
    return tables_.is_start(table, offset);
  }
  // `is_read`: something live can read the tables.
  void add(AtomId is_read, GraphBuilder& builder) const;

 private:
  void add_rows(const FrameTable& table, AtomId is_read, GraphBuilder& builder) const;
  bool marks_for_nobody(SectionId section) const;

  const Atoms& atoms_;
  const Program& program_;
  FrameTables tables_;
};

}  // namespace fwseal
