#include "sections/output_relocations.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>

#include "tests/unit/sections/partial_link.h"

namespace fwseal {
namespace {

TEST(PartialLink, IsAnObjectWithoutAddresses) {
  PartialLink link;
  link.add(first_object());
  link.add(second_object());
  const std::string bytes = link.bytes();
  Elf32_Ehdr header;
  std::memcpy(&header, bytes.data(), sizeof header);
  EXPECT_EQ(header.e_type, ET_REL);
  EXPECT_EQ(header.e_entry, 0u);
  EXPECT_EQ(header.e_phnum, 0u);
  EXPECT_EQ(header.e_phoff, 0u);
  const ReadBack out(bytes);
  EXPECT_EQ(out.section(".text")->size, 20u);
  EXPECT_EQ(out.symbol("f").value, 1u);
  EXPECT_EQ(out.symbol("g").value, 12u);
  EXPECT_EQ(out.symbol("here").value, 16u);
  EXPECT_EQ(out.name_of(out.symbol("g").section), ".text");
  EXPECT_EQ(link.said, "");
}

// A relocation keeps its symbol; where it referred to a section, the addend in the section grows.
TEST(PartialLink, MovesRelocationsWithTheirSections) {
  PartialLink link;
  link.add(first_object());
  link.add(second_object());
  const ReadBack out = link.run();
  EXPECT_EQ(out.relocations(".text"), "4: 2 g; 8: 2 here");
  EXPECT_EQ(out.relocations(".data"), "0: 2 .text; 4: 2 g");
  EXPECT_EQ(word(out.contents(".data"), 0), 4u + 8u);
  EXPECT_EQ(word(out.contents(".data"), 4), 100u);
}

TEST(PartialLink, AgainChangesNothing) {
  PartialLink once;
  once.add(first_object());
  once.add(second_object());
  const std::string bytes = once.bytes();
  PartialLink twice;
  twice.add(bytes);
  EXPECT_EQ(twice.bytes(), bytes);
}

TEST(PartialLink, AddendsInTheTableGrowThere) {
  PartialLink link;
  link.add(first_object());
  ElfBuilder elf;
  const u32 text = elf.text(".text", 8);
  const u32 data = elf.data(".data", words({0, 0}));
  elf.relocate(data, 0, R_ARM_ABS32, elf.section_symbol(text), 4);
  elf.relocate(data, 4, R_ARM_ABS32, elf.refer("far"), -4);
  link.add(elf);
  const ReadBack out = link.run();
  EXPECT_EQ(out.relocations(".data"), "0: 2 .text + 12; 4: 2 far + -4");
  EXPECT_EQ(out.contents(".data"), words({0, 0}));
  EXPECT_TRUE(out.section(".data")->has_addends);
}

TEST(PartialLink, RefusesAnAddendThatDoesNotFit) {
  PartialLink link;
  ElfBuilder large;
  large.text(".text", 0x9000);
  link.add(large);
  ElfBuilder elf;
  const u32 text = elf.text(".text", 8);
  elf.relocate(text, 0, R_ARM_MOVW_ABS_NC, elf.section_symbol(text));
  link.add(elf);
  link.run();
  EXPECT_NE(link.said.find("R_ARM_MOVW_ABS_NC out of range: 36864 is not in"), std::string::npos)
      << link.said;
}

TEST(PartialLink, KeepsUndefinedAndCommonSymbols) {
  ElfBuilder elf;
  elf.text(".text", 4);
  elf.refer("absent");
  elf.refer("maybe", STB_WEAK);
  elf.common("shared", 40, 8);
  PartialLink link;
  link.add(elf);
  const ReadBack out = link.run();
  EXPECT_EQ(out.symbol("absent").section, u32{SHN_UNDEF});
  EXPECT_EQ(out.symbol("maybe").binding, STB_WEAK);
  EXPECT_EQ(out.symbol("shared").section, u32{SHN_COMMON});
  EXPECT_EQ(out.symbol("shared").value, 8u);
  EXPECT_EQ(out.symbol("shared").size, 40u);

  PartialLink defined;  // -d
  defined.define_common = true;
  defined.add(elf);
  const ReadBack with_bss = defined.run();
  EXPECT_EQ(with_bss.name_of(with_bss.symbol("shared").section), ".bss");
}

// With --gc-sections only what a relocation refers to is still wanted.
TEST(PartialLink, LeavesOutUnwantedUndefinedSymbols) {
  ElfBuilder elf;
  const u32 text = elf.text(".text", 4);
  elf.refer("unwanted");
  elf.relocate(text, 0, R_ARM_ABS32, elf.refer("wanted"));
  PartialLink link;
  link.relocations = KeptRelocations::kObject;
  link.add(elf);
  const ReadBack out = link.run();
  EXPECT_TRUE(out.has_symbol("wanted"));
  EXPECT_FALSE(out.has_symbol("unwanted"));
}

TEST(PartialLink, KeepsLocalsThatRelocationsUse) {
  ElfBuilder elf;
  const u32 text = elf.text(".text", 8);
  elf.define_local("unused", text, 4);
  elf.relocate(text, 0, R_ARM_ABS32, elf.define_local("used", text, 4));
  PartialLink link;
  link.discard = Discard::kLocals;
  link.add(elf);
  const ReadBack out = link.run();
  EXPECT_EQ(out.relocations(".text"), "0: 2 used");
  EXPECT_FALSE(out.has_symbol("unused"));
}

TEST(PartialLink, SortsRelocationsByOffset) {
  ElfBuilder elf;
  const u32 text = elf.text(".text", 12);
  const u32 f = elf.refer("f");
  elf.relocate(text, 8, R_ARM_ABS32, f);
  elf.relocate(text, 0, R_ARM_V4BX, f);
  elf.relocate(text, 0, R_ARM_NONE, f);
  PartialLink link;
  link.add(elf);
  EXPECT_EQ(link.run().relocations(".text"), "0: 40 f; 0: 0 f; 8: 2 f");
}

TEST(ReversedOffset, IsItsOwnInverse) {
  for (u64 size = 0; size < 20; size++)
    for (u64 offset = 0; offset < size; offset++)
      EXPECT_EQ(reversed_offset(reversed_offset(offset, size), size), offset);
  EXPECT_EQ(reversed_offset(0, 12), 8u);
  EXPECT_EQ(reversed_offset(5, 12), 5u);
}

// -q: offsets are addresses, the contents are those of the image.
TEST(EmitRelocations, DescribesTheImage) {
  PartialLink link;
  link.relocations = KeptRelocations::kRecord;
  link.script = "SECTIONS { .text 0x8000 : { *(.text) } .data 0x9000 : { *(.data) } }";
  link.add(first_object());
  link.add(second_object());
  std::string bytes = link.bytes();
  Elf32_Ehdr header;
  std::memcpy(&header, bytes.data(), sizeof header);
  EXPECT_EQ(header.e_type, ET_EXEC);
  std::vector<Elf32_Shdr> sections(header.e_shnum);
  std::memcpy(sections.data(), bytes.data() + header.e_shoff, sections.size() * sizeof(Elf32_Shdr));
  std::map<u32, std::vector<u32>> offsets;  // by the section that is relocated
  for (const Elf32_Shdr& one : sections) {
    if (one.sh_type != SHT_REL) continue;
    EXPECT_EQ(sections[one.sh_link].sh_type, u32{SHT_SYMTAB});
    for (u32 at = 0; at < one.sh_size; at += sizeof(Elf32_Rel))
      offsets[sections[one.sh_info].sh_addr].push_back(bytes_of(bytes).le<u32>(one.sh_offset + at));
  }
  const std::map<u32, std::vector<u32>> expected{{0x8000, {0x8004, 0x8008}},
                                                 {0x9000, {0x9000, 0x9004}}};
  EXPECT_EQ(offsets, expected);
  for (const Elf32_Shdr& one : sections)
    if (one.sh_addr == 0x9000) {
      EXPECT_EQ(bytes_of(bytes).le<u32>(one.sh_offset), 0x8000u + 8 + 4);
    }
}

}  // namespace
}  // namespace fwseal
