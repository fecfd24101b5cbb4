// Which strings and constants are kept, by what refers to them.
#include <gtest/gtest.h>

#include "tests/unit/graph/cut_world.h"

namespace fwseal {
namespace {

using List = CutResult::List;
using namespace std::string_literals;

constexpr u32 kStrings = SHF_ALLOC | SHF_MERGE | SHF_STRINGS;

u32 strings(CutWorld& world, const std::string& contents, u32 unit = 1, u32 alignment = 1,
            const std::string& name = ".rodata.str1.1") {
  return world.elf.section({.name = name,
                            .flags = kStrings,
                            .contents = contents,
                            .alignment = alignment,
                            .entry_size = unit});
}

u32 constants(CutWorld& world, u32 unit, u32 count) {
  return world.elf.section({.name = ".rodata.cst",
                            .flags = SHF_ALLOC | SHF_MERGE,
                            .contents = std::string(u64{unit} * count, 'c'),
                            .alignment = unit,
                            .entry_size = unit});
}

// What of the strings is kept by a pointer in live data.
List kept_by_pointer(u32 addend, u32 type = R_ARM_ABS32) {
  CutWorld world;
  const u32 texts = strings(world, "one\0three\0\0five\0"s);
  const u32 data = world.pointers(world.elf.section_symbol(texts), {addend}, ".data.p", type);
  return CutResult(world).live(texts, {}, {data});
}
const List kAll{0, 4, 10, 11};

TEST(CutStrings, ByTerminators) {
  CutWorld world;
  const u32 texts = strings(world, "one\0three\0\0five\0"s);
  EXPECT_EQ(CutResult(world).starts(texts), kAll);
  EXPECT_EQ(CutResult(world).live(texts, {}), List{});
}

TEST(CutStrings, TheAddendSelectsBehindTheSectionSymbol) {
  EXPECT_EQ(kept_by_pointer(0), List{0});
  EXPECT_EQ(kept_by_pointer(4), List{4});
  EXPECT_EQ(kept_by_pointer(10), List{10});
  EXPECT_EQ(kept_by_pointer(11), List{11});
}

TEST(CutStrings, InTheMiddleAndAtTheTerminator) {
  EXPECT_EQ(kept_by_pointer(1), List{0});
  EXPECT_EQ(kept_by_pointer(3), List{0});
  EXPECT_EQ(kept_by_pointer(6), List{4});
  EXPECT_EQ(kept_by_pointer(15), List{11});
}

TEST(CutStrings, TheEndBelongsToTheLastOne) { EXPECT_EQ(kept_by_pointer(16), List{11}); }

TEST(CutStrings, WhatSelectsNoneKeepsAll) {
  EXPECT_EQ(kept_by_pointer(17), kAll);
  EXPECT_EQ(kept_by_pointer(0xffff'ffff), kAll);
  // The addend of a relative word may hold how far the instruction is that adds it.
  EXPECT_EQ(kept_by_pointer(4, R_ARM_REL32), kAll);
  EXPECT_EQ(kept_by_pointer(4, R_ARM_GOTOFF), kAll);
}

// The symbol's place selects, whatever the addend adds.
TEST(CutStrings, SymbolsSelectByTheirPlace) {
  for (const u32 addend : {0u, 4u, 11u, 0xffff'fff8u, 100u})
    for (const u32 type : {R_ARM_ABS32, R_ARM_REL32}) {
      CutWorld world;
      const u32 texts = strings(world, "one\0three\0\0five\0"s);
      const u32 local = world.elf.define_local(".LC1", texts, 6);
      const u32 data = world.pointers(local, {addend}, ".data.p", type);
      EXPECT_EQ(CutResult(world).live(texts, {}, {data}), List{4}) << addend;
    }
  CutWorld world;
  const u32 texts = strings(world, "one\0three\0\0five\0"s);
  world.elf.define("text", texts, {.value = 11});
  EXPECT_EQ(CutResult(world).live(texts, {"text"}), List{11});
}

TEST(CutStrings, SymbolsThatAreLargerKeepAll) {
  for (const u32 size : {4u, 5u}) {
    CutWorld world;
    const u32 texts = strings(world, "one\0three\0\0five\0"s);
    world.elf.define("table", texts, {.value = 0, .size = size, .type = STT_OBJECT});
    EXPECT_EQ(CutResult(world).live(texts, {"table"}), size == 4 ? List{0} : kAll);
  }
  CutWorld world;
  const u32 texts = strings(world, "one\0three\0\0five\0"s);
  const u32 table = world.elf.define(
      "table", texts, {.value = 4, .size = 7, .type = STT_OBJECT, .binding = STB_LOCAL});
  const u32 data = world.pointers(table, {0});
  EXPECT_EQ(CutResult(world).live(texts, {}, {data}), kAll);
}

TEST(CutStrings, TheWholeSectionMayBeARoot) {
  CutWorld world;
  const u32 texts = strings(world, "one\0three\0\0five\0"s);
  EXPECT_EQ(CutResult(world).live(texts, {}, {texts}), kAll);
}

TEST(CutStrings, CodeSelectsThemToo) {
  CutWorld world;
  const u32 texts = strings(world, "one\0three\0\0five\0"s);
  const u32 text = world.code({0x4800, kReturn, 4, 0}, {{"f", 0, 8}}, {4});
  world.elf.relocate(text, 4, R_ARM_ABS32, world.elf.section_symbol(texts));
  EXPECT_EQ(CutResult(world).live(texts, {"f"}), List{4});
}

TEST(CutStrings, PaddingBelongsToTheOneBefore) {
  CutWorld world;
  const u32 texts = strings(world, "a\0\0\0bcdef\0\0\0g\0\0\0"s, 1, 4, ".rodata.str1.4");
  const u32 data = world.pointers(world.elf.section_symbol(texts), {10});
  CutResult cut(world);
  EXPECT_EQ(cut.starts(texts), (List{0, 4, 12}));
  EXPECT_EQ(cut.live(texts, {}, {data}), List{4});
}

TEST(CutStrings, Wide) {
  CutWorld world;
  const u32 texts = strings(world, "a\0\0\0\0\0\0\1\0\0\0\0b\0\0\0\0\0\0\0"s, 4, 4);
  EXPECT_EQ(CutResult(world).starts(texts), (List{0, 12}));
  CutWorld narrow;
  const u32 halves = strings(narrow, "a\0\0b\0\0c\0\0\0"s, 2, 2);
  EXPECT_EQ(CutResult(narrow).starts(halves), (List{0, 6}));
}

TEST(CutStrings, Constants) {
  for (const u32 unit : {4u, 8u, 16u}) {
    CutWorld world;
    const u32 all = constants(world, unit, 3);
    const u32 data = world.pointers(world.elf.section_symbol(all), {unit, 2 * unit - 1});
    CutResult cut(world);
    EXPECT_EQ(cut.starts(all), (List{0, unit, 2 * unit}));
    EXPECT_EQ(cut.live(all, {}, {data}), List{unit});
  }
}

TEST(CutStrings, WhatIsNotMergedIsNotCut) {
  const auto stays_whole = [](const ElfBuilder::Section& section) {
    CutWorld world;
    const u32 handle = world.elf.section(section);
    return CutResult(world).starts(handle).empty();
  };
  const ElfBuilder::Section good{.name = ".rodata.str1.1",
                                 .flags = kStrings,
                                 .contents = "one\0two\0"s,
                                 .alignment = 1,
                                 .entry_size = 1};
  EXPECT_FALSE(stays_whole(good));
  auto bad = good;
  bad.contents = "one\0two"s;
  EXPECT_TRUE(stays_whole(bad)) << "the last string has no end";
  bad = good;
  bad.flags |= SHF_WRITE;
  EXPECT_TRUE(stays_whole(bad)) << "writable";
  bad = good;
  bad.flags &= ~static_cast<u32>(SHF_ALLOC);
  EXPECT_TRUE(stays_whole(bad)) << "not in the image";
  bad = good;
  bad.name = ".messages";
  EXPECT_TRUE(stays_whole(bad)) << "in a place of its own";
  bad = {.name = ".rodata.cst4",
         .flags = SHF_ALLOC | SHF_MERGE,
         .contents = "123412341"s,
         .entry_size = 4};
  EXPECT_TRUE(stays_whole(bad)) << "not a multiple of the entry size";
  bad.contents = "12341234"s;
  bad.entry_size = 0;
  EXPECT_TRUE(stays_whole(bad)) << "no entry size";
  CutWorld world;
  const u32 relocated = world.elf.section(good);
  world.elf.relocate(relocated, 0, R_ARM_ABS32, world.elf.refer("x"));
  EXPECT_EQ(CutResult(world).starts(relocated), List{}) << "holds an address";
}

// Each would take more memory than the section.
TEST(CutStrings, NotEachOfManyTerminators) {
  CutWorld world;
  const u32 few = strings(world, std::string(65536, '\0'));
  const u32 many = strings(world, std::string(65537, '\0'));
  CutResult cut(world);
  EXPECT_EQ(cut.starts(few).size(), 65536u);
  EXPECT_EQ(cut.starts(many).size(), 0u);
}

}  // namespace
}  // namespace fwseal
