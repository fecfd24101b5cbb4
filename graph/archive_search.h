// Which member of an archive is loaded next?
#pragma once

#include <optional>
#include <vector>

#include "graph/symbol_merge.h"

namespace fwseal {

class ArchiveSearch {
 public:
  // Enters the index of an archive. Archives are numbered in the order in which they are entered.
  void add(const std::vector<ArchiveSymbol>& archive_index, Symbols& symbols);

  // A member to load: the index says that it defines a name that is wanted.
  struct Candidate {
    u32 member = 0;  // a number of our own
    u64 header_offset = 0;
    SymbolId symbol = kNoSymbol;
  };

  // One visit: begin, then next until there is nothing more. Between two calls of next the member
  // may be loaded (then say so) or left alone.
  void begin(u32 archive, SymbolMerge& merge);
  std::optional<Candidate> next(SymbolMerge& merge);
  void set_loaded(const Candidate& candidate);

 private:
  // Where a pass comes to an entry of the index: the pass in the upper half, the position in the
  // lower one, so that stops are ordered as numbers.
  using Stop = u64;
  static constexpr Stop stop(u32 pass, u32 position) { return u64{pass} << 32 | position; }

  struct Indexed {
    std::vector<SymbolId> names;  // by position
    std::vector<u32> members;     // by position
    std::vector<u64> offsets;     // by member
    std::vector<bool> loaded;     // by member
    std::vector<Stop> stops;      // a heap, the first stop on top
    bool visited = false;
  };
  // An entry of some archive's index, in the list of its name.
  struct Entry {
    u32 archive = 0;
    u32 position = 0;
    u32 next = kEnd;
  };
  static constexpr u32 kEnd = 0xffff'ffff;

  void hear(SymbolMerge& merge);
  void add_stop(u32 archive, u32 position);
  bool start_next_pass(const SymbolMerge& merge);
  void finish_visit();

  std::vector<Indexed> archives_;
  std::vector<Entry> entries_;
  std::vector<u32> first_entry_;  // by SymbolId; shorter if the rest have none
  u32 active_ = kEnd;
  u32 pass_ = 0;
  u32 next_position_ = 0;     // the first one that the pass has still to come to
  u64 demands_at_start_ = 0;  // of the pass
};

}  // namespace fwseal
