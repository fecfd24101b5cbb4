// In which output section is a symbol that stands in none? One that the script sets between output
// sections, and one in an output section that is left out because it is empty.
#pragma once

#include <map>
#include <vector>

#include "sections/layout_pass.h"

namespace fwseal {

class SymbolHomes {
 public:
  explicit SymbolHomes(const LayoutState& state);

  // For each SymbolId the arranged output that a place assigned between output sections belongs to.
  static constexpr u32 kNone = 0xffff'ffff;
  std::map<SymbolId, u32> of_places() const;

  // An output section of the image next to one that is left out, for something at `address`; kNone
  // if the image has none.
  u32 beside(u32 left_out, u64 address) const;

 private:
  u32 kinds(u32 output) const { return state_.drafts[output].kind.kinds; }
  bool exists(u32 output) const { return state_.world.outputs[output].exists; }
  bool holds_places(u32 output) const {
    return (kinds(output) & (kAllocKind | kThreadKind)) == kAllocKind;
  }
  u32 home_of_place(u64 position, u32 current, bool prefers_next) const;
  void find_homes();
  u32 before(i64 rank) const;

  const LayoutState& state_;
  std::vector<u32> ranked_;      // outputs in the order of the script
  std::vector<u32> rank_;        // per output
  std::vector<bool> after_end_;  // per output: the script has set `end` before
  std::vector<u32> next_rank_;   // per top-level statement: rank of the next output
  std::vector<u32> previous_;    // per rank: the output of the image before it, or kNone
  std::vector<u32> next_;        // per rank: the output of the image from it on, or kNone
  std::vector<u32> homes_;  // per rank: the last output up to it that can hold places, or kNone
  std::vector<u32> stops_;  // per rank: the next one of an output that exists or is behind end
  u32 first_home_ = kNone;  // the first output that can hold places
};

}  // namespace fwseal
