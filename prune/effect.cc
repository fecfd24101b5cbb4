// What does a function leave behind when it returns?
//
// The question decides whether a constructor may be left out, so every answer but a proof is "it
// does something". The proof is an execution with values of which only some are known: numbers,
// addresses of input sections, what the registers held at entry, places in the stack frame. Each
// path through the function is followed on its own; where a branch depends on what is not known,
// both ways are. Calls are followed into the function that is called. A path is good if
//
// - every instruction is one of those in arm_step.h, and marked as code;
// - every load and store goes to the function's own frame, to its literals, or to a known offset of
//   a section of ordinary memory, within its bounds: what is reached through a pointer of unknown
//   value or a plain number may be a device;
// - it comes to no place twice within a call: a loop may be there for its duration (a delay);
// - it returns to the caller, with sp and r4 to r11 as they were (AAPCS32 2023Q3, "Core
//   registers"): r9 may hold something for the whole program.
//
// Where two paths meet in the same state, one of them is followed on: constructors of the library
// have many guards in a row.
//
// A function of the library that library_calls.h knows is not entered: its effect is known. What
// is registered to be called at exit is followed as a path of its own.
//
// Symbols are final here, so a weak one that nobody defined is 0 and stays so, and calling it does
// nothing (AAELF32 2023Q3, "Call and jump relocations"): that is how crtbegin.o's frame_dummy is
// proven to be empty.
//
// Not followed: floating point, shifted operands as addresses. Then the reason says so.
#include "prune/effect.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "elfio/arm_step.h"
#include "prune/effect_memory.h"
#include "prune/effect_state.h"

namespace fwseal {
namespace {

using Kind = ArmStep::Kind;

// Far more than a constructor that can be proven has; a bound on the time for one that cannot.
constexpr u32 kMaxSteps = 4096;
constexpr u32 kMaxPaths = 256;
constexpr u32 kMaxCalls = 8;
constexpr i64 kMaxFrame = 4096;

class Prover {
 public:
  explicit Prover(EffectSearch& search)
      : program_(search.program),
        search_(search),
        code_(search.code),
        memory_(search.program, search.atoms, search.plain, search.code) {}

  Effect prove(CodePlace entry) {
    Effect effect;
    try {
      add_path(entry, {Value::Kind::kEntry, 0, 0});
      while (!paths_.empty()) {
        state_ = std::move(paths_.back());
        paths_.pop_back();
        follow();
      }
      effect.proven = true;
      effect.writes.assign(memory_.writes().begin(), memory_.writes().end());
    } catch (const Obstacle& obstacle) {
      const CodePlace& at = state_.place;
      effect.reason =
          cat(obstacle.what, " at ", program_.inputs.location(at.section, at.offset).text());
    }
    return effect;
  }

 private:
  void add_path(const CodePlace& function, const Value& argument) {
    const LibraryFunction known = search_.library.find(function);
    if (known.kind == LibraryFunction::Kind::kInitStreams ||
        known.kind == LibraryFunction::Kind::kEndStreams)
      return touch_streams();
    paths_.push_back(MachineState::at_entry(function));
    paths_.back().registers[0] = argument;
  }

  Value& reg(u32 number) { return state_.registers[number]; }

  void work(u64 amount) {
    if (amount > search_.work_left) fail("all constructors take more steps than are followed");
    search_.work_left -= amount;
  }

  // ---- Instructions

  void follow() {
    for (running_ = true; running_;) {
      if (was_here()) return;
      if (++steps_ > kMaxSteps) fail("it takes more steps than are followed");
      work(1);
      const ArmStep step = code_.step_at(state_.place);
      next_ = state_.place.offset + step.length;
      state_.activations.back().visited.push_back(state_.place);
      const Tristate holds = condition_holds(step);
      if (holds == Tristate::kUnknown) fork(next_);
      if (holds != Tristate::kNo)
        execute(step);
      else
        state_.place.offset = next_;
    }
  }

  // Consumes one step of an IT block.
  Tristate condition_holds(const ArmStep& step) {
    u32 condition = step.condition;
    in_block_ = (state_.if_then & 0xf) != 0;
    if (in_block_) {
      condition = state_.if_then >> 4;
      const bool is_last = (state_.if_then & 7) == 0;
      state_.if_then =
          static_cast<u8>(is_last ? 0 : (state_.if_then & 0xe0) | (state_.if_then << 1 & 0x1f));
    }
    if (condition == ArmStep::kAlways) return Tristate::kYes;
    if (condition > 1 || state_.zero == Tristate::kUnknown) return Tristate::kUnknown;
    const bool equal_holds = state_.zero == Tristate::kYes;  // 0 is EQ, 1 is NE
    return equal_holds == (condition == 0) ? Tristate::kYes : Tristate::kNo;
  }

  // Has another path been here, where paths meet, in the same state? Then it goes on as that one
  // did. Paths are followed depth first, so whoever comes back to where it was itself has that
  // among its own visits, and is found to be in a loop.
  bool was_here() {
    const auto met = meetings_.find({index(state_.place.section), state_.place.offset});
    if (met == meetings_.end()) return false;
    const std::vector<CodePlace>& visited = state_.activations.back().visited;
    work(visited.size() + met->second.size());
    if (std::ranges::find(visited, state_.place) != visited.end()) return false;
    for (const MachineState& other : met->second)
      if (same_future(state_, other)) return true;
    met->second.push_back(state_);
    return false;
  }
  void meet_at(SectionId section, u64 offset) { meetings_.try_emplace({index(section), offset}); }

  void fork(u64 offset) {
    meet_at(state_.place.section, offset);
    if (++forks_ > kMaxPaths) fail("it has more paths than are followed");
    for (const Activation& activation : state_.activations) work(activation.visited.size());
    paths_.push_back(state_);
    paths_.back().place.offset = offset;
  }

  void execute(const ArmStep& step) {
    fixup_ = code_.fixup(state_.place.section, state_.place.offset, step.length);
    if (fixup_.clash) fail("relocations that overlap an instruction");
    switch (step.kind) {
      case Kind::kUnknown:
        fail("an instruction that is not followed");
      case Kind::kNothing:
        break;
      case Kind::kMove:
      case Kind::kMoveTop:
        move(step);
        break;
      case Kind::kAdd:
      case Kind::kSubtract:
      case Kind::kOther:
        compute(step);
        break;
      case Kind::kCompare:
        set_zero(equal(source(step.rn), operand(step)));
        break;
      case Kind::kTest:
        state_.zero = Tristate::kUnknown;
        break;
      case Kind::kLoad:
      case Kind::kStore:
        if (access(step)) return;
        break;
      case Kind::kLoadMany:
      case Kind::kStoreMany:
        if (access_many(step)) return;
        break;
      case Kind::kJump:
      case Kind::kCall:
        branch(step);
        return;
      case Kind::kJumpRegister:
        go_to(source(step.rm));
        return;
      case Kind::kCallRegister:
        call(source(step.rm));
        return;
      case Kind::kJumpIfZero:
      case Kind::kJumpIfOther:
        branch_on(step);
        return;
      case Kind::kIfThen:
        state_.if_then = static_cast<u8>(step.offset);
        break;
    }
    if (fixup_.relocation) fail("a relocation that is not followed");
    state_.place.offset = next_;
  }

  // ---- Registers

  // A read of pc gives a place in the code, which only some instructions are understood to do.
  Value source(u32 number) { return number == kPc ? Value{} : reg(number); }
  Value operand(const ArmStep& step) {
    return step.by_register ? source(step.rm) : number(static_cast<u32>(step.offset));
  }
  Value base(const ArmStep& step) { return step.rn == kPc ? state_.place.pc_base() : reg(step.rn); }

  void set(u32 number, const Value& value) {
    if (number == kPc) fail("it computes a jump");
    if (number == kSp &&
        (!value.is(Value::Kind::kStack) || value.offset > 0 || value.offset < -kMaxFrame))
      fail("its stack pointer is not followed");
    // What sp leaves behind may be overwritten by an interrupt.
    if (number == kSp)
      state_.stack.erase(state_.stack.begin(), state_.stack.lower_bound(value.offset));
    reg(number) = value;
  }

  // In an IT block the 16-bit instructions set no flags, and we do not tell them from others.
  void set_zero(Tristate zero) { state_.zero = in_block_ ? Tristate::kUnknown : zero; }

  void set_flags(const ArmStep& step, const Value& result) {
    if (step.sets_flags) set_zero(equal(result, number(0)));
  }

  void move(const ArmStep& step) {
    if (fixup_.relocation) return move_address(step);
    Value value = operand(step);
    if (step.kind == Kind::kMoveTop) {
      const Value low = reg(step.rd);
      value = Value{};
      if (low.is(Value::Kind::kNumber))
        value =
            number((static_cast<u32>(low.offset) & 0xffff) | static_cast<u32>(step.offset) << 16);
    }
    set(step.rd, value);
    set_flags(step, value);
  }

  // MOVW and MOVT with the two halves of an address.
  void move_address(const ArmStep& step) {
    const u32 type = fixup_.relocation->type;
    const bool is_low = type == R_ARM_MOVW_ABS_NC || type == R_ARM_THM_MOVW_ABS_NC;
    const bool is_high = type == R_ARM_MOVT_ABS || type == R_ARM_THM_MOVT_ABS;
    if (step.by_register || !(step.kind == Kind::kMove ? is_low : is_high))
      fail("a relocation that is not followed");
    Value whole = code_.value_of(*fixup_.relocation, state_.place.section);
    if (is_low) {
      if (whole.is(Value::Kind::kAddress)) whole.kind = Value::Kind::kLowHalf;
    } else if (whole.is(Value::Kind::kAddress)) {
      Value half = whole;
      half.kind = Value::Kind::kLowHalf;
      if (reg(step.rd) != half) whole = Value{};
    } else if (reg(step.rd) != whole) {
      whole = Value{};
    }
    fixup_.relocation.reset();
    set(step.rd, whole);
  }

  void compute(const ArmStep& step) {
    Value result;
    if (step.kind == Kind::kAdd)
      result = add(base(step), operand(step));
    else if (step.kind == Kind::kSubtract)
      result = subtract(base(step), operand(step));
    set(step.rd, result);
    set_flags(step, result);
  }

  // ---- Memory

  // Says whether the load was a jump.
  bool access(const ArmStep& step) {
    // Writing back to pc, or to a register that is transferred, is not the same on all processors.
    const bool is_transferred = step.rn == step.rd || (step.size == 8 && step.rn == step.rd2);
    if (step.writes_back && (step.rn == kPc || is_transferred))
      fail("an instruction that is not followed");
    const Value start = base(step);
    const Value moved = add(start, operand(step));
    const Value from = step.post_indexed ? start : moved;
    const bool is_pair = step.size == 8;
    const u8 size = is_pair ? 4 : step.size;
    if (step.kind == Kind::kStore) {
      const Value first = source(step.rd);
      const Value second = is_pair ? source(step.rd2) : Value{};
      if (step.writes_back) set(step.rn, moved);  // first: a push makes its frame
      store(from, size, first);
      if (is_pair) store(add(from, number(4)), size, second);
      return false;
    }
    const Value first = load(from, size);
    const Value second = is_pair ? load(add(from, number(4)), size) : Value{};
    if (step.writes_back) set(step.rn, moved);
    if (step.rd == kPc) return go_to(first), true;
    set(step.rd, first);
    if (is_pair) set(step.rd2, second);
    return false;
  }

  bool access_many(const ArmStep& step) {
    const Value start = reg(step.rn);
    const Value moved = add(start, number(static_cast<u32>(step.growth)));
    Value at = add(start, number(static_cast<u32>(step.offset)));
    const bool stores = step.kind == Kind::kStoreMany;
    // What is stored of the base then is not the same on all processors.
    if (stores && step.writes_back && (step.list >> step.rn & 1) != 0)
      fail("an instruction that is not followed");
    if (stores && step.writes_back) set(step.rn, moved);  // first: a push makes its frame
    std::array<Value, 16> loaded;
    for (u32 i = 0; i < loaded.size(); i++) {
      if ((step.list >> i & 1) == 0) continue;
      if (stores)
        store(at, 4, source(i));
      else
        loaded[i] = load(at, 4);
      at = add(at, number(4));
    }
    if (stores) return false;
    if (step.writes_back) set(step.rn, moved);
    for (u32 i = 0; i < kPc; i++)
      if ((step.list >> i & 1) != 0) set(i, loaded[i]);
    if ((step.list >> kPc & 1) == 0) return false;
    go_to(loaded[kPc]);
    return true;
  }

  void store(const Value& at, u8 size, const Value& value) {
    memory_.store(state_, at, size, value);
  }
  Value load(const Value& at, u8 size) { return memory_.load(state_, at, size); }

  // ---- Jumps

  void branch_on(const ArmStep& step) {
    const Tristate zero = equal(reg(step.rn), number(0));
    const Tristate taken_if = step.kind == Kind::kJumpIfZero ? Tristate::kYes : Tristate::kNo;
    if (zero == Tristate::kUnknown)
      fork(next_);
    else if (zero != taken_if)
      return move_on();
    branch(step);
  }

  void move_on() {
    if (fixup_.relocation) fail("a relocation that is not followed");
    state_.place.offset = next_;
  }

  void branch(const ArmStep& step) {
    const bool calls = step.kind == Kind::kCall;
    CodePlace to = state_.place;
    if (fixup_.relocation) {
      const Referent referred =
          referent(program_, program_.inputs[to.section].object, fixup_.relocation->symbol);
      if (calls && referred.undefined && referred.weak) return skip_call();
      to = code_.branch_target(state_.place, *fixup_.relocation, referred, step.switches);
    } else {
      to.is_thumb = to.is_thumb != step.switches;
      to.offset += static_cast<u64>(step.offset);
      if (!to.is_thumb) to.offset &= ~u64{3};
    }
    if (calls)
      enter(to);
    else
      jump(to);
  }

  // The call of what nobody defined becomes a no-operation.
  void skip_call() {
    reg(kLr) = Value{};
    state_.place.offset = next_;
  }

  void jump(const CodePlace& to) {
    const Value back = reg(kLr);
    if (passes(to)) return go_to(back);
    const std::vector<CodePlace>& visited = state_.activations.back().visited;
    work(visited.size());
    if (std::find(visited.begin(), visited.end(), to) != visited.end()) fail("it has a loop");
    meet_at(to.section, to.offset);
    state_.place = to;
  }

  void enter(const CodePlace& to) {
    if (passes(to)) {
      state_.place.offset = next_;
      return;
    }
    if (state_.activations.size() > kMaxCalls) fail("its calls are nested deeper than is followed");
    CodePlace back = state_.place;
    back.offset = next_;
    const u32 number_of_call = ++state_.calls;
    reg(kLr) = {Value::Kind::kReturn, number_of_call, 0};
    state_.activations.push_back({number_of_call, back, {}});
    state_.place = to;
  }

  // If the library is called, does what it does.
  bool passes(const CodePlace& to) {
    const LibraryFunction known = search_.library.find(to);
    if (known.kind == LibraryFunction::Kind::kOther) return false;
    if (known.kind == LibraryFunction::Kind::kRegister)
      run_later(known);
    else
      touch_streams();
    for (const u32 lost : {0u, 1u, 2u, 3u, kIp, kLr}) reg(lost) = Value{};
    state_.zero = Tristate::kUnknown;
    fixup_.relocation.reset();
    return true;
  }

  void touch_streams() {
    for (const AtomId stream : search_.library.streams()) memory_.add_write(stream);
  }

  // What is to be called at exit does no harm if it does none there.
  void run_later(const LibraryFunction& registers) {
    const Value function = reg(registers.function);
    if (!function.is(Value::Kind::kAddress)) fail("it registers a function that is not known");
    LaterCall later{place_of(function), {}};
    if (registers.argument != LibraryFunction::kNoArgument) {
      const Value& argument = reg(registers.argument);
      // Of the others nothing is left by then.
      if (argument.is(Value::Kind::kAddress) || argument.is(Value::Kind::kNumber))
        later.argument = argument;
    }
    work(later_.size());
    if (std::ranges::find(later_, later) != later_.end()) return;
    later_.push_back(later);
    add_path(later.function, later.argument);
  }

  void call(const Value& to) {
    if (fixup_.relocation) fail("a relocation that is not followed");
    if (!to.is(Value::Kind::kAddress)) fail("it calls a function that is not known");
    enter(place_of(to));
  }

  void go_to(const Value& to) {
    if (fixup_.relocation) fail("a relocation that is not followed");
    const u32 current = state_.activations.back().call;
    if (to.is(Value::Kind::kAddress)) return jump(place_of(to));
    if (to.is(Value::Kind::kReturn) && to.id == current) {
      state_.place = state_.activations.back().return_to;
      state_.activations.pop_back();
      return;
    }
    if (current != 0 || to != Value{Value::Kind::kEntry, kLr, 0})
      fail("it jumps to a place that is not known");
    finish();
  }

  void finish() {
    for (u32 i = 4; i < 12; i++)
      if (reg(i) != Value{Value::Kind::kEntry, i, 0})
        fail(cat("it returns with another value in r", i));
    if (reg(kSp) != Value{Value::Kind::kStack, 0, 0}) fail("it returns with another sp");
    running_ = false;
  }

  struct LaterCall {
    CodePlace function;
    Value argument;
    bool operator==(const LaterCall&) const = default;
  };

  const Program& program_;
  EffectSearch& search_;
  CodeView& code_;
  EffectMemory memory_;
  std::vector<MachineState> paths_;  // that are still to be followed
  std::vector<LaterCall> later_;     // what was registered
  std::map<std::pair<u32, u64>, std::vector<MachineState>> meetings_;  // where paths may meet
  u32 steps_ = 0;
  u32 forks_ = 0;
  // Of the path and the instruction that are being followed.
  MachineState state_;
  CodeView::Fixup fixup_;
  u64 next_ = 0;
  bool running_ = false;
  bool in_block_ = false;
};

}  // namespace

Effect effect_of(EffectSearch& search, const CodePlace& function) {
  return Prover(search).prove(function);
}

}  // namespace fwseal
