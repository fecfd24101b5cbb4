// Whole links of broken objects: each ends in an image or in messages, in bounded time
// and memory.
//
// What a fuzzer finds by chance is tried here in order: a good object, with each
// prefix and with each field of each table set to the values that break arithmetic.
#include <gtest/gtest.h>

#include <cstring>

#include "tests/unit/elf_builder.h"
#include "tests/unit/tools/hostile.h"

namespace fwseal {
namespace {

// The values that break sums, products and comparisons.
std::vector<u32> hostile_values(u32 value) {
  return {0, 1, 0x7fffffff, 0x80000000, 0xffffffff, value + 1};
}

// Sets each word from `begin` to `end`, one at a time, to each hostile value.
template <typename Try>
void with_each_word(const std::string& good, u64 begin, u64 end, Try attempt) {
  for (u64 at = begin; at + 4 <= end; at += 4) {
    u32 value = 0;
    std::memcpy(&value, good.data() + at, 4);
    for (const u32 hostile : hostile_values(value)) {
      std::string bytes = good;
      std::memcpy(bytes.data() + at, &hostile, 4);
      SCOPED_TRACE(cat("word at ", hex(at), " is ", hex(hostile)));
      attempt(bytes);
    }
  }
}

void link_with_archive(const std::string& object) {
  static const std::string archive = good_archive();
  link_both_ways({{"object.o", object}, {"x.a", archive}});
}

TEST(HostileLink, TheGoodInputsAreGood) {
  const Outcome outcome = link({{"object.o", good_object()}, {"x.a", good_archive()}});
  EXPECT_TRUE(outcome.image) << outcome.messages;
}

TEST(HostileLink, EveryPrefixOfAnObject) {
  const std::string good = good_object();
  for (u64 size = 0; size < good.size(); size++) {
    SCOPED_TRACE(size);
    const Outcome outcome = link({{"object.o", good.substr(0, size)}});
    EXPECT_FALSE(outcome.image && size >= 4);
    EXPECT_TRUE(size < 4 || outcome.says("object.o")) << outcome.messages;
  }
}

TEST(HostileLink, BranchesToNumbers) {
  for (const u32 value : {0u, 1u, 0x2000'0000u, 0xffff'fffcu}) {
    ElfBuilder elf;
    const u32 text = elf.section(
        {.name = ".text", .flags = kCode, .contents = word(0xb8fef7ff) + word(0xbffef7ff)});
    elf.define_local("$t", text);
    elf.define("_start", text, {.value = 1, .size = 8, .type = STT_FUNC});
    const u32 number = elf.absolute("number", value, STB_LOCAL);
    elf.relocate(text, 0, R_ARM_THM_JUMP24, number);
    elf.relocate(text, 4, R_ARM_THM_JUMP24, value == 0 ? 0 : number);
    link_both_ways({{"a.o", elf.build()}});
  }
}

TEST(HostileLink, EveryByteOfTheElfHeader) {
  const std::string good = good_object();
  for (u64 at = 0; at < sizeof(Elf32_Ehdr); at++) {
    const auto value = static_cast<unsigned char>(good[at]);
    for (const int hostile : {0, 1, 0x7f, 0x80, 0xff, value + 1, value ^ 1}) {
      std::string bytes = good;
      bytes[at] = static_cast<char>(hostile);
      SCOPED_TRACE(cat("byte ", at, " is ", hostile));
      link_with_archive(bytes);
    }
  }
}

TEST(HostileLink, EveryFieldOfEverySectionHeader) {
  const std::string good = good_object();
  Elf32_Ehdr elf;
  std::memcpy(&elf, good.data(), sizeof elf);
  with_each_word(good, elf.e_shoff, good.size(), link_with_archive);
}

TEST(HostileLink, EveryWordOfEveryTable) {
  const std::string good = good_object();
  for (const Elf32_Shdr& header : headers_of(good))
    if (header.sh_type == SHT_SYMTAB || header.sh_type == SHT_REL || header.sh_type == SHT_GROUP ||
        header.sh_type == SHT_ARM_EXIDX)
      with_each_word(good, header.sh_offset, header.sh_offset + header.sh_size, link_with_archive);
}

// The fields of a symbol and of a relocation that are bytes.
TEST(HostileLink, EveryByteOfSymbolsAndRelocations) {
  const std::string good = good_object();
  for (const Elf32_Shdr& header : headers_of(good)) {
    if (header.sh_type != SHT_SYMTAB && header.sh_type != SHT_REL) continue;
    for (u64 at = header.sh_offset; at < header.sh_offset + header.sh_size; at++) {
      const auto value = static_cast<unsigned char>(good[at]);
      for (const int hostile : {0, 0x7f, 0xff, value + 1}) {
        std::string bytes = good;
        bytes[at] = static_cast<char>(hostile);
        SCOPED_TRACE(cat("byte ", hex(at), " is ", hostile));
        link({{"object.o", bytes}, {"x.a", good_archive()}});
      }
    }
  }
}

TEST(HostileLink, EveryRelocationType) {
  const std::string good = good_object();
  for (const Elf32_Shdr& header : headers_of(good)) {
    if (header.sh_type != SHT_REL) continue;
    for (int type = 0; type < 256; type++) {
      std::string bytes = good;
      for (u64 at = header.sh_offset; at < header.sh_offset + header.sh_size; at += 8)
        bytes[at + 4] = static_cast<char>(type);
      SCOPED_TRACE(type);
      link_with_archive(bytes);
    }
  }
}

TEST(HostileLink, AttributesOfAnyBytes) {
  const std::string good = good_object();
  for (const Elf32_Shdr& header : headers_of(good)) {
    if (header.sh_type != SHT_ARM_ATTRIBUTES) continue;
    for (u64 at = header.sh_offset; at < header.sh_offset + header.sh_size; at++)
      for (const int hostile : {0, 1, 0x7f, 0x80, 0xff}) {
        std::string bytes = good;
        bytes[at] = static_cast<char>(hostile);
        SCOPED_TRACE(cat("byte ", hex(at), " is ", hostile));
        link_with_archive(bytes);
      }
  }
}

TEST(HostileLink, RelocationAtTheEndOfItsSection) {
  for (const u32 offset : {13u, 14u, 15u, 16u}) {
    for (const u32 type : {u32{R_ARM_ABS32}, u32{R_ARM_PC24}, u32{R_ARM_THM_PC22}}) {
      ElfBuilder elf;
      const u32 text = elf.text(".text", 16);
      elf.relocate(text, offset, type, elf.define("_start", text, {.type = STT_FUNC}));
      const Outcome outcome = link({{"object.o", elf.build()}});
      EXPECT_TRUE(outcome.says(cat("object.o:(.text+", hex(offset), "): relocation R_ARM_")))
          << outcome.messages;
      EXPECT_TRUE(
          outcome.says("changes 4 bytes, which the section of 16 bytes does not have there"))
          << outcome.messages;
    }
  }
}

TEST(HostileLink, UnwindTablesOfOddSizes) {
  for (u64 size = 0; size <= 25; size++) {
    for (const bool linked : {true, false}) {
      ElfBuilder elf;
      const u32 text = elf.text(".text", 16);
      elf.define("_start", text);
      ElfBuilder::Section table{.name = ".ARM.exidx",
                                .flags = SHF_ALLOC | SHF_LINK_ORDER,
                                .contents = std::string(size, '\1'),
                                .type = SHT_ARM_EXIDX};
      if (linked) table.link = text;
      const u32 exidx = elf.section(table);
      for (u32 at = 0; at <= size; at += 3) elf.relocate(exidx, at, R_ARM_PREL31, 1);
      SCOPED_TRACE(size);
      link_both_ways({{"object.o", elf.build()}});
    }
  }
}

TEST(HostileLink, MergeSectionsOfAnyEntrySize) {
  for (const u32 entry : {0u, 1u, 2u, 3u, 4u, 5u, 7u, 11u, 12u, 13u, 0x80000000u, 0xffffffffu})
    for (const u32 alignment : {1u, 2u, 8u, 0x80000000u})
      for (const u32 flags : {u32{SHF_MERGE}, u32{SHF_MERGE | SHF_STRINGS}})
        for (const u32 type : {u32{SHT_PROGBITS}, u32{SHT_ARM_EXIDX}, u32{SHT_ARM_ATTRIBUTES}}) {
          ElfBuilder elf;
          const u32 text = elf.text(".text");
          const u32 start = elf.define("_start", text);
          (void)start;
          const u32 merged = elf.section({.name = ".rodata.x",
                                          .flags = SHF_ALLOC | flags,
                                          .contents = std::string("ab\0b\0\0\0\0\0ab\0", 12),
                                          .type = type,
                                          .alignment = alignment,
                                          .entry_size = entry});
          elf.relocate(text, 0, R_ARM_ABS32, elf.define_local("inside", merged, 0x7fffffff));
          SCOPED_TRACE(cat(entry, " ", alignment, " ", flags, " ", type));
          link_both_ways({{"object.o", elf.build()}});
        }
}

TEST(HostileLink, GroupsThatContainEachOther) {
  ElfBuilder elf;
  const u32 a = elf.section({.name = ".text.a", .flags = kCode | SHF_GROUP, .contents = word(0)});
  const u32 b = elf.section({.name = ".text.b", .flags = kCode | SHF_GROUP, .contents = word(0)});
  elf.define("_start", a);
  elf.group("one", {a, b, a, b});
  elf.group("two", {b, a});
  elf.group("one", {b});
  const std::string bytes = elf.build();
  link_both_ways({{"object.o", bytes}});
  // And groups that are their own members, or each other's.
  for (const Elf32_Shdr& header : headers_of(bytes))
    if (header.sh_type == SHT_GROUP)
      for (u32 member = 0; member < 16; member++) {
        std::string hostile = bytes;
        std::memcpy(hostile.data() + header.sh_offset + 4, &member, 4);
        SCOPED_TRACE(member);
        link_both_ways({{"object.o", hostile}});
      }
}

TEST(HostileLink, SymbolsPastTheirSections) {
  for (const u32 value : {4u, 5u, 0x7fffffffu, 0x80000001u, 0xfffffffeu, 0xffffffffu})
    for (const u8 type : {u8{STT_NOTYPE}, u8{STT_FUNC}, u8{STT_OBJECT}, u8{STT_TLS}}) {
      ElfBuilder elf;
      const u32 text = elf.text(".text", 8);
      const u32 data = elf.data(".data", word(0));
      const u32 past = elf.define("past", data, {.value = value, .size = value, .type = type});
      elf.define("_start", text);
      elf.relocate(text, 0, R_ARM_ABS32, past);
      elf.relocate(text, 4, R_ARM_PC24, past);
      SCOPED_TRACE(value);
      link_both_ways({{"object.o", elf.build()}});
    }
}

TEST(HostileLink, FilesOfOtherKinds) {
  const auto with = [](u64 at, std::string_view bytes) {
    std::string object = good_object();
    object.replace(at, bytes.size(), bytes);
    return link({{"object.o", object}});
  };
  EXPECT_TRUE(with(EI_CLASS, "\2").says("object.o: is for 64-bit ARM"));
  EXPECT_TRUE(with(18, "\3").says("object.o: is for x86, not ARM"));
  EXPECT_TRUE(with(16, "\2").says("object.o: is an executable"));
  EXPECT_TRUE(link({{"object.o", "BC\xc0\xde more"}}).says("object.o: holds LLVM bitcode"));
  EXPECT_TRUE(link({{"object.o", "hello"}}).says("object.o:1: expected a command"));
  EXPECT_TRUE(link({{"object.o", std::string(1 << 20, '\0')}}).says("object.o:1: "));
  EXPECT_TRUE(link({{"x.a", "!<arch>\n"}}).image);  // nothing is nothing
  Options directory = options_for({});
  directory.inputs.push_back(file_named("/dev"));
  EXPECT_TRUE(link({}, directory).says("cannot read /dev: is not a regular file"));
  Options missing = options_for({});
  missing.inputs.push_back(file_named("no-such-file.o"));
  EXPECT_TRUE(link({}, missing).says("cannot find no-such-file.o"));
}

TEST(HostileNames, DoNotReachTheTerminal) {
  ElfBuilder elf;
  const u32 text = elf.text(".text\n\x1b[2J");
  elf.relocate(text, 0, R_ARM_ABS32, elf.refer("a\nfwseal: error: b\x07"));
  const Outcome outcome = link({{"object.o", elf.build()}});
  EXPECT_TRUE(outcome.says("`a\\x0afwseal: error: b\\x07'")) << outcome.messages;
  EXPECT_TRUE(outcome.says("(.text\\x0a\\x1b[2J+0x0)")) << outcome.messages;
}

}  // namespace
}  // namespace fwseal
