#include "prune/debug_units.h"

#include "elfio/dwarf_abbrev.h"
#include "prune/debug_lists.h"

namespace fwseal {
namespace {

enum UnitType : u8 {  // DWARF 5, table "Unit header unit type encodings"
  DW_UT_type = 2,
  DW_UT_skeleton = 4,
  DW_UT_split_compile = 5,
  DW_UT_split_type = 6,
};

bool is_unit(u32 tag) {
  return tag == DW_TAG_compile_unit || tag == DW_TAG_partial_unit || tag == DW_TAG_type_unit ||
         tag == DW_TAG_skeleton_unit;
}

// What an entry says about addresses.
struct Entry {
  std::optional<DwarfValue> low;
  std::optional<DwarfValue> high;
  std::vector<DwarfValue> points;
  std::vector<DwarfValue> lists;   // offsets, or other numbers
  std::vector<DwarfValue> ranges;  // by their number in the unit's table of lists
  std::vector<DwarfValue> locations;

  void clear() {
    low.reset();
    high.reset();
    points.clear();
    lists.clear();
    ranges.clear();
    locations.clear();
  }
};

class UnitWalker {
 public:
  UnitWalker(DebugPatch& patch, SectionId units, u64& at)
      : patch_(patch),
        info_(patch.section(units)),
        is_types_(patch.name(units) == ".debug_types"),
        at_(at),
        lists_(patch) {}

  bool run() {
    while (at_ < info_.bytes().size()) {
      const DwarfUnit unit = read_initial_length(info_.bytes(), at_);
      if (unit.begin != unit.end) follow_unit(unit);
      at_ = unit.end;
    }
    return !is_split_;
  }

 private:
  void follow_unit(const DwarfUnit& header) {
    DwarfCursor cursor(info_.bytes().sub(0, header.end), header.begin);
    unit_ = DebugUnit();
    scopes_.clear();
    const AbbrevTable& abbreviations = read_header(header, cursor);
    bool first = true;
    u64 depth = 0;  // of entries whose children come next
    while (!cursor.done()) {
      at_ = cursor.at();
      const u64 code = cursor.uleb();
      if (code == 0) {
        if (depth > 0) depth--;
        if (scopes_.size() > depth) scopes_.resize(depth);
        continue;
      }
      const Abbreviation& abbreviation = abbreviations.find(code);
      read_entry(abbreviations.attributes(abbreviation), cursor, first);
      const CodeRange scope = follow_entry(is_unit(abbreviation.tag), first);
      first = false;
      if (!abbreviation.has_children) continue;
      scopes_.push_back(scope);
      depth++;
    }
  }

  const AbbrevTable& read_header(const DwarfUnit& header, DwarfCursor& cursor) {
    DwarfSizes& sizes = unit_.sizes;
    sizes.offset = header.offset_size;
    sizes.version = static_cast<u16>(cursor.fixed(2));
    if (sizes.version < 2 || sizes.version > 5)
      throw BadInput(cat("DWARF version ", sizes.version, " is not known"));
    const u8 type = sizes.version >= 5 ? cursor.byte() : is_types_ ? u8{DW_UT_type} : u8{0};
    if (sizes.version >= 5) sizes.address = cursor.byte();
    const u64 place = cursor.at();
    const u64 offset = cursor.fixed(sizes.offset);
    if (sizes.version < 5) sizes.address = cursor.byte();
    if (sizes.address != 4) throw BadInput(cat("addresses have ", u32{sizes.address}, " bytes"));
    if (type == DW_UT_type || type == DW_UT_split_type) cursor.skip(8 + u64{sizes.offset});
    if (type == DW_UT_skeleton || type == DW_UT_split_compile) cursor.skip(8);
    return abbreviations_at(place, offset);
  }

  // Each table is read once. There are no more bytes in tables than the section has.
  const AbbrevTable& abbreviations_at(u64 place, u64 number) {
    CodePlace to = info_.target(place).value_or(CodePlace{});
    if (to.section == kNoSection) {
      const DebugSection* const section = patch_.named(".debug_abbrev");
      if (section == nullptr) throw BadInput("there is no section .debug_abbrev");
      to = {section->id(), number};
    }
    const auto [table, added] = tables_.try_emplace({index(to.section), to.offset});
    if (added) {
      const Bytes bytes = patch_.section(to.section).bytes();
      table->second.emplace(bytes, to.offset);
      table_bytes_ += table->second->size();
      if (table_bytes_ > bytes.size()) throw BadInput("tables of abbreviations overlap");
    }
    if (!table->second) throw BadInput("damaged abbreviations");
    return *table->second;
  }

  // ---- Entries

  void read_entry(std::span<const AbbrevAttribute> attributes, DwarfCursor& cursor, bool is_first) {
    // Attributes may take no bytes, but there are not many of those.
    constexpr u64 kMostAttributes = 64;
    attributes_ += attributes.size();
    if (attributes_ > kMostAttributes * info_.bytes().size())
      throw BadInput("entries have more attributes than bytes");
    entry_.clear();
    for (const AbbrevAttribute& attribute : attributes) {
      const DwarfValue value = read_form(attribute.form, attribute.implicit, unit_.sizes, cursor);
      if (value.kind == DwarfClass::kOther) {
        note_other_file(attribute.name);
        continue;
      }
      if (!is_first || !note_table(attribute.name, value)) note_value(attribute.name, value);
    }
  }

  void note_other_file(u32 name) {
    if (name == DW_AT_dwo_name || name == DW_AT_GNU_dwo_name) is_split_ = true;
  }

  // Where a table of the unit begins. Its entries are no lists.
  bool note_table(u32 name, const DwarfValue& value) {
    const auto begins = [&](DebugSection*& section, u64& offset) {
      const auto to = info_.target(value.place);
      if (!to || to->section == kNoSection) throw BadInput("a table of the unit is nowhere");
      section = &patch_.section(to->section);
      offset = to->offset;
      return true;
    };
    switch (name) {
      case DW_AT_addr_base:
      case DW_AT_GNU_addr_base:
        return begins(unit_.addresses, unit_.addresses_at);
      case DW_AT_rnglists_base:
        return begins(unit_.range_lists, unit_.range_lists_at);
      case DW_AT_loclists_base:
        return begins(unit_.location_lists, unit_.location_lists_at);
      case DW_AT_str_offsets_base:
      case DW_AT_GNU_ranges_base:
        return true;
      default:
        return false;
    }
  }

  void note_value(u32 name, const DwarfValue& value) {
    constexpr u32 kRanges = 0x55;  // DW_AT_ranges
    if (name == DW_AT_low_pc)
      entry_.low = value;
    else if (name == DW_AT_high_pc)
      entry_.high = value;
    else if (name == DW_AT_GNU_locviews)
      return;
    else if (value.kind == DwarfClass::kListIndex)
      (name == kRanges ? entry_.ranges : entry_.locations).push_back(value);
    else if (is_address(value))
      entry_.points.push_back(value);
    else if (value.kind == DwarfClass::kFixed && value.size == unit_.sizes.offset)
      entry_.lists.push_back(value);
  }

  static bool is_address(const DwarfValue& value) {
    return value.kind == DwarfClass::kAddress || value.kind == DwarfClass::kAddressIndex ||
           value.kind == DwarfClass::kAddressIndexFixed;
  }

  // The range of addresses that entries within this one belong to, as far as it is one.
  CodeRange follow_entry(bool is_unit_entry, bool is_first) {
    CodeRange scope = scopes_.empty() ? CodeRange() : scopes_.back();
    if (entry_.low && is_address(*entry_.low)) follow_low(is_unit_entry && is_first, scope);
    for (const DwarfValue& point : entry_.points)
      patch_.follow_point(unit_.address(info_, point), scope);
    for (const DwarfValue& offset : entry_.lists) {
      const auto to = info_.target(offset.place);
      if (to && to->section != kNoSection && DebugLists::holds_lists(patch_.name(to->section)))
        lists_.follow(patch_.section(to->section), to->offset, unit_);
    }
    for (const DwarfValue& number : entry_.ranges)
      follow_numbered(number.number, unit_.range_lists, unit_.range_lists_at);
    for (const DwarfValue& number : entry_.locations)
      follow_numbered(number.number, unit_.location_lists, unit_.location_lists_at);
    return scope;
  }

  void follow_low(bool is_base, CodeRange& scope) {
    const DebugAddress low = unit_.address(info_, *entry_.low);
    if (is_base) unit_.base = low.names.value_or(CodePlace{});
    if (!entry_.high) return is_base ? patch_.follow_base(low) : patch_.follow_point(low, scope);
    if (is_address(*entry_.high)) {
      const DebugAddress high = unit_.address(info_, *entry_.high);
      patch_.follow_range(low, high);
      if (low.names && high.names)
        scope = {low.names->section, low.names->offset, high.names->offset};
      return;
    }
    patch_.follow_range(low, DebugNumber{&info_, *entry_.high});
    if (low.names)
      scope = {low.names->section, low.names->offset, low.names->offset + entry_.high->number};
  }

  // The offset of a list counts from where the table of offsets begins.
  void follow_numbered(u64 number, DebugSection* section, u64 table) {
    if (section == nullptr) throw BadInput("a list is given by its number, without a table");
    if (number > section->bytes().size()) throw BadInput(cat("there is no list number ", number));
    DwarfCursor cursor(section->bytes(), table + number * unit_.sizes.offset);
    lists_.follow(*section, table + cursor.fixed(unit_.sizes.offset), unit_);
  }

  DebugPatch& patch_;
  DebugSection& info_;
  const bool is_types_;
  u64& at_;
  DebugLists lists_;
  DebugUnit unit_;
  Entry entry_;
  std::vector<CodeRange> scopes_;  // of the entries around this one
  std::map<std::pair<u32, u64>, std::optional<AbbrevTable>> tables_;
  u64 table_bytes_ = 0;
  u64 attributes_ = 0;
  bool is_split_ = false;
};

}  // namespace

bool follow_in_units(DebugPatch& patch, SectionId units, u64& at) {
  return UnitWalker(patch, units, at).run();
}

}  // namespace fwseal
