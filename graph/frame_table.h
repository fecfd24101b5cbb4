// The frame tables of DWARF (.eh_frame), record by record, and where they may be cut.
//
// LSB Core 5.0, "Exception Frames": a table is a sequence of records, each a length and as many
// bytes. A record with 0 behind the length is a common information entry (CIE); any other number
// there leads back to the CIE that goes with a frame description entry (FDE), which says where a
// run of code begins and how long it is. A length of 0 ends the table.
#pragma once

#include <span>
#include <vector>

#include "graph/program.h"

namespace fwseal {

// By its name: nothing else tells.
bool is_frame_table(const InputSection& section);

struct FrameRow {
  enum class Kind : u8 { kCommon, kDescription, kEnd };
  Kind kind = Kind::kEnd;
  u32 begin = 0;  // offsets in the table
  u32 end = 0;
  // Of a description:
  u32 common = 0;               // the number of its CIE
  SectionId code = kNoSection;  // that it describes, from `start` on
  u32 start = 0;
  u32 size = 0;
  bool by_function = false;  // the relocation of the start names a function, and nothing behind it

  u32 pointer_place() const { return begin + 4; }  // of the distance to the CIE
  u32 start_place() const { return begin + 8; }
  u32 size_place() const { return begin + 12; }
};

struct FrameTable {
  SectionId section = kNoSection;
  bool is_plain = false;  // its rows are known, and nothing refers to them
  u32 first_row = 0;
  u32 row_count = 0;
};

struct FrameTables {
  std::vector<FrameTable> tables;  // in the order of their sections
  std::vector<FrameRow> rows;

  std::span<const FrameRow> rows_of(const FrameTable& table) const {
    return std::span(rows).subspan(table.first_row, table.row_count);
  }
  // nullptr if the section is none, or not made of plain rows.
  const FrameTable* plain(SectionId section) const;
  // Does a relocation at this place say which code a row of the table describes?
  bool is_start(const FrameTable& table, u64 offset) const;
};

FrameTables read_frame_tables(const Program& program);

// Cuts tables into rows.
void cut_frame_tables(const Program& program, Atoms& atoms);

}  // namespace fwseal
