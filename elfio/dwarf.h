// What debugging information is made of: the numbers of the standard that are looked at, integers
// of variable length, and the values of attributes.
//
// DWARF 5, "Debugging Information Format Version 5" (2017), chapter 7 "Data Representation";
// versions 2 to 4 where they differ; GNU extensions as binutils 2.40 documents them in dwarf2.def.
#pragma once

#include <optional>
#include <string>

#include "elfio/bytes.h"

namespace fwseal {

enum DwarfTag : u32 {
  DW_TAG_compile_unit = 0x11,
  DW_TAG_partial_unit = 0x3c,
  DW_TAG_type_unit = 0x41,
  DW_TAG_skeleton_unit = 0x4a,
};

enum DwarfAttribute : u32 {
  DW_AT_low_pc = 0x11,
  DW_AT_high_pc = 0x12,
  DW_AT_str_offsets_base = 0x72,
  DW_AT_addr_base = 0x73,
  DW_AT_rnglists_base = 0x74,
  DW_AT_dwo_name = 0x76,
  DW_AT_loclists_base = 0x8c,
  DW_AT_GNU_dwo_name = 0x2130,
  DW_AT_GNU_ranges_base = 0x2132,
  DW_AT_GNU_addr_base = 0x2133,
  DW_AT_GNU_locviews = 0x2137,
};

// What the value of an attribute is, as far as one can tell by its form.
enum class DwarfClass : u8 {
  kOther,  // a block, a string, a reference to another entry
  kFixed,  // a number or an offset in a section, of a fixed number of bytes
  kUleb,   // a number of variable length
  kSleb,
  kImplicit,  // a number that stands in the abbreviation
  kAddress,
  kAddressIndex,  // of variable length, in .debug_addr
  kAddressIndexFixed,
  kListIndex,  // in .debug_rnglists or .debug_loclists
};

struct DwarfValue {
  DwarfClass kind = DwarfClass::kOther;
  u64 place = 0;  // offset in the section
  u64 size = 0;   // bytes there
  u64 number = 0;
};

// What the sizes of the fields of a unit depend on.
struct DwarfSizes {
  u16 version = 0;
  u8 address = 4;
  u8 offset = 4;  // 8 in the 64-bit format
};

// One value after the other.
class DwarfCursor {
 public:
  DwarfCursor(Bytes bytes, u64 at) : bytes_(bytes), at_(at) {}

  u64 at() const { return at_; }
  bool done() const { return at_ >= bytes_.size(); }
  u64 end() const { return bytes_.size(); }
  Bytes bytes() const { return bytes_; }

  u8 byte() { return bytes_.le<u8>(step(1)); }
  u64 fixed(u64 size);  // of 1, 2, 3, 4 or 8 bytes
  u64 uleb();
  i64 sleb();
  std::string_view c_string();
  void skip(u64 size) { step(size); }

 private:
  u64 step(u64 size) {
    bytes_.sub(at_, size);  // or BadInput
    const u64 before = at_;
    at_ += size;
    return before;
  }

  Bytes bytes_;
  u64 at_;
};

// An initial length (DWARF 5, "32-Bit and 64-Bit DWARF Formats") and what it is the length of.
struct DwarfUnit {
  u64 length_place = 0;  // of the number
  u64 begin = 0;         // behind it
  u64 end = 0;
  u8 offset_size = 4;
};
DwarfUnit read_initial_length(Bytes section, u64 offset);

// The value of an attribute of this form. `implicit` is what its abbreviation holds.
DwarfValue read_form(u32 form, u64 implicit, const DwarfSizes& sizes, DwarfCursor& cursor);

// As ULEB128 and SLEB128, in the fewest bytes.
std::string uleb_of(u64 number);
std::string sleb_of(i64 number);
// As ULEB128 in this many bytes, padded with bytes that add nothing; nothing if it needs more.
std::optional<std::string> uleb_of_size(u64 number, u64 size);
// Little-endian, in this many bytes; nothing if it needs more.
std::optional<std::string> fixed_of_size(u64 number, u64 size);

}  // namespace fwseal
