#include "prune/folds.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace fwseal {

Folds::Folds(std::vector<Fold> folds, u64 sections) : folds_(std::move(folds)) {
  if (folds_.empty()) return;
  std::ranges::sort(folds_, {},
                    [](const Fold& fold) { return std::tuple(index(fold.section), fold.begin); });
  first_.resize(sections + 1);
  for (const Fold& fold : folds_) first_[index(fold.section) + 1]++;
  for (u64 i = 0; i < sections; i++) first_[i + 1] += first_[i];
}

const Fold* Folds::at(SectionId section, u64 offset) const {
  const std::span<const Fold> list = of(section);
  if (list.empty()) return nullptr;
  // A reference may be to a place before the section.
  if (list.size() == 1 && list[0].begin == 0 && list[0].end == Fold::kWhole) return &list[0];
  const auto behind = std::ranges::upper_bound(list, offset, {}, &Fold::begin);
  if (behind == list.begin() || offset >= std::prev(behind)->end) return nullptr;
  return &*std::prev(behind);
}

const Fold* Folds::find(SectionId section, u64 offset) const {
  const Fold* const fold = at(section, offset);
  return fold == nullptr || fold->proof == Fold::Proof::kJump ? nullptr : fold;
}

bool Folds::is_jump(SectionId section, u64 offset) const {
  const Fold* const fold = at(section, offset);
  return fold != nullptr && fold->proof == Fold::Proof::kJump && offset - fold->begin < kJumpSize;
}

}  // namespace fwseal
