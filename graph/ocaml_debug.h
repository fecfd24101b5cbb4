// Debugging information in OCaml's frame tables: what a backtrace prints.
#pragma once

#include <algorithm>
#include <unordered_map>

#include "graph/ocaml_frames.h"

namespace fwseal {

// Reads what the descriptors of one table refer to. Throws BadInput if it is malformed. `bytes` is
// the table, and may reach behind it.
class DebugReader {
 public:
  explicit DebugReader(Bytes bytes) : bytes_(bytes) {}

  // The debuginfo of a descriptor at an offset of the table: to where it leads, 0 for nowhere.
  u32 note(u64 field, bool may_be_none) const;

  // What all that was noted in table.debug leads to. `begin` is where the descriptors end. The
  // notes become numbers of locations.
  void read(u64 begin, FrameTable& table);

  // Behind all that was read.
  u64 end() const { return end_; }

 private:
  u32 first_location(u32 place, FrameTable& table);
  u32 name_at(u64 place, FrameTable& table);
  std::string_view text_at(u64 place);
  void check_behind_descriptors(u64 place) const;
  void reach(u64 end) { end_ = std::max(end_, end); }

  Bytes bytes_;
  u64 begin_ = 0;
  u64 end_ = 0;
  u64 text_bytes_ = 0;                      // read so far
  std::unordered_map<u32, u32> locations_;  // by place: the number plus 1
  std::unordered_map<u64, u32> names_;
  std::unordered_map<u64, std::string_view> texts_;
};

}  // namespace fwseal
