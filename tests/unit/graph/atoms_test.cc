#include "graph/atoms.h"

#include <gtest/gtest.h>

namespace fwseal {
namespace {

TEST(Atoms, SectionsThatAreNotCut) {
  const Atoms atoms(3);
  EXPECT_EQ(atoms.count(), 3u);
  EXPECT_FALSE(atoms.any_cut());
  EXPECT_FALSE(atoms.is_cut(SectionId{1}));
  EXPECT_TRUE(atoms.pieces(SectionId{1}).empty());
  EXPECT_EQ(atoms.at(SectionId{2}, 100), atom_of(SectionId{2}));
  EXPECT_FALSE(atoms.is_piece(atom_of(SectionId{2})));
}

TEST(Atoms, EachOffsetOfTwoCutSections) {
  Atoms atoms(4);
  const std::vector<u32> first{0, 2, 7};
  const std::vector<u32> second{0, 5};
  atoms.cut(SectionId{3}, first, 9, {{1, 2, 0}});
  atoms.cut(SectionId{1}, second, 6, {});
  EXPECT_EQ(atoms.count(), 4u + 5u);
  EXPECT_FALSE(atoms.is_cut(SectionId{0}));
  for (u64 offset = 0; offset < 12; offset++) {
    const u64 in_first = offset < 2 ? 0 : offset < 7 ? 1 : 2;
    EXPECT_EQ(atoms.at(SectionId{3}, offset), atoms.atom_of_piece(SectionId{3}, in_first));
    EXPECT_EQ(atoms.at(SectionId{1}, offset),
              atoms.atom_of_piece(SectionId{1}, offset < 5 ? 0 : 1));
  }
  const std::vector<u32> ends{2, 7, 9, 5, 6};
  for (u32 i = 0; i < 5; i++) {
    EXPECT_TRUE(atoms.is_piece(AtomId{4 + i}));
    EXPECT_EQ(atoms.piece(AtomId{4 + i}).end, ends[i]);
    EXPECT_EQ(atoms.piece(AtomId{4 + i}).section, SectionId{i < 3 ? 3u : 1u});
  }
  EXPECT_FALSE(atoms.is_piece(AtomId{9}));
  EXPECT_EQ(atoms.crossings(SectionId{3}).size(), 1u);
  EXPECT_TRUE(atoms.crossings(SectionId{1}).empty());
}

TEST(Atoms, AnyLiveAsksThePieces) {
  Atoms atoms(2);
  atoms.cut(SectionId{1}, std::vector<u32>{0, 4}, 8, {});
  Reach live{std::vector<ClauseId>(atoms.count(), kNoClause)};
  EXPECT_FALSE(atoms.any_live(live, SectionId{1}));
  live.kept_by[3] = ClauseId{0};
  EXPECT_TRUE(atoms.any_live(live, SectionId{1}));
  EXPECT_FALSE(atoms.any_live(live, SectionId{0}));
}

}  // namespace
}  // namespace fwseal
