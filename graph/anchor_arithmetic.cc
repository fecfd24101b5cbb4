#include "graph/anchor_arithmetic.h"

#include <algorithm>

namespace fwseal {
namespace {

using Kind = AnchorValue::Kind;
using Operation = ArmStep::Operation;
constexpr u32 kPc = 15;
constexpr i64 kNumbers = AnchorValue::kNumbers;

AnchorValue bits_of(u8 width, bool is_signed) {
  const i64 count = i64{1} << width;
  return is_signed ? number_between(-count / 2, count / 2 - 1) : number_between(0, count - 1);
}

// All bits up to the highest that any number of the interval has.
i64 all_bits(const AnchorValue& value) {
  i64 bits = 1;
  while (bits <= value.high) bits *= 2;
  return bits - 1;
}

}  // namespace

AnchorValue AnchorArithmetic::result(const ArmStep& step) {
  switch (step.kind) {
    case ArmStep::Kind::kMove:
      return operand(step);
    case ArmStep::Kind::kMoveTop:
      return move_top(step);
    case ArmStep::Kind::kAdd:
      return sum(base(step), operand(step));
    case ArmStep::Kind::kSubtract:
      return difference(base(step), operand(step));
    default:
      return other(step);
  }
}

// ADR: the program counter leads to the literals.
AnchorValue AnchorArithmetic::base(const ArmStep& step) const {
  return step.rn == kPc && !step.by_register ? code_place(pc_) : source(step.rn);
}

AnchorValue AnchorArithmetic::source(u32 number) const {
  return number == kPc ? mixed_value() : state_.registers[number];
}

AnchorValue AnchorArithmetic::operand(const ArmStep& step) {
  if (!step.by_register) return exact_number(step.offset);
  const AnchorValue value = source(step.rm);
  return step.shift == ArmStep::Shift::kNone ? value : shift(value, step);
}

// A result of something that addresses are not made for.
AnchorValue AnchorArithmetic::unclear(std::initializer_list<AnchorValue> sources,
                                      AnchorValue otherwise) {
  for (const AnchorValue& value : sources) {
    if (value.is_tainted()) otherwise = mixed_value();
    if (value.is(Kind::kFrame)) lost_frame_ = true;
  }
  return otherwise;
}

AnchorValue AnchorArithmetic::sum(const AnchorValue& a, const AnchorValue& b) {
  const AnchorValue result = add(a, b);
  const bool is_place = result.is(Kind::kData) || result.is(Kind::kFrame) || result.is(Kind::kCode);
  return is_place ? result : unclear({a, b}, result);
}

AnchorValue AnchorArithmetic::difference(const AnchorValue& a, const AnchorValue& b) {
  const AnchorValue result = subtract(a, b);
  const bool is_place = result.is(Kind::kData) || result.is(Kind::kFrame) || result.is(Kind::kCode);
  const bool is_distance = result.is(Kind::kNumber) && a.kind == b.kind;
  return is_place || is_distance ? result : unclear({a, b}, result);
}

AnchorValue AnchorArithmetic::move_top(const ArmStep& step) {
  const AnchorValue low = source(step.rd);
  if (!low.is(Kind::kNumber)) return unclear({low});
  return low.is_exact() ? exact_number((low.low & 0xffff) | step.offset << 16) : AnchorValue{};
}

AnchorValue AnchorArithmetic::shift(AnchorValue value, const ArmStep& step) {
  if (!value.is(Kind::kNumber)) return unclear({value});
  const i64 factor = i64{1} << step.amount;
  switch (step.shift) {
    case ArmStep::Shift::kLeft:
      if (value.high >= kNumbers / factor) return {};
      return number_between(value.low * factor, value.high * factor);
    case ArmStep::Shift::kRight:
      if (!as_unsigned(value)) value = {};
      return number_between(value.low >> step.amount, value.high >> step.amount);
    case ArmStep::Shift::kArithmetic:
      if (!as_signed(value)) value = bits_of(32, true);
      return number_between(value.low >> step.amount, value.high >> step.amount);
    default:
      return {};
  }
}

AnchorValue AnchorArithmetic::other(const ArmStep& step) {
  const AnchorValue rn = source(step.rn);
  switch (step.operation) {
    case Operation::kOperand:
      return operand(step);
    case Operation::kAdd:
      return sum(rn, operand(step));
    case Operation::kSubtract:
      return difference(rn, operand(step));
    case Operation::kReverseSubtract:
      return difference(operand(step), rn);
    case Operation::kMultiplyAdd:
      return sum(source(step.ra), product(rn, operand(step)));
    case Operation::kMultiplySubtract:
      return difference(source(step.ra), product(rn, operand(step)));
    case Operation::kMultiply:
      return product(rn, operand(step));
    case Operation::kExtract:
    case Operation::kExtractSigned:
      return extract(rn, step);
    case Operation::kUnknown:
      return unknown(step);
    case Operation::kNot:
      return bitwise(step.operation, {}, operand(step));
    default:
      return bitwise(step.operation, rn, operand(step));
  }
}

// Any register that the instruction names may have gone into it. The program counter's number means
// that there is none.
AnchorValue AnchorArithmetic::unknown(const ArmStep& step) {
  const auto named = [&](bool is_named, u8 number) {
    return is_named && number != kPc ? source(number) : AnchorValue{};
  };
  return unclear({named(true, step.rn), named(step.by_register, step.rm),
                  named(step.has_two_results, step.rd2), named(true, step.ra),
                  named(true, step.rd)});
}

AnchorValue AnchorArithmetic::product(const AnchorValue& a, const AnchorValue& b) {
  if (!a.is(Kind::kNumber) || !b.is(Kind::kNumber)) return unclear({a, b});
  constexpr i64 kSmall = i64{1} << 31;  // so that the product is not too large for an i64
  const bool is_small = a.low >= 0 && b.low >= 0 && a.high < kSmall && b.high < kSmall;
  return is_small ? number_between(a.low * b.low, a.high * b.high) : AnchorValue{};
}

AnchorValue AnchorArithmetic::extract(const AnchorValue& value, const ArmStep& step) {
  const AnchorValue any = bits_of(step.width, step.operation == Operation::kExtractSigned);
  if (!value.is(Kind::kNumber)) return unclear({value}, any);
  const bool is_all = step.offset == 0 && value.low >= any.low && value.high <= any.high;
  return is_all ? value : any;
}

AnchorValue AnchorArithmetic::bitwise(Operation operation, AnchorValue a, AnchorValue b) {
  if (!a.is(Kind::kNumber) || !b.is(Kind::kNumber)) return unclear({a, b});
  // An interval that is not known to be of numbers without a sign can hold all of them.
  if (!as_unsigned(a)) a = {};
  if (!as_unsigned(b)) b = {};
  switch (operation) {
    case Operation::kNot:
      return number_between(kNumbers - 1 - b.high, kNumbers - 1 - b.low);
    case Operation::kAnd:
      if (a.is_exact() && b.is_exact()) return exact_number(a.low & b.low);
      return number_between(0, std::min(a.high, b.high));
    case Operation::kAndNot:
    case Operation::kShiftRight:
    case Operation::kDivideUnsigned:
      return number_between(0, a.high);
    case Operation::kOr:
      return number_between(0, std::max(all_bits(a), all_bits(b)));
    case Operation::kCountZeroes:
      return number_between(0, 32);
    default:
      return {};
  }
}

}  // namespace fwseal
