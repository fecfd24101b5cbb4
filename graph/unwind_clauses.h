// What keeps an unwind table, as clauses.
#pragma once

#include "graph/clauses.h"
#include "graph/unwind.h"

namespace fwseal {

// A row is live once the code is that it is about, if something live can read the table. What a row
// refers to follows it by its relocations.
class UnwindClauses {
 public:
  // Without `readers`, tables are sections like all that describe others, and nothing is said here.
  UnwindClauses(const Program& program, const Atoms& atoms, const UnwindReaders* readers);

  bool is_table(SectionId section) const {
    return !tables_.is_table.empty() && tables_.is_table[index(section)];
  }
  // Tables, and what only rows refer to: they follow their code alone, not their section group.
  bool is_about_code(SectionId section) const {
    return is_table(section) ||
           (!tables_.is_description.empty() && tables_.is_description[index(section)]);
  }
  // `is_read`: something live can read the table.
  void add(AtomId is_read, GraphBuilder& builder) const;

 private:
  void add_parts(AtomId is_read, GraphBuilder& builder) const;
  void add_rows(const UnwindTable& table, AtomId is_read, GraphBuilder& builder) const;

  const Atoms& atoms_;
  const Program& program_;
  UnwindTables tables_;
};

}  // namespace fwseal
