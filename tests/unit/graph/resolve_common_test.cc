// Common symbols.
#include "graph/symbol_merge.h"

#include <gtest/gtest.h>

#include "tests/unit/graph/resolve_world.h"

namespace fwseal {
namespace {

// Largest size, largest alignment; the object is the one that wants the largest.
TEST(Resolve, CommonSymbolsGetSectionsOfTheirOwn) {
  const std::array<std::pair<u32, u32>, 2> sizes{std::pair{4u, 16u}, std::pair{8u, 4u}};
  World world;
  for (u32 i = 0; i < sizes.size(); i++) {
    ElfBuilder elf;
    elf.common("c", sizes[i].first, sizes[i].second);
    if (i == 0) elf.common("only", 12, 3);
    world.add(cat(i, ".o"), elf.build());
  }
  world.link("0.o 1.o");
  const InputSection& section = world.inputs[world["c"].section];
  EXPECT_EQ(section.name, "COMMON");
  EXPECT_EQ(section.type, u32{SHT_NOBITS});
  EXPECT_EQ(section.flags, u64{SHF_ALLOC | SHF_WRITE});
  EXPECT_EQ(section.size, 8u);
  EXPECT_EQ(section.alignment, 16u);
  EXPECT_EQ(section.object, ObjectId{1});
  EXPECT_EQ(world["c"].value, 0u);
  EXPECT_EQ(world["c"].size, 8u);
  EXPECT_EQ(world.inputs[world["only"].section].alignment, 4u);        // 3 is no power of two
  EXPECT_LT(index(world["only"].section), index(world["c"].section));  // that of object 0 first
}

TEST(Resolve, CommonSymbolsCanBeSortedByAlignment) {
  const auto order = [](bool descending, bool ascending) {
    ElfBuilder elf;
    for (const u32 alignment : {4u, 1u, 16u, 4u}) elf.common(cat("c", alignment), 4, alignment);
    World world;
    world.options.sort_common_descending = descending;
    world.options.sort_common_ascending = ascending;
    world.add("a.o", elf.build());
    world.link("a.o");
    std::string result;
    for (const InputSection& section : world.inputs.sections)
      if (section.name == "COMMON") result += cat(section.alignment, " ");
    return result;
  };
  EXPECT_EQ(order(false, false), "4 1 16 ");
  EXPECT_EQ(order(true, false), "16 4 1 ");
  EXPECT_EQ(order(false, true), "1 4 16 ");
}

TEST(Resolve, CommonSymbolsCanStayCommon) {
  World world;
  world.options.define_common = false;
  world.add_object("a.o", "=c");
  world.link("a.o");
  EXPECT_EQ(world.meaning("c"), "common");
}

TEST(Resolve, ADefinitionSmallerThanTheCommonSymbolIsWarnedOf) {
  ElfBuilder a;
  a.common("v", 8, 8);
  ElfBuilder b;
  b.define("v", b.data(".data", "data"), {.size = 4, .type = STT_OBJECT});
  World world;
  world.add("a.o", a.build());
  world.add("b.o", b.build());
  world.link("a.o b.o");
  EXPECT_EQ(world.said(),
            "fwseal: warning: b.o: size of symbol `v' changed from 8 in a.o to 4\n"
            "fwseal: warning: b.o: alignment 4 of symbol `v' is smaller than 8 in a.o\n");
}

TEST(Resolve, CommonSymbolsAreWarnedOfIfAskedFor) {
  World world;
  world.options.warn_common = true;
  world.add_object("a.o", "=v");
  world.add_object("b.o", "=v");
  world.add_object("c.o", "+w");
  world.add_object("d.o", "=w");
  world.link("a.o b.o c.o d.o");
  EXPECT_EQ(world.said(),
            "fwseal: warning: b.o: multiple common of `v' also in a.o\n"
            "fwseal: warning: d.o: common of `w' overridden by definition from c.o\n");
}

}  // namespace
}  // namespace fwseal
