// What counts as a table of the start-up object. Whatever is not as the compiler makes it stays.
#include "graph/ocaml_startup.h"

#include <functional>

#include "tests/unit/prune/linked_object.h"

namespace fwseal {
namespace {

// Two units, each with 16 bytes of code, of data, and of data in RAM. Each has a list of roots.
class TableWorld {
 public:
  ElfBuilder elf;

  TableWorld() {
    const u32 code = elf.text(".text", 32);
    const u32 data = elf.data(".data.d", std::string(40, '\0'));
    const u32 ram = elf.data(".data.r", std::string(32, '\0'));
    const auto add = [&](const std::string& stem, u32 section, u32 place) {
      elf.define(stem + "_begin", section, {.value = place});
      elf.define(stem + "_end", section, {.value = place + 16});
    };
    for (const u32 number : {0u, 1u}) {
      const std::string unit = number == 0 ? "camlA" : "camlB";
      add(unit + "__code", code, 16 * number);
      add(unit + "__data", data, 20 * number);
      add(unit + "__ram", ram, 16 * number);
      elf.define(unit + "__gc_roots", data, {.value = 20 * number});
      elf.define(unit + "__entry", code, {.value = 16 * number + 1, .size = 4, .type = STT_FUNC});
    }
    elf.define("stranger", data, {.value = 4});
  }

  // Words naming symbols, X_ram_end as the address of the last word, and whatever is behind them.
  // `begin`: where the table is in its section.
  u32 table(const std::string& name, const std::vector<std::string>& words_,
            const std::vector<u32>& behind = {0}, u32 begin = 0) {
    std::vector<u32> contents(begin / 4);
    for (const std::string& word : words_)
      contents.push_back(word.ends_with("__ram_end") ? 0xffff'fffc : 0);
    const u32 section = elf.data(".data." + name, words(contents) + words(behind));
    elf.define(name, section, {.value = begin});
    for (u32 i = 0; i < words_.size(); i++)
      elf.relocate(section, begin + 4 * i, R_ARM_ABS32, elf.refer(words_[i]));
    return section;
  }
};

// "0:A 4:B" of caml_globals; and of each pair "0 .text+0-16", what it is about.
std::string read(TableWorld& world) {
  const LinkedObject linked(world.elf);
  const Program& program = linked.program();
  OcamlModules modules;
  for (const std::string unit : {"camlA", "camlB"}) {
    OcamlModule module;
    module.gc_roots = program.symbols.find(unit + "__gc_roots");
    modules.units.push_back(module);
  }
  const OcamlTables tables =
      find_ocaml_tables(program, Atoms(program.inputs.sections.size()), modules);
  std::vector<std::string> lines;
  EXPECT_EQ(tables.units.size(), tables.globals.size());
  for (u64 i = 0; i < tables.globals.size(); i++) {
    EXPECT_EQ(tables.globals[i].end, tables.globals[i].begin + 4);
    lines.push_back(cat(tables.globals[i].begin, ":", tables.units[i] == 0 ? "A" : "B"));
  }
  for (const OcamlExtent& one : tables.extents) {
    EXPECT_EQ(one.pair.end, one.pair.begin + 8);
    EXPECT_TRUE(tables.has(one.pair.section, one.pair.begin + 7));
    lines.push_back(cat(one.pair.begin, " ", linked.name(one.about.section), "+", one.about.begin,
                        "-", one.about.end));
  }
  EXPECT_EQ(tables.all.size(), lines.size());
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : ", ") + line;
  return text;
}
std::string read_globals(const std::function<void(TableWorld&)>& make) {
  TableWorld world;
  make(world);
  return read(world);
}
std::string read_pairs(const std::vector<std::string>& names) {
  TableWorld world;
  world.elf.define("caml_startup__code_begin", world.elf.text(".text.s", 8));
  world.elf.define("caml_startup__code_end", world.elf.text(".text.t", 8));
  world.table("caml_code_segments", names);
  return read(world);
}

const std::vector<std::string> kRoots{"camlA__gc_roots", "camlB__gc_roots"};

TEST(OcamlStartup, TheTableOfGlobals) {
  EXPECT_EQ(read_globals([](TableWorld& world) { world.table("caml_globals", kRoots); }),
            "0:A, 4:B");
  EXPECT_EQ(read_globals([](TableWorld& world) {
              world.table("caml_globals", {kRoots[1], kRoots[0]});
            }),
            "0:B, 4:A");
  EXPECT_EQ(read_globals([](TableWorld& world) { world.table("caml_globals", {}); }), "");
}

TEST(OcamlStartup, TablesOfAnotherForm) {
  const std::vector<std::pair<const char*, std::function<void(TableWorld&)>>> worlds{
      {"none", [](TableWorld&) {}},
      {"not at the beginning of its section",
       [](TableWorld& world) { world.table("caml_globals", kRoots, {0}, 4); }},
      {"an alignment that leaves zeroes in it",
       [](TableWorld& world) {
         const u32 section = world.elf.section({.name = ".data.g",
                                                .flags = SHF_ALLOC | SHF_WRITE,
                                                .contents = std::string(8, '\0'),
                                                .alignment = 8});
         world.elf.define("caml_globals", section);
         world.elf.relocate(section, 0, R_ARM_ABS32, world.elf.refer(kRoots[0]));
       }},
      {"in the middle of one",
       [](TableWorld& world) {
         const u32 section = world.table("before", kRoots);
         world.elf.define("caml_globals", section, {.value = 4});
       }},
      {"one more word",
       [](TableWorld& world) {
         world.table("caml_globals", kRoots, {0, 0});
       }},
      {"nothing behind it", [](TableWorld& world) { world.table("caml_globals", kRoots, {}); }},
      {"something behind it", [](TableWorld& world) { world.table("caml_globals", kRoots, {1}); }},
      {"half a word behind it",
       [](TableWorld& world) {
         const u32 section = world.elf.data(".data.g", std::string(6, '\0'));
         world.elf.define("caml_globals", section);
         world.elf.relocate(section, 0, R_ARM_ABS32, world.elf.refer(kRoots[0]));
       }},
      {"two relocations of a word, none of another",
       [](TableWorld& world) {
         const u32 section = world.table("caml_globals", {kRoots[0]}, {0, 0});
         world.elf.relocate(section, 0, R_ARM_ABS32, world.elf.refer(kRoots[1]));
       }},
      {"a relocation of the last word",
       [](TableWorld& world) {
         const u32 section = world.table("caml_globals", {kRoots[0]}, {0, 0});
         world.elf.relocate(section, 8, R_ARM_ABS32, world.elf.refer(kRoots[1]));
       }},
      {"a relocation between words",
       [](TableWorld& world) {
         const u32 section = world.table("caml_globals", {kRoots[0]}, {0, 0});
         world.elf.relocate(section, 6, R_ARM_ABS32, world.elf.refer(kRoots[1]));
       }},
      {"another relocation",
       [](TableWorld& world) {
         const u32 section = world.table("caml_globals", {kRoots[0]}, {0, 0});
         world.elf.relocate(section, 4, R_ARM_REL32, world.elf.refer(kRoots[1]));
       }},
      {"a place behind a symbol",
       [](TableWorld& world) {
         const u32 section = world.table("caml_globals", {kRoots[0]}, {4, 0});
         world.elf.relocate(section, 4, R_ARM_ABS32, world.elf.refer(kRoots[1]));
       }},
      {"an addend in the relocation",
       [](TableWorld& world) {
         const u32 section = world.elf.data(".data.g", std::string(8, '\0'));
         world.elf.define("caml_globals", section);
         world.elf.relocate(section, 0, R_ARM_ABS32, world.elf.refer(kRoots[0]), 0);
       }},
      {"a local symbol",
       [](TableWorld& world) {
         const u32 section = world.table("caml_globals", {kRoots[0]}, {0, 0});
         world.elf.relocate(section, 4, R_ARM_ABS32, world.elf.section_symbol(section));
       }},
      {"what is no unit's",
       [](TableWorld& world) {
         world.table("caml_globals", {kRoots[0], "stranger"});
       }},
      {"a unit twice", [](TableWorld& world) {
         world.table("caml_globals", {kRoots[0], kRoots[0]});
       }}};
  for (const auto& [what, make] : worlds) EXPECT_EQ(read_globals(make), "") << what;
}

TEST(OcamlStartup, PairsOfAddresses) {
  EXPECT_EQ(
      read_pairs({"camlA__code_begin", "camlA__code_end", "camlB__code_begin", "camlB__code_end"}),
      "0 .text+0-16, 8 .text+16-32");
  EXPECT_EQ(read_pairs({"camlA__ram_begin", "camlA__ram_end"}), "0 .data.r+0-16");
  // The word behind the end is the data's.
  EXPECT_EQ(read_pairs({"camlA__data_begin", "camlA__data_end"}), "0 .data.d+0-20");
}

TEST(OcamlStartup, PairsOfWhichOneIsNotRead) {
  EXPECT_EQ(read_pairs({"stranger", "camlA__code_begin", "camlA__code_end", "stranger"}), "");
  for (const u32 place : {0u, 4u}) {
    TableWorld world;
    const u32 section = world.table("caml_code_segments", {"camlA__code_begin"}, {0, 0});
    world.elf.relocate(section, place, R_ARM_ABS32, world.elf.section_symbol(section));
    EXPECT_EQ(read(world), "") << place;
    TableWorld other;  // a word with two relocations
    const u32 table = other.table("caml_code_segments", {"camlA__code_begin"}, {0, 0});
    other.elf.relocate(table, place, R_ARM_ABS32, other.elf.refer("camlA__code_end"));
    EXPECT_EQ(read(other), place == 4 ? "0 .text+0-16" : "");
  }
}

TEST(OcamlStartup, PairsOfOtherPlaces) {
  const auto with = [](u32 first, u32 last) {
    TableWorld world;
    const u32 section = world.elf.data(".data.c", words({first, last, 0}));
    world.elf.define("caml_code_segments", section);
    world.elf.relocate(section, 0, R_ARM_ABS32, world.elf.refer("camlA__code_begin"));
    world.elf.relocate(section, 4, R_ARM_ABS32, world.elf.refer("camlA__code_end"));
    return read(world);
  };
  EXPECT_EQ(with(0, 0), "0 .text+0-16");
  EXPECT_EQ(with(0, 8), "0 .text+0-24");
  EXPECT_EQ(with(0, 0xffff'fff8), "0 .text+0-8");
  EXPECT_EQ(with(4, 0), "");
  EXPECT_EQ(with(0, 20), "");
  EXPECT_EQ(with(0, 0xffff'ffe0), "");
}

TEST(OcamlStartup, PairsThatStay) {
  const std::vector<std::pair<std::string, std::string>> pairs{
      {"camlA__code_begin", "camlB__code_end"},
      {"camlA__code_begin", "camlA__data_end"},
      {"camlA__code_end", "camlA__code_begin"},
      {"camlA__code_begin", "camlA__code_begin"},
      {"camlA__gc_roots", "camlA__code_end"},
      {"camlC__code_begin", "camlC__code_end"},
      {"camlD__code_begin", "camlD__code_end"},
      {"camlE__data_begin", "camlE__data_end"},
      {"camlF__code_begin", "camlF__code_end"},
      {"caml_startup__code_begin", "caml_startup__code_end"},
      {"caml_startup__data_begin", "caml_startup__data_end"}};
  for (const auto& [begin, end] : pairs) {
    TableWorld world;
    const u32 code = world.elf.text(".text.c", 16);
    const u32 other = world.elf.text(".text.o", 16);
    const u32 data = world.elf.data(".data.c", std::string(16, '\0'));
    world.elf.define("camlC__code_begin", code);  // of two sections
    world.elf.define("camlC__code_end", other, {.value = 8});
    world.elf.define("camlD__code_begin", code, {.value = 8});  // the wrong way round
    world.elf.define("camlD__code_end", code, {.value = 4});
    world.elf.define("camlE__data_begin", data);  // without a word behind it
    world.elf.define("camlE__data_end", data, {.value = 16});
    world.elf.absolute("camlF__code_begin", 0);
    world.elf.absolute("camlF__code_end", 8);
    for (const std::string what : {"code", "data"}) {
      world.elf.define("caml_startup__" + what + "_begin", data);
      world.elf.define("caml_startup__" + what + "_end", data, {.value = 8});
    }
    world.table("caml_data_segments", {begin, end, "camlA__ram_begin", "camlA__ram_end"});
    EXPECT_EQ(read(world), "8 .data.r+0-16") << begin;
  }
}

}  // namespace
}  // namespace fwseal
