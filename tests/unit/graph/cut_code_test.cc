// Where code is cut, and what that keeps. Thumb code, by hand.
#include <gtest/gtest.h>

#include "tests/unit/graph/cut_world.h"

namespace fwseal {
namespace {

using List = CutResult::List;

// Three functions of four bytes.
std::vector<u16> three() { return {kNop, kReturn, kNop, kReturn, kNop, kReturn}; }
std::vector<Part> three_parts() { return {{"a", 0, 4}, {"b", 4, 4}, {"c", 8, 4}}; }

TEST(CutCode, ByFunctions) {
  CutWorld world;
  const u32 text = world.code(three(), three_parts());
  CutResult cut(world);
  EXPECT_EQ(cut.starts(text), (List{0, 4, 8}));
  EXPECT_EQ(cut.live(text, {"b"}), (List{4}));
}

TEST(CutCode, OnlyInSectionsForCode) {
  for (const std::string name : {".ramfunc", ".init", ".fini", ".vectors", ".textual"}) {
    CutWorld world;
    const u32 text = world.code(three(), three_parts(), {}, name);
    EXPECT_EQ(CutResult(world).starts(text), List{}) << name;
  }
  CutWorld world;
  const u32 text = world.code(three(), three_parts(), {}, ".text.unlikely");
  EXPECT_EQ(CutResult(world).starts(text).size(), 3u);
}

TEST(CutCode, NotAtLabelsOrWithinOverlaps) {
  CutWorld world;
  const u32 text = world.code(
      three(), {{"a", 0, 6}, {"inside", 4, 2}, {"c", 8, 4}, {"sizeless", 6, 0}, {"alias", 8, 4}});
  world.elf.define_local("label", text, 4);
  EXPECT_EQ(CutResult(world).starts(text), (List{0, 8}));
}

TEST(CutCode, NotWhereMappingSymbolsAreMissing) {
  CutWorld world;
  const u32 text = world.elf.section(
      {.name = ".text", .flags = SHF_ALLOC | SHF_EXECINSTR, .contents = halfwords(three())});
  for (const Part& part : three_parts())
    world.elf.define(part.name, text, {.value = part.begin + 1, .size = 4, .type = STT_FUNC});
  EXPECT_EQ(CutResult(world).starts(text), List{});
  // Nor where the first one is behind the start: `a` may refer to any place.
  world.elf.define_local("$t", text, 4);
  EXPECT_EQ(CutResult(world).starts(text), List{});
}

// Two no-operations behind a return pad the second function, or lead to it.
TEST(CutCode, PaddingThatSomebodyEntersRunsIntoTheNext) {
  CutWorld world;
  const std::vector<u16> code{kNop, kReturn, kNop, kNop, kNop, kReturn};
  const u32 text = world.code(code, {{"a", 0, 4}, {"b", 8, 4}});
  EXPECT_EQ(CutResult(world).live(text, {"a"}), (List{0}));
  const u32 table = world.pointers(world.elf.section_symbol(text), {5});
  EXPECT_EQ(CutResult(world).live(text, {}, {table}), (List{0, 8}));

  CutWorld jumping;
  const std::vector<u16> jump{0xe000, kReturn, kNop, kNop, kNop, kReturn};  // B.N to offset 4
  const u32 other = jumping.code(jump, {{"a", 0, 4}, {"b", 8, 4}});
  EXPECT_EQ(CutResult(jumping).live(other, {"a"}), (List{0, 8}));
}

// -mpoke-function-name: who has the address of `b` finds its name and the size of that before it.
TEST(CutCode, NameBeforeAFunctionStaysWithIt) {
  const auto starts = [](u16 low, u16 high) {
    CutWorld world;
    const u32 text = world.code({kNop, kReturn, 'b', 0, low, high, kNop, kReturn, kNop, kReturn},
                                {{"a", 0, 4}, {"b", 12, 4}, {"c", 16, 4}}, {4, 12});
    return CutResult(world).starts(text);
  };
  EXPECT_EQ(starts(4, 0xff00), (List{0, 16}));
  EXPECT_EQ(starts(4, 0), (List{0, 12, 16}));
  EXPECT_EQ(starts(400, 0xff00), (List{0, 12, 16}));
}

// Distances from the data to any code may stand in it, or elsewhere.
TEST(CutCode, AddressOfDataAmongItKeepsItWhole) {
  CutWorld world;
  const std::vector<u16> code{kNop, kReturn, 4, 0, kNop, kReturn};
  const u32 text = world.code(code, {{"a", 0, 4}, {"b", 8, 4}}, {4, 8});
  const u32 symbol = world.elf.section_symbol(text);
  world.pointers(symbol, {1, 9});
  EXPECT_EQ(CutResult(world).starts(text), (List{0, 8}));
  world.pointers(symbol, {4}, ".data.q");
  EXPECT_EQ(CutResult(world).starts(text), List{});
}

TEST(CutCode, AddressOfAnythingKeepsItWhole) {
  CutWorld world;
  const u32 text = world.code({0x4478, kReturn, kNop, kReturn, kNop, kReturn},  // ADD R0, PC
                              three_parts());
  EXPECT_EQ(CutResult(world).starts(text), List{});
}

TEST(CutCode, AddressOfCodeKeepsItWhole) {
  CutWorld world;
  const u32 text = world.code({0xa000, kReturn, kNop, kReturn, kNop, kReturn},  // ADR R0, b
                              three_parts());
  EXPECT_EQ(CutResult(world).starts(text), List{});
}

// Assembly can add to it a distance that it knows, as a number or from a table.
TEST(CutCode, AddressOfDataKeepsItWhole) {
  const std::vector<u16> distances{0x0004, 0x0000};
  for (const std::vector<u16>& use : std::vector<std::vector<u16>>{
           {0x3008, kReturn, kNop},       // ADDS R0, #8
           {kNop, kNop, kReturn},         // to whoever called
           {0x7801, 0x1840, 0x4700},      // LDRB R1, [R0]; ADDS R0, R0, R1; BX R0
           {0x6801, kNop, kReturn},       // LDR R1, [R0]
           {kNop, 0x6800, kReturn},       // LDR R0, [R0], but later
           {0x6840, kNop, kReturn},       // LDR R0, [R0, #4], which is code
           {0xe9d0, 0x0100, kReturn},     // LDRD R0, R1, [R0], of which half is code
           {0xbf08, 0x6800, kReturn}}) {  // IT EQ; LDREQ R0, [R0]
    CutWorld world;
    const u32 text = world.code(
        {0xa003, use[0], use[1], use[2], kNop, kReturn, kNop, kReturn, 4, 0, kNop, kReturn},
        {{"a", 0, 8}, {"b", 8, 4}, {"c", 12, 8}, {"d", 20, 4}}, {16, 20});
    EXPECT_EQ(CutResult(world).starts(text), List{}) << use[0] << ' ' << use[1];
  }
}

// ITE EQ; ADREQ R0, 16; LDRNE R0, [R0]: only one of them is run.
TEST(CutCode, AddressOfDataOnOneOfTwoWaysKeepsItWhole) {
  CutWorld world;
  const u32 text =
      world.code({0xbf0c, 0xa003, 0x6800, kReturn, kNop, kReturn, kNop, kReturn, 4, 0, 0, 0},
                 {{"a", 0, 8}, {"b", 8, 4}, {"c", 12, 12}}, {16});
  EXPECT_EQ(CutResult(world).starts(text), List{});
}

// What the next instruction loads takes the place of the address.
TEST(CutCode, AddressOfDataThatIsUsedUpKeepsTheirOwner) {
  for (const std::vector<u16>& use :
       std::vector<std::vector<u16>>{{0x6800, kNop, kReturn},       // LDR R0, [R0]
                                     {0xf8d0, 0x0000, kReturn},     // LDR.W R0, [R0]
                                     {0xe9d0, 0x0100, kReturn},     // LDRD R0, R1, [R0]
                                     {0xe9d0, 0x1000, kReturn},     // LDRD R1, R0, [R0]
                                     {0x6840, kNop, kReturn},       // LDR R0, [R0, #4]
                                     {0xf850, 0xf021, kReturn}}) {  // LDR.W PC, [R0, R1, LSL #2]
    CutWorld world;
    const u32 text = world.code(
        {0xa003, use[0], use[1], use[2], kNop, kReturn, kNop, kReturn, 4, 0, 0, 0, kNop, kReturn},
        {{"a", 0, 8}, {"b", 8, 4}, {"c", 12, 12}, {"d", 24, 4}}, {16, 24});
    CutResult cut(world);
    EXPECT_EQ(cut.starts(text), (List{0, 8, 12, 24})) << use[0];
    EXPECT_EQ(cut.live(text, {"a"}), (List{0, 12})) << use[0];
  }
}

TEST(CutCode, NoCutWithinData) {
  CutWorld world;
  const u32 text =
      world.code({kNop, kReturn, 1, 2, 3, 4, kNop, kReturn}, {{"a", 0, 8}, {"b", 8, 8}}, {4, 12});
  EXPECT_EQ(CutResult(world).starts(text), List{});
}

TEST(CutCode, RelocatedAddressIsWhatTheRelocationSays) {
  CutWorld world;
  const u32 text = world.code({0xa000, kReturn, kNop, kReturn, kNop, kReturn}, three_parts());
  world.elf.relocate(text, 0, R_ARM_THM_PC8, world.elf.refer("elsewhere"));
  EXPECT_EQ(CutResult(world).starts(text).size(), 3u);
}

// ---- What refers to other pieces

TEST(CutCode, BranchesKeepTheirTargets) {
  CutWorld world;
  // a: B c; b; c: BEQ a, and on into d.
  const u32 text = world.code({0xe002, kNop, kNop, kReturn, 0xd0fa, kReturn, kNop, kReturn},
                              {{"a", 0, 4}, {"b", 4, 4}, {"c", 8, 4}, {"d", 12, 4}});
  CutResult cut(world);
  EXPECT_EQ(cut.live(text, {"a"}), (List{0, 8}));
  EXPECT_EQ(cut.live(text, {"c"}), (List{0, 8}));
  EXPECT_EQ(cut.live(text, {"b"}), (List{4}));
}

TEST(CutCode, LiteralBehindAnotherFunctionKeepsIt) {
  CutWorld world;
  // a: LDR R0, [PC, #4] (8); b with the literal at 8.
  const u32 text = world.code({0x4801, kReturn, kNop, kReturn, 0x5678, 0x1234, kNop, kReturn},
                              {{"a", 0, 4}, {"b", 4, 8}, {"c", 12, 4}}, {8, 12});
  CutResult cut(world);
  EXPECT_EQ(cut.live(text, {"a"}), (List{0, 4}));
  EXPECT_EQ(cut.live(text, {"b"}), (List{4}));
}

TEST(CutCode, TargetsOfATableBranchMayNotMove) {
  CutWorld world;
  // a: TBB [PC, R0]; entries 2 (8), 4 (12); b at 8, c at 12, d at 16.
  const u32 text =
      world.code({0xe8df, 0xf000, 0x0402, kNop, kNop, kReturn, kNop, kReturn, kNop, kReturn},
                 {{"a", 0, 8}, {"b", 8, 4}, {"c", 12, 4}, {"d", 16, 4}}, {4, 6});
  EXPECT_EQ(CutResult(world).starts(text), (List{0, 16}));
}

struct Running {
  const char* what;
  std::vector<u16> before;  // eight bytes, before a cut
  std::vector<u32> data;
  bool goes_on;
};

TEST(CutCode, ControlThatGoesOnKeepsTheNext) {
  const std::vector<Running> all = {
      {"a return", {kNop, kNop, kNop, kReturn}, {}, false},
      {"a return and padding", {kNop, kReturn, kNop, kNop}, {}, false},
      {"a return and zeroes", {kNop, kReturn, 0, 0}, {}, false},
      {"a return and more code", {kNop, kReturn, 0x3001, kNop}, {}, true},
      {"nothing", {kNop, kNop, kNop, kNop}, {}, true},
      {"a conditional branch", {kNop, kNop, kNop, 0xd0fb}, {}, true},
      {"a conditional return", {kNop, kNop, 0xbf08, kReturn}, {}, true},  // IT EQ
      {"a call", {kNop, kNop, 0xf7ff, 0xfffe}, {}, true},
      {"a return and a literal", {kNop, kReturn, 1, 2}, {4}, false},
      {"a call and a literal", {0xf7ff, 0xfffe, 1, 2}, {4}, false},
      {"a call by register and a literal", {kNop, 0x4798, 1, 2}, {4}, false},
      {"a conditional call and a literal", {0xbf08, 0x4798, 1, 2}, {4}, true},
      {"an instruction that is written as data", {kNop, kNop, 0xbf30, kNop}, {4}, true},
      {"a return and two kinds of data", {kNop, kReturn, 1, 2}, {4, 6, 6}, false},
      {"only data", {1, 2, 3, 4}, {0}, false},
      {"an unconditional branch", {kNop, kNop, kNop, 0xe7fe}, {}, false},
      {"POP with the program counter", {kNop, kNop, kNop, 0xbd10}, {}, false},
  };
  for (const Running& running : all) {
    CutWorld world;
    std::vector<u16> code = running.before;
    code.insert(code.end(), {kNop, kReturn});
    std::vector<u32> data = running.data;
    if (data.size() % 2 == 1) data.push_back(8);
    const u32 text = world.code(code, {{"a", 0, 8}, {"b", 8, 4}}, data);
    CutResult cut(world);
    ASSERT_EQ(cut.starts(text), (List{0, 8})) << running.what;
    EXPECT_EQ(cut.live(text, {"a"}), running.goes_on ? (List{0, 8}) : List{0}) << running.what;
    EXPECT_EQ(cut.live(text, {"b"}), List{8}) << running.what;
  }
}

// ---- Relocations

TEST(CutCode, RelocationsSpeakForTheirPiece) {
  CutWorld world;
  const u32 text =
      world.code({0xf7ff, 0xfffe, kNop, kReturn, kNop, kReturn}, {{"a", 0, 4}, {"b", 4, 4}});
  const u32 other = world.code(three(), {{"f", 0, 4}, {"g", 4, 4}, {"h", 8, 4}}, {}, ".text.o");
  world.elf.relocate(text, 0, R_ARM_THM_PC22, world.elf.refer("elsewhere"));
  const u32 table = world.elf.data(".rodata.t", words({0, 0}), SHF_ALLOC);
  world.elf.define("table", table, {.size = 8, .type = STT_OBJECT});
  world.elf.relocate(table, 0, R_ARM_ABS32, world.elf.section_symbol(other));
  CutResult cut(world);
  EXPECT_EQ(cut.live(other, {"b"}), List{});
  EXPECT_EQ(cut.live(other, {"table"}), List{0});
}

// Through the symbol of a section a table of labels means the functions that they are in.
TEST(CutCode, LabelsKeepTheirFunction) {
  CutWorld world;
  const u32 text = world.code(three(), three_parts());
  const u32 labels = world.pointers(world.elf.section_symbol(text), {7, 8});
  EXPECT_EQ(CutResult(world).live(text, {}, {labels}), (List{4, 8}));
}

TEST(CutCode, SymbolsAndDistances) {
  struct Case {
    i32 addend;
    List starts;
  };
  const std::vector<Case> all = {
      {0, {0, 4, 8}}, {2, {0, 4, 8}}, {4, {0, 4, 8}},               // one past the end
      {6, {0, 4}},    {-1, {0, 8}},   {-4, {0, 8}},   {8, {0, 4}},  // past the end of the section
      {-6, {}},       {9, {}},                                      // outside
  };
  for (const Case& one : all) {
    CutWorld world;
    const u32 text = world.code(three(), {{"a", 0, 4}, {"c", 8, 4}});
    const u32 b = world.elf.define("b", text, {.value = 5, .size = 4, .type = STT_FUNC});
    world.pointers(b, {static_cast<u32>(one.addend)});
    EXPECT_EQ(CutResult(world).starts(text), one.starts) << one.addend;
  }
}

// Assembly may count from one stub to the next.
TEST(CutCode, AddressOfAssemblyKeepsItWhole) {
  for (const std::string compiler : {"", "GCC: (tests) 12.2.1", "clang version 19"}) {
    const List all = compiler.empty() ? List{} : List{0, 4, 8};
    CutWorld world(compiler);
    const u32 text = world.code(three(), {{"a", 0, 4}, {"c", 8, 4}});
    const u32 b = world.elf.define("b", text, {.value = 5, .size = 4, .type = STT_FUNC});
    world.pointers(b, {0});
    EXPECT_EQ(CutResult(world).starts(text), all) << compiler;
  }
  CutWorld called("");
  const u32 text = called.code({0xf7ff, 0xfffe, kNop, kReturn, kNop, kReturn}, {{"a", 0, 8}});
  const u32 b = called.elf.define("b", text, {.value = 9, .size = 4, .type = STT_FUNC});
  called.elf.relocate(text, 0, R_ARM_THM_PC22, b);
  EXPECT_EQ(CutResult(called).starts(text), (List{0, 8}));
}

TEST(CutCode, DistanceFromThePlaceCannotBeTold) {
  CutWorld world;
  const u32 text = world.code(three(), three_parts());
  world.pointers(world.elf.section_symbol(text), {4}, ".data.p", R_ARM_REL32);
  EXPECT_EQ(CutResult(world).starts(text), List{});
}

TEST(CutCode, DebuggingInformationKeepsNothing) {
  CutWorld world;
  const u32 text = world.code(three(), three_parts());
  const u32 debug = world.elf.data(".debug_info", words({4, 8}), 0);
  const u32 symbol = world.elf.section_symbol(text);
  world.elf.relocate(debug, 0, R_ARM_ABS32, symbol);
  world.elf.relocate(debug, 4, R_ARM_ABS32, symbol);
  EXPECT_EQ(CutResult(world).live(text, {"a"}), List{0});
}

TEST(CutCode, RowsOfUnwindTablesKeepNothing) {
  CutWorld world;
  const u32 text = world.code(three(), three_parts());
  const u32 rows = world.elf.section({.name = ".ARM.exidx",
                                      .flags = SHF_ALLOC | SHF_LINK_ORDER,
                                      .contents = words({0, 1, 4, 1, 8, 1}),
                                      .type = SHT_ARM_EXIDX,
                                      .link = text});
  for (u32 i = 0; i < 3; i++)
    world.elf.relocate(rows, 8 * i, R_ARM_PREL31, world.elf.section_symbol(text));
  CutResult cut(world);
  EXPECT_EQ(cut.live(text, {"b"}), List{4});
  EXPECT_TRUE(cut.edits(text, {"b"}).removes(0));
}

// However many there are, each follows whichever function is live.
TEST(CutCode, ManyTablesFollowAnyFunction) {
  CutWorld world;
  const u32 text = world.code(three(), three_parts());
  world.objects(".data", {0}, {{"other", 0, 4}});
  std::vector<u32> tables;
  for (u32 i = 0; i < 8; i++)
    tables.push_back(world.elf.section({.name = "about",
                                        .flags = SHF_ALLOC | SHF_LINK_ORDER,
                                        .contents = words({i}),
                                        .link = text}));
  CutResult cut(world);
  for (const u32 table : tables) {
    for (const char* function : {"a", "b", "c"}) EXPECT_TRUE(cut.any_live(table, {function}));
    EXPECT_FALSE(cut.any_live(table, {"other"}));
  }
}

// ---- Roots

TEST(CutCode, KeepKeepsAll) {
  CutWorld world;
  const u32 text = world.code(three(), three_parts());
  CutResult cut(world);
  EXPECT_EQ(cut.live(text, {}, {text}), (List{0, 4, 8}));
  EXPECT_TRUE(cut.edits(text, {}, {text}).empty());
}

}  // namespace
}  // namespace fwseal
