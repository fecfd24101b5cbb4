#include "report/contents.h"

#include <gtest/gtest.h>

namespace fwseal {
namespace {

constexpr u64 kText = SHF_ALLOC | SHF_EXECINSTR;
constexpr u64 kConstants = SHF_ALLOC;
constexpr u64 kData = SHF_ALLOC | SHF_WRITE;

// Input sections 0 to 3: one of each row.
const std::vector<InputSection>& inputs() {
  static const std::vector<InputSection> sections = [] {
    std::vector<InputSection> all(4);
    all[0].flags = kText;
    all[1].flags = kConstants;
    all[2].flags = kData;
    all[3].flags = kData;
    for (InputSection& section : all) section.type = SHT_PROGBITS;
    all[3].type = SHT_NOBITS;
    return all;
  }();
  return sections;
}
constexpr u64 Contents::*kRows[] = {&Contents::code, &Contents::constants, &Contents::data,
                                    &Contents::zeroed};

Chunk input(u32 section, u64 offset, u64 size) {
  return {ChunkKind::kInput, SectionId{section}, 0, offset, size};
}

OutputSection output(u64 flags, u64 size, std::vector<Chunk> chunks, u32 type = SHT_PROGBITS) {
  OutputSection made;
  made.type = type;
  made.flags = flags;
  made.size = size;
  made.chunks = std::move(chunks);
  return made;
}

TEST(SharesOf, GoesByTheInputSections) {
  EXPECT_EQ(shares_of(inputs(), output(kText | SHF_WRITE, 10,
                                       {input(2, 0, 2), input(2, 2, 1), input(0, 3, 2),
                                        input(1, 5, 4), input(3, 9, 1)})),
            (std::vector<Share>{{0, 3, &Contents::data},
                                {3, 2, &Contents::code},
                                {5, 4, &Contents::constants},
                                {9, 1, &Contents::zeroed}}));
}

TEST(SharesOf, PaddingGoesWithThePieceBeforeIt) {
  EXPECT_EQ(shares_of(inputs(), output(kText, 12, {input(1, 2, 1), input(0, 4, 2)})),
            (std::vector<Share>{{0, 4, &Contents::constants}, {4, 8, &Contents::code}}));
}

TEST(SharesOf, AnEmptyInputSectionIsNoPiece) {
  EXPECT_EQ(shares_of(inputs(), output(kText, 4, {input(0, 0, 0), input(1, 0, 4), input(0, 4, 0)})),
            (std::vector<Share>{{0, 4, &Contents::constants}}));
  EXPECT_TRUE(shares_of(inputs(), output(kText, 0, {input(0, 0, 0)})).empty());
}

TEST(SharesOf, RoomAloneIsWhatTheOutputSectionSays) {
  EXPECT_EQ(shares_of(inputs(), output(kText, 4, {})), (std::vector<Share>{{0, 4, kRows[0]}}));
  EXPECT_EQ(shares_of(inputs(), output(kConstants, 4, {})), (std::vector<Share>{{0, 4, kRows[1]}}));
  EXPECT_EQ(shares_of(inputs(), output(kData, 4, {})), (std::vector<Share>{{0, 4, kRows[2]}}));
  EXPECT_EQ(shares_of(inputs(), output(kData, 4, {}, SHT_NOBITS)),
            (std::vector<Share>{{0, 4, kRows[3]}}));
}

TEST(SharesOf, NothingOfAZeroedSectionHasAValue) {
  EXPECT_EQ(shares_of(inputs(), output(kData, 4, {input(2, 0, 4)}, SHT_NOBITS)),
            (std::vector<Share>{{0, 4, &Contents::zeroed}}));
}

TEST(SharesOf, VeneersAreCodeAndWhatAScriptWritesIsNot) {
  const Chunk veneers{ChunkKind::kVeneers, kNoSection, 0, 0, 8};
  const Chunk data{ChunkKind::kData, kNoSection, 0, 8, 4};
  EXPECT_EQ(shares_of(inputs(), output(kText, 12, {veneers, data})),
            (std::vector<Share>{{0, 8, &Contents::code}, {8, 4, &Contents::constants}}));
  EXPECT_EQ(shares_of(inputs(), output(kText | SHF_WRITE, 12, {veneers, data})),
            (std::vector<Share>{{0, 8, &Contents::code}, {8, 4, &Contents::data}}));
}

TEST(SharesOf, MergedStringsAreWhatTheirInputSectionsAre) {
  const Chunk strings{ChunkKind::kMerged, SectionId{1}, 0, 0, 4};
  EXPECT_EQ(shares_of(inputs(), output(kText, 4, {strings})),
            (std::vector<Share>{{0, 4, &Contents::constants}}));
}

// Every run of three input sections of up to two bytes each, padding between them or not: the
// pieces are all of the output section, neighbours differ, and every byte that an input section
// gave has the row of that.
TEST(SharesOf, CoversEveryByteOfEverySmallSection) {
  constexpr u32 kWays = 4 * 3 * 2;  // row, size, padding before it
  for (u32 way = 0; way < kWays * kWays * kWays; way++) {
    std::vector<Chunk> chunks;
    u64 size = 0;
    for (u32 rest = way, i = 0; i < 3; i++, rest /= kWays) {
      size += rest % kWays / 12;
      chunks.push_back(input(rest % 4, size, rest / 4 % 3));
      size += chunks.back().size;
    }
    std::vector<u64 Contents::*> rows;
    u64 Contents::*before = nullptr;
    for (const Share& piece : shares_of(inputs(), output(kText, size, chunks))) {
      ASSERT_EQ(piece.offset, rows.size());
      ASSERT_GT(piece.size, 0u);
      ASSERT_NE(piece.row, before);
      before = piece.row;
      rows.insert(rows.end(), piece.size, piece.row);
    }
    ASSERT_EQ(rows.size(), size);
    for (const Chunk& chunk : chunks)
      for (u64 i = 0; i < chunk.size; i++)
        ASSERT_EQ(rows[chunk.offset + i], kRows[index(chunk.section)]);
  }
}

}  // namespace
}  // namespace fwseal
