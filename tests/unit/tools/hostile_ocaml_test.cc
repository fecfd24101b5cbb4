// Whole links of a program with OCaml units.
#include <gtest/gtest.h>

#include <cstring>

#include "tests/unit/graph/ocaml_world.h"
#include "tests/unit/tools/hostile.h"

namespace fwseal {
namespace {

constexpr std::string_view kUsual =
    "MEMORY { rom (rx) : ORIGIN = 0, LENGTH = 64K ram (rw) : ORIGIN = 0x20000000, LENGTH = 64K }"
    "SECTIONS { .text : { *(.text*) *(.rodata .rodata.*) } > rom"
    " .data : { *(.data .data.*) } > ram AT > rom }";

std::string program() {
  OcamlText text;
  text.startup({"camlA", "camlB"});
  text.unit("camlA");
  text.unit("camlB");
  ElfBuilder elf;
  text.add_to(elf);
  const CodeSection start = add_code(elf, "_start", words({0x47704770, 0, 0, 0}), 4);
  elf.relocate(start.section, 4, R_ARM_ABS32, elf.refer("caml_data_segments"));
  elf.relocate(start.section, 8, R_ARM_ABS32, elf.refer("caml_globals"));
  elf.relocate(start.section, 12, R_ARM_ABS32, elf.refer("caml_frametable"));
  elf.define("caml_primitive", elf.text(".text.primitive"), {.value = 1, .type = STT_FUNC});
  return elf.build();
}

// The map of a link, and what it said.
std::string map_of(const std::function<void(Options&)>& set, std::string_view script = kUsual) {
  const Named files{{"p.o", program()}, {"script.ld", std::string(script)}};
  Options options = options_for(files);
  options.prune = Prune::kProven;
  set(options);
  return map_of(files, options, "ocaml_test.map");
}
bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(Ocaml, ConstantsGoToFlash) {
  const std::string map = map_of([](Options&) {});
  EXPECT_TRUE(has(map, ".rodata.camlA")) << map;
  EXPECT_TRUE(has(map, ".rodata.caml_data_segments")) << map;
  EXPECT_TRUE(has(map, ".data.camlA")) << map;
  EXPECT_FALSE(has(map, "stay in RAM")) << map;
}

// Equal constants are different values, and where a unit ends is not where another one does.
TEST(Ocaml, ConstantsAreNotFolded) {
  const std::string map = map_of([](Options& options) { options.fold = FoldMode::kAll; });
  EXPECT_TRUE(has(map, ".rodata.camlA")) << map;
  EXPECT_FALSE(has(map, "outside of caml_data_segments")) << map;
}

TEST(Ocaml, OnlyIfAskedTo) {
  const auto stays = [](const std::function<void(Options&)>& set) {
    return !has(map_of(set), ".data.camlA");
  };
  EXPECT_TRUE(stays([](Options& options) { options.prune = Prune::kSections; }));
  EXPECT_TRUE(stays([](Options& options) { options.emit_relocations = true; }));
}

TEST(Ocaml, OnlyWhereTheScriptHasAPlace) {
  const std::string map = map_of([](Options&) {},
                                 "SECTIONS { .text : { *(.text*) *(.rodata) } .data : { *(.data "
                                 ".data.*) } }");
  EXPECT_FALSE(has(map, ".rodata.camlA"));
  EXPECT_TRUE(has(map,
                  "warning: p.o: constants of OCaml stay in RAM: caml_startup, camlA, camlB: "
                  "the script has no place for .rodata.*"))
      << map;
}

// A script that knows only .data has no place for .data.camlA.
TEST(Ocaml, WhatStaysKeepsItsPlace) {
  const std::string map = map_of([](Options&) {},
                                 "SECTIONS { .text : { *(.text*) *(.rodata .rodata.*) } .data : { "
                                 "*(.data) } }");
  EXPECT_TRUE(has(map, ".rodata.camlA")) << map;
  EXPECT_FALSE(has(map, ".data.camlA")) << map;
}

TEST(Ocaml, TheUsersWord) {
  const auto with = [](const std::string& pattern) {
    return map_of([&](Options& options) { options.ocaml_ram.push_back({pattern, {}}); });
  };
  const std::string unit = with("camlA");
  EXPECT_FALSE(has(unit, ".rodata.camlA")) << unit;
  EXPECT_TRUE(has(unit, ".rodata.camlB")) << unit;
  EXPECT_FALSE(has(unit, "stay in RAM")) << unit;
  const std::string block = with("camlA__3");
  EXPECT_TRUE(has(block, ".rodata.camlA")) << block;
  EXPECT_FALSE(has(block, "stay in RAM")) << block;
  EXPECT_TRUE(has(with("camlC"), "is called `camlC'"));
}

TEST(OcamlHostile, EveryWordOfTheObject) {
  const std::string good = program();
  for (u64 at = 0; at + 4 <= good.size(); at += 4) {
    u32 value = 0;
    std::memcpy(&value, good.data() + at, 4);
    for (const u32 hostile :
         {u32{0}, u32{0x7fffffff}, ~u32{0}, value + 1, value + 4, value + 0x100}) {
      Named files{{"p.o", good}, {"script.ld", std::string(kUsual)}};
      std::memcpy(files["p.o"].data() + at, &hostile, 4);
      SCOPED_TRACE(cat("word at ", hex(at), " is ", hex(hostile)));
      Options options = options_for(files);
      options.prune = Prune::kProven;
      link(files, options);
    }
  }
}

}  // namespace
}  // namespace fwseal
