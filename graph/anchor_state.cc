#include "graph/anchor_state.h"

#include <algorithm>

namespace fwseal {
namespace {

using Kind = AnchorValue::Kind;
constexpr u8 kSp = 13;
constexpr u64 kMostWords = 128;

// What "left < right" is, of intervals that are read in one way.
Verdict is_less(const AnchorValue& left, const AnchorValue& right) {
  if (left.high < right.low) return Verdict::kYes;
  return left.low >= right.high ? Verdict::kNo : Verdict::kEither;
}
Verdict is_equal(const AnchorValue& left, const AnchorValue& right) {
  if (left.low == left.high && right.low == right.high && left.low == right.low)
    return Verdict::kYes;
  return left.high < right.low || left.low > right.high ? Verdict::kNo : Verdict::kEither;
}
Verdict opposite(Verdict verdict) {
  if (verdict == Verdict::kEither) return verdict;
  return verdict == Verdict::kYes ? Verdict::kNo : Verdict::kYes;
}

// Can the two be compared? Then both are read as the comparison reads them.
bool make_comparable(AnchorValue& left, AnchorValue& right, bool with_sign) {
  if (left.maybe || right.maybe) return false;
  if (left.is(Kind::kNumber) && right.is(Kind::kNumber))
    return with_sign ? as_signed(left) && as_signed(right)
                     : as_unsigned(left) && as_unsigned(right);
  // Two places: nobody knows on which side of the border between signs they are. Near the section
  // or frame addresses do not wrap.
  constexpr i64 kNear = 1 << 24;
  const auto is_near = [](const AnchorValue& value) {
    const i64 least = value.is(Kind::kData) ? 0 : -kNear;
    return (value.is(Kind::kData) || value.is(Kind::kFrame)) && value.low >= least &&
           value.high <= kNear;
  };
  return !with_sign && left.kind == right.kind && left.section == right.section && is_near(left) &&
         is_near(right);
}

// Conditions come in pairs: an odd one is the opposite of the one before it.
enum Pair : u8 { kEqual = 0, kCarry = 1, kMinus = 2, kHigher = 4, kGreaterEqual = 5, kGreater = 6 };

Verdict pair_holds(const AnchorFlags& flags, u8 pair) {
  AnchorValue left = flags.left;
  AnchorValue right = flags.right;
  const bool with_sign = pair == kGreaterEqual || pair == kGreater;
  if (flags.kind == AnchorFlags::Kind::kUnknown) return Verdict::kEither;
  if (flags.kind == AnchorFlags::Kind::kResult) {
    if (pair == kEqual && left.is(Kind::kNumber)) return is_equal(left, exact_number(0));
    if (pair == kMinus && left.is(Kind::kNumber) && as_signed(left))
      return is_less(left, exact_number(0));
    return Verdict::kEither;
  }
  if (pair == kMinus) {
    AnchorValue difference = subtract(left, right);
    return difference.is(Kind::kNumber) && as_signed(difference)
               ? is_less(difference, exact_number(0))
               : Verdict::kEither;
  }
  if (!make_comparable(left, right, with_sign)) return Verdict::kEither;
  switch (pair) {
    case kEqual:
      return is_equal(left, right);
    case kCarry:
    case kGreaterEqual:
      return opposite(is_less(left, right));
    case kHigher:
    case kGreater:
      return is_less(right, left);
    default:
      return Verdict::kEither;
  }
}

// Makes an interval smaller, never empty.
void cut_below(AnchorValue& value, i64 low) {
  if (low <= value.high) value.low = std::max(value.low, low);
}
void cut_above(AnchorValue& value, i64 high) {
  if (high >= value.low) value.high = std::min(value.high, high);
}
void cut_out(AnchorValue& value, i64 point) {
  if (value.low == value.high) return;
  if (value.low == point) value.low++;
  if (value.high == point) value.high--;
}

void refine(AnchorValue& left, AnchorValue& right, u8 pair, bool holds) {
  switch (pair) {
    case kEqual:
      if (holds) {
        cut_below(left, right.low);
        cut_above(left, right.high);
        cut_below(right, left.low);
        cut_above(right, left.high);
      } else if (right.low == right.high) {
        cut_out(left, right.low);
      } else if (left.low == left.high) {
        cut_out(right, left.low);
      }
      break;
    case kCarry:
    case kGreaterEqual:
      if (holds) {
        cut_below(left, right.low);
        cut_above(right, left.high);
      } else {
        cut_above(left, right.high - 1);
        cut_below(right, left.low + 1);
      }
      break;
    default:
      if (holds) {
        cut_below(left, right.low + 1);
        cut_above(right, left.high - 1);
      } else {
        cut_above(left, right.high);
        cut_below(right, left.low);
      }
  }
}

AnchorFlags join(const AnchorFlags& a, const AnchorFlags& b, bool widening) {
  if (a == b) return a;
  if (a.kind != b.kind || widening) return {};
  AnchorFlags result;
  result.kind = a.kind;
  result.left = join(a.left, b.left);
  result.right = join(a.right, b.right);
  if (a.left_register == b.left_register) result.left_register = a.left_register;
  if (a.right_register == b.right_register) result.right_register = a.right_register;
  return result;
}

bool covers(const AnchorFlags& outer, const AnchorFlags& inner) {
  if (outer.kind == AnchorFlags::Kind::kUnknown) return true;
  const auto same_register = [](u8 a, u8 b) { return a == AnchorFlags::kNoRegister || a == b; };
  return outer.kind == inner.kind && same_register(outer.left_register, inner.left_register) &&
         same_register(outer.right_register, inner.right_register) &&
         covers(outer.left, inner.left) && covers(outer.right, inner.right);
}

// What is known of a word in one state alone may be anything in the other.
void join_frames(AnchorState& result, const AnchorState& a, const AnchorState& b, bool widening) {
  auto left = a.frame.begin();
  auto right = b.frame.begin();
  while (left != a.frame.end() || right != b.frame.end()) {
    const bool from_left =
        right == b.frame.end() || (left != a.frame.end() && left->offset <= right->offset);
    const bool from_right =
        left == a.frame.end() || (right != b.frame.end() && right->offset <= left->offset);
    const i64 offset = from_left ? left->offset : right->offset;
    const AnchorValue old = from_left ? (left++)->value : AnchorValue{};
    const AnchorValue added = from_right ? (right++)->value : AnchorValue{};
    const AnchorValue value = widening ? widen(old, added) : join(old, added);
    if (!value.is_top()) result.frame.push_back({offset, value});
  }
}

// Where others know the frame, it does not matter whether one more register holds its address.
bool covers(const AnchorValue& outer, const AnchorValue& inner, bool is_frame_open) {
  return covers(outer, is_frame_open && inner.is(Kind::kFrame) ? AnchorValue{} : inner) ||
         covers(outer, inner);
}

bool covers_frame(const std::vector<FrameWord>& outer, const std::vector<FrameWord>& inner,
                  bool is_frame_open) {
  auto at = inner.begin();
  const auto is_number = [&](const FrameWord& word) {
    return covers(AnchorValue{}, word.value, is_frame_open);
  };
  for (const FrameWord& word : outer) {
    // A word of the inner state that the outer one has no knowledge of must hold a number.
    for (; at != inner.end() && at->offset < word.offset; ++at)
      if (!is_number(*at)) return false;
    const bool is_there = at != inner.end() && at->offset == word.offset;
    if (!covers(word.value, is_there ? at->value : AnchorValue{}, is_frame_open)) return false;
    if (is_there) ++at;
  }
  return std::all_of(at, inner.end(), is_number);
}

}  // namespace

Verdict condition_holds(const AnchorFlags& flags, u8 condition) {
  const Verdict verdict = pair_holds(flags, condition >> 1);
  return (condition & 1) != 0 ? opposite(verdict) : verdict;
}

AnchorState AnchorState::at_entry() {
  AnchorState state;
  state.registers[kSp] = {Kind::kFrame, false, 0, 0, 0, 0};
  return state;
}

void AnchorState::set(u32 number, const AnchorValue& value) {
  registers[number] = value;
  if (flags.left_register == number) flags.left_register = AnchorFlags::kNoRegister;
  if (flags.right_register == number) flags.right_register = AnchorFlags::kNoRegister;
}

void AnchorState::assume(u8 condition) {
  const u8 pair = condition >> 1;
  if (flags.kind == AnchorFlags::Kind::kResult && pair == kEqual && flags.left.is(Kind::kNumber)) {
    AnchorValue zero = exact_number(0);
    refine(flags.left, zero, pair, (condition & 1) == 0);
    if (flags.left_register != AnchorFlags::kNoRegister)
      registers[flags.left_register] = flags.left;
    return;
  }
  const bool is_known = pair == kEqual || pair == kCarry || pair == kHigher ||
                        pair == kGreaterEqual || pair == kGreater;
  if (flags.kind != AnchorFlags::Kind::kCompare || !is_known) return;
  AnchorValue left = flags.left;
  AnchorValue right = flags.right;
  if (!make_comparable(left, right, pair == kGreaterEqual || pair == kGreater)) return;
  refine(left, right, pair, (condition & 1) == 0);
  flags.left = left;
  flags.right = right;
  if (flags.left_register != AnchorFlags::kNoRegister) registers[flags.left_register] = left;
  if (flags.right_register != AnchorFlags::kNoRegister) registers[flags.right_register] = right;
}

AnchorValue AnchorState::load_word(i64 offset, u8 size) const {
  constexpr i64 kWord = 4;
  for (const FrameWord& word : frame) {
    if (word.offset == offset && size == kWord) return word.value;
    const bool overlaps = word.offset < offset + size && offset < word.offset + kWord;
    if (overlaps && word.value.is_tainted()) return mixed_value();
  }
  return loaded_number(size, false);
}

bool AnchorState::store_word(i64 offset, u8 size, const AnchorValue& value) {
  constexpr i64 kWord = 4;
  for (u64 i = 0; i < frame.size();) {
    FrameWord& word = frame[i];
    const bool overlaps = word.offset < offset + size && offset < word.offset + kWord;
    const bool is_replaced = word.offset >= offset && word.offset + kWord <= offset + size;
    if (overlaps && (is_replaced || !word.value.is_tainted())) {
      frame.erase(frame.begin() + static_cast<std::ptrdiff_t>(i));
      continue;
    }
    if (overlaps) word.value = mixed_value();
    i++;
  }
  if (value.is_top() || (size != kWord && !value.is_tainted())) return true;
  if (frame.size() >= kMostWords) return value.is(Kind::kNumber);
  const auto behind = std::ranges::upper_bound(frame, offset, {}, &FrameWord::offset);
  frame.insert(behind, {offset, size == kWord ? value : mixed_value()});
  return true;
}

void AnchorState::blur_frame() {
  std::erase_if(frame, [](const FrameWord& word) { return !word.value.is_tainted(); });
  for (FrameWord& word : frame) word.value.maybe = true;
}

bool covers(const AnchorState& outer, const AnchorState& inner) {
  if (outer.if_then != inner.if_then || outer.is_frame_open < inner.is_frame_open) return false;
  for (u64 i = 0; i < outer.registers.size(); i++)
    if (!covers(outer.registers[i], inner.registers[i], outer.is_frame_open)) return false;
  return covers(outer.flags, inner.flags) &&
         covers_frame(outer.frame, inner.frame, outer.is_frame_open);
}

AnchorState join(const AnchorState& a, const AnchorState& b, bool widening, bool& lost_frame) {
  AnchorState result;
  for (u64 i = 0; i < a.registers.size(); i++) {
    const AnchorValue& old = a.registers[i];
    const AnchorValue& added = b.registers[i];
    result.registers[i] = widening ? widen(old, added) : join(old, added);
    const bool was_frame = old.is(Kind::kFrame) || added.is(Kind::kFrame);
    if (was_frame && !result.registers[i].is(Kind::kFrame)) lost_frame = true;
  }
  join_frames(result, a, b, widening);
  for (const std::vector<FrameWord>* frame : {&a.frame, &b.frame})
    for (const FrameWord& word : *frame)
      if (word.value.is(Kind::kFrame) && result.load_word(word.offset, 4) != word.value)
        lost_frame = true;
  result.flags = join(a.flags, b.flags, widening);
  result.if_then = a.if_then;
  result.is_frame_open = a.is_frame_open || b.is_frame_open;
  return result;
}

AnchorValue loaded_number(u8 size, bool is_signed) {
  if (size >= 4) return {};
  const i64 count = i64{1} << (8 * size);
  return is_signed ? number_between(-count / 2, count / 2 - 1) : number_between(0, count - 1);
}

}  // namespace fwseal
