#include "graph/anchor_walk.h"

#include <algorithm>
#include <map>

#include "elfio/arm_step.h"
#include "graph/anchor_machine.h"

namespace fwseal {
namespace {

using Kind = ArmStep::Kind;
using Value = AnchorValue;
constexpr u8 kLr = 14;
constexpr u64 kMostRounds = 320;          // through one place before intervals are widened
constexpr u64 kMostExactSteps = 1 << 15;  // of one function
constexpr u64 kMostSteps = 1 << 17;
constexpr u64 kMostPlaces = 1 << 13;  // of which states are remembered

class Walk {
 public:
  Walk(const Program& program, const AnchorCode& code, u32 begin, u32 end,
       std::span<const Anchor> anchors, AnchorSearch& search)
      : program_(program),
        code_(code),
        contents_(program.inputs[code.section].contents),
        begin_(begin),
        end_(end),
        search_(search),
        machine_(program, code, anchors),
        marks_(end - begin) {}

  std::vector<AnchorReach> run() {
    check_names();
    mark_leaders();
    while (!pending_.empty()) {
      auto node = pending_.extract(pending_.begin());
      place_ = node.key();
      machine_.state = std::move(node.mapped());
      if (admit()) follow();
    }
    check_all_was_followed();
    return machine_.reaches().result();
  }

 private:
  enum Mark : u8 { kLeader = 1, kFollowed = 2 };
  struct Seen {
    AnchorState last;
    u64 rounds = 0;
  };

  [[noreturn]] static void fail() { throw NotFollowed{}; }

  // ---- Ways through the code

  bool is_inside(i64 place) const { return place >= begin_ && place < end_; }
  bool is_function(u32 place) const { return std::ranges::binary_search(code_.functions, place); }

  // Control may come to the beginning of a function from anywhere, and elsewhere only from here.
  void mark_leaders() {
    auto reference = std::ranges::lower_bound(code_.by_target, begin_, {}, &CodeReference::target);
    for (; reference != code_.by_target.end() && is_inside(reference->target); ++reference) {
      const bool is_private = is_inside(reference->place) && !reference->takes_address;
      if (!is_private && !is_function(reference->target)) fail();
      if (code_.mode_at(reference->target) != CodeMode::kData)
        marks_[reference->target - begin_] |= kLeader;
    }
    const auto entered = std::ranges::lower_bound(code_.entries, begin_);
    if (entered != code_.entries.end() && is_inside(*entered)) fail();
    const auto first = std::ranges::lower_bound(code_.functions, begin_);
    for (auto entry = first; entry != code_.functions.end() && *entry < end_; ++entry) {
      if (code_.mode_at(*entry) == CodeMode::kData) continue;
      marks_[*entry - begin_] |= kLeader;
      arrive(*entry, AnchorState::at_entry());
    }
  }

  // Functions that return twice, and parts of a function that a compiler put elsewhere: those take
  // whatever registers hold.
  void check_names() const {
    const ObjectId object = program_.inputs[code_.section].object;
    auto entry = std::ranges::lower_bound(code_.relocations, begin_, {}, &Relocation::offset);
    for (; entry != code_.relocations.end() && entry->offset < end_; ++entry) {
      const std::string_view name = display_name(program_, object, entry->symbol);
      for (const std::string_view part :
           {"setjmp", "vfork", "getcontext", ".cold", "OUTLINED", "__gnu_thumb1_case"})
        if (name.find(part) != std::string_view::npos) fail();
    }
  }

  void work(u64 amount) {
    if (search_.work_left < amount) fail();
    search_.work_left -= amount;
  }

  void arrive(u32 place, AnchorState state) {
    constexpr u64 kCostOfState = 4;  // instructions
    work(kCostOfState);
    const auto [found, is_new] = pending_.try_emplace(place);
    if (is_new) {
      found->second = std::move(state);
      return;
    }
    meet(found->second, state, false);
  }

  // Joins a state to another one.
  void meet(AnchorState& state, const AnchorState& other, bool widening) {
    if (state.if_then != other.if_then) fail();
    machine_.reaches().unite(state, other);
    bool lost_frame = false;
    state = join(state, other, widening, lost_frame);
    if (lost_frame) machine_.open_frame(state);
  }

  // Is there anything new in the state that came to a place?
  bool admit() {
    Seen& seen = seen_[place_];
    if (seen_.size() + pending_.size() > kMostPlaces) fail();
    seen.rounds++;
    if (seen.rounds > 1 && covers(seen.last, machine_.state)) {
      machine_.reaches().unite(seen.last, machine_.state);
      return false;
    }
    const bool is_exact = seen.rounds <= kMostRounds && steps_ <= kMostExactSteps;
    if (seen.rounds > 1 && !is_exact) {
      AnchorState wide = std::move(seen.last);
      meet(wide, machine_.state, true);
      machine_.state = std::move(wide);
    }
    seen.last = machine_.state;
    return true;
  }

  void follow() {
    for (bool is_first = true;; is_first = false) {
      if (!is_first && (marks_[place_ - begin_] & kLeader) != 0)
        return arrive(place_, std::move(machine_.state));
      if (++steps_ > kMostSteps) fail();
      work(1);
      if (!advance()) return;
      if (is_inside(place_)) continue;
      if (!does_not_return()) fail();
      return;
    }
  }

  // Executes one instruction. False if control does not go on behind it.
  bool advance() {
    const CodeMode mode = code_.mode_at(place_);
    if (mode == CodeMode::kData) {
      if (!does_not_return()) fail();
      return false;
    }
    const ArmStep step = program_.isa.step_at(mode, contents_, place_);
    is_after_call_ = is_after_call_ && step.kind == Kind::kNothing;  // literals are aligned
    if (step.kind == Kind::kUnknown || u64{place_} + step.length > end_) fail();
    for (u32 i = 0; i < step.length; i++) marks_[place_ - begin_ + i] |= kFollowed;
    next_ = place_ + step.length;
    machine_.begin(place_, step.length);
    const u8 condition = consume_condition(step);
    const Verdict verdict = condition == ArmStep::kAlways
                                ? Verdict::kYes
                                : condition_holds(machine_.state.flags, condition);
    if (verdict == Verdict::kYes && !execute(step)) return false;
    if (verdict == Verdict::kNo) machine_.pass_over();
    if (verdict == Verdict::kEither) execute_or_not(step, condition);
    place_ = next_;
    return true;
  }

  void execute_or_not(const ArmStep& step, u8 condition) {
    AnchorState other = machine_.state;
    other.assume(condition ^ 1);
    machine_.state.assume(condition);
    if (execute(step))
      meet(machine_.state, other, false);
    else
      machine_.state = std::move(other);
  }

  // Does the path end with a call? A compiler puts something else than code behind it only if that
  // function never returns.
  bool does_not_return() const { return is_after_call_ && code_.is_compiled; }

  u8 consume_condition(const ArmStep& step) {
    machine_.is_in_block = (machine_.state.if_then & 0xf) != 0;
    if (!machine_.is_in_block) return step.condition;
    const u8 condition = machine_.state.if_then >> 4;
    const bool is_last = (machine_.state.if_then & 7) == 0;
    machine_.state.if_then = static_cast<u8>(
        is_last ? 0 : (machine_.state.if_then & 0xe0) | (machine_.state.if_then << 1 & 0x1f));
    return condition;
  }

  // Instructions that were not reached may be reached in a way that is not known.
  void check_all_was_followed() {
    auto run = std::ranges::upper_bound(code_.runs, u64{begin_}, {}, &CodeRun::end);
    for (; run != code_.runs.end() && run->begin < end_; ++run) {
      const u64 begin = std::max<u64>(run->begin, begin_);
      const u64 end = std::min<u64>(run->end, end_);
      if (run->mode == CodeMode::kData) continue;
      for (u64 at = begin; at < end;) {
        u64 behind = at;
        while (behind < end && (marks_[behind - begin_] & kFollowed) == 0) behind++;
        if (behind != at && !program_.isa.is_padding(run->mode, contents_.sub(at, behind - at)))
          fail();
        at = behind + 1;
      }
    }
    if (!machine_.reaches().all_used()) fail();
  }

  // False if control does not go on behind the instruction.
  bool execute(const ArmStep& step) {
    switch (step.kind) {
      case Kind::kJump:
        jump(step);
        return false;
      case Kind::kCall:
      case Kind::kCallRegister:
        call(step);
        return true;
      case Kind::kJumpRegister:
        if (machine_.relocation() != nullptr || machine_.register_at(step.rm).is_tainted()) fail();
        if (step.rm == kLr)
          machine_.leave();
        else
          machine_.leave_for_another();
        return false;
      case Kind::kJumpIfZero:
      case Kind::kJumpIfOther:
        return jump_on_register(step);
      case Kind::kTableJump:
        jump_by_table(step);
        return false;
      default:
        return machine_.execute(step);
    }
  }

  // ---- Jumps

  void jump(const ArmStep& step) {
    const Relocation* const relocation = machine_.relocation();
    const i64 target = i64{place_} + step.offset;
    if (relocation == nullptr && is_inside(target))
      return arrive(static_cast<u32>(target), machine_.state);
    if (relocation == nullptr && !is_function_at(target)) fail();
    if (relocation != nullptr) check_callee(*relocation);
    machine_.leave_for_another();
  }

  bool is_function_at(i64 target) const {
    return target >= 0 && target <= i64{0xffff'ffff} && is_function(static_cast<u32>(target));
  }

  bool jump_on_register(const ArmStep& step) {
    const Value value = machine_.register_at(step.rn);
    const i64 target = i64{place_} + step.offset;
    if (!is_inside(target) || machine_.relocation() != nullptr) fail();
    const AnchorFlags flags{
        AnchorFlags::Kind::kResult, step.rn, AnchorFlags::kNoRegister, value, {}};
    const u8 condition = step.kind == Kind::kJumpIfZero ? 0 : 1;
    const AnchorFlags before = machine_.state.flags;
    const auto on_condition = [&](AnchorState state, u8 which) {
      state.flags = flags;
      state.assume(which);
      state.flags = before;
      return state;
    };
    const Verdict verdict = condition_holds(flags, condition);
    if (verdict != Verdict::kNo)
      arrive(static_cast<u32>(target), on_condition(machine_.state, condition));
    if (verdict == Verdict::kYes) return false;
    machine_.state = on_condition(std::move(machine_.state), condition ^ 1);
    return true;
  }

  void jump_by_table(const ArmStep& step) {
    if (machine_.register_at(step.rn).is_tainted() || machine_.register_at(step.rm).is_tainted())
      fail();
    const auto first =
        std::ranges::lower_bound(code_.references, place_, {}, &CodeReference::place);
    bool found = false;
    for (auto way = first; way != code_.references.end() && way->place == place_; ++way) {
      if (!is_inside(way->target)) fail();
      found = true;
      arrive(way->target, machine_.state);
    }
    if (!found) fail();
  }

  void check_callee(const Relocation& relocation) const {
    const Referent to =
        referent(program_, program_.inputs[code_.section].object, relocation.symbol);
    if (to.section != kNoSection && to.type != STT_FUNC) fail();
  }

  void call(const ArmStep& step) {
    const Relocation* const relocation = machine_.relocation();
    if (step.kind == Kind::kCall) {
      const i64 target = i64{place_} + step.offset;
      if (relocation != nullptr)
        check_callee(*relocation);
      else if (is_inside(target) && !is_function_at(target))
        arrive(static_cast<u32>(target), machine_.state);  // a far jump of Armv6-M
      else if (!is_function_at(target))
        fail();
    } else if (relocation != nullptr || machine_.register_at(step.rm).is_tainted()) {
      fail();
    }
    machine_.call();
    is_after_call_ = true;
  }

  const Program& program_;
  const AnchorCode& code_;
  const Bytes contents_;
  const u32 begin_;
  const u32 end_;
  AnchorSearch& search_;
  AnchorMachine machine_;
  std::vector<u8> marks_;               // per byte of the code
  std::map<u32, AnchorState> pending_;  // by place
  std::map<u32, Seen> seen_;            // of leaders
  u64 steps_ = 0;
  // Of the place that is followed.
  u32 place_ = 0;
  u32 next_ = 0;
  bool is_after_call_ = false;
};

}  // namespace

std::optional<std::vector<AnchorReach>> follow_anchors(const Program& program,
                                                       const AnchorCode& code, u32 begin, u32 end,
                                                       std::span<const Anchor> anchors,
                                                       AnchorSearch& search) {
  try {
    return Walk(program, code, begin, end, anchors, search).run();
  } catch (const NotFollowed&) {
    return std::nullopt;
  }
}

}  // namespace fwseal
