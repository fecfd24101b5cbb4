// Archive members, in GNU ld's order and in near-linear time.
//
// GNU ld walks over the index of an archive and loads each member whose name is wanted at that
// moment. If that brought new demands, it makes another pass, until a pass brings none; in a group
// it visits each archive again until nothing changes. So which of two members that define a name is
// loaded, and in which order they are laid out, follows from passes and positions in the index.
//
// Here a pass only stops at entries that can matter. Each archive has a heap of stops, ordered by
// pass and position. A name that becomes wanted adds a stop for each entry of it: in this pass if
// the walk has not yet come by, in the next one otherwise; for other archives, in their next visit.
// Each entry is added at most twice (when its name becomes undefined, and when it becomes common),
// so all visits together take O(n log n) for n entries, however many passes and rounds there are.
#include "graph/archive_search.h"

#include <algorithm>
#include <functional>

#include "graph/memory_hints.h"

namespace fwseal {
void ArchiveSearch::add(const std::vector<ArchiveSymbol>& archive_index, Symbols& symbols) {
  const u32 archive = static_cast<u32>(archives_.size());
  Indexed& indexed = archives_.emplace_back();
  for (const ArchiveSymbol& symbol : archive_index)
    if (indexed.offsets.empty() || indexed.offsets.back() != symbol.header_offset)
      indexed.offsets.push_back(symbol.header_offset);
  if (!std::ranges::is_sorted(indexed.offsets)) std::ranges::sort(indexed.offsets);
  indexed.offsets.erase(std::unique(indexed.offsets.begin(), indexed.offsets.end()),
                        indexed.offsets.end());
  indexed.loaded.resize(indexed.offsets.size());
  indexed.names.reserve(archive_index.size());
  indexed.members.reserve(archive_index.size());
  reserve_more(entries_, archive_index.size());
  reserve_more(first_entry_, archive_index.size());
  reserve_more(symbols.symbols, archive_index.size() + archive_index.size() / 8);  // others come

  std::vector<std::string_view> names;
  for (u64 begin = 0; begin < archive_index.size(); begin += names.size()) {
    constexpr u64 kBlock = 1024;
    names.clear();
    for (u64 i = begin; i < std::min(begin + kBlock, archive_index.size()); i++)
      names.push_back(archive_index[i].name);
    symbols.add_all(names, indexed.names);
  }
  if (first_entry_.size() < symbols.symbols.size())
    first_entry_.resize(symbols.symbols.size(), kEnd);

  u32 member = 0;
  for (u32 i = 0; i < archive_index.size(); i++) {
    const u64 offset = archive_index[i].header_offset;
    if (indexed.offsets[member] != offset)
      member = static_cast<u32>(std::ranges::lower_bound(indexed.offsets, offset) -
                                indexed.offsets.begin());
    indexed.members.push_back(member);
    u32& first = first_entry_[index(indexed.names[i])];
    entries_.push_back({archive, i, first});
    first = static_cast<u32>(entries_.size() - 1);
  }
}

void ArchiveSearch::begin(u32 archive, SymbolMerge& merge) {
  hear(merge);
  active_ = archive;
  pass_ = 0;
  next_position_ = 0;
  demands_at_start_ = merge.demands();
  Indexed& indexed = archives_[archive];
  if (indexed.visited) return;
  // What was wanted before the archive was entered has no stop yet, or has one already.
  indexed.visited = true;
  indexed.stops.clear();
  for (u32 i = 0; i < indexed.names.size(); i++)
    if (merge.is_wanted(indexed.names[i])) indexed.stops.push_back(stop(0, i));
}

// Adds stops for the names that have become wanted.
void ArchiveSearch::hear(SymbolMerge& merge) {
  for (SymbolId id : merge.wanted())
    if (index(id) < first_entry_.size())
      for (u32 i = first_entry_[index(id)]; i != kEnd; i = entries_[i].next)
        add_stop(entries_[i].archive, entries_[i].position);
  merge.wanted().clear();
}

void ArchiveSearch::add_stop(u32 archive, u32 position) {
  std::vector<Stop>& stops = archives_[archive].stops;
  u32 pass = 0;
  if (archive == active_) pass = position >= next_position_ ? pass_ : pass_ + 1;
  stops.push_back(stop(pass, position));
  std::ranges::push_heap(stops, std::greater());
}

// Is there another pass? Only if this one has brought a demand, whatever stops are left.
bool ArchiveSearch::start_next_pass(const SymbolMerge& merge) {
  if (merge.demands() == demands_at_start_) return false;
  demands_at_start_ = merge.demands();
  pass_++;
  next_position_ = 0;
  return true;
}

void ArchiveSearch::finish_visit() {
  std::vector<Stop>& stops = archives_[active_].stops;
  for (Stop& left : stops) left = stop(0, static_cast<u32>(left));
  std::ranges::make_heap(stops, std::greater());
  active_ = kEnd;
}

std::optional<ArchiveSearch::Candidate> ArchiveSearch::next(SymbolMerge& merge) {
  hear(merge);
  Indexed& indexed = archives_[active_];
  while (!indexed.stops.empty()) {
    const Stop first = indexed.stops.front();
    if (first >> 32 > pass_ && !start_next_pass(merge)) break;
    std::ranges::pop_heap(indexed.stops, std::greater());
    indexed.stops.pop_back();
    const u32 position = static_cast<u32>(first);
    next_position_ = position + 1;
    const u32 member = indexed.members[position];
    const SymbolId symbol = indexed.names[position];
    if (!indexed.loaded[member] && merge.is_wanted(symbol))
      return Candidate{member, indexed.offsets[member], symbol};
  }
  finish_visit();
  return std::nullopt;
}

void ArchiveSearch::set_loaded(const Candidate& candidate) {
  archives_[active_].loaded[candidate.member] = true;
}

}  // namespace fwseal
