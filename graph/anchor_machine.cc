#include "graph/anchor_machine.h"

#include <algorithm>
#include <array>

#include "graph/anchor_arithmetic.h"

namespace fwseal {
namespace {

using Kind = ArmStep::Kind;
using Value = AnchorValue;
constexpr u8 kSp = 13;
constexpr u8 kLr = 14;
constexpr u8 kPc = 15;

[[noreturn]] void fail() { throw NotFollowed{}; }

}  // namespace

CodeMode AnchorCode::mode_at(u64 place) const {
  const auto behind = std::ranges::upper_bound(runs, place, {}, &CodeRun::begin);
  return behind == runs.begin() ? CodeMode::kData : std::prev(behind)->mode;
}

AnchorMachine::AnchorMachine(const Program& program, const AnchorCode& code,
                             std::span<const Anchor> anchors)
    : code_(code),
      contents_(program.inputs[code.section].contents),
      anchors_(anchors),
      reaches_(program, anchors) {}

void AnchorMachine::begin(u32 place, u64 length) {
  place_ = place;
  relocation_ = nullptr;
  auto entry = std::ranges::lower_bound(code_.relocations, place_, {}, &Relocation::offset);
  if (entry == code_.relocations.end() || entry->offset >= place_ + length) return;
  relocation_ = &*entry;
  const auto next = std::next(entry);
  const bool is_alone = next == code_.relocations.end() || next->offset >= place_ + length;
  if (entry->offset != place_ || !is_alone) fail();
}

// The anchor at a place, by its number.
std::optional<u32> AnchorMachine::anchor_at(u32 place) const {
  const auto found = std::ranges::lower_bound(anchors_, place, {}, &Anchor::place);
  if (found == anchors_.end() || found->place != place) return std::nullopt;
  return static_cast<u32>(found - anchors_.begin());
}

AnchorValue AnchorMachine::register_at(u32 number) const {
  return number == kPc ? Value{} : state.registers[number];
}

void AnchorMachine::set(u32 number, const Value& value) {
  if (number == kPc) fail();
  if (number == kSp && (!value.is(Value::Kind::kFrame) || !value.is_exact())) fail();
  state.set(number, value);
}

void AnchorMachine::pass_over() {
  if (relocation_ == nullptr) return;
  if (const auto number = anchor_at(place_)) reaches_.use(*number);
}

bool AnchorMachine::execute(const ArmStep& step) {
  const bool is_move = step.kind == Kind::kMove || step.kind == Kind::kMoveTop;
  if (relocation_ != nullptr && !is_move) fail();
  switch (step.kind) {
    case Kind::kNothing:
      return true;
    case Kind::kMove:
    case Kind::kMoveTop:
    case Kind::kAdd:
    case Kind::kSubtract:
    case Kind::kOther:
      compute(step);
      return true;
    case Kind::kCompare:
      compare(step, AnchorFlags::kNoRegister);
      return true;
    case Kind::kTest:
      state.flags = {};
      return true;
    case Kind::kLoad:
    case Kind::kStore:
      return access(step);
    case Kind::kLoadMany:
    case Kind::kStoreMany:
      return access_many(step);
    case Kind::kIfThen:
      state.if_then = static_cast<u8>(step.offset);
      return true;
    default:
      fail();
  }
}

// MOVW and MOVT with the halves of an address.
void AnchorMachine::move_half(const ArmStep& step) {
  const u32 type = relocation_->type;
  const bool is_low = type == R_ARM_MOVW_ABS_NC || type == R_ARM_THM_MOVW_ABS_NC;
  const bool is_high = type == R_ARM_MOVT_ABS || type == R_ARM_THM_MOVT_ABS;
  if (step.by_register || !(step.kind == Kind::kMove ? is_low : is_high)) fail();
  const Value old = register_at(step.rd);
  const auto number = anchor_at(place_);
  if (!number) return set(step.rd, !is_low && old.is_tainted() ? mixed_value() : Value{});
  if (is_low) return set(step.rd, reaches_.load(*number, Value::Kind::kHalf));
  const Value whole = reaches_.load(*number, Value::Kind::kData);
  Value low = whole;
  low.kind = Value::Kind::kHalf;
  low.origin = old.origin;
  set(step.rd, old == low ? whole : mixed_value());
}

// What the program counter reads as a base of addresses.
i64 AnchorMachine::pc_base() const {
  const u64 bias = code_.mode_at(place_) == CodeMode::kThumb ? 4 : 8;
  return static_cast<i64>((place_ + bias) & ~u64{3});
}

// What the code itself holds.
AnchorValue AnchorMachine::literal(i64 place, u8 size, bool is_signed) {
  if (place < 0 || !contents_.holds(static_cast<u64>(place), size)) fail();
  const u32 at = static_cast<u32>(place);
  const auto behind =
      std::ranges::upper_bound(code_.relocations, u64{at} + 3, {}, &Relocation::offset);
  const bool is_relocated =
      behind != code_.relocations.begin() && std::prev(behind)->offset + 4 > at;
  if (!is_relocated)
    return size < 4 ? loaded_number(size, is_signed) : exact_number(contents_.le<u32>(at));
  const Relocation& relocation = *std::prev(behind);
  if (relocation.offset != at || size != 4) fail();
  const auto number = anchor_at(at);
  if (!number) return {};
  if (relocation.type != R_ARM_ABS32 && relocation.type != R_ARM_TARGET1) fail();
  return reaches_.load(*number, Value::Kind::kData);
}

// ---- Arithmetic

// `calculate` takes an AnchorArithmetic.
template <typename Calculate>
AnchorValue AnchorMachine::calculated(Calculate calculate) {
  AnchorArithmetic arithmetic(state, pc_base());
  const Value value = calculate(arithmetic);
  if (arithmetic.lost_frame()) open_frame(state);
  return value;
}
AnchorValue AnchorMachine::operand(const ArmStep& step) {
  return calculated([&](AnchorArithmetic& arithmetic) { return arithmetic.operand(step); });
}
AnchorValue AnchorMachine::sum(const Value& a, const Value& b) {
  return calculated([&](AnchorArithmetic& arithmetic) { return arithmetic.sum(a, b); });
}

// The flags of rn - operand. `changed`: a register that the instruction writes.
void AnchorMachine::compare(const ArmStep& step, u8 changed) {
  const Value left = register_at(step.rn);
  const Value right = operand(step);
  reaches_.unite(left, right);
  compare_with_stranger(left, right);
  compare_with_stranger(right, left);
  const bool by_plain_register = step.by_register && step.shift == ArmStep::Shift::kNone;
  const auto tracked = [&](u8 number) {
    return number == changed || number >= kSp ? AnchorFlags::kNoRegister : number;
  };
  state.flags = {AnchorFlags::Kind::kCompare, tracked(step.rn),
                 by_plain_register ? tracked(step.rm) : AnchorFlags::kNoRegister, left, right};
}

// It may be the end of an object whose beginning somebody else has.
void AnchorMachine::compare_with_stranger(const Value& value, const Value& other) {
  const bool is_constant = other.is(Value::Kind::kNumber) && other.is_exact();
  if (!other.is(Value::Kind::kData) && !is_constant) reaches_.note_pointer(value);
}

void AnchorMachine::compute(const ArmStep& step) {
  if (relocation_ != nullptr) return move_half(step);
  // In an IT block the 16-bit instructions set no flags.
  const bool sets_flags = step.sets_flags && !(is_in_block && step.length == 2);
  const bool is_comparison = step.kind == Kind::kSubtract;
  if (step.by_register && step.kind != Kind::kMove)
    reaches_.unite(register_at(step.rn), register_at(step.rm));
  const Value result =
      calculated([&](AnchorArithmetic& arithmetic) { return arithmetic.result(step); });
  if (sets_flags && is_comparison) compare(step, step.rd);
  set(step.rd, result);
  if (step.has_two_results) set(step.rd2, result);
  if (!sets_flags || is_comparison) return;
  state.flags = {AnchorFlags::Kind::kResult, step.rd, AnchorFlags::kNoRegister, result, {}};
}

// ---- Memory

bool AnchorMachine::access(const ArmStep& step) {
  const bool is_transferred = step.rn == step.rd || (step.size == 8 && step.rn == step.rd2);
  if (step.writes_back && (step.rn == kPc || is_transferred)) fail();
  const bool is_pair = step.size == 8;
  const u8 size = is_pair ? 4 : step.size;
  if (step.rn == kPc) return load_literal(step, is_pair);
  const Value start = register_at(step.rn);
  const Value moved = sum(start, operand(step));
  const Value from = step.post_indexed ? start : moved;
  if (step.kind == Kind::kStore) {
    const Value first = register_at(step.rd);
    const Value second = is_pair ? register_at(step.rd2) : Value{};
    if (step.writes_back) set(step.rn, moved);
    store(from, size, first);
    if (is_pair) store(sum(from, exact_number(4)), size, second);
    return true;
  }
  const Value first = load(from, size, step.is_signed);
  const Value second = is_pair ? load(sum(from, exact_number(4)), size, false) : Value{};
  if (step.writes_back) set(step.rn, moved);
  return loaded(step, first, second);
}

bool AnchorMachine::load_literal(const ArmStep& step, bool is_pair) {
  if (step.kind != Kind::kLoad || step.by_register) fail();
  const i64 at = pc_base() + step.offset;
  const Value first = literal(at, is_pair ? u8{4} : step.size, step.is_signed);
  return loaded(step, first, is_pair ? literal(at + 4, 4, false) : Value{});
}

bool AnchorMachine::loaded(const ArmStep& step, const Value& first, const Value& second) {
  if (step.rd == kPc) {
    if (step.rn == kSp)
      leave();
    else
      leave_for_another();
    return false;
  }
  set(step.rd, first);
  if (step.size == 8) set(step.rd2, second);
  return true;
}

bool AnchorMachine::access_many(const ArmStep& step) {
  const Value start = register_at(step.rn);
  const bool stores = step.kind == Kind::kStoreMany;
  const bool holds_base = (step.list >> step.rn & 1) != 0;
  if (stores && step.writes_back && holds_base) fail();
  Value at = sum(start, exact_number(step.offset));
  const Value moved = sum(start, exact_number(step.growth));
  if (stores && step.writes_back) set(step.rn, moved);
  std::array<Value, 16> values;
  for (u32 i = 0; i < values.size(); i++) {
    if ((step.list >> i & 1) == 0) continue;
    if (stores)
      store(at, 4, register_at(i));
    else
      values[i] = load(at, 4, false);
    at = sum(at, exact_number(4));
  }
  if (stores) return true;
  if (step.writes_back) set(step.rn, moved);
  for (u32 i = 0; i < kPc; i++)
    if ((step.list >> i & 1) != 0) set(i, values[i]);
  if ((step.list >> kPc & 1) == 0) return true;
  leave();
  return false;
}

AnchorValue AnchorMachine::load(const Value& at, u8 size, bool is_signed) {
  touch(at, size);
  if (at.is(Value::Kind::kCode)) return literal(at.low, size, is_signed);
  if (at.is(Value::Kind::kFrame)) {
    if (!at.is_exact())
      open_frame(state);
    else if (const Value value = state.load_word(at.low, size); size == 4 || value.is_tainted())
      return value;
  }
  return loaded_number(size, is_signed);
}

void AnchorMachine::store(const Value& at, u8 size, const Value& value) {
  touch(at, size);
  if (at.is(Value::Kind::kCode)) fail();
  if (size < 4 && value.is_tainted()) fail();
  if (at.is(Value::Kind::kFrame) && at.is_exact()) {
    if (!state.store_word(at.low, size, value)) fail();
    if (state.is_frame_open) hand_on(state, value);
    return;
  }
  if (at.is(Value::Kind::kFrame)) open_frame(state);
  hand_on(state, value);
  if (state.is_frame_open && !at.is(Value::Kind::kData)) state.blur_frame();
}

// ---- Other functions

void AnchorMachine::touch(const Value& at, u64 size) {
  if (at.is(Value::Kind::kMixed) || at.is(Value::Kind::kHalf)) fail();
  if (at.is(Value::Kind::kCode) && !at.is_exact()) fail();
  reaches_.touch(at, size);
}

// A value leaves the function, for whatever use.
void AnchorMachine::hand_on(AnchorState& from, const Value& value) {
  if (value.is(Value::Kind::kFrame)) return open_frame(from);
  if (value.is_tainted() && !value.is(Value::Kind::kData)) fail();
  if (code_.is_compiled)
    reaches_.note_pointer(value);
  else
    reaches_.take_all(value);
}

void AnchorMachine::open_frame(AnchorState& of) {
  if (of.is_frame_open) return;
  of.is_frame_open = true;
  hand_on_frame(of);
}

void AnchorMachine::hand_on_frame(AnchorState& of) {
  const std::vector<FrameWord> frame = of.frame;
  for (const FrameWord& word : frame) hand_on(of, word.value);
}

void AnchorMachine::call() {
  hand_on_arguments();
  constexpr std::array<u8, 6> kScratch{0, 1, 2, 3, 12, kLr};
  for (const u8 number : kScratch) {
    Value value = state.registers[number];
    if (value.is(Value::Kind::kFrame)) open_frame(state);
    // Compilers may know which of these a function leaves alone (GCC's -fipa-ra).
    value = value.is_tainted() ? join(value, Value{}) : Value{};
    state.set(number, value);
  }
  state.flags = {};
  if (state.is_frame_open) state.blur_frame();
}

void AnchorMachine::hand_on_arguments() {
  for (u32 number = 0; number < 4; number++) hand_on(state, state.registers[number]);
  if (!code_.is_compiled) hand_on(state, state.registers[12]);
  hand_on_frame(state);
}

// A result takes one or two registers (AAPCS32 2023Q3, "Result Return").
void AnchorMachine::leave() {
  check_registers_of_caller();
  for (u32 number = 0; number < 2; number++) hand_on(state, state.registers[number]);
  if (!code_.is_compiled) hand_on_arguments();
}

// A jump to a function, which has arguments.
void AnchorMachine::leave_for_another() {
  check_registers_of_caller();
  hand_on_arguments();
}

void AnchorMachine::check_registers_of_caller() const {
  for (u32 i = 4; i < 12; i++)
    if (state.registers[i].is_tainted()) fail();
  if (state.registers[kSp] != AnchorState::at_entry().registers[kSp]) fail();
}

}  // namespace fwseal
