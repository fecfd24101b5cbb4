#include "elfio/dwarf_abbrev.h"

#include <algorithm>

namespace fwseal {
namespace {

constexpr u32 kImplicitConst = 0x21;  // DW_FORM_implicit_const

u32 small(u64 number) {
  if (number > 0xffff'ffff) throw BadInput(cat(hex(number), " in an abbreviation"));
  return static_cast<u32>(number);
}

}  // namespace

AbbrevTable::AbbrevTable(Bytes section, u64 offset) {
  DwarfCursor cursor(section, offset);
  while (const u64 code = cursor.uleb()) {
    Abbreviation abbreviation;
    abbreviation.tag = small(cursor.uleb());
    abbreviation.has_children = cursor.byte() != 0;
    abbreviation.first = static_cast<u32>(attributes_.size());
    for (;;) {
      AbbrevAttribute attribute;
      attribute.name = small(cursor.uleb());
      attribute.form = small(cursor.uleb());
      if (attribute.form == kImplicitConst) attribute.implicit = static_cast<u64>(cursor.sleb());
      if (attribute.name == 0 && attribute.form == 0) break;
      attributes_.push_back(attribute);
    }
    abbreviation.count = static_cast<u32>(attributes_.size()) - abbreviation.first;
    if (code == dense_.size() + 1)
      dense_.push_back(abbreviation);
    else
      others_.emplace_back(code, abbreviation);
  }
  size_ = cursor.at() - offset;
  std::ranges::stable_sort(others_, {}, &std::pair<u64, Abbreviation>::first);
}

const Abbreviation& AbbrevTable::find(u64 code) const {
  if (code - 1 < dense_.size()) return dense_[code - 1];
  const auto found =
      std::ranges::lower_bound(others_, code, {}, &std::pair<u64, Abbreviation>::first);
  if (found == others_.end() || found->first != code)
    throw BadInput(cat("unknown abbreviation ", code));
  return found->second;
}

}  // namespace fwseal
