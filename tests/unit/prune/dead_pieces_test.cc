#include "prune/dead_pieces.h"

#include <gtest/gtest.h>

#include "tests/unit/graph/cut_world.h"

namespace fwseal {
namespace {

// Functions of these sizes, in halfwords, each of which ends with a return.
u32 functions(CutWorld& world, const std::vector<u32>& sizes) {
  std::vector<u16> code;
  std::vector<Part> parts;
  for (const u32 size : sizes) {
    parts.push_back({std::string(1, static_cast<char>('a' + parts.size())),
                     static_cast<u32>(2 * code.size()), 2 * size});
    code.insert(code.end(), size - 1, kNop);
    code.push_back(kReturn);
  }
  return world.code(code, parts);
}

TEST(DeadPieces, WhatFollowsKeepsItsAlignment) {
  CutWorld world;
  const u32 text = functions(world, {1, 3, 2, 2});
  CutResult cut(world);
  // Six bytes go: four of them, for the section is aligned to 4.
  const EditList edits = cut.edits(text, {"a", "c", "d"});
  EXPECT_EQ(edits.growth(), -4);
  EXPECT_EQ(edits.map(0), 0u);
  EXPECT_EQ(edits.map(8), 4u);
  EXPECT_FALSE(edits.removes(0));
  EXPECT_TRUE(edits.removes(2));
  EXPECT_TRUE(edits.removes(7));
  EXPECT_FALSE(edits.removes(8));
}

// What it refers to may be gone.
TEST(DeadPieces, TooLittleToMoveAnythingBecomesZeroes) {
  CutWorld world;
  const u32 text = functions(world, {1, 1, 2});
  const EditList edits = CutResult(world).edits(text, {"a", "c"});
  ASSERT_EQ(edits.edits().size(), 1u);
  EXPECT_EQ(edits.edits()[0].offset, 2u);
  EXPECT_EQ(edits.edits()[0].removed, 2u);
  EXPECT_EQ(edits.edits()[0].inserted, std::string(2, '\0'));
  EXPECT_EQ(edits.growth(), 0);
}

TEST(DeadPieces, NeighboursGoTogether) {
  CutWorld world;
  const u32 text = functions(world, {1, 1, 1, 1});
  const EditList edits = CutResult(world).edits(text, {"a", "d"});
  ASSERT_EQ(edits.edits().size(), 1u);
  EXPECT_EQ(edits.edits()[0].offset, 2u);
  EXPECT_EQ(edits.edits()[0].removed, 4u);
  EXPECT_EQ(edits.edits()[0].inserted, "");
}

TEST(DeadPieces, NothingStaysBehindTheLastLiveOne) {
  CutWorld world;
  const u32 text = functions(world, {1, 1, 1});
  const EditList edits = CutResult(world).edits(text, {"a"});
  EXPECT_EQ(edits.growth(), -4);
  const EditList odd = CutResult(world).edits(text, {"a", "b"});
  EXPECT_EQ(odd.growth(), -2);
}

TEST(DeadPieces, TheFirstMayGo) {
  CutWorld world;
  const u32 text = functions(world, {2, 2});
  const EditList edits = CutResult(world).edits(text, {"b"});
  EXPECT_EQ(edits.growth(), -4);
  EXPECT_EQ(edits.map(4), 0u);
}

// Of every set of live functions: each live byte stays, in order and as aligned as it was, and no
// more dead bytes than alignment needs.
TEST(DeadPieces, EverySetOfLiveOnes) {
  const std::vector<u32> sizes{1, 4, 3, 2, 5};
  CutWorld world;
  const u32 text = functions(world, sizes);
  for (u32 set = 1; set < 32; set++) {
    CutResult cut(world);
    Plan plan;
    plan.kept.assign(cut.linked().program().inputs.sections.size(), true);
    Reach live{std::vector<ClauseId>(cut.atoms().count(), kNoClause)};
    const SectionId id = cut.linked().section(text);
    for (u32 i = 0; i < 5; i++)
      if ((set >> i & 1) != 0) live.kept_by[index(cut.atoms().atom_of_piece(id, i))] = ClauseId{0};
    remove_dead_pieces(cut.linked().program(), cut.atoms(), live, {}, {}, plan);
    const EditList& edits = plan.edits[index(id)];
    u64 end = 0;
    for (u32 i = 0; i < 5; i++) {
      if ((set >> i & 1) == 0) continue;
      const Piece& piece = cut.atoms().pieces(id)[i];
      const u64 begin = edits.map(piece.begin);
      EXPECT_EQ(begin % 4, piece.begin % 4) << set;
      EXPECT_GE(begin, end) << set;
      EXPECT_LT(begin - end, 4u) << set;
      for (u32 at = piece.begin; at < piece.end; at++) {
        EXPECT_FALSE(edits.removes(at)) << set;
        EXPECT_EQ(edits.map(at), begin + at - piece.begin) << set;
      }
      end = begin + piece.end - piece.begin;
    }
    const u64 size = cut.linked().program().inputs[id].size;
    EXPECT_EQ(static_cast<u64>(static_cast<i64>(size) + edits.growth()), end) << set;
  }
}

// No instruction counts from a multiple of 4 here.
TEST(DeadPieces, DataMovesByTheAlignmentOfItsSection) {
  for (const u32 alignment : {1u, 2u, 4u, 8u}) {
    CutWorld world;
    const u32 data = world.elf.section(
        {.name = ".rodata", .contents = std::string(32, 'x'), .alignment = alignment});
    world.elf.define("a", data, {.value = 0, .size = 8, .type = STT_OBJECT});
    world.elf.define("b", data, {.value = 8, .size = 11, .type = STT_OBJECT});
    world.elf.define("c", data, {.value = 19, .size = 13, .type = STT_OBJECT});
    const EditList edits = CutResult(world).edits(data, {"a", "c"});
    EXPECT_EQ(edits.map(19), 19 - (11 - 11 % alignment)) << alignment;
  }
}

TEST(DeadPieces, OfAnUncutProgramThereAreNone) {
  CutWorld world;
  const u32 text = functions(world, {4});
  CutResult cut(world);
  EXPECT_FALSE(cut.atoms().any_cut());
  EXPECT_TRUE(cut.edits(text, {"a"}).empty());
}

// What is called there may be gone, however much stays for the alignment.
TEST(DeadPieces, AGapThatTheAlignmentTakesUp) {
  for (const u32 alignment : {4u, 16u}) {
    ElfBuilder elf;
    const u32 text = elf.section({.name = ".text",
                                  .flags = SHF_ALLOC | SHF_EXECINSTR,
                                  .contents = std::string(32, '\1'),
                                  .alignment = alignment});
    const LinkedObject linked(elf);
    const SectionId section = linked.section(text);
    Plan plan;
    remove_gaps(linked.program(), std::vector{Gap{section, 4, 18, {"\0\xbf", 2}}}, plan);
    const EditList& edits = plan.edits[index(section)];
    EXPECT_TRUE(edits.removes(4));
    EXPECT_EQ(edits.growth(), alignment == 4 ? -12 : 0);
    EXPECT_EQ(edits.edits().at(0).inserted.substr(0, 2), std::string("\0\xbf", 2));
  }
}

TEST(DeadPieces, ANameOfWhatHasAGap) {
  EditList edits;
  edits.add({0, 4, "", true});
  edits.add({8, 4, ""});
  EXPECT_TRUE(edits.removes(0));
  EXPECT_FALSE(edits.removes_symbol(0));
  EXPECT_TRUE(edits.removes_symbol(2));
  EXPECT_FALSE(edits.removes_symbol(4));
  EXPECT_TRUE(edits.removes_symbol(8));
}

}  // namespace
}  // namespace fwseal
