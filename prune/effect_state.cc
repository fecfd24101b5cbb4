#include "prune/effect_state.h"

#include <algorithm>

namespace fwseal {

bool same_future(const MachineState& a, const MachineState& b) {
  const auto same_call = [](const Activation& one, const Activation& other) {
    return one.call == other.call && one.return_to == other.return_to;
  };
  return a.place == b.place && a.registers == b.registers && a.zero == b.zero &&
         a.if_then == b.if_then && a.stack == b.stack &&
         std::ranges::equal(a.activations, b.activations, same_call);
}

Value add(const Value& a, const Value& b) {
  if (a.is(Value::Kind::kNumber) && !b.is(Value::Kind::kNumber)) return add(b, a);
  if (!b.is(Value::Kind::kNumber)) return {};
  const u32 amount = static_cast<u32>(b.offset);
  if (a.is(Value::Kind::kNumber)) return number(static_cast<u32>(a.offset) + amount);
  // Numbers are 32 bits that wrap: what is added to an address may stand for less than nothing.
  const i64 distance = static_cast<i32>(amount);
  if (a.is(Value::Kind::kAddress) || a.is(Value::Kind::kStack))
    return {a.kind, a.id, a.offset + distance};
  return {};
}

Value subtract(const Value& a, const Value& b) {
  if (b.is(Value::Kind::kNumber)) return add(a, number(0u - static_cast<u32>(b.offset)));
  const bool same_origin = a.kind == b.kind && a.id == b.id;
  const bool is_place = a.is(Value::Kind::kAddress) || a.is(Value::Kind::kStack);
  return same_origin && is_place ? number(static_cast<u32>(a.offset - b.offset)) : Value{};
}

Tristate equal(const Value& a, const Value& b) {
  if (!a.is(Value::Kind::kNumber) || !b.is(Value::Kind::kNumber)) return Tristate::kUnknown;
  return a.offset == b.offset ? Tristate::kYes : Tristate::kNo;
}

}  // namespace fwseal
