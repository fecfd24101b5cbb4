// What is known of a register while code is followed that reaches data from the symbol of their
// section.
//
// What matters is where an address of such data can be, and how far it can be off: every value that
// was made from one is known as such, whatever became of it. Of numbers an interval is known.
#pragma once

#include "elfio/types.h"

namespace fwseal {

struct AnchorValue {
  enum class Kind : u8 {
    kNumber,  // nothing that was made from such an address
    kFrame,   // what sp was at entry, plus offset
    kData,    // an address of a data section, plus offset
    kHalf,    // its lower 16 bits
    kCode,    // a place of the code itself, where its literals are
    kMixed,   // made from such addresses, and nobody knows how
  };
  static constexpr i64 kNumbers = i64{1} << 32;
  static constexpr i64 kFar = i64{1} << 40;  // an offset that may be anything

  Kind kind = Kind::kNumber;
  bool maybe = false;  // kData: or a number
  u32 origin = 0;      // kData, kHalf: which anchor it comes from
  u32 section = 0;
  // Of the number, or the offset. Numbers are counted modulo 2^32.
  i64 low = 0;
  i64 high = kNumbers - 1;

  bool operator==(const AnchorValue&) const = default;
  bool is(Kind wanted) const { return kind == wanted; }
  bool is_tainted() const { return kind != Kind::kNumber && kind != Kind::kFrame; }
  bool is_exact() const { return low == high && !maybe; }
  bool is_bounded() const { return low > -kFar && high < kFar; }
  bool is_top() const { return is(Kind::kNumber) && high - low == kNumbers - 1; }
};

AnchorValue number_between(i64 low, i64 high);
inline AnchorValue exact_number(i64 value) { return number_between(value, value); }
inline AnchorValue code_place(i64 offset) {
  return {AnchorValue::Kind::kCode, false, 0, 0, offset, offset};
}
inline AnchorValue mixed_value() { return {AnchorValue::Kind::kMixed, false, 0, 0, 0, 0}; }

// Is everything that `inner` can be among what `outer` can be? From whichever anchor it comes.
bool covers(const AnchorValue& outer, const AnchorValue& inner);
// All that either can be.
AnchorValue join(const AnchorValue& a, const AnchorValue& b);
// The same, but so that a chain of growing values ends soon.
AnchorValue widen(const AnchorValue& a, const AnchorValue& b);

AnchorValue add(const AnchorValue& a, const AnchorValue& b);
AnchorValue subtract(const AnchorValue& a, const AnchorValue& b);

// The interval with all its numbers read as unsigned or as signed ones. False if it holds some from
// either side of the border.
bool as_unsigned(AnchorValue& value);
bool as_signed(AnchorValue& value);

}  // namespace fwseal
