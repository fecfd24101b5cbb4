// A frame table about the functions of a CutWorld.
#pragma once

#include <string>

#include "graph/frame_table.h"
#include "tests/unit/graph/cut_world.h"

namespace fwseal {

// Records as assemblers write them, in the order in which they are added.
class FrameText {
 public:
  std::string bytes;

  // Adds a record of what stands behind the length; where it begins.
  u32 add(std::string record) {
    const u32 begin = static_cast<u32>(bytes.size());
    record.resize((record.size() + 3) / 4 * 4);  // DW_CFA_nop
    bytes += words({static_cast<u32>(record.size())}) + record;
    return begin;
  }
  // A CIE of version 1 with these augmentation data, of which `text` says what they are.
  u32 common(const std::string& text, const std::string& data) {
    std::string record = words({0}) + '\1' + text + '\0' + "\2\x7c\x0e";
    if (!text.empty()) record += static_cast<char>(data.size()) + data;
    return add(record + "\x0c\x0d" + '\0');
  }
  u32 plain_common() { return common("zR", "\x1b"); }
  // A description with the addend of its start, and what follows.
  u32 description(u32 common, u32 start, u32 size,
                  const std::string& rest = {"\0\x41\x0e\x08", 4}) {
    const u32 back = static_cast<u32>(bytes.size()) + 4 - common;
    return add(words({back, start, size}) + rest);
  }
  u32 end() {
    bytes += words({0});
    return static_cast<u32>(bytes.size()) - 4;
  }
};

// Three functions a, b and c of 4 bytes.
class FrameWorld : public CutWorld {
 public:
  FrameWorld() {
    text = code({kNop, kReturn, kNop, kReturn, kNop, kReturn},
                {{"a", 0, 4}, {"b", 4, 4}, {"c", 8, 4}});
    const u32 reader = code({kNop, kReturn}, {{"walk", 0, 4}}, {}, ".text.walk");
    elf.relocate(reader, 0, R_ARM_NONE, elf.refer("table_start"));
  }

  u32 section(const std::string& bytes, u32 alignment = 4, u32 flags = SHF_ALLOC) {
    return elf.section(
        {.name = ".eh_frame", .flags = flags, .contents = bytes, .alignment = alignment});
  }
  void starts_at(u32 section, u32 record, u32 symbol, u32 type = R_ARM_REL32) {
    elf.relocate(section, record + 8, type, symbol);
  }
  // A CIE, and a description of each function.
  u32 table() {
    FrameText all;
    common = all.plain_common();
    for (u32 i = 0; i < 3; i++) rows[i] = all.description(common, 4 * i, 4);
    const u32 frames = section(all.bytes);
    for (const u32 row : rows) starts_at(frames, row, elf.section_symbol(text));
    return frames;
  }

  u32 text = 0;
  u32 common = 0;
  u32 rows[3] = {};
};

class FrameResult : public CutResult {
 public:
  explicit FrameResult(const CutWorld& world) : CutResult(world) {
    frame_readers = UnwindReaders();
    if (const SymbolId start = symbol("table_start"); start != kNoSymbol)
      frame_readers->places = {start};
  }
};

}  // namespace fwseal
