#include "graph/atoms.h"

#include <algorithm>
#include <cassert>

namespace fwseal {

void Atoms::cut(SectionId section, std::span<const u32> starts, u64 size,
                std::vector<CodeReference> crossings) {
  assert(starts.size() > 1 && starts[0] == 0 && !is_cut(section));
  if (ranges_.empty()) ranges_.resize(sections_);
  ranges_[index(section)] = {static_cast<u32>(pieces_.size()), static_cast<u32>(starts.size())};
  for (u64 i = 0; i < starts.size(); i++) {
    const u32 end = i + 1 < starts.size() ? starts[i + 1] : static_cast<u32>(size);
    pieces_.push_back({section, starts[i], end});
  }
  if (!crossings.empty()) crossings_[index(section)] = std::move(crossings);
}

std::span<const Piece> Atoms::pieces(SectionId section) const {
  if (!is_cut(section)) return {};
  const Range& range = ranges_[index(section)];
  return std::span(pieces_).subspan(range.first, range.count);
}

AtomId Atoms::at(SectionId section, u64 offset) const {
  if (!is_cut(section)) return atom_of(section);
  const std::span<const Piece> all = pieces(section);
  const auto behind = std::ranges::upper_bound(all, offset, {}, &Piece::begin);
  return atom_of_piece(section, static_cast<u64>(behind - all.begin()) - 1);
}

AtomId Atoms::function_of(AtomId atom) const {
  const auto part = std::ranges::lower_bound(parts_, atom, {}, &FunctionPart::part);
  return part == parts_.end() || part->part != atom ? atom : part->function;
}

std::span<const CodeReference> Atoms::crossings(SectionId section) const {
  const auto found = crossings_.find(index(section));
  return found == crossings_.end() ? std::span<const CodeReference>() : found->second;
}

bool Atoms::any_live(const Reach& live, SectionId section) const {
  if (live.live(atom_of(section))) return true;
  for (u64 i = 0; i < pieces(section).size(); i++)
    if (live.live(atom_of_piece(section, i))) return true;
  return false;
}

}  // namespace fwseal
