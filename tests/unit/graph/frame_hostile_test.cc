// Damaged frame tables: whatever their bytes are, reading ends, and what counts as plain is sound.
#include <elf.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/unit/graph/frame_world.h"

namespace fwseal {
namespace {

struct GoodTable {
  FrameText all;
  std::vector<std::pair<u32, u32>> relocations;  // place and type
};

// One of everything.
GoodTable good_table() {
  GoodTable good;
  const u32 first = good.all.plain_common();
  for (u32 i = 0; i < 2; i++)
    good.relocations.push_back({good.all.description(first, 4 * i, 4) + 8, R_ARM_REL32});
  const u32 second = good.all.common("zPLR", std::string("\x1b\0\0\0\0\x1b\x1b", 7));
  good.relocations.push_back({second + 19, R_ARM_REL32});
  const u32 row = good.all.description(second, 8, 4, std::string("\4\0\0\0\0", 5));
  good.relocations.push_back({row + 8, R_ARM_REL32});
  good.relocations.push_back({row + 17, R_ARM_REL32});
  good.all.end();
  return good;
}

// Is the table plain? If so, its rows are.
bool reads(const GoodTable& good, const std::string& bytes) {
  FrameWorld world;
  const u32 frames = world.section(bytes);
  for (const auto& [place, type] : good.relocations)
    world.elf.relocate(frames, place, type, world.elf.section_symbol(world.text));
  LinkedObject linked(world.elf);
  const FrameTables tables = read_frame_tables(linked.program());
  EXPECT_EQ(tables.tables.size(), 1u);
  const FrameTable& table = tables.tables[0];
  if (!table.is_plain) {
    EXPECT_EQ(table.row_count, 0u);
    return false;
  }
  u64 end = 0;
  const std::span<const FrameRow> rows = tables.rows_of(table);
  for (const FrameRow& row : rows) {
    EXPECT_EQ(row.begin, end);
    end = row.end;
    if (row.kind != FrameRow::Kind::kDescription) continue;
    EXPECT_EQ(rows[row.common].kind, FrameRow::Kind::kCommon);
    EXPECT_LT(rows[row.common].begin, row.begin);
    EXPECT_EQ(row.code, linked.section(world.text));
    EXPECT_LE(u64{row.start} + row.size, linked.program().inputs[row.code].size);
  }
  EXPECT_EQ(end, bytes.size());
  return true;
}

TEST(FrameHostile, TheTableIsGood) {
  const GoodTable good = good_table();
  EXPECT_TRUE(reads(good, good.all.bytes));
}

// A table is what ends where a record does.
TEST(FrameHostile, EveryPrefix) {
  GoodTable good = good_table();
  const std::vector<std::pair<u32, u32>> all = good.relocations;
  std::set<u64> ends;
  for (u64 at = 0; at < good.all.bytes.size();) {
    at += 4 + bytes_of(good.all.bytes).le<u32>(at);
    ends.insert(at);
  }
  EXPECT_EQ(ends.size(), 6u);
  for (u64 i = 1; i <= good.all.bytes.size(); i++) {
    good.relocations.clear();
    for (const auto& one : all)
      if (one.first < i) good.relocations.push_back(one);
    EXPECT_EQ(reads(good, good.all.bytes.substr(0, i)), ends.contains(i)) << i;
  }
}

TEST(FrameHostile, EveryByteDamaged) {
  const GoodTable good = good_table();
  for (u64 i = 0; i < good.all.bytes.size(); i++)
    for (const u32 value : {0x00u, 0x01u, 0x03u, 0x04u, 0x10u, 0x7fu, 0x80u, 0xfeu, 0xffu}) {
      std::string bytes = good.all.bytes;
      bytes[i] = static_cast<char>(value);
      reads(good, bytes);
    }
}

// Lengths, and distances to a CIE.
TEST(FrameHostile, EveryWordDamaged) {
  const GoodTable good = good_table();
  for (u64 i = 0; i + 4 <= good.all.bytes.size(); i += 4)
    for (const u32 value : {0u, 1u, 4u, 8u, 0x7fff'fffcu, 0x8000'0000u, 0xffff'ffecu, 0xffff'fff0u,
                            0xffff'fffcu, 0xffff'ffffu}) {
      std::string bytes = good.all.bytes;
      bytes.replace(i, 4, words({value}));
      reads(good, bytes);
    }
}

// As many records as possible, each looked at once.
TEST(FrameHostile, ManyRecords) {
  FrameText all;
  all.bytes.assign(u64{4} << 20, '\0');
  EXPECT_TRUE(reads({}, all.bytes));
  FrameText commons;
  for (u32 i = 0; i < 100'000; i++) commons.plain_common();
  EXPECT_TRUE(reads({}, commons.bytes));
}

}  // namespace
}  // namespace fwseal
