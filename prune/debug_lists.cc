#include "prune/debug_lists.h"

namespace fwseal {
namespace {

// DWARF 5, table "Range list entry encoding values". Those of locations are different numbers.
enum RangeEntry : u8 {
  DW_RLE_end_of_list = 0,
  DW_RLE_base_addressx = 1,
  DW_RLE_startx_endx = 2,
  DW_RLE_startx_length = 3,
  DW_RLE_offset_pair = 4,
  DW_RLE_base_address = 5,
  DW_RLE_start_end = 6,
  DW_RLE_start_length = 7,
};
// The same, table "Location list entry encoding values"; and GCC's numbers of views.
enum LocationEntry : u8 {
  DW_LLE_end_of_list = 0,
  DW_LLE_base_addressx = 1,
  DW_LLE_startx_endx = 2,
  DW_LLE_startx_length = 3,
  DW_LLE_offset_pair = 4,
  DW_LLE_default_location = 5,
  DW_LLE_base_address = 6,
  DW_LLE_start_end = 7,
  DW_LLE_start_length = 8,
  DW_LLE_GNU_view_pair = 9,
};

DwarfValue read_fixed(DwarfCursor& cursor, u64 size, DwarfClass kind = DwarfClass::kFixed) {
  DwarfValue value;
  value.kind = kind;
  value.place = cursor.at();
  value.size = size;
  value.number = cursor.fixed(size);
  return value;
}

DwarfValue read_uleb(DwarfCursor& cursor, DwarfClass kind = DwarfClass::kUleb) {
  DwarfValue value;
  value.kind = kind;
  value.place = cursor.at();
  value.number = cursor.uleb();
  value.size = cursor.at() - value.place;
  return value;
}

// The entries that both kinds of lists have, under one number.
void follow_entry(RangeEntry entry, DebugSection& section, DwarfCursor& cursor,
                  const DebugUnit& unit, DebugPatch& patch, CodePlace& base) {
  const auto address = [&] {
    return unit.address(section, read_fixed(cursor, unit.sizes.address, DwarfClass::kAddress));
  };
  const auto index = [&] {
    return unit.address(section, read_uleb(cursor, DwarfClass::kAddressIndex));
  };
  const auto follow_from = [&](const DebugAddress& begin) {
    patch.follow_range(begin, DebugNumber{&section, read_uleb(cursor)});
  };
  const auto follow_both = [&](const DebugAddress& begin, const DebugAddress& end) {
    patch.follow_range(begin, end);
  };
  const auto count_from = [&](const DebugAddress& address_of_base) {
    base = address_of_base.names.value_or(CodePlace{});
    patch.follow_base(address_of_base);
  };
  switch (entry) {
    case DW_RLE_base_addressx:
      return count_from(index());
    case DW_RLE_base_address:
      return count_from(address());
    case DW_RLE_startx_length:
      return follow_from(index());
    case DW_RLE_start_length:
      return follow_from(address());
    case DW_RLE_startx_endx: {
      const DebugAddress begin = index();
      return follow_both(begin, index());
    }
    case DW_RLE_start_end: {
      const DebugAddress begin = address();
      return follow_both(begin, address());
    }
    default:
      throw BadInput(cat("unknown entry ", u32{entry}, " of a list"));
  }
}

std::optional<RangeEntry> as_range_entry(u8 location_entry) {
  switch (location_entry) {
    case DW_LLE_base_addressx:
      return DW_RLE_base_addressx;
    case DW_LLE_startx_endx:
      return DW_RLE_startx_endx;
    case DW_LLE_startx_length:
      return DW_RLE_startx_length;
    case DW_LLE_base_address:
      return DW_RLE_base_address;
    case DW_LLE_start_end:
      return DW_RLE_start_end;
    case DW_LLE_start_length:
      return DW_RLE_start_length;
    default:
      return std::nullopt;
  }
}

}  // namespace

DebugAddress DebugUnit::address(DebugSection& holder, const DwarfValue& value) const {
  DebugAddress result;
  if (value.kind == DwarfClass::kAddress) {
    result.holder = &holder;
    result.place = value.place;
  } else {
    if (addresses == nullptr) throw BadInput("an address is given by its number, without a table");
    result.index_holder = &holder;
    result.index = value;
    result.holder = addresses;
    if (value.number > addresses->bytes().size())
      throw BadInput(cat("there is no address number ", value.number));
    result.place = addresses_at + value.number * sizes.address;
  }
  result.names = result.holder->target(result.place);
  return result;
}

bool DebugLists::holds_lists(std::string_view section) {
  return section == ".debug_ranges" || section == ".debug_loc" || section == ".debug_rnglists" ||
         section == ".debug_loclists";
}

void DebugLists::follow(DebugSection& section, u64 offset, const DebugUnit& unit) {
  const auto [seen, added] = seen_.try_emplace({index(section.id()), offset}, unit.base);
  if (!added) {
    if (seen->second.section != unit.base.section || seen->second.offset != unit.base.offset)
      throw BadInput(cat("the list at ", hex(offset), " is used by two units"));
    return;
  }
  const std::string_view name = patch_.name(section.id());
  DwarfCursor cursor(section.bytes(), offset);
  if (name == ".debug_rnglists")
    follow_ranges(section, cursor, unit);
  else if (name == ".debug_loclists")
    follow_locations(section, cursor, unit);
  else
    follow_old(section, cursor, unit.base, name == ".debug_loc");
}

// Lists do not share entries. If they do all the same, there is an end to it.
void DebugLists::spend(const DebugSection& section, u64 bytes) {
  constexpr u64 kMostOverlap = 4;
  u64& walked = walked_[index(section.id())];
  walked += bytes;
  if (walked > kMostOverlap * section.bytes().size())
    throw BadInput(cat("lists of ", patch_.name(section.id()), " overlap"));
}

std::optional<Remains> DebugLists::remains_from(const CodePlace& base, u64 begin, u64 end) const {
  const auto left = patch_.remains({base.section, base.offset + begin, base.offset + end});
  if (!left) return left;
  const u64 from = patch_.map(base);
  if (left->begin < from) throw BadInput("a list has a range before its base");
  return Remains{left->begin - from, left->end - from};
}

// ---- DWARF 2 to 4

void DebugLists::follow_old(DebugSection& section, DwarfCursor& cursor, CodePlace base,
                            bool has_locations) {
  constexpr u64 kNewBase = 0xffff'ffff;
  constexpr u64 kAddress = 4;
  for (;;) {
    const u64 start = cursor.at();
    const DwarfValue begin = read_fixed(cursor, kAddress, DwarfClass::kAddress);
    const DwarfValue end = read_fixed(cursor, kAddress, DwarfClass::kAddress);
    const auto begins = section.target(begin.place);
    const auto ends = section.target(end.place);
    if (!begins && begin.number == kNewBase) {
      base = ends.value_or(CodePlace{});
      patch_.follow_base({&section, end.place, ends, nullptr, {}});
      spend(section, cursor.at() - start);
      continue;
    }
    if (!begins && !ends && begin.number == 0 && end.number == 0) return;
    if (begins || ends)
      patch_.follow_range({&section, begin.place, begins, nullptr, {}},
                          {&section, end.place, ends, nullptr, {}});
    else if (patch_.moves(base))
      follow_old_pair(section, begin, end, base);
    if (has_locations) cursor.skip(cursor.fixed(2));
    spend(section, cursor.at() - start);
  }
}

// Two zeroes would end the list. What is of no use becomes an empty range elsewhere, as relocation
// makes one of two addresses that are gone.
void DebugLists::follow_old_pair(DebugSection& section, const DwarfValue& begin,
                                 const DwarfValue& end, const CodePlace& base) {
  if (begin.number > end.number)
    throw BadInput(cat("the range at ", hex(begin.place), " has no end"));
  const auto left = remains_from(base, begin.number, end.number);
  const bool usable = left && left->end != 0;
  const auto put = [&](const DwarfValue& number, u64 to) {
    section.overwrite(number.place, *fixed_of_size(to & 0xffff'ffff, number.size));
  };
  put(begin, usable ? left->begin : 1);
  put(end, usable ? left->end : 1);
}

// ---- DWARF 5

void DebugLists::follow_pair(DebugSection& section, DwarfCursor& cursor, const CodePlace& base) {
  const DwarfValue begin = read_uleb(cursor);
  const DwarfValue end = read_uleb(cursor);
  if (!patch_.moves(base)) return;
  if (begin.number > end.number || end.number > 0xffff'ffff)
    throw BadInput(cat("the range at ", hex(begin.place), " has no end"));
  const Remains left = remains_from(base, begin.number, end.number).value_or(Remains{});
  patch_.change({&section, begin}, left.begin);
  patch_.change({&section, end}, left.end);
}

void DebugLists::follow_ranges(DebugSection& section, DwarfCursor& cursor, const DebugUnit& unit) {
  CodePlace base = unit.base;
  for (;;) {
    const u64 start = cursor.at();
    const u8 entry = cursor.byte();
    if (entry == DW_RLE_end_of_list) return;
    if (entry == DW_RLE_offset_pair)
      follow_pair(section, cursor, base);
    else
      follow_entry(static_cast<RangeEntry>(entry), section, cursor, unit, patch_, base);
    spend(section, cursor.at() - start);
  }
}

void DebugLists::follow_locations(DebugSection& section, DwarfCursor& cursor,
                                  const DebugUnit& unit) {
  CodePlace base = unit.base;
  for (;;) {
    const u64 start = cursor.at();
    const u8 entry = cursor.byte();
    bool has_location = true;
    if (entry == DW_LLE_end_of_list) return;
    if (entry == DW_LLE_offset_pair) {
      follow_pair(section, cursor, base);
    } else if (entry == DW_LLE_GNU_view_pair) {
      cursor.uleb();
      cursor.uleb();
      has_location = false;
    } else if (entry != DW_LLE_default_location) {
      const auto same = as_range_entry(entry);
      if (!same) throw BadInput(cat("unknown entry ", u32{entry}, " of a list"));
      follow_entry(*same, section, cursor, unit, patch_, base);
      has_location = *same != DW_RLE_base_addressx && *same != DW_RLE_base_address;
    }
    if (has_location) cursor.skip(cursor.uleb());
    spend(section, cursor.at() - start);
  }
}

}  // namespace fwseal
