#include "graph/ocaml_flow.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "graph/ocaml_due.h"
#include "graph/ocaml_registers.h"

namespace fwseal {
namespace {

using Kind = OcamlStep::Kind;
constexpr u8 kSp = 13;
constexpr i32 kWord = 4;
constexpr u32 kMostRounds = 64;

constexpr u16 set_of(u32 number) { return static_cast<u16>(1u << number); }
constexpr bool is_value(u8 number) { return (set_of(number) & kOcamlValues) != 0; }

// What is known before a step.
struct State {
  std::array<ValueId, 13> registers{};
  // Equal ones hold the same; 0 is not known. And from which block it was loaded, if it was.
  std::array<u32, 13> sames{};
  std::array<u32, 13> bases{};
  i32 depth = 0;  // of sp, from where it was when the function was called
  bool is_reached = false;
};

struct Summary {
  std::array<ValueId, 8> arguments{};  // by those who are followed
  ValueId result{};
  std::map<i32, ValueId> frame;  // by place, from where sp was when the function was called
};

class Flow {
 public:
  explicit Flow(OcamlWorld& world) : world_(world), due_(world) {}

  std::optional<std::vector<OcamlFact>> run(std::span<const DataWord> words) {
    registers_ = find_read_registers(world_);
    for (const DataWord& word : words)
      join(fields_[{word.block, word.field}].stored,
           address(world_.target(word.section, word.place), word.section, word.place));
    summaries_.resize(world_.functions.size());
    // Arguments go from callers to callees, which stand before them in the code of OCaml, and
    // results the other way. So each direction has its turn.
    for (u32 round = 0; due_.any(); round++) {
      if (round == kMostRounds) return std::nullopt;
      due_.take_turn(round % 2 == 0, [&](u32 number) { follow(number); });
      if (lost_function_) {
        lost_function_ = false;
        registers_ = find_read_registers(world_);
        due_.add_all();
      }
    }
    mark_called_by_lost();
    is_final_ = true;
    for (u32 i = 0; i < world_.functions.size(); i++) {
      follow(i);
      if (world_.is_called_by_others[i]) use(summaries_[i].result);
    }
    if (due_.any() || lost_function_)
      return std::nullopt;  // facts of another state than the last one
    std::ranges::sort(facts_);
    facts_.erase(std::unique(facts_.begin(), facts_.end()), facts_.end());
    return std::move(facts_);
  }

 private:
  // ---- Who has to be followed again

  void join_argument(u32 callee, u8 number, ValueId value) {
    if (join(summaries_[callee].arguments[number], value)) due_.add(callee);
  }
  void join_result(ValueId value) {
    if (join(summary_->result, value)) due_.add_callers(number_);
  }
  void join_field(BlockId block, u32 field, ValueId value) {
    Field& known = fields_[{block, field}];
    if (!join(known.stored, value)) return;
    for (const u32 reader : known.readers) due_.add(reader);
  }

  // ---- Facts

  void note(OcamlFact fact) {
    if (!is_final_) return;
    fact.function = number_;
    facts_.push_back(fact);
  }
  static OcamlFact of_address(OcamlFact::Kind kind, const Origin& origin) {
    OcamlFact fact{.kind = kind};
    fact.from = origin.block;
    fact.section = origin.section;
    fact.place = origin.place;
    return fact;
  }
  static OcamlFact of_field(OcamlFact::Kind kind, BlockId block, u32 field) {
    OcamlFact fact{.kind = kind};
    fact.block = block;
    fact.field = field;
    return fact;
  }

  void use(ValueId value) {
    if (!is_final_) return;
    for (const u32 number : values_.origins(value)) {
      const Origin& origin = values_.origin(number);
      note(origin.is_field ? of_field(OcamlFact::Kind::kReadField, origin.block, origin.field)
                           : of_address(OcamlFact::Kind::kUse, origin));
    }
  }
  void touch(const Origin& origin) {
    note(origin.is_field ? of_field(OcamlFact::Kind::kTouchField, origin.block, origin.field)
                         : of_address(OcamlFact::Kind::kTouch, origin));
  }

  // What is too much for a set is used by whoever adds to it. Has it become another set?
  bool join(ValueId& into, ValueId value) {
    const ValueId both = values_.unite(into, value);
    if (both == OcamlValues::kAll) {
      use(into);
      use(value);
    }
    return std::exchange(into, both) != both;
  }

  ValueId address(const OcamlTarget& target, SectionId section, u32 place) {
    Origin origin;
    origin.section = section;
    origin.place = place;
    if (target.kind == OcamlTarget::Kind::kBlock) origin.block = BlockId{target.index};
    return values_.of(origin);
  }

  // ---- One function

  void follow(u32 number) {
    OcamlFunction& function = world_.functions[number];
    number_ = number;
    if (!function.is_read) return;
    function_ = &function;
    summary_ = &summaries_[number];
    const u32 entries = find_entries();
    bool again = true;
    while (again) {
      states_.assign(entries, {});
      State start;
      start.is_reached = true;
      start.registers.fill(OcamlValues::kUnknown);
      for (u32 i = 0; i < start.sames.size(); i++) start.sames[i] = 0x4000'0000 | i;
      for (u32 i = 0; i < 8; i++) start.registers[i] = values_.with_unknown(summary_->arguments[i]);
      frame_changed_ = false;
      pending_.clear();
      arrive(0, start);
      while (!pending_.empty() && function.is_read) {
        const u32 step = pending_.back();
        pending_.pop_back();
        go_on(step);
      }
      again = frame_changed_ && function.is_read;
    }
    if (!function.is_read) lost_function_ = true;
  }

  // What a function calls or names that turned out not to be followed.
  void mark_called_by_lost() {
    for (const OcamlFunction& function : world_.functions) {
      if (function.is_read) continue;
      for (const OcamlStep& step : function.steps) {
        if (step.kind != Kind::kCall && step.kind != Kind::kTailCall) continue;
        if (step.to->kind == OcamlTarget::Kind::kFunction)
          world_.is_called_by_others[step.to->index] = true;
      }
    }
  }

  void give_up() { function_->is_read = false; }

  void arrive(u32 step, const State& state) {
    State& there = states_[entry_of_[step]];
    if (!there.is_reached) {
      there = state;
      pending_.push_back(step);
      return;
    }
    if (there.depth != state.depth) return give_up();
    bool grows = false;
    for (u32 i = 0; i < there.registers.size(); i++) {
      const ValueId both = values_.unite(there.registers[i], state.registers[i]);
      if (both == OcamlValues::kAll) {
        use(there.registers[i]);
        use(state.registers[i]);
      }
      grows = grows || both != there.registers[i];
      there.registers[i] = both;
      grows = update(there.sames[i], state.sames[i], step, met_at(step, i)) || grows;
      grows = update(there.bases[i], state.bases[i], step, 0) || grows;
    }
    if (grows) pending_.push_back(step);
  }

  // Where several ways lead to, what differs is `met` from there on.
  bool update(u32& mine, u32 other, u32 step, u32 met) const {
    if (mine == other || (is_met_[step] && mine == met)) return false;
    mine = is_met_[step] ? met : other;
    return true;
  }
  // What a register holds where ways meet, whichever it is. No copy of it comes there again as
  // such: the first time there was none, so it has met something else.
  static u32 met_at(u32 step, u32 number) {
    constexpr u32 kMost = 0x0100'0000;
    return step < kMost ? 0x2000'0000 | step << 4 | number : 0;
  }
  // Where jumps lead to, and the function begins: how many. Of the other steps nobody needs the
  // state before them once it was taken.
  u32 find_entries() {
    const std::vector<OcamlStep>& steps = function_->steps;
    entry_of_.assign(steps.size(), kNoEntry);
    is_met_.assign(steps.size(), false);
    entry_of_[0] = 0;
    u32 count = 1;
    for (const OcamlStep& step : steps)
      for (const u32 target : step.targets) {
        if (entry_of_[target] == kNoEntry)
          entry_of_[target] = count++;
        else
          is_met_[target] = true;
      }
    for (u64 i = 1; i < steps.size(); i++)
      if (steps[i - 1].goes_on && entry_of_[i] != kNoEntry) is_met_[i] = true;
    return count;
  }

  void go_on(u32 number) {
    state_ = states_[entry_of_[number]];
    for (;; number++) {
      const OcamlStep& step = function_->steps[number];
      take(step);
      if (step.kind != Kind::kHandler)
        for (const u32 target : step.targets) arrive(target, state_);
      if (!step.goes_on) return;
      if (entry_of_[number + 1] != kNoEntry) return arrive(number + 1, state_);
      if (!function_->is_read) return;
    }
  }

  ValueId& at(u8 number) { return state_.registers[number]; }
  void set(const OcamlStep& step, u8 number, ValueId value, u32 same = 0, u32 base = 0) {
    if (!is_value(number)) return;
    state_.sames[number] = step.is_conditional ? 0 : same;
    state_.bases[number] = step.is_conditional ? 0 : base;
    if (!step.is_conditional) {
      at(number) = value;
      return;
    }
    const ValueId both = values_.unite(at(number), value);
    if (both == OcamlValues::kAll) {
      use(at(number));
      use(value);
    }
    at(number) = both;
  }
  void use_registers(u16 set) {
    for (u8 i = 0; i < state_.registers.size(); i++)
      if ((set_of(i) & set & kOcamlValues) != 0) use(at(i));
  }
  void forget_all_but(u16 kept) {
    for (u8 i = 0; i < state_.registers.size(); i++)
      if ((set_of(i) & kept) == 0) {
        at(i) = OcamlValues::kUnknown;
        state_.sames[i] = state_.bases[i] = 0;
      }
  }

  void take(const OcamlStep& step) {
    switch (step.kind) {
      case Kind::kCompute:
        use_registers(step.reads);
        for (u8 i = 0; i < state_.registers.size(); i++)
          if ((set_of(i) & step.writes) != 0) set(step, i, OcamlValues::kUnknown);
        return;
      case Kind::kJump:
        return use_registers(step.reads);
      case Kind::kMove:
        return set(step, step.rd, at(step.rn), state_.sames[step.rn], state_.bases[step.rn]);
      case Kind::kAddress:
        return set(step, step.rd, address(*step.to, function_->section, step.literal),
                   step.place + 1);
      case Kind::kLoad:
        if (step.rn == kSp)
          return set(step, step.rd, from_frame(step.offset), same_as_word(step.offset));
        return set(step, step.rd, load(step), step.place + 1, state_.sames[step.rn]);
      case Kind::kStore:
        return step.rn == kSp ? to_frame(step) : store(step);
      case Kind::kMoveStack:
        state_.depth += step.offset;
        return;
      case Kind::kHandler:
        return enter_handler(step);
      case Kind::kCall:
      case Kind::kTailCall:
        return call(step);
      case Kind::kCallUnknown:
      case Kind::kTailCallUnknown:
        use_registers(given_to(step.rn) | set_of(step.rn));
        return forget_all_but(0);
      case Kind::kReturn:
        return join_result(at(0));
      case Kind::kRaise:
        return use(at(0));
      case Kind::kStop:
        return;
    }
  }

  // A function that is not known is called through its closure, from which its code is loaded, and
  // which is its last argument: registers behind that hold nothing for it (cmm_helpers.ml,
  // apply_function_body and generic_apply, 4.11 to 4.14). The closure is in one variable, so a copy
  // of it in an argument's register was moved there or came from the same word of the frame. Of
  // several the first counts: the others are where the variable lives, or, where a function is
  // applied to itself, hold the same. With more than one argument only caml_applyN, caml_curryN and
  // the like call what they do not know, and their arguments are other variables.
  u16 given_to(u8 code) const {
    const u32 closure = state_.bases[code];
    if (closure == 0) return kOcamlArguments;
    for (u32 i = 0; i < 8; i++)
      if (state_.sames[i] == closure) return static_cast<u16>((2u << i) - 1);
    return kOcamlArguments;
  }
  u32 same_as_word(i32 offset) const {
    return 0x8000'0000 | (static_cast<u32>(state_.depth + offset) & 0xffff);
  }

  void enter_handler(const OcamlStep& step) {
    State state;
    state.is_reached = true;
    state.depth = state_.depth;
    state.registers.fill(OcamlValues::kUnknown);
    for (const u32 target : step.targets) arrive(target, state);
  }

  // ---- Memory

  ValueId from_frame(i32 offset) {
    const auto found = summary_->frame.find(state_.depth + offset);
    const ValueId held = found == summary_->frame.end() ? OcamlValues::kNothing : found->second;
    return values_.with_unknown(held);
  }
  void to_frame(const OcamlStep& step) {
    const i32 place = state_.depth + step.offset;
    const bool is_own = place >= -function_->frame && place < 0 && place % kWord == 0;
    if (!is_own) return use(at(step.rd));
    if (join(summary_->frame[place], at(step.rd))) frame_changed_ = true;
  }

  // Is there such a field of the block?
  std::optional<u32> field_at(BlockId block, i32 offset) const {
    if (offset < 0 || offset % kWord != 0) return std::nullopt;
    const u32 field = static_cast<u32>(offset / kWord);
    if (field >= world_.block_sizes[index(block)]) return std::nullopt;
    return field;
  }

  ValueId load(const OcamlStep& step) {
    ValueId loaded = OcamlValues::kUnknown;
    const ValueId base = at(step.rn);
    const std::vector<u32> numbers(values_.origins(base).begin(), values_.origins(base).end());
    for (const u32 number : numbers) touch(values_.origin(number));
    add_loaded(numbers, step.offset, loaded);
    return loaded;
  }
  void add_to(ValueId& set, ValueId more) {
    const ValueId both = values_.unite(set, more);
    if (both == OcamlValues::kAll) {
      use(set);
      use(more);
    }
    set = both;
  }
  // The field of a block with one of these origins; of a field, of all blocks that were stored
  // there. Each origin counts once, by however many ways it is come upon.
  void add_loaded(std::vector<u32> pending, i32 offset, ValueId& loaded) {
    std::set<u32> seen(pending.begin(), pending.end());
    while (!pending.empty()) {
      const u32 number = pending.back();
      pending.pop_back();
      const Origin origin = values_.origin(number);
      if (!origin.is_field) {
        add_field(origin, offset, loaded);
        continue;
      }
      Field& field = fields_[{origin.block, origin.field}];
      if (!is_final_) field.readers.insert(number_);
      for (const u32 one : values_.origins(field.stored))
        if (seen.insert(one).second) pending.push_back(one);
    }
  }
  void add_field(const Origin& address, i32 offset, ValueId& loaded) {
    if (address.block == kNoBlock) return;
    const auto field = field_at(address.block, offset);
    if (!field) return use(values_.of(address));
    Origin loads;
    loads.is_field = true;
    loads.block = address.block;
    loads.field = *field;
    add_to(loaded, values_.of(loads));
  }

  void store(const OcamlStep& step) {
    const ValueId base = at(step.rn);
    const ValueId value = at(step.rd);
    bool is_followed = !values_.is_unknown(base) && base != OcamlValues::kNothing;
    for (const u32 number : values_.origins(base)) {
      const Origin& origin = values_.origin(number);
      touch(origin);
      if (origin.is_field || origin.block == kNoBlock || !field_at(origin.block, step.offset))
        is_followed = false;
      if (!origin.is_field && origin.block != kNoBlock && !field_at(origin.block, step.offset))
        use(base);
    }
    if (!is_followed) return use(value);
    for (const u32 number : values_.origins(base))
      store_in(values_.origin(number).block, *field_at(values_.origin(number).block, step.offset),
               value);
  }
  void store_in(BlockId block, u32 field, ValueId value) {
    join_field(block, field, value);
    if (!is_final_) return;
    for (const u32 number : values_.origins(value)) {
      const Origin& origin = values_.origin(number);
      OcamlFact fact = of_address(OcamlFact::Kind::kStore, origin);
      if (origin.is_field) fact.kind = OcamlFact::Kind::kCopy;
      if (origin.is_field) fact.from_field = origin.field;
      fact.block = block;
      fact.field = field;
      note(fact);
    }
  }

  // ---- Calls

  void call(const OcamlStep& step) {
    const OcamlTarget& target = *step.to;
    const CallEffect effect = effect_of_call(world_, target, registers_);
    const bool is_followed =
        target.kind == OcamlTarget::Kind::kFunction && world_.functions[target.index].is_read;
    ValueId result = OcamlValues::kUnknown;
    if (is_followed) {
      const Summary& callee = summaries_[target.index];
      for (u8 i = 0; i < callee.arguments.size(); i++)
        if ((effect.reads & set_of(i)) != 0) join_argument(target.index, i, at(i));
      result = values_.with_unknown(callee.result);
    } else {
      use_registers(effect.reads);
    }
    if (step.kind == Kind::kTailCall) {
      if (is_followed) join_result(result);
      return;
    }
    forget_all_but(effect.keeps);
    if (is_followed) at(0) = result;
  }

  OcamlWorld& world_;
  OcamlValues values_;
  OcamlRegisters registers_;
  std::vector<Summary> summaries_;
  struct Field {
    ValueId stored{};         // by those who are followed
    std::set<u32> readers{};  // functions to which that made a difference
  };
  std::map<std::pair<BlockId, u32>, Field> fields_;
  OcamlDue due_;
  std::vector<OcamlFact> facts_;
  bool lost_function_ = false;
  bool is_final_ = false;
  // Of the function at hand.
  u32 number_ = 0;
  OcamlFunction* function_ = nullptr;
  Summary* summary_ = nullptr;
  static constexpr u32 kNoEntry = ~u32{0};
  std::vector<u32> entry_of_;  // per step
  std::vector<bool> is_met_;   // per step: several ways lead there
  std::vector<State> states_;  // before each entry
  std::vector<u32> pending_;
  State state_;
  bool frame_changed_ = false;
};

}  // namespace

std::optional<std::vector<OcamlFact>> follow_values(OcamlWorld& world,
                                                    std::span<const DataWord> words) {
  world.resolve();
  return Flow(world).run(words);
}

}  // namespace fwseal
