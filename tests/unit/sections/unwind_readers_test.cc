#include "sections/unwind_readers.h"

#include <elf.h>
#include <gtest/gtest.h>

#include <deque>
#include <sstream>

#include "sections/script_parser.h"
#include "tests/unit/elf_builder.h"

namespace fwseal {
namespace {

// An object with an unwind table, linked with a script whose symbols it names all.
class Found {
 public:
  explicit Found(const std::string& script, bool has_table = true,
                 const std::vector<std::string_view>& others = {},
                 const std::string& function = "f") {
    for (const std::string name : {"f", "g"}) {
      const u32 text = elf_.text(".text." + name, 8);
      if (name == "f") elf_.define(function, text);
      if (has_table)
        elf_.section({.name = ".ARM.exidx.text." + name,
                      .flags = SHF_ALLOC | SHF_LINK_ORDER,
                      .contents = std::string(8, '\0'),
                      .type = SHT_ARM_EXIDX,
                      .link = text});
    }
    object_ = elf_.build();
    inputs_.files.provide("a.o", bytes_of(object_));
    InputFile file;
    file.name = "a.o";
    std::ostringstream out;
    Diag diag(out);
    symbols_ = resolve({file}, {}, nullptr, inputs_, diag);
    parse_script(
        "script", script, [](const std::string&) { return std::nullopt; }, arena_, script_, diag);
    EXPECT_EQ(out.str(), "");
    for (const std::string_view name : {"a", "b", "c", "d"}) define(name);
    for (const std::string_view name : others) define(name);
    readers = find_unwind_readers(inputs_, symbols_, script_, Matcher(script_));
  }

  // "places; begins; ends"
  std::string text() const {
    if (!readers) return "no tables";
    std::string all =
        cat(names(readers->places), "; ", names(readers->begins), "; ", names(readers->ends));
    if (!readers->in_image.empty()) all += "; in the image: " + names(readers->in_image);
    if (readers->always) all += "; always";
    return all;
  }

  std::optional<UnwindReaders> readers;

 private:
  std::string names(const std::vector<SymbolId>& ids) const {
    std::string text;
    for (const SymbolId id : ids) text += cat(text.empty() ? "" : " ", symbols_[id].name);
    return text;
  }
  void define(std::string_view name) { symbols_[symbols_.add(name)].state = SymbolState::kScript; }

  ElfBuilder elf_;
  std::string object_;
  Arena arena_;
  Inputs inputs_;
  Symbols symbols_;
  Script script_;
};

std::string of(const std::string& statements) {
  return Found(cat("SECTIONS { ", statements, " }")).text();
}

TEST(UnwindReaders, NoTables) {
  EXPECT_EQ(Found("SECTIONS { .x : { a = .; *(.ARM.exidx*) } }", false).text(), "no tables");
}

TEST(UnwindReaders, SymbolsInsideTheOutputSection) {
  EXPECT_EQ(of(".x : { a = .; *(.ARM.exidx*) b = .; }"), "a b; a; b");
  EXPECT_EQ(of(".x : { PROVIDE_HIDDEN(a = .); KEEP(*(.ARM.exidx* .gnu.linkonce.armexidx.*)) }"),
            "a; a; ");
  EXPECT_EQ(of(".x : { c = .; . = ALIGN(8); a = .; *(.ARM.exidx*) b = .; d = .; }"),
            "a b; a c; b d");
  EXPECT_EQ(of(".x : { d = .; a = .; . = ALIGN(8); *(.ARM.exidx*) . = ALIGN(8); b = .; c = .; }"),
            "a b; a d; b c");
  EXPECT_EQ(of(".x : { *(.ARM.exidx.text.f) a = .; *(.ARM.exidx*) }"), "a; a; ");
}

TEST(UnwindReaders, SymbolsNextToTheOutputSection) {
  EXPECT_EQ(of("a = .; .x : { *(.ARM.exidx*) } b = .;"), "a b; a; b");
  EXPECT_EQ(of("c = .; a = .; .x : { *(.ARM.exidx*) } > r b = .; ASSERT(1, \"\") d = .;"),
            "a b; a c; b d");
  EXPECT_EQ(of("a = .; .x : { b = .; *(.ARM.exidx*) c = .; } d = .;"), "b c; a b; c d");
  EXPECT_EQ(of("a = .; .y : { *(.y) } .x : { *(.ARM.exidx*) } .z : { *(.z) } b = .;"), "; ; ");
}

TEST(UnwindReaders, AmongOtherSections) {
  EXPECT_EQ(of(".text : { c = .; *(.text*) a = .; *(.ARM.exidx*) b = .; *(.rodata*) d = .; }"),
            "a b; a c; b d");
  // Labels of what stands next to the tables could be their bounds.
  EXPECT_EQ(of(".x : { a = .; *(.first) *(.ARM.exidx*) *(.last) b = .; }"), "a b; a; b; always");
  EXPECT_EQ(of(".x : { a = .; *(.ARM.exidx*) *(.last) b = .; }"), "a b; a; b; always");
  EXPECT_EQ(of(".x : { a = .; *(.ARM.exidx*) last.o(.text) b = .; }"), "a b; a; b; always");
  EXPECT_EQ(of(".x : { a = .; *(.ARM.exidx*) b = .; *(.last) }"), "a b; a; b");
  EXPECT_EQ(of(".x : { a = .; *(*) b = .; }"), "a b; a; b; always");
  EXPECT_EQ(of(".x : { a = .; *(.ARM.exidx* .other) b = .; }"), "a b; a; b; always");
  EXPECT_EQ(of(".x : { a = .; a.o b = .; }"), "a b; a; b; always");
  EXPECT_EQ(of(".x : { a = .; *(.ARM.exidx*) * b = .; }"), "a b; a; b; always");
}

TEST(UnwindReaders, FunctionsOfTheOutputSection) {
  EXPECT_EQ(of(".x : { *(.ARM.exidx*) } .y : { *(.y) } a = ADDR(.x); b = SIZEOF(.x);"), "a; a; b");
  EXPECT_EQ(of(".x : { *(.ARM.exidx*) } .y : { *(.y) } a = LOADADDR(.x) & ~1; c = ADDR(.y);"),
            "a; a; ");
  EXPECT_EQ(of(".x : { *(.ARM.exidx*) } .y : { *(.y) } a = LOADADDR(.x) + 4;"), "a; a; ");
  // The load address of .data in many scripts.
  EXPECT_EQ(of(".x : { *(.ARM.exidx*) } .y : { *(.y) } a = LOADADDR(.x) + SIZEOF(.x);"), "; ; a");
  EXPECT_EQ(Found("SECTIONS { .x : { *(.ARM.exidx*) } }", true,
                  {".startof..x", ".sizeof..x", ".startof..y", "__start_x"})
                .text(),
            ".startof..x; .startof..x; .sizeof..x");
  EXPECT_EQ(Found("SECTIONS { x : { *(.ARM.exidx*) } }", true, {"__start_x", "__stop_y"}).text(),
            "__start_x; __start_x; ");
}

TEST(UnwindReaders, WhatIsMadeOfABound) {
  EXPECT_EQ(of("d = c; .y : { *(.y) } .x : { a = .; *(.ARM.exidx*) b = .; } .z : { *(.z) }"
               "c = a + 4;"),
            "a b c d; a c d; b");
  EXPECT_EQ(of(".x : { a = .; *(.ARM.exidx*) b = .; } .z : { *(.z) } c = b; d = c;"),
            "a b; a; b c d");
}

// Each is made of the next one, so it takes as many rounds to follow them.
TEST(UnwindReaders, ALongChainIsNotFollowed) {
  const auto chain = [](u32 length) {
    std::string text;
    for (u32 i = 0; i < length; i++) text += cat("s", i, " = s", i + 1, "; ");
    return of(cat(text, ".y : { *(.y) } .x : { a = .; *(.ARM.exidx*) b = .; } .z : { *(.z) } s",
                  length, " = a;"));
  };
  EXPECT_EQ(chain(14), "a b; a; b");
  EXPECT_EQ(chain(16), "a b; a; b; always");
}

TEST(UnwindReaders, AddressesInTheImage) {
  EXPECT_EQ(of(".x : { a = .; *(.ARM.exidx*) b = .; } .z : { LONG(b - a) }"),
            "a b; a; b; in the image: b a");
  EXPECT_EQ(of(".x : { *(.ARM.exidx*) } .z : { LONG(ADDR(.x)) }"), "; ; ; always");
  EXPECT_EQ(of(".x : { *(.ARM.exidx*) } .z : { LONG(LOADADDR(.x)) }"), "; ; ; always");
}

TEST(UnwindReaders, ByName) {
  EXPECT_EQ(Found("SECTIONS { .y : { *(.y) } .x : { *(.ARM.exidx*) } }", true,
                  {"my_exidx_x", "__gnu_Unwind_Find_exidx", "others"})
                .text(),
            "__gnu_Unwind_Find_exidx my_exidx_x; __gnu_Unwind_Find_exidx my_exidx_x; ");
}

// The first table stands behind the second one.
TEST(UnwindReaders, SymbolsBetweenTables) {
  EXPECT_EQ(of(".x : { b = .; *(.ARM.exidx.text.g) c = .; *(.ARM.exidx*) }"), "b c; b c; ");
}

TEST(UnwindReaders, AHookOfTheProgramsOwn) {
  EXPECT_EQ(
      Found("SECTIONS { .x : { *(.ARM.exidx*) } }", true, {}, "__gnu_Unwind_Find_exidx").text(),
      "__gnu_Unwind_Find_exidx; __gnu_Unwind_Find_exidx; ");
}

TEST(UnwindReaders, ProgramHeaders) {
  for (const std::string name : {"dl_iterate_phdr", "__ehdr_start"})
    EXPECT_EQ(Found("SECTIONS { .x : { *(.ARM.exidx*) } }", true, {name}).text(),
              cat(name, "; ", name, "; "));
}

TEST(UnwindReaders, PlacesThatAreNotKnownYet) {
  EXPECT_EQ(of(".x : { *(.ARM.exidx*) } } INSERT AFTER .y; SECTIONS { .y : { }"), "; ; ; always");
  EXPECT_EQ(of(".x : { a = .; *(.ARM.exidx*) b = .; } } INSERT AFTER .y; SECTIONS { .y : { }"),
            "a b; a; b");
}

TEST(UnwindReaders, Discarded) {
  EXPECT_EQ(of("/DISCARD/ : { *(.ARM.exidx*) }"), "; ; ");
  EXPECT_EQ(of(".x : { a = .; *(.ARM.exidx*) b = .; } /DISCARD/ : { *(*) }"), "a b; a; b");
}

}  // namespace
}  // namespace fwseal
