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
  // Where a pass comes to an entry of the index. Ordered by pass, then by position.
  struct Stop {
    u32 pass = 0;
    u32 position = 0;
    auto operator<=>(const Stop&) const = default;
  };
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
  Stop at_;                   // of the visit
  bool at_start_ = true;      // of a pass: at_.position has not been reached
  u64 demands_at_start_ = 0;  // of a pass
};

}  // namespace fwseal
