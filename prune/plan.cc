#include "prune/plan.h"

#include <algorithm>
#include <cassert>

namespace fwseal {

void EditList::add(Edit edit) {
  assert(edits_.empty() || edits_.back().offset + edits_.back().removed <= edit.offset);
  growth_.push_back(growth() + static_cast<i64>(edit.inserted.size()) -
                    static_cast<i64>(edit.removed));
  edits_.push_back(std::move(edit));
}

i64 EditList::growth() const { return growth_before(edits_.size()); }

u64 EditList::map(u64 offset) const {
  const auto at = std::ranges::lower_bound(edits_, offset, {}, &Edit::offset);
  const auto count = static_cast<u64>(at - edits_.begin());
  if (count != 0) {
    const Edit& last = edits_[count - 1];
    if (offset - last.offset < last.removed)
      return last.offset + last.inserted.size() + static_cast<u64>(growth_before(count - 1));
  }
  const u64 result = offset + static_cast<u64>(growth_before(count));
  // What is inserted at an offset comes before the byte that was there, but a label at the very
  // end of a section stays in front of what is appended.
  const bool replaced = at != edits_.end() && at->offset == offset && at->removed != 0;
  return replaced ? result + at->inserted.size() : result;
}

u64 EditList::map_end(u64 offset) const {
  const auto at = std::ranges::lower_bound(edits_, offset, {}, &Edit::offset);
  const auto count = static_cast<u64>(at - edits_.begin());
  if (count == 0) return offset;
  const Edit& last = edits_[count - 1];
  // Of what gave way, nothing is left, and what came in its place is not what was there.
  if (offset - last.offset <= last.removed)
    return last.offset + static_cast<u64>(growth_before(count - 1));
  return offset + static_cast<u64>(growth_before(count));
}

bool EditList::removes(u64 offset) const {
  const auto behind = std::ranges::upper_bound(edits_, offset, {}, &Edit::offset);
  return behind != edits_.begin() &&
         offset - std::prev(behind)->offset < std::prev(behind)->removed;
}

bool EditList::removes_symbol(u64 offset) const {
  const auto at = std::ranges::lower_bound(edits_, offset, {}, &Edit::offset);
  const bool is_name = at != edits_.end() && at->offset == offset && at->is_gap;
  return removes(offset) && !is_name;
}

u64 MergedStrings::map(SectionId section, u64 offset) const {
  const auto first = pieces.begin() + first_piece[index(section)];
  const auto last = pieces.begin() + first_piece[index(section) + 1];
  if (first == last) return 0;
  auto piece = std::upper_bound(first, last, offset, [](u64 value, const MergedPiece& candidate) {
    return value < candidate.input_offset;
  });
  if (piece != first) --piece;
  // Behind the piece's own bytes lies the padding up to the next one; it reads as zeroes, as the
  // last unit of a string does.
  return piece->blob_offset + std::min<u64>(offset - piece->input_offset, piece->size);
}

}  // namespace fwseal
