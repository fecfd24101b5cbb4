#include "graph/resolve.h"

#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <sstream>
#include <string>

#include "graph/program.h"
#include "tests/unit/elf_builder.h"

namespace fwseal {
namespace {

// Files in memory, and one link of them. In what an object holds, "+f" is a definition of f, "?f" a
// weak one, "-f" a reference, "~f" a weak reference, "=f" a common symbol.
class World {
 public:
  ResolveOptions options;
  Inputs inputs;
  Symbols symbols;

  void add(const std::string& path, std::string contents) {
    inputs.files.provide(path, bytes_of(contents_.emplace_back(std::move(contents))));
  }
  void add_object(const std::string& path, const std::string& words) { add(path, object(words)); }

  static std::string object(const std::string& words) {
    ElfBuilder elf;
    const u32 text = elf.text(".text", 64);
    u32 offset = 0;
    for (const auto& [kind, name] : parsed(words)) {
      offset += 4;
      if (kind == '+') elf.define(name, text, {.value = offset, .size = 4});
      if (kind == '?') elf.define_weak(name, text, offset);
      if (kind == '-') elf.refer(name);
      if (kind == '~') elf.refer(name, STB_WEAK);
      if (kind == '=') elf.common(name, 4);
    }
    return elf.build();
  }

  // A member in an archive, with the index that `ar` would write.
  static MemberSpec member(const std::string& name, const std::string& words) {
    MemberSpec result{name, object(words), {}};
    for (const auto& [kind, symbol] : parsed(words))
      if (kind == '+' || kind == '?' || kind == '=') result.index.push_back(symbol);
    return result;
  }

  // Links what a command line would say: paths, -lNAME, "(", ")", "--whole" for the next one,
  // "-R" before a path.
  void link(const std::string& command) {
    std::istringstream words(command);
    InputFile file;
    for (std::string word; words >> word;) {
      if (word == "--whole") {
        file.whole_archive = true;
      } else if (word == "-R") {
        file.symbols_only = true;
      } else {
        add_input(file, word);
        file = {};
      }
    }
    symbols = resolve(files_, options, script_reader(), inputs, diag_);
  }

  std::string loaded() const {
    std::string result;
    for (const Object& object : inputs.objects)
      result += cat(result.empty() ? "" : " ", object.location().text());
    return result;
  }

  // What a name means: "a.o:(.text+0x4)", "undefined", "weak", "script", "= 5", or "-".
  std::string meaning(std::string_view name) const {
    const SymbolId id = symbols.find(name);
    if (id == kNoSymbol) return "-";
    const Symbol& symbol = symbols[id];
    switch (symbol.state) {
      case SymbolState::kUnseen:
        return "-";
      case SymbolState::kUndefined:
        return symbol.binding == STB_WEAK ? "weak" : "undefined";
      case SymbolState::kDefined:
        return inputs.location(symbol.section, symbol.value).text();
      case SymbolState::kAbsolute:
        return cat("= ", symbol.value);
      case SymbolState::kCommon:
        return "common";
      case SymbolState::kScript:
        return "script";
    }
    return "";
  }

  std::string said() const { return out_.str(); }

  const Symbol& operator[](std::string_view name) const { return symbols[symbols.find(name)]; }

 private:
  static std::vector<std::pair<char, std::string>> parsed(const std::string& text) {
    std::vector<std::pair<char, std::string>> result;
    std::istringstream words(text);
    for (std::string word; words >> word;) result.emplace_back(word[0], word.substr(1));
    return result;
  }

  void add_input(InputFile file, const std::string& word) {
    file.name = word;
    if (word == "(") file.kind = InputFile::Kind::kGroupStart;
    if (word == ")") file.kind = InputFile::Kind::kGroupEnd;
    if (word.starts_with("--defsym=")) {
      file.kind = InputFile::Kind::kDefine;
      file.name = word.substr(9);
      options.script_defined.push_back(file.name);
    } else if (word.starts_with("--provide=")) {
      file.kind = InputFile::Kind::kProvide;
      file.name = word.substr(10);
      options.script_provided.push_back(file.name);
    } else if (word.starts_with("-l")) {
      file.kind = InputFile::Kind::kLibrary;
      file.name = word.substr(2);
    }
    files_.push_back(file);
  }

  // A script is a list of inputs.
  static ReadInputScript script_reader() {
    return [](std::string_view, Bytes text, Diag&) {
      World names;
      std::istringstream words{std::string(text.text())};
      for (std::string word; words >> word;) names.add_input({}, word);
      return names.files_;
    };
  }

  std::deque<std::string> contents_;
  std::vector<InputFile> files_;
  std::ostringstream out_;
  Diag diag_{out_};
};

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

// ELF: a group whose signature was seen before goes; its definitions mean those of the first one.
TEST(Resolve, OfComdatGroupsTheFirstIsTaken) {
  World world;
  for (const std::string path : {"a.o", "b.o"}) {
    ElfBuilder elf;
    const u32 text = elf.text(".text.f");
    const u32 data = elf.data(".data.f", "data");
    elf.define("f", text);
    elf.define("f_data", data);
    elf.group("f", {text, data});
    world.add(path, elf.build());
  }
  world.link("a.o b.o");
  EXPECT_EQ(world.said(), "");
  EXPECT_EQ(world.meaning("f"), "a.o:(.text.f+0x0)");
  const Object& loser = world.inputs.objects[1];
  EXPECT_TRUE(world.inputs[loser.section(2)].excluded);
  EXPECT_TRUE(world.inputs[loser.section(3)].excluded);
  EXPECT_FALSE(world.inputs[world.inputs.objects[0].section(2)].excluded);
  EXPECT_EQ(world.symbols.of(world.inputs, ObjectId{1}, loser.first_global),
            world.symbols.find("f"));
}

TEST(Resolve, PlainGroupsAreAllTaken) {
  World world;
  for (const std::string path : {"a.o", "b.o"}) {
    ElfBuilder elf;
    const u32 text = elf.text(".text.f");
    elf.group("f", {text}, false);
    world.add(path, elf.build());
  }
  world.link("a.o b.o");
  for (const Object& object : world.inputs.objects)
    EXPECT_FALSE(world.inputs[object.section(2)].excluded);
}

// A copy in the old form and one in the new form, in both orders; and copies that differ.
TEST(Resolve, LinkonceSectionsAndGroupsAreCopiesOfEachOther) {
  for (const bool group_first : {false, true})
    for (const bool same : {false, true}) {
      ElfBuilder group;
      const u32 inner = group.text(".text.f");
      group.define_weak("f", inner);
      group.group("f", {inner});
      ElfBuilder once;
      once.define_weak(same ? "f" : "g", once.text(".gnu.linkonce.t.f"));
      World world;
      world.add("a.o", (group_first ? group : once).build());
      world.add("b.o", (group_first ? once : group).build());
      world.link("a.o b.o");
      const Object& second = world.inputs.objects[1];
      EXPECT_EQ(world.inputs[second.section(group_first ? 1 : 2)].excluded, same);
    }
}

TEST(Resolve, OfLinkonceSectionsTheFirstOfEachNameIsTaken) {
  World world;
  for (const std::string path : {"a.o", "b.o"}) {
    ElfBuilder elf;
    elf.text(".gnu.linkonce.t.f");
    elf.text(path == "a.o" ? ".gnu.linkonce.d.f" : ".gnu.linkonce.r.f");
    world.add(path, elf.build());
  }
  world.link("a.o b.o");
  const Object& second = world.inputs.objects[1];
  EXPECT_TRUE(world.inputs[second.section(1)].excluded);
  EXPECT_TRUE(world.inputs[second.section(2)].excluded);  // .r.f belongs to the .t.f that is gone
}

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
