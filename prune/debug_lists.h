// Lists of ranges of addresses, and of locations that are valid in ranges of them.
//
// DWARF 5, "Non-Contiguous Address Ranges", "Location Lists"; DWARF 4, sections of the same names,
// for .debug_ranges and .debug_loc.
#pragma once

#include "prune/debug_patch.h"

namespace fwseal {

// What the values of attributes of a unit depend on.
struct DebugUnit {
  DwarfSizes sizes;
  CodePlace base;  // from which distances count; without a section if that is a mere number
  // Where its tables of addresses and offsets of lists begin; nullptr if it has none.
  DebugSection* addresses = nullptr;
  u64 addresses_at = 0;
  DebugSection* range_lists = nullptr;
  u64 range_lists_at = 0;
  DebugSection* location_lists = nullptr;
  u64 location_lists_at = 0;

  DebugAddress address(DebugSection& holder, const DwarfValue& value) const;
};

class DebugLists {
 public:
  explicit DebugLists(DebugPatch& patch) : patch_(patch) {}

  // Is this a section of lists?
  static bool holds_lists(std::string_view section);
  // The list at this offset of such a section.
  void follow(DebugSection& section, u64 offset, const DebugUnit& unit);

 private:
  void follow_old(DebugSection& section, DwarfCursor& cursor, CodePlace base, bool has_locations);
  void follow_ranges(DebugSection& section, DwarfCursor& cursor, const DebugUnit& unit);
  void follow_locations(DebugSection& section, DwarfCursor& cursor, const DebugUnit& unit);
  void follow_old_pair(DebugSection& section, const DwarfValue& begin, const DwarfValue& end,
                       const CodePlace& base);
  void follow_pair(DebugSection& section, DwarfCursor& cursor, const CodePlace& base);
  std::optional<Remains> remains_from(const CodePlace& base, u64 begin, u64 end) const;
  void spend(const DebugSection& section, u64 bytes);

  DebugPatch& patch_;
  std::map<std::pair<u32, u64>, CodePlace> seen_;  // where lists begin, and their base
  std::map<u32, u64> walked_;                      // per section: bytes
};

}  // namespace fwseal
