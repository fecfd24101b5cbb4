// Whole links of what graph/ocaml_startup.h reads, made by somebody else.
#include <gtest/gtest.h>

#include <cstring>
#include <sstream>

#include "tests/unit/graph/ocaml_module_world.h"
#include "tests/unit/tools/hostile.h"

namespace fwseal {
namespace {

constexpr std::string_view kScript =
    "ENTRY(_start) MEMORY { rom (rx) : ORIGIN = 0, LENGTH = 16M ram : ORIGIN = 0x20000000, LENGTH "
    "= 16M } SECTIONS { .text : { *(.text*) *(.rodata .rodata.*) } > rom .data : { *(.data "
    ".data.*) } > ram AT > rom }";

// Nobody needs camlA or camlB: both calls go from caml_program, both words from caml_globals, and
// of the pairs that of camlB (caml_program is in the code of camlA).
struct StartedWorld : ModuleWorld {
  StartedWorld() : ModuleWorld(true) { function("camlB__entry").finish(); }

  void code_segments() {
    words_naming("caml_code_segments",
                 {"camlA__code_begin", "camlA__code_end", "camlB__code_begin", "camlB__code_end"});
  }
  // The same by hand: under these names, each with a size.
  u32 pairs(const std::vector<std::string>& names, u32 size) {
    const u32 table = elf.data(".data.pairs", std::string(20, '\0'));
    for (const std::string& name : names)
      elf.define(name, table, {.size = size, .type = STT_OBJECT});
    u32 place = 0;
    for (const std::string unit : {"camlA", "camlB"})
      for (const std::string bound : {"__code_begin", "__code_end"}) {
        elf.relocate(table, place, R_ARM_ABS32, elf.refer(unit + bound));
        place += 4;
      }
    return table;
  }
  std::string build() {
    c_function("_start", {"caml_program", "caml_oldify_local_roots", "caml_code_segments"});
    finish();
    return elf.build();
  }
};

// The map of a link, and what it said.
std::string map_of(
    Named files, const std::function<void(Options&)>& set = [](Options&) {}) {
  files["script.ld"] = kScript;
  Options options = options_for(files);
  options.prune = Prune::kProven;
  set(options);
  return map_of(files, options, "startup_test.map");
}
// What the map says of an input section with a name too long for one line.
std::string size_of(const std::string& map, const std::string& section) {
  const u64 at = map.find(cat(" ", section, "\n"));
  if (at == std::string::npos) return "none";
  std::istringstream line(map.substr(at + section.size() + 2, 100));
  std::string address, size;
  line >> address >> size;
  return size;
}

TEST(OcamlStartup, GoesWithTheUnits) {
  StartedWorld world;
  world.code_segments();
  const std::string map = map_of({{"p.o", world.build()}});
  EXPECT_EQ(size_of(map, ".data.caml_globals"), "0x4") << map;
  EXPECT_EQ(size_of(map, ".data.caml_code_segments"), "0xc") << map;
}

// Two names for one table.
TEST(OcamlStartup, OneTableForAll) {
  StartedWorld world;
  world.pairs({"caml_code_segments", "caml_data_segments"}, 20);
  map_of({{"p.o", world.build()}});
}

// The end of the table is a piece of its own, in the middle of a pair, which nobody asks for.
TEST(OcamlStartup, ATableInParts) {
  for (const u32 middle : {4u, 8u, 12u, 16u}) {
    StartedWorld world;
    const u32 table = world.pairs({"caml_code_segments"}, middle);
    world.elf.define("middle", table, {.value = middle, .size = 20 - middle, .type = STT_OBJECT});
    map_of({{"p.o", world.build()}});
  }
}

// What the C library registers for exit with is taken for the start-up code.
TEST(OcamlStartup, CodeThatIsALibraryFunction) {
  StartedWorld world;
  world.code_segments();
  world.build();
  const FunctionText& program = world.functions.front();
  const u64 size = 2 * program.code.size() + 4 * program.loads.size();
  world.elf.define("atexit", world.text,
                   {.value = 1, .size = static_cast<u32>(size), .type = STT_FUNC});
  map_of({{"p.a", build_archive({{"p.o", world.elf.build(), {"_start"}}})}}, [](Options& options) {
    options.never_exits = true;
    options.inputs[0].whole_archive = true;
  });
}

// What follows takes minutes if every unit is held against every function.
TEST(OcamlStartup, UnitsOfOneCode) {
  constexpr u32 kCount = 40'000;
  ElfBuilder elf;
  const u32 text = elf.text(".text", 4 * kCount);
  elf.define_local("$t", text);
  const u32 tables = elf.data(".data.tables", std::string(4 * kCount, '\0'));
  const u32 list = elf.data(".data.list", std::string(4 * kCount + 4, '\0'));
  elf.define("caml_frametable", list);
  for (u32 i = 0; i < kCount; i++) {
    const std::string unit = cat("camlU", i);
    elf.define(unit + "__f", text, {.value = 4 * i + 1, .size = 4, .type = STT_FUNC});
    elf.define(unit + "__code_begin", text);
    elf.define(unit + "__code_end", text, {.value = 4 * kCount});
    const u32 table = elf.define(unit + "__frametable", tables, {.value = 4 * i, .size = 4});
    elf.relocate(list, 4 * i, R_ARM_ABS32, table);
  }
  const u32 block = elf.data(".data.block", words({1 << 10 | 3 << 8, 1, 0}));
  elf.define("camlU0", block, {.value = 4});
  elf.define("camlU0__gc_roots", block, {.value = 8});
  const CodeSection start = add_code(elf, "_start", words({0x47704770, 0}), 4);
  elf.relocate(start.section, 4, R_ARM_ABS32, elf.refer("caml_frametable"));
  map_of({{"p.o", elf.build()}});
}

// And if every symbol is looked at for every reference to caml_globals.
TEST(OcamlStartup, ReferencesToAllUnits) {
  constexpr u32 kCount = 300'000;
  StartedWorld world;
  world.code_segments();
  const u32 text = world.elf.text(".text.collector", 4 * kCount);
  world.elf.define("caml_do_roots", text, {.size = 4 * kCount, .type = STT_FUNC});
  const u32 globals = world.elf.refer("caml_globals");
  for (u32 i = 0; i < kCount; i++) {
    world.elf.relocate(text, 4 * i, R_ARM_ABS32, globals);
    world.elf.define_local("f", text, 4 * i, STT_FUNC);
  }
  map_of({{"p.o", world.build()}});
}

}  // namespace
}  // namespace fwseal
