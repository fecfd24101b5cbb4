#include "prune/line_machine.h"

namespace fwseal {
namespace {

enum StandardOpcode : u8 {
  DW_LNS_copy = 1,
  DW_LNS_advance_pc = 2,
  DW_LNS_advance_line = 3,
  DW_LNS_set_file = 4,
  DW_LNS_set_column = 5,
  DW_LNS_negate_stmt = 6,
  DW_LNS_set_basic_block = 7,
  DW_LNS_const_add_pc = 8,
  DW_LNS_fixed_advance_pc = 9,
  DW_LNS_set_prologue_end = 10,
  DW_LNS_set_epilogue_begin = 11,
  DW_LNS_set_isa = 12,
};
// How many operands they have; of which the one of fixed_advance_pc is no LEB128.
constexpr std::array<u8, 13> kStandardOperands = {0, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1};

enum ExtendedOpcode : u8 {
  DW_LNE_end_sequence = 1,
  DW_LNE_set_address = 2,
  DW_LNE_set_discriminator = 4,
};

constexpr u64 kAddressMask = 0xffff'ffff;

void advance(const LineHeader& header, u64 operations, LineRegisters& registers) {
  registers.address = (registers.address + operations * header.minimum_length) & kAddressMask;
}

LineOp extended(DwarfCursor& cursor, LineRegisters& registers, LineStep& step) {
  const u64 size = cursor.uleb();
  const u64 begin = cursor.at();
  LineOp op = LineOp::kOther;
  if (size == 0) throw BadInput(cat("an extended instruction at ", hex(begin), " is empty"));
  cursor.bytes().sub(begin, size);
  switch (cursor.byte()) {
    case DW_LNE_end_sequence:
      op = LineOp::kEnd;
      break;
    case DW_LNE_set_address:
      step.operand = cursor.at();
      registers.address = cursor.fixed(4);
      op = LineOp::kSetAddress;
      break;
    case DW_LNE_set_discriminator:
      registers.discriminator = cursor.uleb();
      op = LineOp::kSet;
      break;
    default:
      cursor.skip(size - 1);
  }
  if (cursor.at() != begin + size)
    throw BadInput(cat("an extended instruction at ", hex(begin), " has ", size, " bytes"));
  return op;
}

LineOp standard(const LineHeader& header, u8 opcode, DwarfCursor& cursor,
                LineRegisters& registers) {
  switch (opcode) {
    case DW_LNS_copy:
      return LineOp::kRow;
    case DW_LNS_advance_pc:
      advance(header, cursor.uleb(), registers);
      break;
    case DW_LNS_advance_line:
      registers.line = (registers.line + static_cast<u64>(cursor.sleb())) & kAddressMask;
      break;
    case DW_LNS_set_file:
      registers.file = cursor.uleb();
      break;
    case DW_LNS_set_column:
      registers.column = cursor.uleb();
      break;
    case DW_LNS_negate_stmt:
      registers.is_stmt = !registers.is_stmt;
      break;
    case DW_LNS_set_basic_block:
      registers.basic_block = true;
      break;
    case DW_LNS_const_add_pc:
      advance(header, (255u - header.opcode_base) / header.line_range, registers);
      break;
    case DW_LNS_fixed_advance_pc:
      registers.address = (registers.address + cursor.fixed(2)) & kAddressMask;
      break;
    case DW_LNS_set_prologue_end:
      registers.prologue_end = true;
      break;
    case DW_LNS_set_epilogue_begin:
      registers.epilogue_begin = true;
      break;
    case DW_LNS_set_isa:
      registers.isa = cursor.uleb();
      break;
    default:
      for (u32 i = 0; i < header.operands[opcode]; i++) cursor.uleb();
      return LineOp::kOther;
  }
  return LineOp::kSet;
}

std::string one(u8 opcode) { return std::string(1, static_cast<char>(opcode)); }
std::string one(u8 opcode, u64 operand) { return one(opcode) + uleb_of(operand); }

// By whole instructions, and the rest in bytes.
std::string advance_address(const LineHeader& header, u64 distance) {
  std::string bytes;
  const u64 unit = header.minimum_length == 0 ? distance + 1 : header.minimum_length;
  if (distance / unit != 0) bytes += one(DW_LNS_advance_pc, distance / unit);
  if (distance % unit == 0) return bytes;
  const auto rest = fixed_of_size(distance % unit, 2);
  if (!rest) throw BadInput(cat("no instruction can advance the address by ", distance));
  return bytes + one(DW_LNS_fixed_advance_pc) + *rest;
}

// A special opcode advances both line and address, by a little.
std::optional<u8> special_opcode(const LineHeader& header, i64 lines, u64 distance) {
  if (header.minimum_length == 0 || distance % header.minimum_length != 0) return std::nullopt;
  const i64 line = lines - header.line_base;
  const u64 operations = distance / header.minimum_length;
  if (line < 0 || line >= header.line_range || operations > 255) return std::nullopt;
  const u64 opcode = static_cast<u64>(line) + operations * header.line_range + header.opcode_base;
  return opcode <= 255 ? std::optional(static_cast<u8>(opcode)) : std::nullopt;
}

}  // namespace

LineHeader read_line_header(DwarfCursor cursor, u8 offset_size) {
  const u64 version = cursor.fixed(2);
  if (version < 2 || version > 5) throw BadInput(cat("DWARF version ", version, " is not known"));
  if (version >= 5) {
    if (const u8 size = cursor.byte(); size != 4)
      throw BadInput(cat("addresses have ", u32{size}, " bytes"));
    cursor.skip(1);  // the size of segment selectors
  }
  LineHeader header;
  const u64 length = cursor.fixed(offset_size);
  cursor.bytes().sub(cursor.at(), length);
  header.program = cursor.at() + length;
  header.minimum_length = cursor.byte();
  if (version >= 4 && cursor.byte() > 1)
    throw BadInput("instructions of several operations are not handled");
  header.default_is_stmt = cursor.byte() != 0;
  header.line_base = static_cast<std::int8_t>(cursor.byte());
  header.line_range = cursor.byte();
  header.opcode_base = cursor.byte();
  // Older producers leave out the last three of DWARF 3.
  if (header.line_range == 0 || header.opcode_base < DW_LNS_set_prologue_end)
    throw BadInput(cat("line programs of ", u32{header.line_range}, " lines and ",
                       u32{header.opcode_base}, " standard opcodes are not handled"));
  for (u32 i = 1; i < header.opcode_base; i++) {
    header.operands[i] = cursor.byte();
    if (i < kStandardOperands.size() && header.operands[i] != kStandardOperands[i])
      throw BadInput(cat("standard opcode ", i, " has ", u32{header.operands[i]}, " operands"));
  }
  return header;
}

LineStep step_line(const LineHeader& header, DwarfCursor& cursor, LineRegisters& registers) {
  LineStep step;
  step.begin = cursor.at();
  const u8 opcode = cursor.byte();
  if (opcode >= header.opcode_base) {
    const u32 number = u32{opcode} - header.opcode_base;
    advance(header, number / header.line_range, registers);
    const i64 lines = header.line_base + i64{number % header.line_range};
    registers.line = (registers.line + static_cast<u64>(lines)) & kAddressMask;
    step.op = LineOp::kRow;
  } else if (opcode == 0) {
    step.op = extended(cursor, registers, step);
  } else {
    step.op = standard(header, opcode, cursor, registers);
  }
  step.end = cursor.at();
  return step;
}

std::string line_row(const LineHeader& header, const LineRegisters& from, const LineRegisters& to) {
  if (to.address < from.address) throw BadInput("rows are not in order of address");
  std::string bytes;
  if (from.file != to.file) bytes += one(DW_LNS_set_file, to.file);
  if (from.column != to.column) bytes += one(DW_LNS_set_column, to.column);
  if (from.isa != to.isa) bytes += one(DW_LNS_set_isa, to.isa);
  if (from.is_stmt != to.is_stmt) bytes += one(DW_LNS_negate_stmt);
  if (!from.basic_block && to.basic_block) bytes += one(DW_LNS_set_basic_block);
  if (!from.prologue_end && to.prologue_end) bytes += one(DW_LNS_set_prologue_end);
  if (!from.epilogue_begin && to.epilogue_begin) bytes += one(DW_LNS_set_epilogue_begin);
  if (from.discriminator != to.discriminator) {
    const std::string number = uleb_of(to.discriminator);
    bytes += '\0' + uleb_of(number.size() + 1) + one(DW_LNE_set_discriminator) + number;
  }
  const i64 lines = static_cast<i64>(to.line) - static_cast<i64>(from.line);
  const u64 distance = to.address - from.address;
  if (const auto opcode = special_opcode(header, lines, distance)) return bytes + one(*opcode);
  bytes += advance_address(header, distance);
  if (const auto opcode = special_opcode(header, lines, 0)) return bytes + one(*opcode);
  if (lines != 0) bytes += one(DW_LNS_advance_line) + sleb_of(lines);
  return bytes + one(DW_LNS_copy);
}

std::string line_end(const LineHeader& header, u64 from, u64 to) {
  if (to < from) throw BadInput("rows are not in order of address");
  return advance_address(header, to - from) + '\0' + '\1' + one(DW_LNE_end_sequence);
}

}  // namespace fwseal
