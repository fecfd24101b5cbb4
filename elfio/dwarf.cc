#include "elfio/dwarf.h"

namespace fwseal {
namespace {

enum DwarfForm : u32 {
  DW_FORM_addr = 0x01,
  DW_FORM_block2 = 0x03,
  DW_FORM_block4 = 0x04,
  DW_FORM_data2 = 0x05,
  DW_FORM_data4 = 0x06,
  DW_FORM_data8 = 0x07,
  DW_FORM_string = 0x08,
  DW_FORM_block = 0x09,
  DW_FORM_block1 = 0x0a,
  DW_FORM_data1 = 0x0b,
  DW_FORM_flag = 0x0c,
  DW_FORM_sdata = 0x0d,
  DW_FORM_strp = 0x0e,
  DW_FORM_udata = 0x0f,
  DW_FORM_ref_addr = 0x10,
  DW_FORM_ref1 = 0x11,
  DW_FORM_ref2 = 0x12,
  DW_FORM_ref4 = 0x13,
  DW_FORM_ref8 = 0x14,
  DW_FORM_ref_udata = 0x15,
  DW_FORM_indirect = 0x16,
  DW_FORM_sec_offset = 0x17,
  DW_FORM_exprloc = 0x18,
  DW_FORM_flag_present = 0x19,
  DW_FORM_strx = 0x1a,
  DW_FORM_addrx = 0x1b,
  DW_FORM_ref_sup4 = 0x1c,
  DW_FORM_strp_sup = 0x1d,
  DW_FORM_data16 = 0x1e,
  DW_FORM_line_strp = 0x1f,
  DW_FORM_ref_sig8 = 0x20,
  DW_FORM_implicit_const = 0x21,
  DW_FORM_loclistx = 0x22,
  DW_FORM_rnglistx = 0x23,
  DW_FORM_ref_sup8 = 0x24,
  DW_FORM_strx1 = 0x25,
  DW_FORM_strx2 = 0x26,
  DW_FORM_strx3 = 0x27,
  DW_FORM_strx4 = 0x28,
  DW_FORM_addrx1 = 0x29,
  DW_FORM_addrx2 = 0x2a,
  DW_FORM_addrx3 = 0x2b,
  DW_FORM_addrx4 = 0x2c,
  DW_FORM_GNU_addr_index = 0x1f01,
  DW_FORM_GNU_str_index = 0x1f02,
  DW_FORM_GNU_ref_alt = 0x1f20,
  DW_FORM_GNU_strp_alt = 0x1f21,
};

// The class of a form of fixed size, and that size.
struct FixedForm {
  DwarfClass kind;
  u64 size;
};
std::optional<FixedForm> fixed_form(u32 form, const DwarfSizes& sizes) {
  switch (form) {
    case DW_FORM_addr:
      return FixedForm{DwarfClass::kAddress, sizes.address};
    case DW_FORM_data1:
      return FixedForm{DwarfClass::kFixed, 1};
    case DW_FORM_data2:
      return FixedForm{DwarfClass::kFixed, 2};
    case DW_FORM_data4:
      return FixedForm{DwarfClass::kFixed, 4};
    case DW_FORM_data8:
      return FixedForm{DwarfClass::kFixed, 8};
    case DW_FORM_sec_offset:
      return FixedForm{DwarfClass::kFixed, sizes.offset};
    case DW_FORM_addrx1:
      return FixedForm{DwarfClass::kAddressIndexFixed, 1};
    case DW_FORM_addrx2:
      return FixedForm{DwarfClass::kAddressIndexFixed, 2};
    case DW_FORM_addrx3:
      return FixedForm{DwarfClass::kAddressIndexFixed, 3};
    case DW_FORM_addrx4:
      return FixedForm{DwarfClass::kAddressIndexFixed, 4};
    case DW_FORM_flag_present:
      return FixedForm{DwarfClass::kOther, 0};
    case DW_FORM_flag:
    case DW_FORM_ref1:
    case DW_FORM_strx1:
      return FixedForm{DwarfClass::kOther, 1};
    case DW_FORM_ref2:
    case DW_FORM_strx2:
      return FixedForm{DwarfClass::kOther, 2};
    case DW_FORM_strx3:
      return FixedForm{DwarfClass::kOther, 3};
    case DW_FORM_ref4:
    case DW_FORM_ref_sup4:
    case DW_FORM_strx4:
      return FixedForm{DwarfClass::kOther, 4};
    case DW_FORM_ref8:
    case DW_FORM_ref_sig8:
    case DW_FORM_ref_sup8:
      return FixedForm{DwarfClass::kOther, 8};
    case DW_FORM_data16:
      return FixedForm{DwarfClass::kOther, 16};
    case DW_FORM_strp:
    case DW_FORM_line_strp:
    case DW_FORM_strp_sup:
    case DW_FORM_GNU_ref_alt:
    case DW_FORM_GNU_strp_alt:
      return FixedForm{DwarfClass::kOther, sizes.offset};
    case DW_FORM_ref_addr:  // DWARF 2 gave it the size of an address
      return FixedForm{DwarfClass::kOther, sizes.version <= 2 ? sizes.address : sizes.offset};
    default:
      return std::nullopt;
  }
}

void skip_block(u64 size, DwarfCursor& cursor) { cursor.skip(size); }

// The forms whose size is known when they are read.
DwarfClass read_variable(u32 form, DwarfCursor& cursor, u64& number) {
  switch (form) {
    case DW_FORM_udata:
      number = cursor.uleb();
      return DwarfClass::kUleb;
    case DW_FORM_sdata:
      number = static_cast<u64>(cursor.sleb());
      return DwarfClass::kSleb;
    case DW_FORM_addrx:
    case DW_FORM_GNU_addr_index:
      number = cursor.uleb();
      return DwarfClass::kAddressIndex;
    case DW_FORM_loclistx:
    case DW_FORM_rnglistx:
      number = cursor.uleb();
      return DwarfClass::kListIndex;
    case DW_FORM_ref_udata:
    case DW_FORM_strx:
    case DW_FORM_GNU_str_index:
      cursor.uleb();
      return DwarfClass::kOther;
    case DW_FORM_string:
      cursor.c_string();
      return DwarfClass::kOther;
    case DW_FORM_block:
    case DW_FORM_exprloc:
      skip_block(cursor.uleb(), cursor);
      return DwarfClass::kOther;
    case DW_FORM_block1:
      skip_block(cursor.fixed(1), cursor);
      return DwarfClass::kOther;
    case DW_FORM_block2:
      skip_block(cursor.fixed(2), cursor);
      return DwarfClass::kOther;
    case DW_FORM_block4:
      skip_block(cursor.fixed(4), cursor);
      return DwarfClass::kOther;
    default:
      throw BadInput(cat("unknown form ", hex(form), " of an attribute"));
  }
}

std::string bytes_of_number(u64 number, u64 size) {
  std::string bytes;
  for (u64 i = 0; i < size; i++) bytes += static_cast<char>(i < 8 ? number >> 8 * i & 0xff : 0);
  return bytes;
}

}  // namespace

u64 DwarfCursor::fixed(u64 size) {
  const u64 place = step(size);
  u64 number = 0;
  for (u64 i = 0; i < size; i++) number |= u64{bytes_.le<u8>(place + i)} << 8 * i;
  return number;
}

u64 DwarfCursor::uleb() {
  u64 number = 0;
  for (u64 shift = 0;; shift += 7) {
    const u8 next = byte();
    const u64 bits = next & 0x7f;
    if (bits != 0 && (shift > 63 || bits << shift >> shift != bits))
      throw BadInput(cat("a number at ", hex(at_ - 1), " has more than 64 bits"));
    if (bits != 0) number |= bits << shift;
    if ((next & 0x80) == 0) return number;
  }
}

i64 DwarfCursor::sleb() {
  u64 number = 0;
  for (u64 shift = 0;; shift += 7) {
    const u8 next = byte();
    if (shift < 64) number |= u64{next & 0x7fu} << shift;
    if ((next & 0x80) != 0) continue;
    if (shift + 7 < 64 && (next & 0x40) != 0) number |= ~u64{0} << (shift + 7);
    return static_cast<i64>(number);
  }
}

std::string_view DwarfCursor::c_string() {
  const std::string_view text = bytes_.c_string(at_);
  at_ += text.size() + 1;
  return text;
}

DwarfUnit read_initial_length(Bytes section, u64 offset) {
  constexpr u64 k64Bit = 0xffff'ffff;
  constexpr u64 kFirstReserved = 0xffff'fff0;
  DwarfCursor cursor(section, offset);
  DwarfUnit unit;
  unit.length_place = offset;
  u64 length = cursor.fixed(4);
  if (length == k64Bit) {
    unit.offset_size = 8;
    unit.length_place = cursor.at();
    length = cursor.fixed(8);
  } else if (length >= kFirstReserved) {
    throw BadInput(cat("reserved length ", hex(length)));
  }
  unit.begin = cursor.at();
  section.sub(unit.begin, length);  // or BadInput
  unit.end = unit.begin + length;
  return unit;
}

DwarfValue read_form(u32 form, u64 implicit, const DwarfSizes& sizes, DwarfCursor& cursor) {
  while (form == DW_FORM_indirect) form = static_cast<u32>(cursor.uleb());
  DwarfValue value;
  value.place = cursor.at();
  if (form == DW_FORM_implicit_const) {
    value.kind = DwarfClass::kImplicit;
    value.number = implicit;
    return value;
  }
  if (const auto fixed = fixed_form(form, sizes)) {
    value.kind = fixed->kind;
    value.size = fixed->size;
    if (value.kind == DwarfClass::kOther)
      cursor.skip(value.size);
    else
      value.number = cursor.fixed(value.size);
    return value;
  }
  value.kind = read_variable(form, cursor, value.number);
  value.size = cursor.at() - value.place;
  return value;
}

std::string uleb_of(u64 number) {
  std::string bytes;
  for (; number > 0x7f; number >>= 7) bytes += static_cast<char>((number & 0x7f) | 0x80);
  return bytes += static_cast<char>(number);
}

std::string sleb_of(i64 number) {
  std::string bytes;
  for (; number < -0x40 || number > 0x3f; number >>= 7)
    bytes += static_cast<char>((number & 0x7f) | 0x80);
  return bytes += static_cast<char>(number & 0x7f);
}

std::optional<std::string> uleb_of_size(u64 number, u64 size) {
  std::string bytes = uleb_of(number);
  if (bytes.size() > size) return std::nullopt;
  while (bytes.size() < size) {
    bytes.back() = static_cast<char>(bytes.back() | 0x80);
    bytes += '\0';
  }
  return bytes;
}

std::optional<std::string> fixed_of_size(u64 number, u64 size) {
  if (size < 8 && number >> 8 * size != 0) return std::nullopt;
  return bytes_of_number(number, size);
}

}  // namespace fwseal
