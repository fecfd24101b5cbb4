// What code keeps of data that it knows by the symbol of their section.
#include <gtest/gtest.h>

#include "tests/unit/graph/anchor_code.h"
#include "tests/unit/graph/cut_world.h"

namespace fwseal {
namespace {

using List = CutResult::List;
const List kAll{0, 32, 64, 96};

constexpr u32 kCallPair = 0xf7ff'fffe;  // BL, B.W: to be relocated
constexpr u32 kJumpPair = 0xf7ff'bffe;

// Four objects of 32 bytes, and a function with the addresses of some bytes of theirs behind it.
class AnchorWorld : public CutWorld {
 public:
  u32 data = 0;
  u32 text = 0;
  u32 function_size = 0;

  AnchorWorld(Code function, const std::vector<i32>& bases, bool is_compiled = true,
              const std::string& callee = "ext")
      : CutWorld(is_compiled ? std::string("\0GCC: (15:12.2) 12.2.1", 22) : "") {
    data = objects(".rodata", std::vector<u32>(32, 1), four_objects());
    const u32 literals = 2 * static_cast<u32>(function.size());
    const Code code = function;
    for (const i32 base : bases) append_word(function, static_cast<u32>(base));
    function_size = 2 * static_cast<u32>(function.size());
    function.insert(function.end(), {kReturn, kNop});
    std::vector<u32> marks = marks_of(code, literals);
    marks.push_back(function_size);
    text = this->code(function, {{"f", 0, function_size}, {"g", function_size, 4}}, marks);
    relocate_calls(code, callee);
    const bool by_halves = code[0] == 0xf240 && code.size() > 4;
    if (by_halves) {
      elf.relocate(text, 0, R_ARM_THM_MOVW_ABS_NC, elf.section_symbol(data));
      if (code[2] == 0xf2c0) elf.relocate(text, 4, R_ARM_THM_MOVT_ABS, elf.section_symbol(data));
      return;
    }
    for (u32 i = 0; i < bases.size(); i++)
      elf.relocate(text, literals + 4 * i, R_ARM_ABS32, elf.section_symbol(data));
  }

  static std::vector<Part> four_objects() {
    return {{"a", 0, 32, STB_LOCAL},
            {"b", 32, 32, STB_LOCAL},
            {"c", 64, 32, STB_LOCAL},
            {"d", 96, 32, STB_LOCAL}};
  }

 private:
  static void append_word(Code& code, u32 word) {
    code.push_back(static_cast<u16>(word & 0xffff));
    code.push_back(static_cast<u16>(word >> 16));
  }
  // Where data begin and code again; TBB has its table behind it.
  static std::vector<u32> marks_of(const Code& code, u32 literals) {
    std::vector<u32> marks;
    for (u32 i = 0; i + 2 < code.size(); i++)
      if (code[i] == 0xe8df) marks = {2 * i + 4, 2 * i + 6};
    marks.push_back(literals);
    return marks;
  }
  void relocate_calls(const Code& code, const std::string& callee) {
    u32 symbol = 0;
    for (u32 i = 0; i + 1 < code.size(); i++) {
      const u32 pair = u32{code[i]} << 16 | code[i + 1];
      if (pair != kCallPair && pair != kJumpPair) continue;
      if (symbol == 0) symbol = elf.refer(callee);
      elf.relocate(text, 2 * i, pair == kCallPair ? R_ARM_THM_PC22 : R_ARM_THM_JUMP24, symbol);
    }
  }
};

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
  for (const std::string name : {"setjmp", "_setjmp", "vfork", "f.cold", "OUTLINED_FUNCTION_1"}) {
    AnchorWorld world(kKeptOverCall, {64}, true, name);
    EXPECT_EQ(CutResult(world).live(world.data, {"f"}), kAll) << name;
  }
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
