// Which archive members take part, where libraries are found, and scripts among the inputs.
#include "graph/archive_search.h"

#include <gtest/gtest.h>

#include "tests/unit/graph/resolve_world.h"

namespace fwseal {
namespace {

TEST(Resolve, MembersAreLoadedOnlyForUndefinedNames) {
  World world;
  world.add("l.a", build_archive({World::member("f.o", "+f"), World::member("g.o", "+g"),
                                  World::member("h.o", "+h")}));
  world.add_object("a.o", "-f ~g +h");
  world.link("a.o l.a");
  EXPECT_EQ(world.loaded(), "a.o l.a(f.o)");
  EXPECT_EQ(world.meaning("g"), "weak");
}

TEST(Resolve, AnArchiveBeforeItsUserIsNotSearchedAgain) {
  World world;
  world.add("l.a", build_archive({World::member("f.o", "+f")}));
  world.add_object("a.o", "-f");
  world.link("l.a a.o");
  EXPECT_EQ(world.loaded(), "a.o");
  EXPECT_EQ(world.meaning("f"), "undefined");
}

// GNU ld 2.40: first what a pass comes by, then another pass.
TEST(Resolve, MembersAreLoadedInPasses) {
  World world;
  world.add("l.a", build_archive({World::member("1.o", "+1"), World::member("2.o", "+2 -1"),
                                  World::member("3.o", "+3 -2 -4"), World::member("4.o", "+4")}));
  world.add_object("a.o", "-3");
  world.link("a.o l.a");
  EXPECT_EQ(world.loaded(), "a.o l.a(3.o) l.a(4.o) l.a(2.o) l.a(1.o)");
}

TEST(Resolve, GroupsAreRepeatedUntilNothingChanges) {
  World world;
  world.add("x.a", build_archive({World::member("1.o", "+1 -2"), World::member("3.o", "+3 -4")}));
  world.add("y.a", build_archive({World::member("2.o", "+2 -3"), World::member("4.o", "+4")}));
  world.add_object("a.o", "-1");
  world.link("a.o ( x.a y.a )");
  EXPECT_EQ(world.loaded(), "a.o x.a(1.o) y.a(2.o) x.a(3.o) y.a(4.o)");
  EXPECT_EQ(world.meaning("4"), "y.a(4.o):(.text+0x4)");
}

TEST(Resolve, WithoutGroupTheSecondArchiveCannotAskTheFirst) {
  World world;
  world.add("x.a", build_archive({World::member("1.o", "+1 -2"), World::member("3.o", "+3")}));
  world.add("y.a", build_archive({World::member("2.o", "+2 -3")}));
  world.add_object("a.o", "-1");
  world.link("a.o x.a y.a");
  EXPECT_EQ(world.meaning("3"), "undefined");
}

TEST(Resolve, MembersAreExtractedForAReason) {
  World world;
  world.options.undefined = {"g"};
  world.add("l.a", build_archive({World::member("f.o", "+f"), World::member("g.o", "+g -f")}));
  world.link("l.a");
  ASSERT_EQ(world.symbols.extractions.size(), 2u);
  EXPECT_EQ(world.symbols.extractions[0].referrer, kNoObject);
  EXPECT_EQ(world.symbols[world.symbols.extractions[0].symbol].name, "g");
  EXPECT_EQ(world.symbols.extractions[1].referrer, ObjectId{0});
  EXPECT_EQ(world.symbols.extractions[1].member, ObjectId{1});
}

// A function of the same name does not replace a common symbol, nor does another common one.
TEST(Resolve, CommonSymbolsLoadMembersWithDataOnly) {
  for (const auto& [type, loads] : {std::pair{STT_OBJECT, true}, std::pair{STT_FUNC, false}}) {
    ElfBuilder elf;
    elf.define("v", elf.data(".data", "data"), {.type = static_cast<u8>(type)});
    World world;
    world.add("l.a", build_archive({World::member("common.o", "=v"), {"v.o", elf.build(), {"v"}}}));
    world.add_object("a.o", "=v");
    world.link("a.o l.a");
    EXPECT_EQ(world.loaded(), loads ? "a.o l.a(v.o)" : "a.o");
  }
}

TEST(Resolve, ArchivesWithoutIndexAreSearchedAsWell) {
  World world;
  world.add("l.a", build_archive({World::member("f.o", "+f -g"),
                                  World::member("g.o", "+g"),
                                  {"readme.txt", "hello", {}}},
                                 ArchiveKind::kWithoutIndex));
  world.add_object("a.o", "-f");
  world.link("a.o l.a");
  EXPECT_EQ(world.loaded(), "a.o l.a(f.o) l.a(g.o)");
  EXPECT_EQ(world.said(), "");
}

TEST(Resolve, ThinArchivesNameFilesBesideThem) {
  World world;
  world.add("lib/l.a", build_archive({World::member("f.o", "+f")}, ArchiveKind::kThin));
  world.add_object("lib/f.o", "+f");
  world.add_object("a.o", "-f");
  world.link("a.o lib/l.a");
  EXPECT_EQ(world.loaded(), "a.o lib/l.a(f.o)");
}

TEST(Resolve, WholeArchivesAreLoadedInTheOrderOfTheFile) {
  World world;
  world.add("l.a", build_archive({World::member("1.o", "+1"), World::member("2.o", "+2")}));
  world.link("--whole l.a");
  EXPECT_EQ(world.loaded(), "l.a(1.o) l.a(2.o)");
}

TEST(Resolve, AnIndexThatLiesIsNoTrap) {
  World world;
  MemberSpec liar = World::member("f.o", "-f");
  liar.index = {"f", "g"};
  world.add("l.a", build_archive({liar}));
  world.add_object("a.o", "-f");
  world.link("a.o ( l.a l.a )");
  EXPECT_EQ(world.meaning("f"), "undefined");
}

TEST(Resolve, LibrariesAreSearchedInOrder) {
  World world;
  ElfBuilder foreign;
  foreign.machine = EM_X86_64;
  world.options.library_paths = {"host", "one", "two"};
  world.add("host/libf.a", build_archive({{"x.o", foreign.build(), {"f"}}}));
  world.add("two/libf.a", build_archive({World::member("f.o", "+f")}));
  world.add("two/exact", build_archive({World::member("g.o", "+g")}));
  world.add_object("a.o", "-f -g");
  world.link("a.o -lf -l:exact");
  EXPECT_EQ(world.loaded(), "a.o two/libf.a(f.o) two/exact(g.o)");
  EXPECT_EQ(world.said(),
            "fwseal: warning: skipping incompatible host/libf.a when searching for -lf\n");
}

TEST(Resolve, SaysWhatCannotBeFound) {
  World world;
  world.options.library_paths = {"dir"};
  world.add("dir/foo.a", build_archive({}));
  world.link("no-such-file.o -lfoo");
  EXPECT_EQ(world.said(),
            "fwseal: error: cannot find no-such-file.o: No such file or directory\n"
            "fwseal: error: cannot find -lfoo in dir\n"
            "fwseal: note: to link with dir/foo.a use -l:foo.a or rename it to libfoo.a\n");
}

TEST(Resolve, ScriptsAmongTheInputsAreReadAtTheirPlace) {
  World world;
  world.options.library_paths = {"lib"};
  world.add("in/group.ld", "( beside.a -lg )");
  world.add("in/beside.a",
            build_archive({World::member("1.o", "+1 -2"), World::member("3.o", "+3")}));
  world.add("lib/libg.a", build_archive({World::member("2.o", "+2 -3")}));
  world.add_object("a.o", "-1");
  world.add_object("b.o", "");
  world.link("a.o in/group.ld b.o");
  EXPECT_EQ(world.loaded(), "a.o in/beside.a(1.o) lib/libg.a(2.o) in/beside.a(3.o) b.o");
}

TEST(Resolve, AScriptThatNamesItselfIsRefused) {
  World world;
  world.add("self.ld", "other.ld");
  world.add("other.ld", "self.ld");
  world.link("self.ld");
  EXPECT_EQ(world.said(), "fwseal: error: self.ld: linker script names itself as an input\n");
}

}  // namespace
}  // namespace fwseal
