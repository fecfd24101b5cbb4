#include "graph/anchor_reach.h"

#include <algorithm>

namespace fwseal {
namespace {

constexpr u64 kMostPointers = 64;

}  // namespace

AnchorReaches::AnchorReaches(const Program& program, std::span<const Anchor> anchors)
    : program_(program), anchors_(anchors), is_used_(anchors.size()) {
  for (u32 i = 0; i < anchors.size(); i++) reaches_.push_back({i, false, 0, 0});
}

AnchorValue AnchorReaches::load(u32 number, AnchorValue::Kind kind) {
  use(number);
  const Anchor& anchor = anchors_[number];
  return {kind, false, number, index(anchor.data), anchor.base, anchor.base};
}

bool AnchorReaches::all_used() const {
  return std::ranges::find(is_used_, false) == is_used_.end();
}

void AnchorReaches::touch(const AnchorValue& at, u64 size) {
  if (!at.is(AnchorValue::Kind::kData)) return;
  AnchorReach& reach = reaches_[at.origin];
  const i64 high = at.high + static_cast<i64>(size);
  if (at.low < 0 || high > static_cast<i64>(program_.inputs[SectionId{at.section}].size))
    return take_all(at);
  const bool is_first = reach.low == reach.high;
  reach.low = is_first ? at.low : std::min(reach.low, at.low);
  reach.high = is_first ? high : std::max(reach.high, high);
}

void AnchorReaches::note_pointer(const AnchorValue& value) {
  if (!value.is(AnchorValue::Kind::kData)) return;
  std::vector<i64>& pointers = reaches_[value.origin].pointers;
  if (!value.is_bounded() || pointers.size() >= kMostPointers) return take_all(value);
  for (const i64 offset : {value.low, value.high})
    if (std::ranges::find(pointers, offset) == pointers.end()) pointers.push_back(offset);
}

void AnchorReaches::take_all(const AnchorValue& value) {
  if (value.is(AnchorValue::Kind::kData)) reaches_[value.origin].is_all = true;
}

void AnchorReaches::unite(const AnchorValue& a, const AnchorValue& b) {
  const bool both = a.is(AnchorValue::Kind::kData) && b.is(AnchorValue::Kind::kData);
  if (!both || a.section != b.section) return;
  const u32 first = group_of(a.origin);
  const u32 second = group_of(b.origin);
  reaches_[std::max(first, second)].group = std::min(first, second);
}

void AnchorReaches::unite(const AnchorState& a, const AnchorState& b) {
  for (u64 i = 0; i < a.registers.size(); i++) unite(a.registers[i], b.registers[i]);
  for (const FrameWord& word : b.frame) unite(a.load_word(word.offset, 4), word.value);
}

u32 AnchorReaches::group_of(u32 number) {
  while (reaches_[number].group != number) {
    reaches_[number].group = reaches_[reaches_[number].group].group;
    number = reaches_[number].group;
  }
  return number;
}

std::vector<AnchorReach> AnchorReaches::result() {
  for (u32 i = 0; i < reaches_.size(); i++) reaches_[i].group = group_of(i);
  return std::move(reaches_);
}

}  // namespace fwseal
