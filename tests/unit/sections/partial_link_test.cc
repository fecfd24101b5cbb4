// What -r makes of groups, sections and unwind tables.
#include "sections/arrange.h"

#include <gtest/gtest.h>

#include "tests/unit/sections/partial_link.h"

namespace fwseal {
namespace {

// An object with a COMDAT group: the function, its data, and a relocation of the function.
ElfBuilder inline_function(const std::string& caller) {
  ElfBuilder elf;
  const u32 text = elf.text(".text", 4);
  const u32 body = elf.section(
      {.name = ".text.shared", .flags = kCode | SHF_GROUP, .contents = std::string(8, 'B')});
  const u32 datum = elf.section(
      {.name = ".data", .flags = SHF_ALLOC | SHF_WRITE | SHF_GROUP, .contents = "DDDD"});
  const u32 shared = elf.define_weak("shared", body);
  const u32 value = elf.define_weak("value", datum);
  elf.relocate(body, 4, R_ARM_ABS32, value);
  elf.define(caller, text);
  elf.relocate(text, 0, R_ARM_ABS32, shared);
  elf.data(".data", "dddd");
  elf.group("shared", {body, datum});
  return elf;
}

TEST(PartialLink, KeepsOneCopyOfAGroupAsAGroup) {
  PartialLink link;
  link.add(inline_function("a"));
  link.add(inline_function("b"));
  const ReadBack out = link.run();
  ASSERT_EQ(out.object.groups.size(), 1u);
  const Group& group = out.object.groups[0];
  EXPECT_EQ(group.signature, "shared");
  EXPECT_TRUE(group.comdat);
  std::vector<std::string> members;
  for (const u32 member : group.members) {
    members.emplace_back(out.name_of(member));
    EXPECT_LT(group.section, member);
    EXPECT_TRUE(out.sections[member].has(SHF_GROUP)) << members.back();
  }
  const std::vector<std::string> expected{".text.shared", ".rel.text.shared", ".data"};
  EXPECT_EQ(members, expected);
  // The data of the group are not joined with other data of the name.
  EXPECT_EQ(out.count(".data"), 2u);
  EXPECT_EQ(out.relocations(".text"), "0: 2 shared; 4: 2 shared");
}

TEST(PartialLink, MakesPlainSectionsOfGroupsIfAsked) {
  PartialLink link;
  link.keep_groups = false;
  link.add(inline_function("a"));
  link.add(inline_function("b"));
  const ReadBack out = link.run();
  EXPECT_TRUE(out.object.groups.empty());
  EXPECT_EQ(out.count(".group"), 0u);
  EXPECT_EQ(out.count(".data"), 1u);
  EXPECT_EQ(out.section(".data")->size, 12u);
  EXPECT_FALSE(out.section(".text.shared")->has(SHF_GROUP));
}

// A copy of a group in the second partial link gives way to that of the first.
TEST(PartialLink, GroupsOfPartialLinksMeet) {
  PartialLink first, second;
  first.add(inline_function("a"));
  second.add(inline_function("b"));
  PartialLink both;
  both.add(first.bytes());
  both.add(second.bytes());
  const ReadBack out = both.run();
  EXPECT_EQ(out.object.groups.size(), 1u);
  EXPECT_EQ(out.count(".text.shared"), 1u);
  EXPECT_EQ(both.said, "");
}

// Debugging information about a copy that was not taken: no relocation, and no address of code.
TEST(PartialLink, DropsRelocationsToWhatIsGone) {
  PartialLink link;
  link.add(inline_function("a"));
  ElfBuilder elf;
  const u32 body = elf.section(
      {.name = ".text.shared", .flags = kCode | SHF_GROUP, .contents = std::string(8, 'B')});
  const u32 debug = elf.section({.name = ".debug_info", .flags = 0, .contents = words({0, 7})});
  elf.define_weak("shared", body);
  elf.relocate(debug, 0, R_ARM_ABS32, elf.section_symbol(body));
  elf.group("shared", {body});
  link.add(elf);
  const ReadBack out = link.run();
  EXPECT_EQ(out.contents(".debug_info"), words({0xffff'ffff, 7}));
  EXPECT_EQ(out.relocations(".debug_info"), "");
}

TEST(PartialLink, SectionsOfOneNameAndTwoTypesStayApart) {
  ElfBuilder elf;
  elf.data("set", "1234");
  elf.bss("set", 16);
  PartialLink link;
  link.add(elf);
  const ReadBack out = link.run();
  EXPECT_EQ(out.count("set"), 2u);
}

TEST(PartialLink, KeepsEmptySectionsAndFlags) {
  ElfBuilder elf;
  constexpr u32 kRetain = 1u << 21;
  elf.text(".text.empty", 0);
  elf.section({.name = "kept", .flags = SHF_ALLOC | kRetain, .contents = "1234"});
  elf.section({.name = "strings",
               .flags = SHF_ALLOC | SHF_MERGE | SHF_STRINGS,
               .contents = std::string("same\0same\0", 10),
               .alignment = 1,
               .entry_size = 1});
  PartialLink link;
  link.add(elf);
  const ReadBack out = link.run();
  EXPECT_EQ(out.count(".text.empty"), 1u);
  EXPECT_TRUE(out.section("kept")->has(kRetain));
  EXPECT_TRUE(out.section("strings")->has(SHF_MERGE));
  EXPECT_TRUE(out.section("strings")->has(SHF_STRINGS));
  EXPECT_EQ(out.section("strings")->entry_size, 1u);
  EXPECT_EQ(out.section("strings")->size, 10u);
}

// An unwind table of one row for a function that cannot be unwound, or one with a description.
ElfBuilder unwound(bool has_table) {
  ElfBuilder elf;
  const u32 text = elf.text(".text", 16);
  if (!has_table) return elf;
  const u32 table = elf.section({.name = ".ARM.exidx",
                                 .flags = SHF_ALLOC | SHF_LINK_ORDER,
                                 .contents = words({0, 0x80b0b0b0}),
                                 .type = SHT_ARM_EXIDX,
                                 .link = text});
  elf.relocate(table, 0, R_ARM_PREL31, elf.section_symbol(text));
  return elf;
}

// The next linker sees one section of code with one table. Without a row for it, the code at the
// end would be unwound by the description of the code before it.
TEST(PartialLink, EndsUnwindTablesInFrontOfCodeWithoutOne) {
  PartialLink link;
  link.add(unwound(true));
  link.add(unwound(false));
  const ReadBack out = link.run();
  EXPECT_EQ(out.contents(".ARM.exidx"), words({0, 0x80b0b0b0, 16, 1}));
  EXPECT_EQ(out.relocations(".ARM.exidx"), "0: 42 .text; 8: 42 .text");
  EXPECT_EQ(out.name_of(out.section(".ARM.exidx")->link), ".text");
}

TEST(PartialLink, EditsNoOtherUnwindTable) {
  PartialLink link;
  link.add(unwound(true));
  link.add(unwound(true));
  const ReadBack out = link.run();
  EXPECT_EQ(out.contents(".ARM.exidx"), words({0, 0x80b0b0b0, 16, 0x80b0b0b0}));
  EXPECT_EQ(out.relocations(".ARM.exidx"), "0: 42 .text; 8: 42 .text");
}

TEST(PartialLink, ScriptJoinsSectionsAtZero) {
  PartialLink link;
  link.script =
      "MEMORY { ram : ORIGIN = 0x20000000, LENGTH = 16 }\n"
      "SECTIONS { .all 0x8000 : { begin = .; *(.text) *(.data) end = .; } > ram }";
  link.add(first_object());
  link.add(second_object());
  const ReadBack out = link.run();
  EXPECT_EQ(out.section(".all")->size, 28u);
  EXPECT_EQ(out.symbol("g").value, 12u);
  EXPECT_EQ(out.relocations(".all"), "4: 2 g; 8: 2 here; 20: 2 .all; 24: 2 g");
  EXPECT_EQ(word(out.contents(".all"), 20), 4u + 8u);
  EXPECT_EQ(link.said, "");
}

}  // namespace
}  // namespace fwseal
