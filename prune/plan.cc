#include "prune/plan.h"

#include <algorithm>
#include <cassert>

namespace fwseal {

void EditList::add(Edit edit) {
  assert(edits_.empty() || edits_.back().offset + edits_.back().removed <= edit.offset);
  edits_.push_back(std::move(edit));
}

i64 EditList::growth() const {
  i64 growth = 0;
  for (const Edit& edit : edits_)
    growth += static_cast<i64>(edit.inserted.size()) - static_cast<i64>(edit.removed);
  return growth;
}

u64 EditList::map(u64 offset) const {
  u64 result = offset;
  for (const Edit& edit : edits_) {
    if (offset < edit.offset) break;
    if (offset < edit.offset + edit.removed) {
      result -= offset - edit.offset;
      result += edit.inserted.size();
      break;
    }
    // What is inserted at an offset comes before the byte that was there, but a label at the very
    // end of a section stays in front of what is appended.
    if (offset == edit.offset && edit.removed == 0) break;
    result += edit.inserted.size();
    result -= edit.removed;
  }
  return result;
}

bool EditList::removes(u64 offset) const {
  return std::any_of(edits_.begin(), edits_.end(), [&](const Edit& edit) {
    return edit.offset <= offset && offset < edit.offset + edit.removed;
  });
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
