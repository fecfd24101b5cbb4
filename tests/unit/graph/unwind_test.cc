#include "graph/unwind.h"

#include <elf.h>
#include <gtest/gtest.h>

#include "tests/unit/graph/cut_world.h"

namespace fwseal {
namespace {

using List = std::vector<u32>;

constexpr u32 kInlineRow = 0x80b0'b0b0;  // routine 0, "finish"
constexpr u32 kCantUnwind = 1;

// Three functions a, b and c of 4 bytes, and their unwind table.
class UnwindWorld : public CutWorld {
 public:
  UnwindWorld() {
    text = code({kNop, kReturn, kNop, kReturn, kNop, kReturn},
                {{"a", 0, 4}, {"b", 4, 4}, {"c", 8, 4}});
    // Who walks the stack.
    walker = code({kNop, kReturn}, {{"walk", 0, 4}}, {}, ".text.walk");
    elf.relocate(walker, 0, R_ARM_NONE, elf.refer("table_start"));
    half = code({kNop, kReturn}, {{"half", 0, 4}}, {}, ".text.half");
    elf.relocate(half, 0, R_ARM_NONE, elf.refer("table_end"));
  }

  // Pairs of the start of a function and the second word.
  u32 table(const std::vector<u32>& contents, u32 alignment = 4) {
    const u32 rows = bare_table(contents, alignment);
    for (u32 i = 0; 2 * i < contents.size(); i++)
      elf.relocate(rows, 8 * i, R_ARM_PREL31, elf.section_symbol(text));
    return rows;
  }
  u32 bare_table(const std::vector<u32>& contents, u32 alignment = 4) {
    return elf.section({.name = ".ARM.exidx",
                        .flags = SHF_ALLOC | SHF_LINK_ORDER,
                        .contents = words(contents),
                        .type = SHT_ARM_EXIDX,
                        .alignment = alignment,
                        .link = text});
  }
  // A table of three rows, each with 8 bytes of the section of descriptions.
  u32 table_with_descriptions(const std::vector<u32>& places = {0, 8, 16},
                              ElfBuilder::Section section = {.flags = SHF_ALLOC}) {
    section.name = ".ARM.extab";
    if (section.contents.empty()) section.contents = words({0, 0, 0, 0, 0, 0});
    descriptions = elf.section(section);
    const u32 rows = table({0, places[0], 4, places[1], 8, places[2]});
    for (u32 i = 0; i < 3; i++)
      elf.relocate(rows, 8 * i + 4, R_ARM_PREL31, elf.section_symbol(descriptions));
    return rows;
  }

  u32 text = 0;
  u32 walker = 0;
  u32 half = 0;
  u32 descriptions = 0;
};

class UnwindResult : public CutResult {
 public:
  explicit UnwindResult(const CutWorld& world) : CutResult(world) {
    readers = UnwindReaders();
    readers->places = {symbol("table_start")};
  }
};

TEST(Unwind, RowsFollowTheirFunctionsIfSomethingReadsTheTable) {
  UnwindWorld world;
  const u32 rows = world.table({0, kInlineRow, 4, kInlineRow, 8, kCantUnwind});
  UnwindResult cut(world);
  EXPECT_EQ(cut.starts(rows), (List{0, 8, 16}));
  EXPECT_EQ(cut.live(rows, {"walk", "b"}), (List{8}));
  EXPECT_EQ(cut.live(rows, {"walk", "a", "c"}), (List{0, 16}));
  EXPECT_EQ(cut.live(world.text, {"walk", "b"}), (List{4}));
  EXPECT_EQ(cut.live(rows, {"a", "b", "c"}), List{});
  EXPECT_EQ(cut.live(rows, {"walk"}), List{});
}

TEST(Unwind, AFunctionWithoutRowIsUnwoundByTheOneBefore) {
  UnwindWorld world;
  const u32 rows = world.table({0, kInlineRow, 4, kInlineRow});
  UnwindResult cut(world);
  EXPECT_EQ(cut.live(rows, {"walk", "c"}), List{8});
  // It says where the code begins that it is good for, not that its function is needed.
  EXPECT_EQ(cut.live(world.text, {"walk", "c"}), List{8});
}

TEST(Unwind, ARowThatBeginsInsideAFunctionFollowsIt) {
  UnwindWorld world;
  const u32 rows = world.table({0, kInlineRow, 6, kInlineRow, 8, kInlineRow});
  UnwindResult cut(world);
  EXPECT_EQ(cut.live(rows, {"walk", "b"}), (List{0, 8}));
  EXPECT_EQ(cut.live(rows, {"walk", "a"}), List{0});
}

TEST(Unwind, RowsOfAWholeSectionFollowIt) {
  UnwindWorld world;
  world.text = world.elf.text(".text.whole", 8);
  world.elf.define("whole", world.text, {.value = 1, .size = 8, .type = STT_FUNC});
  const u32 rows = world.table({0, kInlineRow, 4, kInlineRow, 8, kCantUnwind});
  UnwindResult cut(world);
  EXPECT_EQ(cut.live(rows, {"walk", "whole"}), (List{0, 8}));  // the last one is about no bytes
}

TEST(Unwind, BothEndsTogetherMakeAReader) {
  UnwindWorld world;
  const u32 rows = world.table({0, kInlineRow, 4, kInlineRow});
  UnwindResult cut(world);
  cut.readers->places.clear();
  cut.readers->begins = {cut.symbol("table_start")};
  cut.readers->ends = {cut.symbol("table_end")};
  EXPECT_EQ(cut.live(rows, {"a", "walk"}), List{});
  EXPECT_EQ(cut.live(rows, {"a", "half"}), List{});
  EXPECT_EQ(cut.live(rows, {"a", "walk", "half"}), List{0});
}

TEST(Unwind, WithoutReadersTablesFollowTheirCode) {
  UnwindWorld world;
  const u32 rows = world.table({0, kInlineRow, 4, kInlineRow});
  UnwindResult cut(world);
  cut.readers.reset();
  EXPECT_EQ(cut.live(rows, {"a"}), (List{0, 8}));
}

TEST(Unwind, AReaderForAnyReason) {
  UnwindWorld world;
  const u32 rows = world.table({0, kInlineRow, 4, kInlineRow});
  UnwindResult cut(world);
  cut.readers->always = ClauseKind::kUser;
  EXPECT_EQ(cut.live(rows, {"a"}), List{0});
}

TEST(Unwind, WhoNamesATableReadsAll) {
  UnwindWorld world;
  const u32 rows = world.table({0, kInlineRow, 4, kInlineRow, 8, kInlineRow});
  world.elf.define("first_row", rows);
  UnwindResult cut(world);
  EXPECT_EQ(cut.live(rows, {"c", "first_row"}), (List{0, 16}));
}

TEST(Unwind, WhoNamesAWholeTableReadsAll) {
  UnwindWorld world;
  const u32 one = world.table({0, kInlineRow});
  world.elf.define("only_row", one);
  world.text = world.code({kNop, kReturn}, {{"other", 0, 4}}, {}, ".text.other");
  const u32 others = world.table({0, kInlineRow});
  UnwindResult cut(world);
  EXPECT_TRUE(cut.any_live(others, {"other", "only_row"}));
  EXPECT_FALSE(cut.any_live(others, {"other"}));
}

TEST(Unwind, WhatARowRefersToFollowsIt) {
  UnwindWorld world;
  const u32 rows = world.table_with_descriptions();
  const u32 routine = world.code({kNop, kReturn}, {{"routine", 0, 4}}, {}, ".text.routine");
  const u32 other = world.code({kNop, kReturn}, {{"other", 0, 4}}, {}, ".text.other");
  world.elf.relocate(world.descriptions, 8, R_ARM_PREL31, world.elf.refer("routine"));
  world.elf.relocate(world.descriptions, 20, R_ARM_PREL31, world.elf.refer("other"));
  UnwindResult cut(world);
  EXPECT_EQ(cut.starts(world.descriptions), (List{0, 8, 16}));
  EXPECT_EQ(cut.live(rows, {"walk", "b"}), List{8});
  EXPECT_EQ(cut.live(world.descriptions, {"walk", "b"}), List{8});
  EXPECT_TRUE(cut.any_live(routine, {"walk", "b"}));
  EXPECT_FALSE(cut.any_live(other, {"walk", "b"}));
  EXPECT_TRUE(cut.any_live(other, {"walk", "c"}));
  EXPECT_FALSE(cut.any_live(routine, {"b"}));
}

// The assembler says once in a table which routines of the ABI its rows need.
TEST(Unwind, ANoteOfARoutineIsForAllRows) {
  UnwindWorld world;
  const u32 rows = world.table({0, kInlineRow, 4, kInlineRow});
  const u32 routine = world.code({kNop, kReturn}, {{"routine", 0, 4}}, {}, ".text.routine");
  world.elf.relocate(rows, 0, R_ARM_NONE, world.elf.refer("routine"));
  UnwindResult cut(world);
  EXPECT_EQ(cut.live(rows, {"walk", "b"}), List{8});
  EXPECT_TRUE(cut.any_live(routine, {"walk", "b"}));
  EXPECT_FALSE(cut.any_live(routine, {"b"}));
  EXPECT_FALSE(cut.any_live(routine, {"walk"}));
}

TEST(Unwind, GroupsDoNotKeepTables) {
  UnwindWorld world;
  const u32 inner = world.code({kNop, kReturn}, {{"inner", 0, 4}}, {}, ".text.inner");
  const u32 description = world.elf.data(".ARM.extab.text.inner", words({0, 0}), SHF_ALLOC);
  world.text = inner;
  const u32 rows = world.table({0, 0});
  world.elf.relocate(rows, 4, R_ARM_PREL31, world.elf.section_symbol(description));
  const u32 constant = world.elf.data(".rodata.inner", words({1}), SHF_ALLOC);
  world.elf.group("inner", {inner, description, rows, constant});
  UnwindResult cut(world);
  EXPECT_FALSE(cut.any_live(rows, {"inner"}));
  EXPECT_FALSE(cut.any_live(description, {"inner"}));
  EXPECT_TRUE(cut.any_live(constant, {"inner"}));
  EXPECT_TRUE(cut.any_live(rows, {"inner", "walk"}));
  EXPECT_TRUE(cut.any_live(description, {"inner", "walk"}));
  EXPECT_FALSE(cut.any_live(inner, {"walk"}));
}

// ---- What is not plain is not cut, and stays with anything of its code

TEST(Unwind, OddTablesStayWhole) {
  const auto expect_whole = [](const char* what, const auto& make) {
    UnwindWorld world;
    const u32 rows = make(world);
    UnwindResult cut(world);
    EXPECT_EQ(cut.starts(rows), List{}) << what;
    EXPECT_TRUE(cut.any_live(rows, {"c", "walk"})) << what;
    EXPECT_FALSE(cut.any_live(rows, {"c"})) << what;
    EXPECT_FALSE(cut.any_live(rows, {"walk"})) << what;
  };
  expect_whole("against the order", [](UnwindWorld& world) {
    return world.table({4, kInlineRow, 0, kInlineRow});
  });
  expect_whole("a word that means nothing", [](UnwindWorld& world) {
    return world.table({0, kInlineRow, 4, 2});
  });
  expect_whole("half a row", [](UnwindWorld& world) { return world.table({0, kInlineRow, 4}); });
  expect_whole("an alignment that would leave gaps", [](UnwindWorld& world) {
    return world.table({0, kInlineRow, 4, kInlineRow}, 16);
  });
  expect_whole("a start outside", [](UnwindWorld& world) {
    return world.table({0, kInlineRow, 16, kInlineRow});
  });
  expect_whole("two starts of one row", [](UnwindWorld& world) {
    const u32 rows = world.table({0, kInlineRow, 4, kInlineRow});
    world.elf.relocate(rows, 8, R_ARM_PREL31, world.elf.section_symbol(world.text));
    return rows;
  });
  expect_whole("another relocation", [](UnwindWorld& world) {
    const u32 rows = world.table({0, kInlineRow, 4, kInlineRow});
    world.elf.relocate(rows, 12, R_ARM_ABS32, world.elf.section_symbol(world.text));
    return rows;
  });
  expect_whole("a relocation that means something else", [](UnwindWorld& world) {
    const u32 rows = world.table({0, kInlineRow, 4, 0});
    world.elf.relocate(rows, 12, R_ARM_ABS32, world.elf.section_symbol(world.text));
    return rows;
  });
  expect_whole("a relocation between words", [](UnwindWorld& world) {
    const u32 rows = world.table({0, kInlineRow, 4, 0});
    world.elf.relocate(rows, 10, R_ARM_PREL31, world.elf.section_symbol(world.text));
    return rows;
  });
  expect_whole("a relocation behind the table", [](UnwindWorld& world) {
    const u32 rows = world.bare_table({0, kInlineRow, 0, kInlineRow});
    for (const u32 place : {0u, 8u, 16u})
      world.elf.relocate(rows, place, R_ARM_PREL31, world.elf.section_symbol(world.text),
                         static_cast<i32>(place / 2));
    return rows;
  });
  expect_whole("code of another section", [](UnwindWorld& world) {
    const u32 rows = world.bare_table({0, kInlineRow, 0, kInlineRow});
    world.elf.relocate(rows, 0, R_ARM_PREL31, world.elf.section_symbol(world.text));
    world.elf.relocate(rows, 8, R_ARM_PREL31, world.elf.section_symbol(world.walker));
    return rows;
  });
  expect_whole("code that is missing", [](UnwindWorld& world) {
    const u32 rows = world.bare_table({0, kInlineRow, 4, kInlineRow});
    world.elf.relocate(rows, 0, R_ARM_PREL31, world.elf.section_symbol(world.text));
    world.elf.relocate(rows, 8, R_ARM_PREL31, world.elf.refer("nobody", STB_WEAK));
    return rows;
  });
  expect_whole("a row without a start", [](UnwindWorld& world) {
    const u32 rows = world.bare_table({0, kInlineRow, 4, kInlineRow});
    world.elf.relocate(rows, 0, R_ARM_PREL31, world.elf.section_symbol(world.text));
    return rows;
  });
  expect_whole("two descriptions of one row", [](UnwindWorld& world) {
    const u32 rows = world.table_with_descriptions();
    world.elf.relocate(rows, 4, R_ARM_PREL31, world.elf.section_symbol(world.descriptions));
    return rows;
  });
}

TEST(Unwind, OddDescriptionsStayWhole) {
  const auto expect_whole = [](const char* what, const auto& change) {
    UnwindWorld world;
    world.table_with_descriptions();
    change(world);
    UnwindResult cut(world);
    EXPECT_EQ(cut.starts(world.descriptions), List{}) << what;
    EXPECT_TRUE(cut.any_live(world.descriptions, {"c", "walk"})) << what;
    EXPECT_FALSE(cut.any_live(world.descriptions, {"c"})) << what;
  };
  expect_whole("a label",
               [](UnwindWorld& world) { world.elf.define_local("x", world.descriptions, 8); });
  expect_whole("a reference from elsewhere", [](UnwindWorld& world) {
    world.pointers(world.elf.section_symbol(world.descriptions), {8});
  });
  expect_whole("a reference to itself", [](UnwindWorld& world) {
    world.elf.relocate(world.descriptions, 4, R_ARM_REL32,
                       world.elf.section_symbol(world.descriptions));
  });
}

TEST(Unwind, DescriptionsOfAnotherShapeStayWhole) {
  struct Shape {
    const char* what;
    std::vector<u32> places;
    ElfBuilder::Section section;
  };
  const std::vector<u32> places{0, 8, 16};
  const std::vector<Shape> shapes{
      {"begins behind the start", {4, 8, 16}, {.flags = SHF_ALLOC}},
      {"not at a word", {0, 10, 16}, {.flags = SHF_ALLOC}},
      {"at the end", {0, 8, 24}, {.flags = SHF_ALLOC}},
      {"not made of words", places, {.flags = SHF_ALLOC, .contents = std::string(25, '\0')}},
      {"alignment", places, {.flags = SHF_ALLOC, .alignment = 8}},
      {"variables", places, {.flags = SHF_ALLOC | SHF_WRITE}},
      {"code", places, {.flags = SHF_ALLOC | SHF_EXECINSTR}},
      {"notes", places, {.flags = SHF_ALLOC, .type = SHT_NOTE}}};
  for (const Shape& shape : shapes) {
    UnwindWorld world;
    world.table_with_descriptions(shape.places, shape.section);
    UnwindResult cut(world);
    EXPECT_EQ(cut.starts(world.descriptions), List{}) << shape.what;
    EXPECT_TRUE(cut.any_live(world.descriptions, {"c", "walk"})) << shape.what;
  }
}

// Nobody knows which description such a table means.
TEST(Unwind, DescriptionsOfAnOddTableStayWhole) {
  UnwindWorld world;
  world.table_with_descriptions();
  world.text = world.code({kNop, kReturn}, {{"other", 0, 4}}, {}, ".text.other");
  const u32 odd = world.table({0, kInlineRow, 0, 2});
  world.elf.relocate(odd, 4, R_ARM_PREL31, world.elf.section_symbol(world.descriptions));
  EXPECT_EQ(UnwindResult(world).starts(world.descriptions), List{});
}

TEST(Unwind, MappingSymbolsAreNoLabels) {
  UnwindWorld world;
  world.table_with_descriptions();
  world.elf.define_local("$d", world.descriptions, 0);
  EXPECT_EQ(UnwindResult(world).starts(world.descriptions), (List{0, 8, 16}));
}

}  // namespace
}  // namespace fwseal
