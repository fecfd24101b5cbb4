#include "sections/build_id.h"

#include <gtest/gtest.h>

#include <sstream>

namespace fwseal {
namespace {

using Kind = BuildIdStyle::Kind;

std::optional<BuildIdStyle> parse(std::string_view text, int expected_errors = 0) {
  std::ostringstream out;
  Diag diag(out);
  const auto style = parse_build_id(text, diag);
  EXPECT_EQ(diag.errors(), expected_errors) << text;
  return style;
}

TEST(BuildId, Styles) {
  EXPECT_EQ(parse("")->kind, Kind::kSha1);
  EXPECT_EQ(parse("sha1")->kind, Kind::kSha1);
  EXPECT_EQ(parse("md5")->kind, Kind::kMd5);
  EXPECT_FALSE(parse("none"));
  EXPECT_EQ(parse("0x12aB-cd:ef")->given, "\x12\xab\xcd\xef");
  for (const char* text : {"uuid", "0x", "0x1", "0x12g4", "0x1-2", "sha2"}) parse(text, 1);
}

TEST(BuildId, Note) {
  const std::string sha1 = build_id_note({Kind::kSha1, {}});
  EXPECT_EQ(sha1, std::string("\4\0\0\0\x14\0\0\0\3\0\0\0GNU\0", 16) + std::string(20, '\0'));
  EXPECT_EQ(build_id_note({Kind::kMd5, {}}).size(), 32u);
  EXPECT_EQ(build_id_note({Kind::kGiven, "abcde"}),
            std::string("\4\0\0\0\5\0\0\0\3\0\0\0GNU\0abcde\0\0\0", 24));
}

// An image of 64 bytes whose note section begins at file offset 16, with the note 4 bytes behind.
struct Sample {
  Layout layout;
  Image image;
  std::string elf = std::string(64, 'x');

  Sample() {
    OutputSection& output = layout.outputs.emplace_back();
    output.file_offset = 16;
    output.size = 48;
    image.contents.push_back(std::vector<std::byte>(48));
    layout.places.push_back({OutputId{0}, 4});
  }
  void fill(const BuildIdStyle& style) { fill_build_id(layout, SectionId{0}, style, elf, image); }
  std::string id(u64 size) const { return elf.substr(16 + 4 + 16, size); }
};

TEST(BuildId, IsTheDigestOfTheWholeFile) {
  Sample sample;
  sample.fill({Kind::kSha1, {}});
  // printf 'x%.0s' {1..64} | sha1sum
  EXPECT_EQ(sample.id(20),
            "\xbb\x2f\xa3\xee\x7a\xfb\x9f\x54\xc6\xdf"
            "\xb5\xd0\x21\xf1\x4b\x1f\xfe\x40\xc1\x63");
  EXPECT_EQ(sample.elf.substr(0, 36), std::string(36, 'x'));
  EXPECT_EQ(sample.elf.substr(56), std::string(8, 'x'));
  EXPECT_EQ(sample.image.contents[0][20], std::byte{0xbb});
}

TEST(BuildId, EveryByteOfTheFileCounts) {
  Sample a;
  a.fill({Kind::kMd5, {}});
  for (u64 i = 0; i < 64; i++) {
    Sample b;
    b.elf[i] = 'y';
    b.fill({Kind::kMd5, {}});
    EXPECT_NE(a.id(16), b.id(16)) << i;
  }
}

TEST(BuildId, Given) {
  Sample sample;
  sample.fill({Kind::kGiven, "abcd"});
  EXPECT_EQ(sample.id(5), "abcdx");
}

TEST(BuildId, ADiscardedNoteIsNoError) {
  Sample sample;
  sample.layout.places[0].output = kNoOutput;
  sample.fill({Kind::kSha1, {}});
  EXPECT_EQ(sample.elf, std::string(64, 'x'));
}

}  // namespace
}  // namespace fwseal
