#include "elfio/archive.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/elf_builder.h"

namespace fwseal {
namespace {

std::vector<MemberSpec> two_members() {
  return {{"a.o", "first", {"f", "g"}}, {"a_long_name_of_a_member.o", "second!!", {"h"}}};
}

std::string listing(const Archive& archive) {
  std::string result;
  for (const ArchiveMember& member : archive.members())
    result += cat(member.name, "=", member.contents.text(), ";");
  return result;
}

// Everything that a linker asks of an archive.
std::string use(std::string_view text) {
  const Archive archive(bytes_of(text));
  std::string result = listing(archive);
  for (const ArchiveSymbol& symbol : archive.symbols())
    result += cat(symbol.name, "@", archive.member_at(symbol.header_offset).name, ";");
  if (const auto first = archive.first()) result += first->name;
  return result;
}

TEST(Archive, GivesMembersAndIndex) {
  EXPECT_EQ(use(build_archive(two_members())),
            "a.o=first;a_long_name_of_a_member.o=second!!;f@a.o;g@a.o;h@a_long_name_of_a_member.o;"
            "a.o");
}

TEST(Archive, WithoutIndexHasNoSymbols) {
  const std::string text = build_archive(two_members(), ArchiveKind::kWithoutIndex);
  const Archive archive(bytes_of(text));
  EXPECT_FALSE(archive.has_index());
  EXPECT_TRUE(archive.symbols().empty());
  EXPECT_EQ(archive.members().size(), 2u);
}

TEST(Archive, ThinOnesNameFiles) {
  const std::string text =
      build_archive({{"dir/a.o", "not stored", {"f"}}, {"../b.o", "", {}}}, ArchiveKind::kThin);
  const Archive archive(bytes_of(text));
  EXPECT_TRUE(archive.is_thin());
  EXPECT_EQ(use(text), "dir/a.o=;../b.o=;f@dir/a.o;dir/a.o");
}

TEST(Archive, MayBeEmpty) {
  EXPECT_EQ(use("!<arch>\n"), "");
  EXPECT_EQ(use("!<thin>\n"), "");
}

TEST(Archive, ReadsNamesOfTheBsdForm) {
  std::string text = build_archive({{"XX/#1/12", std::string("long_name.o\0data", 16), {}}},
                                   ArchiveKind::kWithoutIndex);
  text.replace(text.find("XX/#1/12/"), 9, "#1/12    ");
  EXPECT_EQ(use(text), "long_name.o=data;long_name.o");
}

TEST(Archive, Reads64BitIndices) {
  // One symbol "f" of the member behind the index: 8 + 60 + 18 bytes.
  std::string index(
      "\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\x56"
      "f\0",
      18);
  std::string text =
      build_archive({{"XSYM64", index, {}}, {"a.o", "data", {}}}, ArchiveKind::kWithoutIndex);
  text.replace(text.find("XSYM64/ "), 8, "/SYM64/ ");
  EXPECT_EQ(use(text), "a.o=data;f@a.o;a.o");
}

TEST(Archive, SaysWhatIsWrong) {
  const auto refusal = [](const std::string& text) -> std::string {
    try {
      use(text);
    } catch (const BadInput& bad) {
      return bad.what();
    }
    return "read";
  };
  EXPECT_EQ(refusal("!<arch>?"), "is not an archive");
  EXPECT_EQ(refusal("!<arch>\n" + std::string(60, ' ')), "archive has no member header at 0x8");
  const std::string good = build_archive({{"a.o", "data", {"f"}}});
  std::string bad = good;
  bad[8 + 60 + 3] = '\x7f';  // the count of symbols
  EXPECT_EQ(refusal(bad), "archive index of 10 bytes cannot hold 127 symbols");
  bad = good;
  bad[8 + 60 + 4] = '\x7f';  // the offset of the first one
  EXPECT_EQ(refusal(bad).substr(0, 44), "archive index names a member at 0x7f00004e, ");
  bad = good;
  bad.resize(good.size() - 1);
  EXPECT_EQ(refusal(bad), "archive member at 0x4e (4 bytes) ends past the end of the file (0x8d)");
}

TEST(Archive, EveryPrefixIsReadOrRefused) {
  for (const ArchiveKind kind :
       {ArchiveKind::kIndexed, ArchiveKind::kWithoutIndex, ArchiveKind::kThin}) {
    const std::string text = build_archive(two_members(), kind);
    const std::string whole = use(text);
    u32 refused = 0;
    for (u64 length = 0; length < text.size(); length++) {
      try {
        EXPECT_NE(use(std::string_view(text).substr(0, length)), whole) << length;
      } catch (const BadInput&) {
        refused++;
      }
    }
    EXPECT_GT(refused, text.size() / 2);
  }
}

TEST(Archive, EveryDamagedByteIsReadOrRefused) {
  const std::string text = build_archive(two_members());
  u32 refused = 0;
  for (u64 i = 0; i < text.size(); i++)
    for (const int value : {0x00, 0x20, 0x2f, 0x39, 0x7f, 0x80, 0xff}) {
      std::string damaged = text;
      damaged[i] = static_cast<char>(value);
      try {
        use(damaged);
      } catch (const BadInput&) {
        refused++;
      }
    }
  EXPECT_GT(refused, 100u);
}

}  // namespace
}  // namespace fwseal
