// The greatest alignment comes first; then only a piece that is no multiple of its alignment leaves
// a gap. What needs no alignment would stand at the end: in a gap that it fills exactly it is free.
#include "prune/pack.h"

#include <algorithm>
#include <array>
#include <functional>
#include <numeric>

namespace fwseal {

std::vector<u64> pack(std::span<const UnplacedPiece> pieces) {
  constexpr u64 kWord =
      4;  // Gaps before the rare piece with a greater alignment are filled so far.
  std::vector<u32> order(pieces.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::greater(), [&](u32 i) { return pieces[i].alignment; });
  std::array<std::vector<u32>, kWord> fillers;  // by what their size is beyond whole words
  for (const u32 i : order)
    if (pieces[i].alignment == 1) fillers[pieces[i].size % kWord].push_back(i);

  std::vector<u64> offsets(pieces.size());
  std::vector<bool> placed(pieces.size());
  u64 end = 0;
  const auto place = [&](u32 i) {
    offsets[i] = align_up(end, pieces[i].alignment);
    end = offsets[i] + pieces[i].size;
    placed[i] = true;
  };
  for (const u32 i : order) {
    if (placed[i]) continue;
    const u64 gap = -end % std::min(kWord, u64{pieces[i].alignment});
    if (gap != 0 && !fillers[gap].empty()) {
      place(fillers[gap].back());
      fillers[gap].pop_back();
    }
    place(i);
  }
  return offsets;
}

}  // namespace fwseal
