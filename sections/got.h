// The global offset table of a static image: words that hold addresses, for code that was compiled
// to be position independent and loads addresses instead of building them.
//
// No loader will ever change them, so the table is read-only data like any other.
#pragma once

#include <map>
#include <tuple>
#include <vector>

#include "graph/program.h"
#include "prune/plan.h"

namespace fwseal {

struct GotEntry {
  ObjectId object = kNoObject;  // an object and symbol index that mean the target
  u32 symbol = 0;
  bool thread_local_offset = false;  // the word holds an offset from the thread pointer
};

class GotPlan {
 public:
  using Key = std::tuple<u32, u32, u64, bool>;

  // The entries that the kept sections need, one for each target.
  static GotPlan collect(const Program& program, const Plan& plan);

  bool needed() const { return needed_; }  // also true if only the table's address is used
  const std::vector<GotEntry>& entries() const { return entries_; }
  // The number of the entry for what a relocation refers to.
  u32 entry_for(const Referent& to, bool thread_local_offset) const;

 private:
  void add_section(const Program& program, const Plan& plan, SectionId section);

  std::vector<GotEntry> entries_;
  std::map<Key, u32> index_;
  bool needed_ = false;
};

inline constexpr u64 kGotEntrySize = 4;

}  // namespace fwseal
