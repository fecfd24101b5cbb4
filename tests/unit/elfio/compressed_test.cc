#include "elfio/compressed.h"

#include <elf.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <string>

#include "elfio/arena.h"
#include "elfio/object.h"
#include "tests/unit/elf_builder.h"

namespace fwseal {
namespace {

constexpr u64 kBudget = u64{1} << 30;

std::string deflated(const std::string& text) {
  uLongf size = compressBound(text.size());
  std::string out(size, '\0');
  EXPECT_EQ(compress2(reinterpret_cast<Bytef*>(out.data()), &size,
                      reinterpret_cast<const Bytef*>(text.data()), text.size(), 9),
            Z_OK);
  out.resize(size);
  return out;
}

std::string with_header(u32 method, u32 size, u32 alignment, const std::string& data) {
  Elf32_Chdr header{};
  header.ch_type = method;
  header.ch_size = size;
  header.ch_addralign = alignment;
  return std::string(reinterpret_cast<const char*>(&header), sizeof header) + data;
}

std::string zdebug(u64 size, const std::string& data) {
  std::string result = "ZLIB";
  for (int shift = 56; shift >= 0; shift -= 8) result.push_back(static_cast<char>(size >> shift));
  return result + data;
}

std::string refusal(const std::string& contents, u64 budget = kBudget) {
  try {
    uncompress_section(bytes_of(contents), budget);
  } catch (const BadInput& bad) {
    return bad.what();
  }
  return "read";
}

std::string sample() {
  std::string text;
  for (u32 i = 0; i < 3000; i++) text += cat("line ", i, '\n');
  return text;
}

TEST(Compressed, GivesBackWhatWasCompressed) {
  for (const std::string& text : {std::string(), std::string("x"), sample()}) {
    const u32 size = static_cast<u32>(text.size());
    const Uncompressed result = uncompress_section(
        bytes_of(with_header(ELFCOMPRESS_ZLIB, size, 8, deflated(text))), kBudget);
    EXPECT_EQ(result.bytes, text);
    EXPECT_EQ(result.alignment, 8u);
    EXPECT_EQ(uncompress_zdebug(bytes_of(zdebug(size, deflated(text))), kBudget), text);
  }
}

TEST(Compressed, RefusesAnotherSizeThanTheDataGive) {
  const std::string data = deflated(sample());
  const u32 size = static_cast<u32>(sample().size());
  for (u32 wrong : {0u, 1u, size - 1, size + 1, 2 * size})
    EXPECT_NE(refusal(with_header(ELFCOMPRESS_ZLIB, wrong, 1, data)), "read") << wrong;
}

TEST(Compressed, RefusesABombBeforeItTakesMemory) {
  EXPECT_EQ(refusal(with_header(ELFCOMPRESS_ZLIB, 0xffff'fff0, 1, std::string(1000, 'x'))),
            "declares 4294967280 bytes, which 1000 bytes of zlib data cannot hold");
  const std::string zeros(1 << 20, '\0');
  const std::string bomb = with_header(ELFCOMPRESS_ZLIB, 1 << 20, 1, deflated(zeros));
  EXPECT_EQ(refusal(bomb), "read");
  EXPECT_EQ(refusal(bomb, (1 << 20) - 1),
            "declares 1048576 bytes, more than the 1048575 that the compressed sections of an "
            "object of this size may have");
}

TEST(Compressed, NamesTheMethodItCannotRead) {
  EXPECT_EQ(refusal(with_header(2, 4, 1, "data")),
            "is compressed with zstd; compile with -gz=zlib or -gz=none");
  EXPECT_EQ(refusal(with_header(77, 4, 1, "data")), "has unknown compression method 77");
}

TEST(Compressed, EveryPrefixIsRefused) {
  const std::string text = sample();
  const u32 size = static_cast<u32>(text.size());
  const std::string whole = with_header(ELFCOMPRESS_ZLIB, size, 1, deflated(text));
  for (u64 length = 0; length < whole.size(); length++)
    ASSERT_NE(refusal(whole.substr(0, length)), "read") << length;
  const std::string old = zdebug(size, deflated(text));
  for (u64 length = 0; length < old.size(); length++)
    ASSERT_THROW(uncompress_zdebug(bytes_of(std::string_view(old).substr(0, length)), kBudget),
                 BadInput)
        << length;
}

TEST(Compressed, EveryDamagedByteIsReadOrRefused) {
  const std::string text = sample();
  const std::string whole =
      with_header(ELFCOMPRESS_ZLIB, static_cast<u32>(text.size()), 1, deflated(text));
  u32 refused = 0;
  for (u64 i = 0; i < whole.size(); i++) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x55);
    refused += refusal(damaged) != "read";
  }
  EXPECT_GT(refused, whole.size() * 9 / 10);  // zlib has a checksum; alignment and padding do not
}

// The object's reader uses both forms.
struct ReadBack {
  std::vector<InputSection> sections;
  Arena arena;

  const InputSection& section(const ElfBuilder& elf) {
    text_ = elf.build();
    read_object(bytes_of(text_), {}, ObjectId{0}, sections, arena);
    return sections.at(1);
  }

 private:
  std::string text_;
};

TEST(Compressed, SectionsOfObjectsAreUncompressed) {
  ElfBuilder elf;
  const std::string text = sample();
  elf.section(
      {.name = ".debug_str",
       .flags = SHF_COMPRESSED,
       .contents = with_header(ELFCOMPRESS_ZLIB, static_cast<u32>(text.size()), 16, deflated(text)),
       .alignment = 4});
  ReadBack read;
  const InputSection& section = read.section(elf);
  EXPECT_EQ(section.contents.text(), text);
  EXPECT_EQ(section.size, text.size());
  EXPECT_EQ(section.alignment, 16u);
  EXPECT_FALSE(section.has(SHF_COMPRESSED));
}

TEST(Compressed, TheOlderFormLosesItsLetter) {
  ElfBuilder elf;
  const std::string text = sample();
  elf.section(
      {.name = ".zdebug_info", .flags = 0, .contents = zdebug(text.size(), deflated(text))});
  ReadBack read;
  const InputSection& section = read.section(elf);
  EXPECT_EQ(section.name, ".debug_info");
  EXPECT_EQ(section.contents.text(), text);
}

TEST(Compressed, RelocationsAreHeldAgainstTheUncompressedSize) {
  const std::string text = sample();
  for (const auto& [offset, fits] : {std::pair{u32{20000}, true}, std::pair{u32{200000}, false}}) {
    ElfBuilder elf;
    const u32 debug =
        elf.section({.name = ".debug_info",
                     .flags = SHF_COMPRESSED,
                     .contents = with_header(ELFCOMPRESS_ZLIB, static_cast<u32>(text.size()), 1,
                                             deflated(text))});
    elf.relocate(debug, offset, R_ARM_ABS32, elf.refer("f"));
    ReadBack read;
    if (fits)
      EXPECT_EQ(relocation_count(read.section(elf)), 1u);
    else
      EXPECT_THROW(read.section(elf), BadInput);
  }
}

TEST(Compressed, WhatIsLoadedCannotBeCompressed) {
  ElfBuilder elf;
  elf.section({.name = ".rodata",
               .flags = SHF_ALLOC | SHF_COMPRESSED,
               .contents = with_header(ELFCOMPRESS_ZLIB, 1, 1, deflated("x"))});
  ReadBack read;
  EXPECT_THROW(read.section(elf), BadInput);
  EXPECT_TRUE(read.sections.empty());
}

// Many sections may share the same compressed bytes; what they give together is limited.
TEST(Compressed, TheSumOfAllSectionsIsLimited) {
  ElfBuilder elf;
  const std::string zeros(u64{12} << 20, '\0');
  for (int i = 0; i < 3; i++)
    elf.section({.name = ".debug_str",
                 .flags = SHF_COMPRESSED,
                 .contents = with_header(ELFCOMPRESS_ZLIB, static_cast<u32>(zeros.size()), 1,
                                         deflated(zeros))});
  ReadBack read;
  EXPECT_THROW(read.section(elf), BadInput);
}

// RFC 1952: an ID, deflate, no flags and no time; then what zlib itself expands again.
TEST(Gzip, SaysNothingOfWhereAndWhen) {
  const std::string text(1000, 'x');
  const std::string file = gzip(text);
  ASSERT_GT(file.size(), 18u);
  EXPECT_LT(file.size(), text.size());
  EXPECT_EQ(file.substr(0, 8), std::string("\x1f\x8b\x08\0\0\0\0\0", 8));
  EXPECT_EQ(gzip(text), file);
  // The last word is the size.
  EXPECT_EQ(file.substr(file.size() - 4), std::string("\xe8\x03\0\0", 4));
  EXPECT_GT(gzip("").size(), 18u);
}

}  // namespace
}  // namespace fwseal
