// Who can read the frame tables, by the script.
#include <elf.h>
#include <gtest/gtest.h>

#include <sstream>

#include "sections/script_parser.h"
#include "sections/unwind_readers.h"
#include "tests/unit/elf_builder.h"

namespace fwseal {
namespace {

// An object with a frame table, linked with a script whose symbols it names all: the places.
std::string of_script(const std::string& script, bool has_table = true,
                      const std::vector<std::string_view>& others = {}) {
  ElfBuilder elf;
  elf.text(".text.f", 8);
  if (has_table) elf.data(".eh_frame", std::string(4, '\0'), SHF_ALLOC);
  const std::string object = elf.build();
  Arena arena;
  Inputs inputs;
  inputs.files.provide("a.o", bytes_of(object));
  InputFile file;
  file.name = "a.o";
  std::ostringstream out;
  Diag diag(out);
  Symbols symbols = resolve({file}, {}, nullptr, inputs, diag);
  Script parsed;
  parse_script(
      "script", script, [](const std::string&) { return std::nullopt; }, arena, parsed, diag);
  EXPECT_EQ(out.str(), "");
  std::vector<std::string_view> names{"a", "b", "c", "d"};
  names.insert(names.end(), others.begin(), others.end());
  for (const std::string_view name : names) symbols[symbols.add(name)].state = SymbolState::kScript;
  const auto readers = find_frame_readers(inputs, symbols, parsed, Matcher(parsed));
  if (!readers) return "no tables";
  EXPECT_TRUE(readers->begins.empty() && readers->ends.empty());
  std::string text;
  for (const SymbolId id : readers->places) text += cat(text.empty() ? "" : " ", symbols[id].name);
  if (!readers->in_image.empty()) text += "; in the image";
  if (readers->always) text += "; always";
  return text;
}
std::string of(const std::string& statements) {
  return of_script(cat("SECTIONS { ", statements, " }"));
}

TEST(FrameReaders, NoTables) {
  EXPECT_EQ(of_script("SECTIONS { .x : { a = .; *(.eh_frame) } }", false), "no tables");
}

TEST(FrameReaders, WhatIsSetBeforeThem) {
  EXPECT_EQ(of(".x : { a = .; KEEP(*(.eh_frame)) b = .; }"), "a");
  EXPECT_EQ(of(".x : { c = .; . = ALIGN(8); a = .; *(.eh_frame*) b = .; d = .; }"), "a c");
  EXPECT_EQ(of("a = .; .x : { *(.eh_frame) } b = .;"), "a");
  EXPECT_EQ(of("c = .; a = .; .x : { *(.eh_frame) } > r b = .;"), "a c");
  EXPECT_EQ(of("a = .; .x : { b = .; *(.eh_frame) c = .; }"), "a b");
  EXPECT_EQ(of("a = .; .y : { *(.y) } .x : { *(.eh_frame) } .z : { *(.z) } b = .;"), "");
}

TEST(FrameReaders, BetweenThem) {
  EXPECT_EQ(of(".x : { KEEP(*crtbegin.o(.eh_frame)) a = .; *(.eh_frame) b = .; }"), "a");
  EXPECT_EQ(of(".x : { b = .; KEEP(*crtbegin.o(.eh_frame)) *(.eh_frame) }"), "b");
  EXPECT_EQ(of(".x : { a.o(.eh_frame) b.o(.eh_frame) *(.eh_frame) }"), "");
  EXPECT_EQ(of(".x : { a.o(.eh_frame) *(.mine) *(.eh_frame) }"), "; always");
}

// It is the beginning of what stands between the two.
TEST(FrameReaders, BeforeSomethingElse) {
  EXPECT_EQ(of("d = .; .text : { c = .; *(.vectors) *(.text*) a = .; *(.rodata*) *(.eh_frame*) "
               "b = .; }"),
            "");
  EXPECT_EQ(of(".text : { *(.text*) a = .; *(.gcc_except_table*) KEEP(*(.eh_frame)) }"), "a");
  EXPECT_EQ(of(".text : { *(.text*) a = .; *(.text .eh_frame) }"), "a");
}

// A label at the end of it may be the beginning of the tables.
TEST(FrameReaders, BehindSomethingUnknown) {
  EXPECT_EQ(of(".x : { *(.mine) *(.eh_frame) }"), "; always");
  EXPECT_EQ(of(".x : { first.o(.text) *(.eh_frame) }"), "; always");
  EXPECT_EQ(of(".x : { *(.eh_frame) *(.mine) }"), "");
  EXPECT_EQ(of(".x : { *(*) }"), "; always");
}

TEST(FrameReaders, FunctionsOfTheOutputSection) {
  EXPECT_EQ(of(".x : { *(.eh_frame) } .y : { *(.y) } a = ADDR(.x); b = SIZEOF(.x);"), "a b");
  EXPECT_EQ(of(".x : { *(.eh_frame) } .y : { *(.y) } a = LOADADDR(.x) & ~1; c = ADDR(.y);"), "a");
  EXPECT_EQ(of(".x : { *(.eh_frame) } .y : { *(.y) } a = LOADADDR(.x) + SIZEOF(.x);"), "");
  EXPECT_EQ(of_script("SECTIONS { .x : { *(.eh_frame) } }", true,
                      {".startof..x", ".sizeof..x", ".startof..y"}),
            ".sizeof..x .startof..x");
}

TEST(FrameReaders, WhatIsMadeOfABeginning) {
  EXPECT_EQ(of("d = c; .y : { *(.y) } .x : { a = .; *(.eh_frame) b = .; } .z : { *(.z) }"
               "c = a + 4;"),
            "a c d");
  EXPECT_EQ(of(".x : { *(.eh_frame) b = .; } .z : { *(.z) } c = b - 4;"), "");
  EXPECT_EQ(of(".x : { *(.eh_frame) b = .; } .z : { *(.z) } c = b - SIZEOF(.x);"), "c");
}

TEST(FrameReaders, AddressesInTheImage) {
  EXPECT_EQ(of(".x : { a = .; *(.eh_frame) b = .; } .z : { LONG(a) }"), "a; in the image");
  EXPECT_EQ(of(".x : { a = .; *(.eh_frame) b = .; } .z : { LONG(b) }"), "a");
  EXPECT_EQ(of(".x : { *(.eh_frame) } .z : { LONG(ADDR(.x)) }"), "; always");
}

TEST(FrameReaders, ByName) {
  EXPECT_EQ(of_script("SECTIONS { .y : { *(.y) } .x : { *(.eh_frame) } }", true,
                      {"my_eh_frame_end", "__EH_FRAME_BEGIN__", "dl_iterate_phdr", "exidx"}),
            "__EH_FRAME_BEGIN__ dl_iterate_phdr my_eh_frame_end");
}

TEST(FrameReaders, PlacesThatAreNotKnownYet) {
  EXPECT_EQ(of(".x : { *(.eh_frame) } } INSERT AFTER .y; SECTIONS { .y : { }"), "; always");
}

TEST(FrameReaders, Discarded) { EXPECT_EQ(of("/DISCARD/ : { a = .; *(.eh_frame) }"), ""); }

}  // namespace
}  // namespace fwseal
