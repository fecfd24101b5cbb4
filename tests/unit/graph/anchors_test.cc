// What code keeps of data that it knows by the symbol of their section.
#include <gtest/gtest.h>

#include "tests/unit/graph/anchor_code.h"
#include "tests/unit/graph/anchor_world.h"

namespace fwseal {
namespace {

using List = CutResult::List;
const List& kAll = AnchorWorld::kAll;

struct Case {
  Code code;
  std::vector<i32> bases;
  List live;
  bool is_compiled = true;
};

void check(const std::vector<Case>& cases) {
  for (u64 i = 0; i < cases.size(); i++) {
    const Case& one = cases[i];
    AnchorWorld world(one.code, one.bases, one.is_compiled);
    // Behind the function the other one begins; the data of a MOVW have no word.
    CutResult cut(world);
    ASSERT_EQ(cut.starts(world.data), kAll) << "case " << i;
    EXPECT_EQ(cut.live(world.data, {"f"}), one.live) << "case " << i;
    EXPECT_EQ(cut.live(world.data, {"g"}), List{}) << "case " << i;
  }
}

TEST(Anchors, TouchesWhatItLoads) {
  check({
      {kDirect, {0}, {0, 32}},
      {kDirect, {32}, {32, 64}},
      {kPairOverTheEdge, {32}, {32, 64}},
      {kMany, {64}, {64}},
      {kStoreToData, {64}, {64}},
      {kHalves, {0}, {0}},
  });
}

TEST(Anchors, IndicesThatAreBounded) {
  check({
      {kMasked, {64}, {64}},
      {kBitField, {64}, {64}},
      {kShiftedIndex, {96}, {96}},
      {kAtMost7, {32}, {32}},
      {kBelowInItBlock, {32}, {32}},
      {kRow, {32}, {32}},
      {kDifferenceOfTwo, {64}, {64}},
      {kFrameIndex, {64}, {64}},
  });
}

TEST(Anchors, PlacesBeforeWhatTheyAreIndexedFor) {
  check({
      {kMaskedFrom8, {0}, {0, 32}},
      {kMaskedFrom8, {32}, {32, 64}},
      {kCountedFrom8, {0}, {0, 32}},
      {kCountedFrom8, {32}, {32, 64}},
      {kDirect, {-8}, kAll},
      {kMaskedFrom8, {-32}, kAll},
  });
}

TEST(Anchors, IndicesThatAreNot) {
  check({
      {kAnyIndex, {0}, kAll},
      {kAnyIndex, {64}, kAll},
      {kByteIndex, {0}, kAll},
      {kMoreThan7, {32}, kAll},
      {kSignedAtMost7, {32}, kAll},
      {kMasked, {112}, kAll},
      {kFrameIndexChangedByCall, {64}, kAll},
      {kSpilledWithAnyIndex, {64}, kAll},
  });
}

TEST(Anchors, LoopsWhoseEndIsKnown) {
  check({
      {kCountedLoop, {64}, {64}},
      {kDownToZero, {64}, {64}},
      {kToEndPointer, {32}, {32, 64}},  // r1, with the end, may be half a result
      {kBackFromEnd, {64}, {32, 64}},
      {kNestedLoops, {64}, {64}},
  });
}

TEST(Anchors, LoopsWhoseEndIsNot) {
  check({
      {kAnyCount, {32}, kAll},
      {kConditionalFirstAccess, {32}, kAll},
  });
}

TEST(Anchors, ValuesInTheFrame) {
  check({
      {kSpilled, {64}, {64}},
      {kPartlySpilled, {64}, kAll},
      {kFromComputedPlaceOfFrame, {64}, {32, 64}},
      {kFramePassed, {64}, {64}},
  });
}

TEST(Anchors, OrdersOfTheProgram) {
  check({
      {kTable, {32}, {32, 64}},
      {kFarJump, {64}, {32, 64}},  // as far as anybody knows, a call too
      {kEndless, {64}, {64}},
      {kNoReturn, {64}, {32, 64}},
  });
}

TEST(Anchors, PointersThatLeave) {
  check({
      {kArgument, {64}, {32, 64}},
      {kArgument, {68}, {64}},
      {kArgument, {60}, {32, 64}},
      {kArgument, {0}, {0}},
      {kArgument, {128}, {96}},
      {kArgument, {132}, kAll},
      {kStackArgument, {64}, {32, 64}},
      {kResult, {64}, {32, 64}},
      {kStored, {64}, {32, 64}},
      {kTailCall, {64}, {32, 64}},
      {kUsedAfterCall, {64}, {64}},
      {kKeptOverCall, {64}, {64}},
  });
}

TEST(Anchors, DistancesStay) {
  check({
      {kFirstAndLast, {0}, {0, 32, 64}},
      {kEither, {0, 64}, {0, 32, 64}},
      {kStartAndEnd, {32, 64}, {32, 64}},
      {kStartAndEnd, {32, 96}, {32, 64, 96}},
      {kTwoLiterals, {0, 96}, {0, 96}},
      {kComparedWithArgument, {64}, {32, 64}},
  });
}

TEST(Anchors, WhatIsNotFollowed) {
  check({
      {kExclusiveOr, {0}, kAll},
      {kByDifference, {0}, kAll},
      {kUnknownInstruction, {0}, kAll},
      {kNotReached, {0}, kAll},
      {kMovedStack, {0}, kAll},
      {kTailCallWithMore, {0}, kAll},
      {kOneHalf, {0}, kAll},
      {kBytesOfLiteral, {0}, kAll},
  });
}

// Of assembly nobody knows what it hands on.
TEST(Anchors, AssemblyKeepsWhatItHandsOn) {
  check({
      {kArgument, {64}, kAll, false},
      {kStackArgument, {64}, kAll, false},
      {kUsedAfterCall, {64}, kAll, false},
      {kResult, {64}, kAll, false},
      {kStored, {64}, kAll, false},
      {kTailCall, {64}, kAll, false},
      {kFromComputedPlaceOfFrame, {64}, kAll, false},
      {kNoReturn, {64}, kAll, false},
      {kDirect, {0}, kAll, false},  // r3 may be a result
      {kOverwritten, {0}, {0, 32}, false},
  });
}

// They return twice, with registers as they were and the frame as it became; or they are parts of
// the same function, which take any register.
TEST(Anchors, CalleesThatAreNoFunctions) {
  for (const std::string name : {"setjmp", "_setjmp", "vfork", "getcontext", "f.cold",
                                 "OUTLINED_FUNCTION_1", "__gnu_thumb1_case_uqi"}) {
    AnchorWorld world(kKeptOverCall, {64}, true, name);
    EXPECT_EQ(CutResult(world).live(world.data, {"f"}), kAll) << name;
  }
}

// What has no type of a function may be anything, a part of the same function too.
TEST(Anchors, CalleesWithoutType) {
  for (const Code& code : {kKeptOverCall, kTailCall}) {
    AnchorWorld world(code, {68});
    world.elf.define("ext", world.elf.text(".text.ext", 8), {.value = 1});
    EXPECT_EQ(CutResult(world).live(world.data, {"f"}), kAll);
  }
}

// Another compiler may hand on what points anywhere.
TEST(Anchors, OfOtherCompilersNothingIsKnown) {
  AnchorWorld world(kArgument, {64});
  world.elf.data(".comment", std::string("clang version 19.1.4\0", 21), 0);
  EXPECT_EQ(CutResult(world).live(world.data, {"f"}), kAll);
}

// An address of code: then not even that is cut.
TEST(Anchors, LiteralsThatCalculationsReach) {
  AnchorWorld world(kCodeAddress, {0});
  EXPECT_EQ(CutResult(world).live(world.data, {"f"}), kAll);
}

// From g, which jumps into the middle of f; and by a table, which a relocation says.
TEST(Anchors, OtherWaysIn) {
  AnchorWorld jumps(kDirect, {64});
  const u32 g = jumps.function_size;
  jumps.elf.relocate(jumps.text, g, R_ARM_THM_PC11, jumps.elf.section_symbol(jumps.text));
  AnchorWorld table(kDirect, {64});
  table.pointers(table.elf.section_symbol(table.text), {2});
  CutResult by_table(table);
  EXPECT_EQ(by_table.live(table.data, {"f"}), kAll);
  AnchorWorld entry(kDirect, {64});
  entry.pointers(entry.elf.section_symbol(entry.text), {0});
  EXPECT_EQ(CutResult(entry).live(entry.data, {"f"}), (List{64, 96}));
  // b f + 2, which the assembler resolved
  AnchorWorld resolved(kDirect, {64}, true, "ext", {0xe7f9, kNop});
  EXPECT_EQ(CutResult(resolved).live(resolved.data, {"f"}), kAll);
}

// Into the middle of g, which the assembler resolved: who knows what f leaves to it.
TEST(Anchors, OtherWaysOut) {
  const Code jump{0x4b01, 0x6a98, 0xe003, kNop};                    // b g + 2
  const Code call{0xb510, 0x4c02, 0xf000, 0xf805, 0x6aa0, 0xbd10};  // bl g + 2
  for (const Code& code : {jump, call}) {
    AnchorWorld world(code, {0});
    EXPECT_EQ(CutResult(world).live(world.data, {"f"}), kAll);
  }
}

// ldr r3, L; sub sp, #508 twice; that many words of the frame become L; the last one is used.
TEST(Anchors, MoreWordsInTheFrameThanAreFollowed) {
  const auto of = [](u32 words) {
    Code code{0, 0xb0ff, 0xb0ff};
    for (u32 i = 0; i < words; i++) code.push_back(static_cast<u16>(0x9300 | i));
    code.push_back(static_cast<u16>(0x9a00 | (words - 1)));
    code.insert(code.end(), {0x2300, 0x6a90, 0xb07f, 0xb07f, kReturn});
    if (code.size() % 2 != 0) code.push_back(kNop);
    code[0] = static_cast<u16>(0x4b00 | (2 * code.size() - 4) / 4);
    AnchorWorld world(code, {0});
    return CutResult(world).live(world.data, {"f"});
  };
  EXPECT_EQ(of(128), (List{0, 32}));
  EXPECT_EQ(of(129), kAll);
}

// The addresses of two sections: L is that of data, L+4 that of others.
TEST(Anchors, OfTwoSections) {
  struct Rule {
    const char* source;
    Code code;
    List data;
    List others;
  };
  const std::vector<Rule> rules{
      {"ldr r3, L; ldr r2, L+4; mrs r1, primask; bx lr",
       {0x4b02, 0x4a03, 0xf3ef, 0x8110, 0x4770, 0xbf00},
       kAll,
       kAll},
      {"ldr r3, L; ldr r2, L+4; and r1, r1, #15; add r3, r3, r1, lsl #2; 1: ldr r0, [r3, #40]; mov "
       "r3, r2; cmp r0, #0; bne 1b; bx lr",
       {0x4b05, 0x4a06, 0xf001, 0x010f, 0xeb03, 0x0381, 0x6a98, 0x4613, 0x2800, 0xd1fb, 0x4770,
        0xbf00},
       kAll,
       {0, 32}},
      {"ldr r3, L; ldr r2, L+4; cmp r0, #0; it eq; moveq r3, r2; ldr r0, [r3, #40]; bx lr",
       {0x4b03, 0x4a04, 0x2800, 0xbf08, 0x4613, 0x6a98, 0x4770, 0xbf00},
       kAll,
       kAll},
      {"ldr r3, L; ldr r2, L+4; sub.w r1, r3, r2; ldr r0, [r3, r1]; bx lr",
       {0x4b02, 0x4a03, 0xeba3, 0x0102, 0x5858, 0x4770},
       kAll,
       kAll},
      {"ldr r3, L; ldr r2, L+4; cmp r3, r2; it ne; ldrne r0, [r3, #40]; bx lr",
       {0x4b02, 0x4a03, 0x4293, 0xbf18, 0x6a98, 0x4770},
       {0, 32},
       {0}},
  };
  for (const Rule& rule : rules) {
    CutWorld world("");
    world.elf.data(".comment", std::string("\0GCC: (15:12.2) 12.2.1", 22), 0);
    const std::vector<u32> contents(32, 1);
    const u32 data = world.objects(".rodata", contents, AnchorWorld::four_objects());
    const u32 others = world.objects(".data", contents, AnchorWorld::four_objects());
    const u32 literals = 2 * static_cast<u32>(rule.code.size());
    Code code = rule.code;
    code.insert(code.end(), {0, 0, 0, 0, kReturn, kNop});
    const u32 text = world.code(code, {{"f", 0, literals + 8}, {"g", literals + 8, 4}},
                                {literals, literals + 8});
    world.elf.relocate(text, literals, R_ARM_ABS32, world.elf.section_symbol(data));
    world.elf.relocate(text, literals + 4, R_ARM_ABS32, world.elf.section_symbol(others));
    CutResult cut(world);
    EXPECT_EQ(cut.live(data, {"f"}), rule.data) << rule.source;
    EXPECT_EQ(cut.live(others, {"f"}), rule.others) << rule.source;
  }
}

// Into g, which takes what registers hold; and by a table at an address of data.
TEST(Anchors, WaysThatAreNone) {
  check({
      {{0xf240, 0x0300, 0xf2c0, 0x0300, 0x6858, kNop}, {}, kAll},
      {{0x4b05, 0x2801, 0xd806, 0xe8df, 0xf003, 0x0301, 0x6818, 0x4770, 0x6a58, 0x4770, 0x4770,
        kNop},
       {0},
       kAll},
  });
}

// Halves that do not belong together are no address.
TEST(Anchors, OtherHalves) {
  // movw r3, #0; movt r3, #16, of another place; ldr r0, [r3, #4]; bx lr
  check({{{0xf240, 0x0300, 0xf2c0, 0x0310, 0x6858, 0x4770}, {0}, kAll}});
  // movs r3, #0; nop; movt r3, #0; ldr r0, [r3, #4]; bx lr
  AnchorWorld world({0x2300, kNop, 0xf2c0, 0x0300, 0x6858, 0x4770}, {});
  world.elf.relocate(world.text, 4, R_ARM_THM_MOVT_ABS, world.elf.section_symbol(world.data));
  EXPECT_EQ(CutResult(world).live(world.data, {"f"}), kAll);
}

// Data cannot say which object it means where some may be there for code alone.
TEST(Anchors, DataThatRefersToAPlaceKeepsAll) {
  AnchorWorld world(kDirect, {64});
  const u32 pointers = world.pointers(world.elf.section_symbol(world.data), {32});
  CutResult cut(world);
  EXPECT_EQ(cut.live(world.data, {"f"}), (List{64, 96}));
  EXPECT_EQ(cut.live(world.data, {}, {pointers}), kAll);
}

// Code that cannot be read keeps the section, once it is live.
TEST(Anchors, OfCodeThatIsWhole) {
  CutWorld world;
  const u32 data = world.objects(".rodata", std::vector<u32>(32, 1), AnchorWorld::four_objects());
  const u32 text = world.code({0x4800, kReturn, 0, 0}, {{"f", 0, 8}}, {4});
  world.elf.relocate(text, 4, R_ARM_ABS32, world.elf.section_symbol(data));
  world.code({kReturn, kNop}, {{"g", 0, 4}}, {}, ".text.g");
  CutResult cut(world);
  EXPECT_EQ(cut.live(data, {"f"}), kAll);
  EXPECT_EQ(cut.live(data, {"g"}), List{});
}

}  // namespace
}  // namespace fwseal
