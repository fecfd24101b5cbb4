#include "graph/resolve.h"

#include <gtest/gtest.h>

#include <array>

#include "graph/program.h"
#include "tests/unit/graph/resolve_world.h"

namespace fwseal {
namespace {

// Which of two mentions of a name wins, in each order, against the table in symbol_merge.cc.
TEST(Resolve, EveryPairOfMentions) {
  const std::string kinds = "-~=?+";
  // Rows: the first object; columns: the second one. 1 and 2 say whose definition it is.
  const std::array<std::string, 5> expected{"uuc22", "uwc22", "cccc2", "11c12", "1111!"};
  for (u64 first = 0; first < kinds.size(); first++)
    for (u64 second = 0; second < kinds.size(); second++) {
      World world;
      world.add_object("1.o", cat(kinds[first], "f"));
      world.add_object("2.o", cat(kinds[second], "f"));
      world.link("1.o 2.o");
      const std::string meaning = world.meaning("f");
      char got = meaning[0];
      if (meaning.find("COMMON") != std::string::npos) got = 'c';
      if (world.said().find("multiple definition") != std::string::npos) got = '!';
      EXPECT_EQ(got, expected[first][second]) << kinds[first] << kinds[second] << world.said();
    }
}

TEST(Resolve, DuplicatesAreReportedWithBothPlaces) {
  World world;
  world.add_object("a.o", "+f");
  world.add("l.a", build_archive({World::member("b.o", "+g +f")}));
  world.add_object("c.o", "-g");
  world.link("a.o c.o l.a");
  EXPECT_EQ(world.said(),
            "fwseal: error: l.a(b.o):(.text+0x8): multiple definition of `f'\n"
            "fwseal: note: a.o:(.text+0x4): first defined here\n");
}

TEST(Resolve, DuplicatesMayBeAllowed) {
  World world;
  world.options.allow_multiple_definition = true;
  world.add_object("a.o", "+f");
  world.add_object("b.o", "+f");
  world.link("a.o b.o");
  EXPECT_EQ(world.said(), "");
  EXPECT_EQ(world.meaning("f"), "a.o:(.text+0x4)");
}

TEST(Resolve, TheSameNumberTwiceIsNoDuplicate) {
  for (const u32 second : {5u, 6u}) {
    ElfBuilder a;
    a.absolute("n", 5);
    ElfBuilder b;
    b.absolute("n", second);
    World world;
    world.add("a.o", a.build());
    world.add("b.o", b.build());
    world.link("a.o b.o");
    EXPECT_EQ(world.said().empty(), second == 5) << world.said();
    EXPECT_EQ(world.meaning("n"), "= 5");
  }
}

TEST(Resolve, WrappingChangesReferencesOnly) {
  World world;
  world.options.wrapped = {"f"};
  world.add_object("a.o", "-f -__real_f");
  world.add_object("f.o", "+f");
  world.add("l.a", build_archive({World::member("wrap.o", "+__wrap_f"),
                                  World::member("real.o", "+__real_f")}));
  world.link("a.o f.o l.a");
  EXPECT_EQ(world.loaded(), "a.o f.o l.a(wrap.o)");
  const u32 first = world.inputs.objects[0].first_global;
  EXPECT_EQ(world.symbols[world.symbols.of(world.inputs, ObjectId{0}, first)].name, "__wrap_f");
  EXPECT_EQ(world.symbols[world.symbols.of(world.inputs, ObjectId{0}, first + 1)].name, "f");
  EXPECT_EQ(world.symbols[world.symbols.of(world.inputs, ObjectId{1}, first)].name, "f");
}

TEST(Resolve, TracedNamesAreReported) {
  World world;
  world.options.traced = {"f"};
  world.add_object("a.o", "-f -g");
  world.add_object("b.o", "+f +g");
  world.link("a.o b.o");
  EXPECT_EQ(world.said(),
            "fwseal: note: a.o: reference to f\nfwseal: note: b.o: definition of f\n");
}

TEST(Resolve, TheMostConstrainingVisibilityWins) {
  const std::array<u8, 4> order{STV_DEFAULT, STV_PROTECTED, STV_HIDDEN, STV_INTERNAL};
  for (u64 i = 0; i < order.size(); i++)
    for (u64 k = 0; k < order.size(); k++) {
      ElfBuilder a;
      a.refer("f", STB_GLOBAL, order[i]);
      ElfBuilder b;
      b.define("f", b.text(".text"), {.visibility = order[k]});
      World world;
      world.add("a.o", a.build());
      world.add("b.o", b.build());
      world.link("a.o b.o");
      EXPECT_EQ(world["f"].visibility, order[std::max(i, k)]);
    }
}

TEST(Resolve, ThreadLocalAndOtherNamesDoNotMix) {
  ElfBuilder a;
  a.define("v", a.data(".tdata", "data", SHF_ALLOC | SHF_WRITE | SHF_TLS), {.type = STT_TLS});
  World world;
  world.add("a.o", a.build());
  world.add_object("b.o", "-v");
  world.link("b.o a.o");
  EXPECT_EQ(world.said(),
            "fwseal: error: v: TLS definition in a.o mismatches non-TLS reference in b.o\n");
}

TEST(Resolve, TheScriptsDefinitionsWin) {
  World world;
  world.options.script_defined = {"f", "nobody"};
  world.add_object("a.o", "+f");
  world.link("a.o");
  EXPECT_EQ(world.said(), "");
  EXPECT_EQ(world.meaning("f"), "script");
  EXPECT_EQ(world.meaning("nobody"), "script");
}

TEST(Resolve, WhatIsProvidedIsDefinedIfItIsWantedAndMissing) {
  World world;
  world.options.script_provided = {"wanted", "weak", "unwanted", "own", "shared"};
  world.add_object("a.o", "-wanted ~weak +own =shared");
  world.link("a.o");
  EXPECT_EQ(world.meaning("wanted"), "script");
  EXPECT_EQ(world.meaning("weak"), "script");
  EXPECT_EQ(world.meaning("unwanted"), "-");
  EXPECT_EQ(world.meaning("own"), "a.o:(.text+0xc)");
  EXPECT_EQ(world.meaning("shared").substr(0, 12), "a.o:(COMMON+");
}

// GNU ld 2.40: a script that is read after the archive, as gcc passes -T, comes too late for it.
TEST(Resolve, WhatTheScriptDefinesKeepsMembersOutFromThereOn) {
  for (const auto& [command, members] :
       {std::pair{"a.o l.a --defsym=f", 1}, std::pair{"a.o --defsym=f l.a", 0},
        std::pair{"--defsym=f a.o l.a", 0}, std::pair{"a.o l.a --provide=f", 1},
        std::pair{"a.o --provide=f l.a", 0}, std::pair{"--provide=f a.o l.a", 1}}) {
    World world;
    world.add("l.a", build_archive({World::member("f.o", "+f")}));
    world.add_object("a.o", "-f");
    world.link(command);
    EXPECT_EQ(world.symbols.extractions.size(), static_cast<u64>(members)) << command;
    const bool provided = std::string_view(command).find("provide") != std::string_view::npos;
    EXPECT_EQ(world.meaning("f"), provided && members == 1 ? "l.a(f.o):(.text+0x4)" : "script");
  }
}

TEST(Resolve, AnotherProgramGivesNumbers) {
  ElfBuilder rom;
  rom.type = ET_EXEC;
  const u32 text = rom.text(".text");
  rom.define("f", text, {.value = 0x0800'0101, .type = STT_FUNC});
  rom.define("own", text, {.value = 0x0800'0200});
  World world;
  world.add("rom.elf", rom.build());
  world.add_object("a.o", "-f +own");
  world.link("-R rom.elf a.o");
  EXPECT_EQ(world.said(), "");
  EXPECT_EQ(world.meaning("f"), cat("= ", 0x0800'0101));
}

TEST(Resolve, UsersOfANameWithAWarningAreWarned) {
  ElfBuilder elf;
  elf.define("f", elf.text(".text"));
  elf.section({.name = ".gnu.warning.f", .flags = 0, .contents = std::string("f fails\0", 8)});
  World world;
  world.add("f.o", elf.build());
  world.add_object("a.o", "-f");
  world.link("f.o a.o");
  EXPECT_EQ(world.said(), "fwseal: warning: a.o: f fails\n");
}

TEST(Resolve, MalformedFilesAreReportedAndTheRestIsRead) {
  World world;
  world.add("bad.o", std::string("\x7f"
                                 "ELF",
                                 4));
  world.add("bad.a", "!<arch>\nnonsense");
  world.add("bad-member.a", build_archive({{"m.o",
                                            "\x7f"
                                            "ELFish",
                                            {"f"}}}));
  world.add_object("a.o", "-f");
  world.link("bad.o bad.a a.o bad-member.a");
  EXPECT_EQ(world.loaded(), "a.o");
  EXPECT_EQ(world.said(),
            "fwseal: error: bad.o: ELF header ends past the end of the file (0x4)\n"
            "fwseal: error: bad.a: archive member header at 0x8 ends past the end of the file "
            "(0x10)\n"
            "fwseal: error: bad-member.a(m.o): ELF header ends past the end of the file (0x7)\n");
}

TEST(Resolve, AnyFileCanBeData) {
  World world;
  world.add("dir/logo.png", "12345");
  InputFile file;
  file.name = "dir/logo.png";
  file.binary = true;
  std::ostringstream out;
  Diag diag(out);
  world.symbols = resolve({file}, {}, nullptr, world.inputs, diag);
  EXPECT_EQ(world.meaning("_binary_dir_logo_png_start"), "dir/logo.png:(.data+0x0)");
  EXPECT_EQ(world.meaning("_binary_dir_logo_png_end"), "dir/logo.png:(.data+0x5)");
  EXPECT_EQ(world.meaning("_binary_dir_logo_png_size"), "= 5");
}

// Names enough to make the table grow, and to tell equal hashes from equal names.
TEST(Resolve, TheTableOfNamesFindsWhatWasAdded) {
  Symbols symbols;
  std::deque<std::string> names;
  for (u32 i = 0; i < 20000; i++) names.push_back(cat("name", i));
  std::vector<std::string_view> half(names.begin(), names.begin() + 10000);
  std::vector<SymbolId> ids;
  symbols.add_all(half, ids);
  for (u32 i = 0; i < names.size(); i++) EXPECT_EQ(symbols.add(names[i]), SymbolId{i});
  for (u32 i = 0; i < half.size(); i++) EXPECT_EQ(ids[i], SymbolId{i});
  for (u32 i = 0; i < names.size(); i++) EXPECT_EQ(symbols.find(names[i]), SymbolId{i});
  EXPECT_EQ(symbols.find("name20000"), kNoSymbol);
  EXPECT_EQ(Symbols().find("x"), kNoSymbol);
}

}  // namespace
}  // namespace fwseal
