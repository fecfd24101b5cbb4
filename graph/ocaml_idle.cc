#include "graph/ocaml_idle.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace fwseal {
namespace {

using Kind = OcamlStep::Kind;
constexpr u8 kAllocationPointer = 10;
constexpr u8 kSp = 13;
constexpr u8 kFunctionForC = 7;  // of caml_c_call
constexpr u32 kRegisters = 13;
constexpr i32 kWord = 4;

// What a register or a word of the frame holds.
using Held = u32;
constexpr Held kAnything = 0;
constexpr Held kNew = 1;       // the address of what was allocated here
constexpr Held kSmall = 2;     // an odd number below 256, which stands for one below 128
constexpr Held kHarmless = 4;  // and a set of r0 and r1: the address of an OcamlHarmless
constexpr Held kFirstBlock = 8;

struct State {
  std::array<Held, kRegisters> registers{};
  std::map<i32, Held> frame;  // by place, from where sp was when the function was called
  i32 depth = 0;
  bool is_reached = false;
};

// What a function does by itself.
struct Effects {
  bool is_harmless = false;
  std::vector<u32> blocks;   // in whose fields it stores; sorted, once each
  std::vector<u32> callees;  // functions; sorted, once each
};

void sort_once(std::vector<u32>& numbers) {
  std::ranges::sort(numbers);
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
}

// One function, each step once, since there are no ways back.
class Walk {
 public:
  Walk(const OcamlWorld& world, const OcamlFunction& function)
      : world_(world), function_(function) {}

  Effects run() {
    effects_.is_harmless = function_.is_read && find_order();
    if (!effects_.is_harmless) return effects_;
    states_.resize(function_.steps.size());
    states_[0].is_reached = true;
    for (auto number = order_.rbegin(); number != order_.rend(); ++number) {
      state_ = std::exchange(states_[*number], {});
      if (!take(function_.steps[*number]) || !go_on(*number)) {
        effects_.is_harmless = false;
        break;
      }
    }
    sort_once(effects_.blocks);
    sort_once(effects_.callees);
    return std::move(effects_);
  }

 private:
  u32 way_count(u32 number) const {
    const OcamlStep& step = function_.steps[number];
    return static_cast<u32>(step.targets.size()) + (step.goes_on ? 1 : 0);
  }
  u32 way(u32 number, u32 which) const {
    const OcamlStep& step = function_.steps[number];
    return which < step.targets.size() ? step.targets[which] : number + 1;
  }

  // The steps that are reached, each behind all that it leads to. False if there is a way back.
  bool find_order() {
    enum class Mark : u8 { kUnseen, kOpen, kDone };
    std::vector<Mark> marks(function_.steps.size());
    std::vector<std::pair<u32, u32>> open{{0, 0}};
    marks[0] = Mark::kOpen;
    while (!open.empty()) {
      auto& [number, next] = open.back();
      if (next == way_count(number)) {
        marks[number] = Mark::kDone;
        order_.push_back(number);
        open.pop_back();
        continue;
      }
      const u32 to = way(number, next++);
      if (to >= marks.size() || marks[to] == Mark::kOpen) return false;
      if (marks[to] == Mark::kDone) continue;
      marks[to] = Mark::kOpen;
      open.emplace_back(to, 0);
    }
    return true;
  }

  bool go_on(u32 number) {
    for (u32 i = 0; i < way_count(number); i++)
      if (!arrive(states_[way(number, i)], i + 1 == way_count(number))) return false;
    return true;
  }
  bool arrive(State& there, bool is_last) {
    if (!there.is_reached) {
      there = is_last ? std::move(state_) : state_;
      return true;
    }
    for (u32 i = 0; i < kRegisters; i++)
      if (there.registers[i] != state_.registers[i]) there.registers[i] = kAnything;
    std::erase_if(there.frame, [&](const auto& word) {
      const auto other = state_.frame.find(word.first);
      return other == state_.frame.end() || other->second != word.second;
    });
    return there.depth == state_.depth;
  }

  Held at(u8 number) const { return number < kRegisters ? state_.registers[number] : kAnything; }
  void set(const OcamlStep& step, Held held) {
    if (step.rd < kRegisters) state_.registers[step.rd] = step.is_conditional ? kAnything : held;
  }
  void forget_all_but(u16 kept) {
    for (u32 i = 0; i < kRegisters; i++)
      if ((1u << i & kept) == 0) state_.registers[i] = kAnything;
  }

  bool take(const OcamlStep& step) {
    switch (step.kind) {
      case Kind::kCompute:
        return compute(step);
      case Kind::kMove:
        set(step, at(step.rn));
        return true;
      case Kind::kAddress:
        set(step, held_by(*step.to));
        return true;
      case Kind::kLoad:
        set(step, step.rn == kSp ? from_frame(step.offset) : kAnything);
        return true;
      case Kind::kStore:
        return step.rn == kSp ? to_frame(step) : store(step);
      case Kind::kMoveStack:
        state_.depth += step.offset;
        return true;
      case Kind::kCall:
      case Kind::kTailCall:
        return call(*step.to);
      case Kind::kReturn:
      case Kind::kJump:
        return true;
      case Kind::kHandler:
      case Kind::kCallUnknown:
      case Kind::kTailCallUnknown:
      case Kind::kRaise:
      case Kind::kStop:
        return false;
    }
    return false;
  }

  bool compute(const OcamlStep& step) {
    if (step.stores && !(step.rn == kSp ? spoil_frame(step) : at(step.rn) == kNew)) return false;
    const Held held = step.is_conditional ? kAnything : computed(step);
    for (u32 i = 0; i < kRegisters; i++)
      if ((1u << i & step.writes) != 0) state_.registers[i] = held;
    return true;
  }
  Held computed(const OcamlStep& step) const {
    constexpr i32 kMost = 255;
    if (step.is_number)
      return step.offset > 0 && step.offset % 2 == 1 && step.offset <= kMost ? kSmall : kAnything;
    const bool is_new = step.adds && (step.rn == kAllocationPointer || at(step.rn) == kNew);
    return is_new ? kNew : kAnything;
  }

  static Held held_by(const OcamlTarget& target) {
    if (target.kind == OcamlTarget::Kind::kBlock) return kFirstBlock + target.index;
    if (target.kind != OcamlTarget::Kind::kC || !target.harmless) return kAnything;
    return kHarmless | target.harmless->small_numbers;
  }

  // ---- Memory

  // Not among what the caller has there, nor below the stack.
  bool is_own(i32 offset, i32 size) const {
    return offset >= 0 && offset % kWord == 0 && state_.depth <= -size &&
           offset <= -size - state_.depth;
  }
  Held from_frame(i32 offset) const {
    const auto found = state_.frame.find(state_.depth + offset);
    return found == state_.frame.end() ? kAnything : found->second;
  }
  bool to_frame(const OcamlStep& step) {
    constexpr u64 kMostWords = 256;
    if (!is_own(step.offset, kWord) || state_.frame.size() == kMostWords) return false;
    const Held held = step.is_conditional ? kAnything : at(step.rd);
    if (held == kAnything)
      state_.frame.erase(state_.depth + step.offset);
    else
      state_.frame[state_.depth + step.offset] = held;
    return true;
  }
  // What is stored there is no value: a number of up to two words, or where to return to.
  bool spoil_frame(const OcamlStep& step) {
    for (const i32 word : {0, kWord}) state_.frame.erase(state_.depth + step.offset + word);
    return is_own(step.offset, step.size);
  }

  bool store(const OcamlStep& step) {
    const Held base = at(step.rn);
    if (base == kNew) return true;
    if (base < kFirstBlock) return false;
    const u32 block = base - kFirstBlock;
    effects_.blocks.push_back(block);
    return step.offset >= 0 && step.offset % kWord == 0 &&
           static_cast<u32>(step.offset / kWord) < world_.block_sizes[block];
  }

  // ---- Calls

  bool call(const OcamlTarget& target) {
    constexpr u16 kKeptByC = 0x00f0;
    constexpr u16 kKeptByAllocation = 0x007f;
    switch (target.kind) {
      case OcamlTarget::Kind::kFunction:
        effects_.callees.push_back(target.index);
        forget_all_but(0);
        return true;
      case OcamlTarget::Kind::kAllocates:
        forget_all_but(kKeptByAllocation);
        return true;
      case OcamlTarget::Kind::kC:
        if (!is_harmless(held_by(target))) return false;
        forget_all_but(kKeptByC);
        return true;
      case OcamlTarget::Kind::kCallC:
        if (!is_harmless(at(kFunctionForC))) return false;
        forget_all_but(0);
        return true;
      default:
        return false;
    }
  }
  bool is_harmless(Held c_function) const {
    if (c_function < kHarmless || c_function >= kFirstBlock) return false;
    for (const u8 i : {u8{0}, u8{1}})
      if ((c_function & 1u << i) != 0 && at(i) != kSmall) return false;
    return true;
  }

  const OcamlWorld& world_;
  const OcamlFunction& function_;
  std::vector<u32> order_;
  std::vector<State> states_;
  State state_;
  Effects effects_;
};

// Whoever calls none but those who do nothing else does nothing else: the least set, so that nobody
// is in it who calls himself.
class Finder {
 public:
  Finder(const OcamlWorld& world, std::span<const OcamlEntry> entries)
      : world_(world), entries_(entries) {}

  std::vector<OcamlEntry> run() {
    walk_all();
    settle();
    std::vector<OcamlEntry> idle;
    for (const OcamlEntry& entry : entries_) {
      const auto found = settled_.find(entry.function);
      if (found == settled_.end()) continue;
      const std::vector<u32>& blocks = found->second;
      if (std::ranges::all_of(blocks, [&](u32 one) { return BlockId{one} == entry.block; }))
        idle.push_back(entry);
    }
    return idle;
  }

 private:
  void walk_all() {
    std::vector<u32> pending;
    for (const OcamlEntry& entry : entries_) pending.push_back(entry.function);
    while (!pending.empty()) {
      const u32 number = pending.back();
      pending.pop_back();
      const auto [place, is_new] = effects_.try_emplace(number);
      if (!is_new) continue;
      place->second = Walk(world_, world_.functions[number]).run();
      if (!place->second.is_harmless) continue;
      for (const u32 callee : place->second.callees) {
        callers_[callee].push_back(number);
        pending.push_back(callee);
      }
    }
  }

  // Callees before their callers.
  void settle() {
    std::vector<u32> pending;
    std::map<u32, u64> open;  // callees of whom it is not known
    for (const auto& [number, effects] : effects_) {
      if (!effects.is_harmless) continue;
      open[number] = effects.callees.size();
      if (effects.callees.empty()) pending.push_back(number);
    }
    while (!pending.empty()) {
      const u32 number = pending.back();
      pending.pop_back();
      settled_[number] = all_blocks(effects_[number]);
      const auto callers = callers_.find(number);
      if (callers == callers_.end()) continue;
      for (const u32 caller : callers->second)
        if (--open[caller] == 0) pending.push_back(caller);
    }
  }
  // Two different ones are as bad as all.
  std::vector<u32> all_blocks(const Effects& effects) const {
    constexpr u64 kEnough = 2;
    std::vector<u32> blocks = effects.blocks;
    for (const u32 callee : effects.callees) {
      const std::vector<u32>& more = settled_.at(callee);
      blocks.insert(blocks.end(), more.begin(), more.end());
    }
    sort_once(blocks);
    blocks.resize(std::min<u64>(blocks.size(), kEnough));
    return blocks;
  }

  const OcamlWorld& world_;
  std::span<const OcamlEntry> entries_;
  std::map<u32, Effects> effects_;
  std::map<u32, std::vector<u32>> callers_;
  std::map<u32, std::vector<u32>> settled_;  // and where they store, with all that they call
};

}  // namespace

// OCaml 4.13, runtime/{alloc,array,ints,obj,str}.c. What makes blocks of a size raises if that is
// too much, or no size for the tag; no tag below 128 is special.
std::optional<OcamlHarmless> find_harmless(std::string_view c_function) {
  constexpr u16 kR0 = 1;
  constexpr u16 kR1 = 2;
  constexpr std::pair<std::string_view, u16> kFunctions[] = {
      {"caml_fresh_oo_id", 0},
      {"caml_obj_dup", 0},
      {"caml_int64_float_of_bits_unboxed", 0},
      {"caml_alloc_dummy", kR0},
      {"caml_make_vect", kR0},
      {"caml_create_bytes", kR0},
      {"caml_obj_block", kR0 | kR1}};
  for (const auto& [name, small_numbers] : kFunctions)
    if (name == c_function) return OcamlHarmless{small_numbers};
  return std::nullopt;
}

std::vector<OcamlEntry> find_idle_entries(const OcamlWorld& world,
                                          std::span<const OcamlEntry> entries) {
  return Finder(world, entries).run();
}

}  // namespace fwseal
