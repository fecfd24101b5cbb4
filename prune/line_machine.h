// The machine that line number programs are for: its registers, instructions, and how to write a
// program that leads from one row to another.
//
// DWARF 5, "Line Number Information"; versions 2 to 4 where they differ.
#pragma once

#include <array>

#include "elfio/dwarf.h"

namespace fwseal {

// The registers, but for op_index, which only machines with several operations in one instruction
// have.
struct LineRegisters {
  u64 address = 0;
  u64 file = 1;
  u64 line = 1;
  u64 column = 0;
  u64 isa = 0;
  u64 discriminator = 0;
  bool is_stmt = true;
  bool basic_block = false;
  bool prologue_end = false;
  bool epilogue_begin = false;

  // What a row resets behind itself.
  void end_row() {
    discriminator = 0;
    basic_block = prologue_end = epilogue_begin = false;
  }
  // Is something said about the next row that no instruction takes back?
  bool is_marked() const { return basic_block || prologue_end || epilogue_begin; }
  friend bool operator==(const LineRegisters&, const LineRegisters&) = default;
};

struct LineHeader {
  u64 program = 0;  // where its instructions begin
  u8 minimum_length = 1;
  bool default_is_stmt = true;
  i32 line_base = 0;
  u8 line_range = 1;
  u8 opcode_base = 13;
  std::array<u8, 256> operands{};  // per standard opcode: how many

  LineRegisters start() const {
    LineRegisters registers;
    registers.is_stmt = default_is_stmt;
    return registers;
  }
};
// Of the unit's bytes, of which the cursor stands behind the length. Throws BadInput.
LineHeader read_line_header(DwarfCursor cursor, u8 offset_size);

enum class LineOp : u8 {
  kSet,         // changes registers
  kSetAddress,  // gives them an absolute address: registers.address is what the operand holds
  kRow,         // and then ends a row
  kEnd,         // ends the last row of a sequence
  kOther,       // something that needs to stay but concerns no row
};
struct LineStep {
  LineOp op = LineOp::kOther;
  u64 begin = 0;
  u64 end = 0;
  u64 operand = 0;  // place of the operand of kSetAddress
};
// Reads an instruction and executes it, except for what a row does to registers behind itself.
LineStep step_line(const LineHeader& header, DwarfCursor& cursor, LineRegisters& registers);

// Instructions that make registers of what `from` holds, and a row.
std::string line_row(const LineHeader& header, const LineRegisters& from, const LineRegisters& to);
// Instructions that only advance the address, and end the sequence.
std::string line_end(const LineHeader& header, u64 from, u64 to);

}  // namespace fwseal
