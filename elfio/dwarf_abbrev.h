// Abbreviations: what the entries of .debug_info consist of.
//
// DWARF 5, "Abbreviations Tables".
#pragma once

#include <utility>
#include <vector>

#include "elfio/dwarf.h"

namespace fwseal {

struct AbbrevAttribute {
  u32 name = 0;  // DW_AT_*
  u32 form = 0;
  u64 implicit = 0;  // the value itself, of DW_FORM_implicit_const
};

struct Abbreviation {
  u32 tag = 0;
  bool has_children = false;
  u32 first = 0;  // of the table's attributes
  u32 count = 0;
};

class AbbrevTable {
 public:
  // Of the section .debug_abbrev, from `offset` on. Throws BadInput.
  AbbrevTable(Bytes section, u64 offset);

  const Abbreviation& find(u64 code) const;  // throws BadInput
  std::span<const AbbrevAttribute> attributes(const Abbreviation& abbreviation) const {
    return std::span(attributes_).subspan(abbreviation.first, abbreviation.count);
  }
  u64 size() const { return size_; }  // bytes of the section

 private:
  std::vector<Abbreviation> dense_;                   // those with codes 1, 2, 3 and so on
  std::vector<std::pair<u64, Abbreviation>> others_;  // in order of code
  std::vector<AbbrevAttribute> attributes_;
  u64 size_ = 0;
};

}  // namespace fwseal
