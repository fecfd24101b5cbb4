#include "graph/anchor_value.h"

#include <algorithm>

namespace fwseal {
namespace {

using Kind = AnchorValue::Kind;
constexpr i64 kLeast = -(i64{1} << 31);

bool is_place(const AnchorValue& value) {
  return value.is(Kind::kData) || value.is(Kind::kFrame) || value.is(Kind::kCode);
}

AnchorValue place(const AnchorValue& like, i64 low, i64 high) {
  AnchorValue result = like;
  const bool is_near = low > -AnchorValue::kNumbers && high < AnchorValue::kNumbers;
  result.low = is_near && like.is_bounded() ? low : -AnchorValue::kFar;
  result.high = is_near && like.is_bounded() ? high : AnchorValue::kFar;
  return result;
}

// Made from addresses, in another way than by adding a number to one.
AnchorValue unclear(const AnchorValue& a, const AnchorValue& b) {
  return a.is_tainted() || b.is_tainted() ? mixed_value() : AnchorValue{};
}

}  // namespace

AnchorValue number_between(i64 low, i64 high) {
  AnchorValue result;
  if (high - low >= AnchorValue::kNumbers) return result;
  if (low < kLeast) {
    low += AnchorValue::kNumbers;
    high += AnchorValue::kNumbers;
  }
  if (high >= AnchorValue::kNumbers) {
    low -= AnchorValue::kNumbers;
    high -= AnchorValue::kNumbers;
  }
  if (low < kLeast || high >= AnchorValue::kNumbers) return result;
  result.low = low;
  result.high = high;
  return result;
}

bool covers(const AnchorValue& outer, const AnchorValue& inner) {
  if (outer == inner || (outer.is_top() && inner.is(Kind::kNumber))) return true;
  if (outer.is(Kind::kMixed)) return !inner.is(Kind::kFrame);
  if (outer.is(Kind::kData) && outer.maybe && inner.is(Kind::kNumber)) return true;
  if (outer.kind != inner.kind) return false;
  return outer.section == inner.section && outer.maybe >= inner.maybe && outer.low <= inner.low &&
         outer.high >= inner.high;
}

AnchorValue join(const AnchorValue& a, const AnchorValue& b) {
  if (a == b) return a;
  if (a.is(Kind::kNumber) && b.is(Kind::kNumber))
    return number_between(std::min(a.low, b.low), std::max(a.high, b.high));
  if (a.is(Kind::kNumber) && b.is(Kind::kData)) return join(b, a);
  if (a.is(Kind::kData) && b.is(Kind::kNumber)) {
    AnchorValue result = a;
    result.maybe = true;
    return result;
  }
  const bool same = a.kind == b.kind && a.section == b.section;
  if (!same || (!a.is(Kind::kData) && !a.is(Kind::kFrame))) return unclear(a, b);
  AnchorValue result = a;
  result.maybe = a.maybe || b.maybe;
  result.low = std::min(a.low, b.low);
  result.high = std::max(a.high, b.high);
  return result;
}

AnchorValue widen(const AnchorValue& a, const AnchorValue& b) {
  AnchorValue result = join(a, b);
  if (result == a) return a;
  if (result.is(Kind::kNumber)) return {};
  if (result.is(Kind::kData) || result.is(Kind::kFrame)) {
    result.low = std::min(result.low, -AnchorValue::kFar);
    result.high = std::max(result.high, AnchorValue::kFar);
  }
  return result;
}

AnchorValue add(const AnchorValue& a, const AnchorValue& b) {
  if (a.is(Kind::kNumber) && !b.is(Kind::kNumber)) return add(b, a);
  if (!b.is(Kind::kNumber)) return unclear(a, b);
  if (a.is(Kind::kNumber)) return number_between(a.low + b.low, a.high + b.high);
  if (!is_place(a)) return mixed_value();
  AnchorValue distance = b;  // 32 bits that wrap: it may stand for less than nothing
  if (!as_signed(distance)) return place(a, -AnchorValue::kFar, AnchorValue::kFar);
  return place(a, a.low + distance.low, a.high + distance.high);
}

AnchorValue subtract(const AnchorValue& a, const AnchorValue& b) {
  if (a.is(Kind::kNumber) && b.is(Kind::kNumber))
    return number_between(a.low - b.high, a.high - b.low);
  if (b.is(Kind::kNumber)) {
    AnchorValue distance = b;
    if (!is_place(a)) return mixed_value();
    if (!as_signed(distance)) return place(a, -AnchorValue::kFar, AnchorValue::kFar);
    return place(a, a.low - distance.high, a.high - distance.low);
  }
  const bool same = a.kind == b.kind && a.section == b.section && !a.maybe && !b.maybe;
  if (!same || (!a.is(Kind::kData) && !a.is(Kind::kFrame))) return unclear(a, b);
  return number_between(a.low - b.high, a.high - b.low);
}

bool as_unsigned(AnchorValue& value) {
  if (value.low >= 0) return true;
  if (value.high >= 0) return false;
  value.low += AnchorValue::kNumbers;
  value.high += AnchorValue::kNumbers;
  return true;
}

bool as_signed(AnchorValue& value) {
  constexpr i64 kBorder = AnchorValue::kNumbers / 2;
  if (value.high < kBorder) return true;
  if (value.low < kBorder) return false;
  value.low -= AnchorValue::kNumbers;
  value.high -= AnchorValue::kNumbers;
  return true;
}

}  // namespace fwseal
