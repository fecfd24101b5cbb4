// Where data are cut, and what that keeps.
#include <gtest/gtest.h>

#include "tests/unit/graph/cut_world.h"

namespace fwseal {
namespace {

using List = CutResult::List;

std::vector<Part> globals() { return {{"x", 0, 8}, {"y", 8, 4}, {"z", 12, 4}}; }
std::vector<Part> locals() {
  return {{"x", 0, 8, STB_LOCAL}, {"y", 8, 4, STB_LOCAL}, {"z", 12, 4, STB_LOCAL}};
}
const std::vector<u32> kFourWords{1, 2, 3, 4};

TEST(CutData, ByObjects) {
  for (const std::string name : {".data", ".rodata", ".data.x", ".rodata.cst4"}) {
    CutWorld world;
    const u32 data = world.objects(name, kFourWords, globals());
    CutResult cut(world);
    EXPECT_EQ(cut.starts(data), (List{0, 8, 12})) << name;
    EXPECT_EQ(cut.live(data, {"y"}), List{8}) << name;
  }
  CutWorld world;
  const u32 bss = world.elf.bss(".bss", 16);
  for (const Part& part : globals())
    world.elf.define(part.name, bss, {.value = part.begin, .size = part.size, .type = STT_OBJECT});
  EXPECT_EQ(CutResult(world).live(bss, {"x"}), List{0});
}

TEST(CutData, OnlyPlainMemory) {
  for (const std::string name : {".noinit", ".ramdata", "commands", ".init_array"}) {
    CutWorld world;
    const u32 data = world.objects(name, kFourWords, globals());
    EXPECT_EQ(CutResult(world).starts(data), List{}) << name;
  }
  CutWorld world;
  const u32 merged = world.elf.section({.name = ".rodata.cst4",
                                        .flags = SHF_ALLOC | SHF_MERGE,
                                        .contents = words(kFourWords),
                                        .entry_size = 4});
  for (const Part& part : globals())
    world.elf.define(part.name, merged,
                     {.value = part.begin, .size = part.size, .type = STT_OBJECT});
  // Not where objects begin.
  CutResult cut(world);
  EXPECT_EQ(cut.starts(merged), (List{0, 4, 8, 12}));
  EXPECT_EQ(cut.live(merged, {"x"}), (List{0, 4, 8, 12}));
}

// GCC's section anchors: code knows one address for all.
TEST(CutData, AnchorsOfCodeKeepItWhole) {
  for (const u32 type : {R_ARM_ABS32, R_ARM_THM_MOVW_ABS_NC}) {
    CutWorld world;
    const u32 data = world.objects(".data", kFourWords, globals());
    const u32 text = world.code({0xf240, 0x0000, kReturn, kNop, 0, 0}, {{"f", 0, 12}}, {8});
    world.elf.relocate(text, type == R_ARM_ABS32 ? 8 : 0, type, world.elf.section_symbol(data));
    EXPECT_EQ(CutResult(world).starts(data), List{}) << type;
  }
}

// Even of code that turns out to be dead: nobody knows that yet.
TEST(CutData, SymbolsInCodeDoNotKeepItWhole) {
  CutWorld world;
  const u32 data = world.objects(".data", kFourWords, {{"x", 0, 8}, {"z", 12, 4}});
  const u32 y = world.elf.define("y", data, {.value = 8, .size = 4, .type = STT_OBJECT});
  const u32 text = world.code({0x4800, kReturn, 0, 0}, {{"f", 0, 8}}, {4});
  world.elf.relocate(text, 4, R_ARM_ABS32, y);
  CutResult cut(world);
  EXPECT_EQ(cut.live(data, {"f"}), List{8});
}

TEST(CutData, PlacesThatDataMeans) {
  struct Case {
    std::vector<u32> addends;
    bool is_cut;
  };
  const std::vector<Case> all = {
      {{0, 8, 12}, true},
      {{0, 8}, false},           // nobody refers to z: a place before it may be meant
      {{0, 8, 12, 4}, false},    // in the middle
      {{0, 8, 12, 16}, false},   // the end
      {{0, 8, 12, ~3u}, false},  // before the section
      {{0, 8, 12, 20}, false},   // behind it
      {{12, 8, 0}, true},
  };
  for (const Case& one : all) {
    CutWorld world;
    const u32 data = world.objects(".rodata", kFourWords, locals());
    world.pointers(world.elf.section_symbol(data), one.addends);
    EXPECT_EQ(CutResult(world).starts(data), one.is_cut ? (List{0, 8, 12}) : List{});
  }
}

// A font that is indexed from 32 has its base before it, where another object may begin.
TEST(CutData, SecondReferenceToAPlaceMayMeanALaterObject) {
  struct Case {
    std::vector<u32> addends;
    List starts;
  };
  const std::vector<Case> all = {
      {{0, 8, 12, 12}, {0, 8, 12, 16}},  // there is no local object behind z
      {{0, 8, 8, 12}, {0, 8, 16}},
      {{0, 0, 8, 12}, {0, 16}},
      {{0, 0, 8, 8, 12}, {0, 16}},
  };
  for (const Case& one : all) {
    CutWorld world;
    std::vector<Part> parts = locals();
    parts.push_back({"global", 16, 4});
    const u32 data = world.objects(".rodata", {1, 2, 3, 4, 5}, parts);
    world.pointers(world.elf.section_symbol(data), one.addends);
    EXPECT_EQ(CutResult(world).starts(data), one.starts);
  }
}

TEST(CutData, GapBetweenObjectsIsNoPlace) {
  CutWorld world;
  const u32 data =
      world.objects(".rodata", kFourWords, {{"x", 0, 4, STB_LOCAL}, {"y", 8, 8, STB_LOCAL}});
  world.pointers(world.elf.section_symbol(data), {0, 8, 4});
  EXPECT_EQ(CutResult(world).starts(data), List{});
}

TEST(CutData, LocalObjectWithoutReferenceKeepsItWhole) {
  CutWorld world;
  std::vector<Part> parts = globals();
  parts[1].binding = STB_LOCAL;
  const u32 data = world.objects(".rodata", kFourWords, parts);
  EXPECT_EQ(CutResult(world).starts(data), List{});
}

// Through the symbol of a section nobody refers to a global object: the place must mean a local
// one.
TEST(CutData, GlobalObjectIsNotMeantByAPlace) {
  CutWorld world;
  const u32 data = world.objects(".rodata", kFourWords, globals());
  world.pointers(world.elf.section_symbol(data), {8});
  EXPECT_EQ(CutResult(world).starts(data), List{});
}

TEST(CutData, OverlapsAndAliasesAreOne) {
  CutWorld world;
  const u32 data =
      world.objects(".data", kFourWords, {{"x", 0, 8}, {"half", 4, 8}, {"z", 12, 4}, {"w", 12, 4}});
  EXPECT_EQ(CutResult(world).starts(data), (List{0, 12}));
}

TEST(CutData, LabelsKeepItWhole) {
  for (const u8 type : {u8{STT_NOTYPE}, u8{STT_OBJECT}}) {
    CutWorld world;
    const u32 data = world.objects(".data", kFourWords, globals());
    world.elf.define("end_of_table", data, {.value = 16, .type = type});
    EXPECT_EQ(CutResult(world).starts(data), List{});
    CutWorld mapped;
    const u32 plain = mapped.objects(".data", kFourWords, globals());
    mapped.elf.define_local("$d", plain, 0);
    EXPECT_EQ(CutResult(mapped).starts(plain), (List{0, 8, 12}));
  }
}

TEST(CutData, SymbolsAndDistances) {
  struct Case {
    i32 addend;
    List starts;
  };
  // From y at 8, of four bytes.
  const std::vector<Case> all = {{0, {0, 8, 12}}, {4, {0, 8, 12}}, {5, {0, 8}}, {8, {0, 8}},
                                 {-1, {0, 12}},   {-8, {0, 12}},   {-9, {}},    {9, {}}};
  for (const Case& one : all) {
    CutWorld world;
    const u32 data = world.objects(".data", kFourWords, {{"x", 0, 8}, {"z", 12, 4}});
    const u32 y = world.elf.define("y", data, {.value = 8, .size = 4, .type = STT_OBJECT});
    world.pointers(y, {static_cast<u32>(one.addend)});
    EXPECT_EQ(CutResult(world).starts(data), one.starts) << one.addend;
  }
}

TEST(CutData, PiecesReferForThemselves) {
  CutWorld world;
  const u32 target = world.objects(".rodata", kFourWords, globals());
  const u32 data = world.elf.data(".data", words({0, 0}));
  world.elf.define("p", data, {.value = 0, .size = 4, .type = STT_OBJECT});
  world.elf.define("q", data, {.value = 4, .size = 4, .type = STT_OBJECT});
  const u32 w = world.elf.define("w", target, {.value = 12, .size = 4, .type = STT_OBJECT});
  world.elf.relocate(data, 4, R_ARM_ABS32, w);
  CutResult cut(world);
  EXPECT_EQ(cut.live(target, {"p"}), List{});
  EXPECT_EQ(cut.live(target, {"q"}), List{12});
}

}  // namespace
}  // namespace fwseal
