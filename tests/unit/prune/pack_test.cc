#include "prune/pack.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace fwseal {
namespace {

using List = std::vector<u64>;

// Nothing overlaps and everything is aligned; the end of all.
u64 checked_end(const std::vector<UnplacedPiece>& pieces) {
  const List offsets = pack(pieces);
  EXPECT_EQ(offsets.size(), pieces.size());
  u64 end = 0;
  for (u64 i = 0; i < pieces.size(); i++) {
    EXPECT_EQ(offsets[i] % pieces[i].alignment, 0u) << i;
    for (u64 j = 0; j < i; j++)
      EXPECT_TRUE(offsets[i] + pieces[i].size <= offsets[j] ||
                  offsets[j] + pieces[j].size <= offsets[i])
          << i << " and " << j;
    end = std::max(end, offsets[i] + pieces[i].size);
  }
  return end;
}

TEST(Pack, GreatAlignmentsFirst) {
  EXPECT_EQ(pack(std::vector<UnplacedPiece>{{3, 1}, {4, 4}, {2, 2}}), (List{6, 0, 4}));
  EXPECT_TRUE(pack({}).empty());
}

TEST(Pack, AFreePieceFillsTheGapThatItFits) {
  // The second word would begin at 4 in any case, and the three bytes are nowhere else.
  EXPECT_EQ(pack(std::vector<UnplacedPiece>{{5, 4}, {4, 4}, {3, 1}, {1, 1}}), (List{0, 8, 5, 12}));
  // One that is too short or too long stays behind.
  EXPECT_EQ(pack(std::vector<UnplacedPiece>{{5, 4}, {4, 4}, {2, 1}, {4, 1}}), (List{0, 8, 12, 14}));
  // So does one that has an alignment itself.
  EXPECT_EQ(pack(std::vector<UnplacedPiece>{{6, 4}, {4, 4}, {2, 2}}), (List{0, 8, 12}));
}

// All lists of four pieces of few sizes and alignments. No order by alignment alone is shorter.
TEST(Pack, SmallWorlds) {
  constexpr u32 kKinds = 4 * 3;
  for (u32 world = 0; world < kKinds * kKinds * kKinds * kKinds; world++) {
    std::vector<UnplacedPiece> pieces;
    for (u32 rest = world, i = 0; i < 4; i++, rest /= kKinds)
      pieces.push_back({1 + rest % 4, 1u << rest % kKinds / 4});
    const u64 end = checked_end(pieces);
    std::ranges::stable_sort(pieces, std::greater(), &UnplacedPiece::alignment);
    u64 sorted = 0;
    for (const UnplacedPiece& piece : pieces)
      sorted = (sorted + piece.alignment - 1) / piece.alignment * piece.alignment + piece.size;
    ASSERT_LE(end, sorted) << world;
  }
}

}  // namespace
}  // namespace fwseal
