#include "prune/debug_tables.h"

namespace fwseal {
namespace {

constexpr u64 kAddress = 4;

DwarfValue read_word(DwarfCursor& cursor) {
  DwarfValue value;
  value.kind = DwarfClass::kFixed;
  value.place = cursor.at();
  value.size = kAddress;
  value.number = cursor.fixed(kAddress);
  return value;
}

DebugAddress read_address(DebugSection& section, DwarfCursor& cursor) {
  const u64 place = cursor.at();
  cursor.skip(kAddress);
  return {&section, place, section.target(place), nullptr, {}};
}

void follow_arange_unit(DebugPatch& patch, DebugSection& section, const DwarfUnit& unit) {
  DwarfCursor cursor(section.bytes().sub(0, unit.end), unit.begin);
  if (const u64 version = cursor.fixed(2); version != 2)
    throw BadInput(cat("address ranges of version ", version, " are not known"));
  cursor.skip(unit.offset_size);
  const u8 address = cursor.byte();
  const u8 segment = cursor.byte();
  if (address != kAddress || segment != 0)
    throw BadInput(cat("addresses have ", u32{address}, " bytes, segments ", u32{segment}));
  // Tuples are aligned to their size, counted from the length on.
  const u64 start = unit.offset_size == 8 ? unit.begin - 12 : unit.begin - 4;
  cursor.skip(align_up(cursor.at() - start, 2 * kAddress) - (cursor.at() - start));
  while (unit.end - cursor.at() >= 2 * kAddress) {
    const DebugAddress begin = read_address(section, cursor);
    patch.follow_range(begin, DebugNumber{&section, read_word(cursor)});
  }
}

// ---- Frames

// DWARF 5, table "Call frame instruction encodings", and GNU's.
enum FrameInstruction : u8 {
  DW_CFA_set_loc = 0x01,
  DW_CFA_advance_loc1 = 0x02,
  DW_CFA_advance_loc2 = 0x03,
  DW_CFA_advance_loc4 = 0x04,
};
constexpr u8 kHighBits = 0xc0;  // of instructions with an operand in the low ones
constexpr u8 kAdvanceLoc = 0x40;
constexpr u8 kOffset = 0x80;
constexpr u8 kRestore = 0xc0;

// The operands of an instruction that advances nothing: LEB128 numbers, then perhaps a block.
void skip_frame_instruction(u8 opcode, DwarfCursor& cursor) {
  const auto skip = [&](u32 numbers, bool block = false) {
    for (u32 i = 0; i < numbers; i++) cursor.uleb();
    if (block) cursor.skip(cursor.uleb());
  };
  if ((opcode & kHighBits) == kOffset) return skip(1);
  if ((opcode & kHighBits) == kRestore) return;
  switch (opcode) {
    case 0x00:
    case 0x0a:
    case 0x0b:
    case 0x2d:
      return;
    case 0x06:
    case 0x07:
    case 0x08:
    case 0x0d:
    case 0x0e:
    case 0x13:
    case 0x2e:
      return skip(1);
    case 0x05:
    case 0x09:
    case 0x0c:
    case 0x11:
    case 0x12:
    case 0x14:
    case 0x15:
    case 0x2f:
      return skip(2);
    case 0x0f:
      return skip(0, true);
    case 0x10:
    case 0x16:
      return skip(1, true);
    default:
      throw BadInput(cat("unknown frame instruction ", hex(opcode)));
  }
}

class FrameFollower {
 public:
  FrameFollower(DebugPatch& patch, SectionId frames)
      : patch_(patch), section_(patch.section(frames)) {}

  void follow(const DwarfUnit& unit) {
    DwarfCursor cursor(section_.bytes().sub(0, unit.end), unit.begin);
    const u64 pointer_place = cursor.at();
    const u64 pointer = cursor.fixed(unit.offset_size);
    const u64 cie_mark = unit.offset_size == 8 ? ~u64{0} : 0xffff'ffff;
    if (pointer == cie_mark && !section_.target(pointer_place)) return;
    const DebugAddress begin = read_address(section_, cursor);
    const DwarfValue length = read_word(cursor);
    patch_.follow_range(begin, DebugNumber{&section_, length});
    if (!patch_.moves(begin.names)) return;
    const CodePlace code = *begin.names;
    const auto left = patch_.remains({code.section, code.offset, code.offset + length.number});
    // Within one piece nothing moves.
    if (!left || left->end - left->begin == length.number) return;
    const auto common = section_.target(pointer_place);
    const u64 factor = alignment_factor(common ? common->offset : pointer);
    follow_program(cursor, code, left->begin, factor);
  }

 private:
  // What distances of the program are multiples of: it says so far in the beginning of its CIE.
  u64 alignment_factor(u64 offset) const {
    constexpr u64 kLongestName = 8;
    const DwarfUnit unit = read_initial_length(section_.bytes(), offset);
    DwarfCursor cursor(section_.bytes().sub(0, unit.end), unit.begin);
    cursor.skip(unit.offset_size);
    const u8 version = cursor.byte();
    if (const std::string_view name = cursor.c_string(); name.size() > kLongestName)
      throw BadInput(cat("unknown augmentation ", name.substr(0, kLongestName)));
    if (version >= 4) cursor.skip(2);
    const u64 factor = cursor.uleb();
    if (factor == 0) throw BadInput("the code alignment factor is 0");
    return factor;
  }

  // Rows about what is gone begin where the next ones do. Distances do not grow.
  void follow_program(DwarfCursor& cursor, CodePlace code, u64 moved, u64 factor) {
    while (!cursor.done()) {
      DwarfValue advance;
      advance.place = cursor.at();
      const u8 opcode = cursor.byte();
      advance.size = advance_size(opcode);
      if (opcode == DW_CFA_set_loc) throw BadInput("DW_CFA_set_loc is not handled");
      if (advance.size == 0) {
        skip_frame_instruction(opcode, cursor);
        continue;
      }
      const bool is_short = (opcode & kHighBits) == kAdvanceLoc;
      if (!is_short) advance.place = cursor.at();
      const u64 units = is_short ? opcode & ~u64{kHighBits} : cursor.fixed(advance.size);
      code.offset += units * factor;
      const u64 to = patch_.map(code);
      const u64 distance = to - moved;
      if (to < moved || distance % factor != 0 || distance > units * factor)
        throw BadInput(cat("a frame cannot advance by ", distance, " bytes"));
      const u64 number = distance / factor | (is_short ? kAdvanceLoc : u8{0});
      section_.overwrite(advance.place, *fixed_of_size(number, advance.size));
      moved = to;
    }
  }

  // Of the operand of an instruction that advances the location; 0 if it does not.
  static u64 advance_size(u8 opcode) {
    if ((opcode & kHighBits) == kAdvanceLoc || opcode == DW_CFA_advance_loc1) return 1;
    if (opcode == DW_CFA_advance_loc2) return 2;
    return opcode == DW_CFA_advance_loc4 ? 4 : 0;
  }

  DebugPatch& patch_;
  DebugSection& section_;
};

}  // namespace

void follow_in_aranges(DebugPatch& patch, SectionId aranges, u64& at) {
  DebugSection& section = patch.section(aranges);
  while (at < section.bytes().size()) {
    const DwarfUnit unit = read_initial_length(section.bytes(), at);
    if (unit.begin != unit.end) follow_arange_unit(patch, section, unit);
    at = unit.end;
  }
}

void follow_in_frames(DebugPatch& patch, SectionId frames, u64& at) {
  DebugSection& section = patch.section(frames);
  FrameFollower follower(patch, frames);
  while (at < section.bytes().size()) {
    const DwarfUnit unit = read_initial_length(section.bytes(), at);
    if (unit.begin != unit.end) follower.follow(unit);
    at = unit.end;
  }
}

}  // namespace fwseal
