// A table that nobody reads is not needed, and neither are the descriptions, personality routines
// and type information that it refers to. Who reads it: functions that throw or walk the stack end
// in some that name the bounds of the table (UnwindReaders), as the unwinder of libgcc does. The
// unwinder is needed by nothing but these and by personality routines. So no rule says what raises:
// if nothing live does, the least model has neither the unwinder nor a row.
//
// A row is good for all code up to the start of the next row, so it follows whatever of this is
// live: what stands behind a function without a row of its own is unwound by the row before it.
// Rows for no bytes say nothing.
//
// Who reads the tables enters functions at their landing pads. A function that was cut there is whole
// then: descriptions count distances in it.
#include "graph/unwind_clauses.h"

#include <array>

namespace fwseal {

UnwindClauses::UnwindClauses(const Program& program, const Atoms& atoms,
                             const UnwindReaders* readers)
    : atoms_(atoms), program_(program) {
  if (readers != nullptr) tables_ = read_unwind_tables(program);
}

void UnwindClauses::add(AtomId is_read, GraphBuilder& builder) const {
  add_parts(is_read, builder);
  for (const UnwindTable& table : tables_.tables) {
    const AtomId whole = atom_of(table.section);
    // Who keeps a table by other means may read it.
    builder.add(whole, is_read, ClauseKind::kReference);
    for (u64 i = 0; i < atoms_.pieces(table.section).size(); i++)
      builder.add(atoms_.atom_of_piece(table.section, i), is_read, ClauseKind::kReference);
    if (table.row_count != 0) {
      add_rows(table, is_read, builder);
      continue;
    }
    builder.add_conditional(std::array{atom_of(table.code), is_read}, whole);
    for (u64 i = 0; i < atoms_.pieces(table.code).size(); i++)
      builder.add_conditional(std::array{atoms_.atom_of_piece(table.code, i), is_read}, whole);
  }
}

void UnwindClauses::add_parts(AtomId is_read, GraphBuilder& builder) const {
  for (const FunctionPart& one : atoms_.parts())
    builder.add_conditional(std::array{one.function, is_read}, one.part);
}

void UnwindClauses::add_rows(const UnwindTable& table, AtomId is_read,
                             GraphBuilder& builder) const {
  const std::span<const UnwindRow> rows = tables_.rows_of(table);
  const std::span<const Piece> pieces = atoms_.pieces(table.code);
  u64 first = 0;  // of the pieces, the one with the start of the row
  for (u64 i = 0; i < rows.size(); i++) {
    const u64 begin = rows[i].start;
    const u64 end = i + 1 < rows.size() ? rows[i + 1].start : program_.inputs[table.code].size;
    if (begin >= end) continue;
    const AtomId row = atoms_.at(table.section, i * kUnwindRowSize);
    if (pieces.empty()) {
      builder.add_conditional(std::array{atom_of(table.code), is_read}, row);
      continue;
    }
    while (first + 1 < pieces.size() && pieces[first].end <= begin) first++;
    for (u64 k = first; k < pieces.size() && pieces[k].begin < end; k++)
      builder.add_conditional(std::array{atoms_.atom_of_piece(table.code, k), is_read}, row);
  }
}

}  // namespace fwseal
