// What control reaches from the beginning of the function is followed, and then what it reaches
// from the landing pads: straight on up to where it stops, and wherever an instruction refers to.
// Of data among the code a run belongs to who refers to it. What is reached in the second walk and
// not in the first is what only landing pads lead to.
#include "graph/pad_code.h"

#include <algorithm>

namespace fwseal {
namespace {

constexpr u32 kUnit = 2;  // bytes; no instruction is shorter

class Walker {
 public:
  explicit Walker(const FunctionCode& code)
      : code_(code), by_entry_((code.end - code.begin + kUnit - 1) / kUnit), by_pad_(by_entry_) {}

  std::vector<u32> run(const FunctionPads& pads) {
    walk({code_.begin}, by_entry_);
    walk(pads.pads, by_pad_);
    std::vector<u32> bounds;
    bool was_pads = false;
    for (u64 i = 0; i < by_pad_.size(); i++) {
      const bool is_pads = by_pad_[i] && !by_entry_[i];
      if (is_pads != was_pads) bounds.push_back(code_.begin + static_cast<u32>(i) * kUnit);
      was_pads = is_pads;
    }
    if (was_pads) bounds.push_back(code_.end);
    return bounds;
  }

 private:
  void walk(std::vector<u32> from, std::vector<bool>& reached) {
    while (!from.empty()) {
      const u32 place = from.back();
      from.pop_back();
      if (place < code_.begin || place >= code_.end) continue;
      const auto behind = std::ranges::upper_bound(code_.runs, place, {}, &CodeRun::begin);
      if (behind == code_.runs.begin()) continue;
      const CodeRun& run = *std::prev(behind);
      if (run.mode == CodeMode::kData)
        mark(static_cast<u32>(run.begin), static_cast<u32>(run.end), reached);
      else
        go_on(place, reached, from);
    }
  }

  void go_on(u32 place, std::vector<bool>& reached, std::vector<u32>& found) {
    const auto stop = std::ranges::upper_bound(code_.stops, place);
    const u32 last = stop == code_.stops.end() ? code_.end : std::min(*stop, code_.end);
    u32 end = place;
    while (end < last && !reached[(end - code_.begin) / kUnit]) end += kUnit;
    mark(place, end, reached);
    auto reference = std::ranges::lower_bound(code_.references, place, {}, &CodeReference::place);
    for (; reference != code_.references.end() && reference->place < end; ++reference)
      found.push_back(reference->target);
  }

  void mark(u32 begin, u32 end, std::vector<bool>& reached) {
    for (u32 at = std::max(begin, code_.begin); at < std::min(end, code_.end); at += kUnit)
      reached[(at - code_.begin) / kUnit] = true;
  }

  const FunctionCode& code_;
  std::vector<bool> by_entry_;  // per unit
  std::vector<bool> by_pad_;
};

}  // namespace

std::vector<u32> pad_code_bounds(const FunctionCode& code, const FunctionPads& pads) {
  return Walker(code).run(pads);
}

}  // namespace fwseal
