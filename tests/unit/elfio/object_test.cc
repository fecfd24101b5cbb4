#include "elfio/object.h"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <string>

#include "elfio/arena.h"
#include "tests/unit/elf_builder.h"

namespace fwseal {
namespace {

// An object that is read, and what it was read from.
struct Read {
  std::string text;
  std::vector<InputSection> sections;
  Arena arena;
  Object object;

  explicit Read(std::string bytes, ExpectedMachine machine = {}) : text(std::move(bytes)) {
    object = read_object(bytes_of(text), machine, ObjectId{7}, sections, arena);
  }
  const InputSection& operator[](u32 elf_index) const { return sections.at(elf_index); }
};

std::string refusal(const std::string& bytes, ExpectedMachine machine = {}) {
  std::vector<InputSection> sections(3);
  Arena arena;
  try {
    read_object(bytes_of(bytes), machine, ObjectId{0}, sections, arena);
  } catch (const BadInput& bad) {
    EXPECT_EQ(sections.size(), 3u) << "a refused object left sections behind";
    return bad.what();
  }
  return "read";
}

// With one of everything.
ElfBuilder rich() {
  ElfBuilder elf;
  const u32 text = elf.text(".text.f", 8);
  const u32 data = elf.data(".data.d", "datadata");
  const u32 inlined = elf.text(".text.inlined", 4);
  elf.bss(".bss", 12);
  elf.section({.name = ".rodata.str1.1",
               .flags = SHF_ALLOC | SHF_MERGE | SHF_STRINGS,
               .contents = std::string("a\0b\0", 4),
               .alignment = 1,
               .entry_size = 1});
  elf.file_symbol("rich.c");
  const u32 local = elf.define_local("local", data, 4, STT_OBJECT);
  elf.section_symbol(text);
  elf.define("f", text, {.value = 1, .size = 8, .type = STT_FUNC, .visibility = STV_HIDDEN});
  elf.define_weak("w", data);
  elf.define("inlined", inlined);
  const u32 other = elf.refer("other");
  elf.common("common", 16, 8);
  elf.absolute("absolute", 0x1234);
  elf.relocate(text, 4, R_ARM_CALL, other);
  elf.relocate(data, 0, R_ARM_ABS32, local, -4);
  elf.group("inlined", {inlined});
  return elf;
}

TEST(Object, GivesSections) {
  const ElfBuilder elf = rich();
  const Read read(elf.build());
  // Five that a program is made of, the group, and one entry for header 0 and all tables.
  EXPECT_EQ(read.sections.size(), 7u);
  const InputSection& text = read[elf.section_index(1)];
  EXPECT_EQ(text.name, ".text.f");
  EXPECT_EQ(text.size, 8u);
  EXPECT_EQ(text.contents.size(), 8u);
  EXPECT_EQ(text.flags, u64{SHF_ALLOC | SHF_EXECINSTR});
  EXPECT_EQ(text.alignment, 4u);
  EXPECT_EQ(text.object, ObjectId{7});
  EXPECT_FALSE(text.excluded);
  const InputSection& bss = read[elf.section_index(4)];
  EXPECT_EQ(bss.size, 12u);
  EXPECT_TRUE(bss.contents.empty());
  EXPECT_EQ(read[elf.section_index(5)].entry_size, 1u);
}

TEST(Object, TablesOfTheFileAreLeftOut) {
  const Read read(rich().build());
  u32 kept = 0;
  for (const InputSection& section : read.sections) kept += !section.excluded;
  EXPECT_EQ(kept, 5u);
  EXPECT_TRUE(read[0].excluded);
}

TEST(Object, SectionsForTheLinkerAreLeftOut) {
  ElfBuilder elf;
  elf.section({.name = ".note.GNU-stack", .flags = 0});
  elf.section({.name = ".gnu.warning.f", .flags = 0, .contents = "do not"});
  elf.section({.name = ".hint", .flags = SHF_EXCLUDE, .contents = "x"});
  elf.section({.name = ".comment", .flags = 0, .contents = "x"});
  const Read read(elf.build());
  EXPECT_TRUE(read[1].excluded);
  EXPECT_TRUE(read[2].excluded);
  EXPECT_TRUE(read[3].excluded);
  EXPECT_FALSE(read[4].excluded);
}

TEST(Object, GivesSymbols) {
  const ElfBuilder elf = rich();
  const Read read(elf.build());
  std::string all;
  for (u32 i = 0; i < read.object.symbol_count; i++) {
    const ElfSymbol symbol = read.object.symbol(i);
    all += cat(symbol.name, ":", symbol.section, "+", symbol.value, "/", symbol.size, " ");
  }
  // The group stands before the sections, so .text.f is section 2.
  EXPECT_EQ(all,
            ":0+0/0 rich.c:65521+0/0 local:3+4/0 :2+0/0 inlined:0+0/0 f:2+1/8 w:3+0/0 "
            "inlined:4+0/0 other:0+0/0 common:65522+8/16 absolute:65521+4660/0 ");
  EXPECT_EQ(read.object.first_global, 5u);
  const ElfSymbol f = read.object.symbol(5);
  EXPECT_EQ(f.binding, STB_GLOBAL);
  EXPECT_EQ(f.type, STT_FUNC);
  EXPECT_EQ(f.visibility, STV_HIDDEN);
  EXPECT_THROW(read.object.symbol(read.object.symbol_count), BadInput);
}

TEST(Object, GivesRelocations) {
  const ElfBuilder elf = rich();
  const Read read(elf.build());
  const InputSection& text = read[elf.section_index(1)];
  ASSERT_EQ(relocation_count(text), 1u);
  EXPECT_FALSE(text.has_addends);
  EXPECT_EQ(relocation(text, 0).offset, 4u);
  EXPECT_EQ(relocation(text, 0).type, u32{R_ARM_CALL});
  EXPECT_EQ(read.object.symbol(relocation(text, 0).symbol).name, "other");
  const InputSection& data = read[elf.section_index(2)];
  ASSERT_EQ(relocation_count(data), 1u);
  EXPECT_TRUE(data.has_addends);
  EXPECT_EQ(relocation(data, 0).addend, -4);
  EXPECT_EQ(relocation_count(read[elf.section_index(3)]), 0u);
}

TEST(Object, GivesGroups) {
  const ElfBuilder elf = rich();
  const Read read(elf.build());
  ASSERT_EQ(read.object.groups.size(), 1u);
  EXPECT_EQ(read.object.groups[0].signature, "inlined");
  EXPECT_TRUE(read.object.groups[0].comdat);
  EXPECT_EQ(read.object.groups[0].members, std::vector<u32>{elf.section_index(3)});
}

// Archive members stand on even offsets, not on multiples of four.
TEST(Object, MayStandAnywhere) {
  for (u64 shift = 0; shift < 8; shift++) {
    const std::string shifted = std::string(shift, '!') + rich().build();
    std::vector<InputSection> sections;
    Arena arena;
    const Object object = read_object(bytes_of(shifted).sub(shift, shifted.size() - shift), {},
                                      ObjectId{0}, sections, arena);
    EXPECT_EQ(object.symbol(5).name, "f");
    EXPECT_EQ(relocation_count(sections[2]), 1u);
  }
}

TEST(Object, SectionsThatCannotBeMergedAreOrdinary) {
  ElfBuilder elf;
  elf.section({.name = ".a", .flags = SHF_MERGE, .contents = "12345678", .entry_size = 4});
  elf.section({.name = ".b", .flags = SHF_MERGE, .contents = "12345678", .entry_size = 0});
  elf.section({.name = ".c", .flags = SHF_MERGE | SHF_STRINGS, .contents = "123", .entry_size = 2});
  const Read read(elf.build());
  EXPECT_TRUE(read[1].has(SHF_MERGE));
  EXPECT_FALSE(read[2].has(SHF_MERGE));
  EXPECT_EQ(read[3].flags, 0u);
}

TEST(Object, MayHaveMoreSectionsThanFitIntoTheHeader) {
  ElfBuilder elf;
  constexpr u32 kSections = 0xff40;  // not so many that 0xfff1 is among them
  for (u32 i = 0; i < kSections; i++) elf.section({.name = "", .flags = 0});
  const u32 last = elf.text(".text.last", 4);
  elf.define("last", last);
  const Read read(elf.build());
  EXPECT_EQ(read.object.symbol(1).section, elf.section_index(last));
  EXPECT_GT(elf.section_index(last), u32{SHN_LORESERVE});
  EXPECT_EQ(read[read.object.symbol(1).section].name, ".text.last");
}

TEST(Object, WhatIsNoObjectIsRefusedByName) {
  const auto built = [](auto change) {
    ElfBuilder elf;
    change(elf);
    return elf.build();
  };
  const auto patched = [](u64 offset, char value) {
    std::string text = rich().build();
    text[offset] = value;
    return text;
  };
  EXPECT_EQ(refusal("no object"), "is not an ELF file");
  EXPECT_EQ(refusal("BC\xc0\xde"),
            "holds LLVM bitcode and no code; compile with -ffat-lto-objects or without -flto");
  EXPECT_EQ(refusal(built([](ElfBuilder& elf) { elf.machine = EM_X86_64; })),
            "is for x86-64, not ARM");
  EXPECT_EQ(refusal(built([](ElfBuilder& elf) { elf.machine = 4711; })),
            "is for machine 4711, not ARM");
  EXPECT_EQ(refusal(rich().build(), {EM_RISCV}), "is for ARM, not RISC-V");
  EXPECT_EQ(refusal(patched(EI_CLASS, ELFCLASS64)),
            "is for 64-bit ARM; only 32-bit objects are read");
  EXPECT_EQ(
      refusal(built([](ElfBuilder& elf) { elf.type = ET_EXEC; })),
      "is an executable, not a relocatable object; link its objects, or seal it as it is with "
      "`fwseal seal`; --just-symbols reads its symbols");
  EXPECT_EQ(refusal(built([](ElfBuilder& elf) { elf.type = ET_DYN; })).substr(0, 19),
            "is a shared object ");
  EXPECT_EQ(refusal(built([](ElfBuilder& elf) { elf.flags = 0x0400'0000; })),
            "is for version 4 of the ARM EABI (e_flags 0x4000000), not version 5; compile with "
            "-mabi=aapcs");
  std::string big = patched(EI_DATA, ELFDATA2MSB);
  std::swap(big[18], big[19]);  // e_machine
  EXPECT_EQ(refusal(big), "is for big-endian ARM; only little-endian objects are read");
}

TEST(Object, BytecodeAloneIsRefused) {
  for (const bool slim : {false, true}) {
    ElfBuilder elf;
    elf.section({.name = ".gnu.lto_main.1", .flags = SHF_EXCLUDE, .contents = "bytecode"});
    if (slim) elf.common("__gnu_lto_slim", 1, 1);
    EXPECT_EQ(refusal(elf.build()), slim ? "holds GCC's LTO bytecode and no code; compile with "
                                           "-ffat-lto-objects or without -flto"
                                         : "read");
  }
}

TEST(Object, SaysWhatIsWrong) {
  const auto with = [](auto change) {
    ElfBuilder elf;
    const u32 text = elf.text(".text", 8);
    change(elf, text);
    return refusal(elf.build());
  };
  EXPECT_EQ(with([](ElfBuilder& elf, u32) { elf.section({.name = ".a", .alignment = 3}); }),
            "section 2 (.a) has alignment 3, not a power of two");
  EXPECT_EQ(with([](ElfBuilder& elf, u32) { elf.section({.name = ".a", .link = 99}); }),
            "section 2 (.a) is linked to section 99");
  EXPECT_EQ(with([](ElfBuilder& elf, u32 text) { elf.relocate(text, 9, 1, elf.refer("f")); }),
            "relocation 0 of section 2 (.rel.text) is at 0x9, past the end of its section (0x8)");
  EXPECT_EQ(with([](ElfBuilder& elf, u32 text) { elf.relocate(text, 8, 0, elf.refer("f")); }),
            "read");
  EXPECT_EQ(with([](ElfBuilder& elf, u32) { elf.relocate(elf.bss(".b", 8), 0, 1, 0); }),
            "section 3 (.rel.b) relocates section 2 (.b), which has no contents");
  EXPECT_EQ(with([](ElfBuilder& elf, u32) { elf.group("g", {77}); }),
            "section 1 (.group) has section 78 of 6 as a member");
  EXPECT_EQ(with([](ElfBuilder& elf, u32) { elf.define("f", 77); }),
            "symbol 1 is in section 77 of 5");
}

TEST(Object, SymbolsAloneMayComeFromAnExecutable) {
  ElfBuilder elf = rich();
  elf.type = ET_EXEC;
  const std::string text = elf.build();
  const Object object = read_symbols(bytes_of(text), {});
  EXPECT_TRUE(object.symbols_only);
  EXPECT_EQ(object.section_count, 0u);
  EXPECT_EQ(object.symbol(5).name, "f");
}

// Reads everything that a later pass may ask for.
u64 use(const std::string& bytes) {
  const Read read(bytes);
  u64 sum = 0;
  for (u32 i = 0; i < read.object.symbol_count; i++) sum += read.object.symbol(i).name.size();
  for (const InputSection& section : read.sections) {
    sum += section.name.size();
    for (std::byte byte : section.contents.span()) sum += std::to_integer<u64>(byte);
    for (u64 i = 0; i < relocation_count(section); i++)
      sum += read.object.symbol(relocation(section, i).symbol).name.size();
  }
  for (const Group& group : read.object.groups)
    for (u32 member : group.members) sum += read[member].name.size() + group.signature.size();
  return sum;
}

bool is_read(const std::string& bytes) {
  try {
    use(bytes);
    return true;
  } catch (const BadInput&) {
    return false;
  }
}

TEST(Object, EveryPrefixIsRefused) {
  const std::string whole = rich().build();
  ASSERT_TRUE(is_read(whole));
  for (u64 length = 0; length < whole.size(); length++)  // the section headers come last
    ASSERT_FALSE(is_read(whole.substr(0, length))) << length;
}

TEST(Object, EveryDamagedByteIsReadOrRefused) {
  const std::string whole = rich().build();
  u32 read = 0;
  u32 refused = 0;
  for (u64 i = 0; i < whole.size(); i++)
    for (const int value : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
      std::string damaged = whole;
      damaged[i] = static_cast<char>(value);
      (is_read(damaged) ? read : refused)++;
    }
  EXPECT_GT(read, 1000u);
  EXPECT_GT(refused, 1000u);
}

// Pairs of words: a size and an offset that are wrong together may look right.
TEST(Object, EveryPairOfDamagedHeaderWordsIsReadOrRefused) {
  ElfBuilder elf;
  const u32 text = elf.text(".text", 8);
  elf.relocate(text, 0, R_ARM_ABS32, elf.refer("f"));
  const std::string whole = elf.build();
  const u64 headers = whole.size() - 6 * sizeof(Elf32_Shdr);
  u32 refused = 0;
  for (u64 i = headers; i < whole.size(); i += 4)
    for (u64 k = i + 4; k < whole.size(); k += 4)
      for (const u32 value : {0u, 0xffff'fff0u}) {
        std::string damaged = whole;
        std::memcpy(&damaged[i], &value, 4);
        std::memcpy(&damaged[k], &value, 4);
        refused += !is_read(damaged);
      }
  EXPECT_GT(refused, 1000u);
}

}  // namespace
}  // namespace fwseal
