#include "graph/ocaml_function.h"

#include <elf.h>

#include <algorithm>

namespace fwseal {
namespace {

using Kind = OcamlStep::Kind;
constexpr u8 kSp = 13;
constexpr u8 kLr = 14;
constexpr u8 kPc = 15;
constexpr u8 kTrap = 8;
constexpr u8 kAllocationPointer = 10;

constexpr u16 set_of(u8 number) { return static_cast<u16>(1u << number); }

class Reader {
 public:
  Reader(const Isa& isa, const OcamlCode& code, u32 begin, u32 end) : isa_(isa), code_(code) {
    function_.section = code.section;
    function_.begin = begin;
    function_.end = end;
  }

  OcamlFunction run() {
    function_.is_read = read_all() && resolve_targets();
    if (function_.is_read)
      measure_frame();
    else
      function_.steps.clear();
    return std::move(function_);
  }

 private:
  bool read_all() {
    for (place_ = function_.begin; place_ < function_.end;) {
      const CodeRun* const run = code_.run_at(place_);
      if (run == nullptr) return false;
      if (run->mode == CodeMode::kData) {
        // What a partial link fills up with behind a unit's last literals is not the function's.
        place_ = static_cast<u32>(std::min<u64>(run->end, function_.end));
        continue;
      }
      if (run->mode != CodeMode::kThumb) return false;
      arm_ = isa_.step_at(run->mode, code_.contents, place_);
      if (place_ + arm_.length > std::min<u64>(run->end, function_.end)) return false;
      step_ = {};
      step_.place = place_;
      step_.is_conditional = conditional_left_ != 0 || arm_.condition != ArmStep::kAlways;
      if (!read_one()) return false;
      join_alternatives();
      if (conditional_left_ != 0 && arm_.kind != ArmStep::Kind::kIfThen) conditional_left_--;
      function_.steps.push_back(std::move(step_));
      place_ += arm_.length;
    }
    return place_ == function_.end && !function_.steps.empty();
  }

  // ITE chooses between two numbers: the register is written in any case.
  void join_alternatives() {
    constexpr u32 kLast = 1;
    const bool is_choice = chooses_ && conditional_left_ == kLast && step_.kind == Kind::kCompute &&
                           step_.reads == 0 && !function_.steps.empty();
    if (!is_choice) return;
    const OcamlStep& other = function_.steps.back();
    if (other.kind == Kind::kCompute && other.reads == 0 && other.writes == step_.writes)
      step_.is_conditional = false;
  }

  // What is relocated, other than a literal, must be a call or a jump.
  bool is_relocated() const { return code_.relocation_at(place_, arm_.length) != nullptr; }

  bool compute(u16 reads, u16 writes) {
    if (is_relocated() || ((writes & set_of(kSp)) != 0)) return false;
    step_.kind = Kind::kCompute;
    step_.reads = reads & kOcamlValues;
    step_.writes = writes & kOcamlValues;
    return (reads & set_of(kSp)) == 0;
  }

  u16 operand() const { return arm_.by_register ? set_of(arm_.rm) : u16{0}; }

  bool read_one() {
    using Arm = ArmStep::Kind;
    switch (arm_.kind) {
      case Arm::kNothing:
        return compute(0, 0);
      case Arm::kIfThen:
        return begin_conditional();
      case Arm::kMove:
        return read_move();
      case Arm::kMoveTop:
        return compute(set_of(arm_.rd), set_of(arm_.rd));
      case Arm::kAdd:
      case Arm::kSubtract:
        return read_sum();
      case Arm::kOther:
        return read_other();
      case Arm::kCompare:
      case Arm::kTest:
        // What TST and CMN read is not told.
        return arm_.kind == Arm::kTest ? compute(tested(), 0)
                                       : compute(set_of(arm_.rn) | operand(), 0);
      case Arm::kLoad:
      case Arm::kStore:
        return read_access();
      case Arm::kLoadMany:
        return read_load_many();
      case Arm::kStoreMany:
        return read_store_many();
      case Arm::kJump:
      case Arm::kCall:
        return read_branch();
      case Arm::kJumpIfZero:
      case Arm::kJumpIfOther:
        step_.kind = Kind::kJump;
        step_.is_conditional = true;
        step_.reads = set_of(arm_.rn) & kOcamlValues;
        return go_to(i64{place_} + arm_.offset);
      case Arm::kJumpRegister:
        return read_jump_register();
      case Arm::kCallRegister:
        step_.kind = Kind::kCallUnknown;
        step_.rn = arm_.rm;
        return !step_.is_conditional && (set_of(arm_.rm) & kOcamlValues) != 0;
      case Arm::kTableJump:
        return read_table_jump();
      case Arm::kUnknown:
        return read_coprocessor();
    }
    return false;
  }

  bool begin_conditional() {
    const u32 mask = static_cast<u32>(arm_.offset) & 15;
    conditional_left_ = 1;
    // Two instructions, the second of which has the opposite condition.
    chooses_ = (mask & 7) == 4 && (mask >> 3 & 1) != (static_cast<u32>(arm_.offset) >> 4 & 1);
    for (u32 rest = mask; (rest & 7) != 0; rest = rest << 1 & 15) conditional_left_++;
    step_.is_conditional = false;
    return compute(0, 0);
  }

  bool read_move() {
    if (!arm_.by_register) {
      step_.is_number = true;
      step_.offset = static_cast<i32>(arm_.offset);
      return arm_.rd != kSp && compute(0, set_of(arm_.rd));
    }
    if (arm_.rd == kSp) {
      // Only to raise an exception: what follows takes handler and program counter from there.
      leaves_stack_ = place_ + arm_.length;
      return arm_.rm == kTrap && !step_.is_conditional && compute(0, 0);
    }
    if (arm_.rm == kSp) return arm_.rd == kTrap && compute(0, 0);
    if ((set_of(arm_.rd) & kOcamlValues) == 0 || (set_of(arm_.rm) & kOcamlValues) == 0)
      return compute(set_of(arm_.rm), set_of(arm_.rd));
    if (is_relocated()) return false;
    step_.kind = Kind::kMove;
    step_.rd = arm_.rd;
    step_.rn = arm_.rm;
    return true;
  }

  bool read_sum() {
    const bool is_sum = arm_.kind == ArmStep::Kind::kAdd;
    if (arm_.rd == kSp) {
      if (arm_.rn != kSp || arm_.by_register || step_.is_conditional || is_relocated())
        return false;
      step_.kind = Kind::kMoveStack;
      step_.offset = static_cast<i32>(is_sum ? arm_.offset : -arm_.offset);
      return true;
    }
    if (is_sum && arm_.by_register && arm_.rd == kLr && arm_.rm == kPc) return read_handler();
    if (arm_.rn == kPc) return false;
    step_.adds = !arm_.by_register && (is_sum || arm_.rn != kAllocationPointer);
    step_.rn = arm_.rn;
    if (step_.adds) step_.offset = static_cast<i32>(is_sum ? arm_.offset : -arm_.offset);
    return compute(set_of(arm_.rn) | operand(), set_of(arm_.rd));
  }

  // The literal is the distance to the handler; see isa_arm_scan.cc, which makes sure of the load.
  bool read_handler() {
    if (lr_literal_behind_ != place_ || step_.is_conditional || is_relocated()) return false;
    const i64 target = i64{place_} + 4 + static_cast<i32>(code_.contents.le<u32>(lr_literal_));
    step_.kind = Kind::kHandler;
    return target % 2 != 0 && go_to(target - 1);
  }

  bool read_other() {
    u16 reads = set_of(arm_.rn) | operand();
    const bool only_operand = arm_.operation == ArmStep::Operation::kOperand ||
                              arm_.operation == ArmStep::Operation::kNot;
    if (only_operand) reads = operand();
    if (arm_.length == 4) reads |= read_beside();
    u16 writes = set_of(arm_.rd);
    if (arm_.has_two_results) writes |= set_of(arm_.rd2);
    return compute(reads, writes);
  }
  // What multiplications add, and what BFI leaves of its result.
  u16 read_beside() const {
    const u16 first = code_.contents.le<u16>(place_);
    if ((first & 0xff00) == 0xfb00)
      return set_of(static_cast<u8>(code_.contents.le<u16>(place_ + 2) >> 12)) & kOcamlValues;
    return (first & 0xfbf0) == 0xf360 ? set_of(arm_.rd) : u16{0};
  }

  u16 tested() const {
    const u16 first = code_.contents.le<u16>(place_);
    if (arm_.length == 2) return static_cast<u16>(1u << (first & 7) | 1u << (first >> 3 & 7));
    const u16 second = code_.contents.le<u16>(place_ + 2);
    const bool by_register = (first & 0xfe00) == 0xea00;
    return static_cast<u16>(1u << (first & 15) | (by_register ? 1u << (second & 15) : 0u));
  }

  bool read_access() {
    const bool loads = arm_.kind == ArmStep::Kind::kLoad;
    if (arm_.rn == kPc) return loads && read_literal();
    if (is_relocated() || arm_.rd == kPc || (loads && arm_.rd == kSp)) return false;
    const u16 data = arm_.size == 8 ? set_of(arm_.rd) | set_of(arm_.rd2) : set_of(arm_.rd);
    if (!loads) note_store(arm_.rn, arm_.offset, arm_.size);
    if (arm_.rn == kSp) {
      if (arm_.by_register || arm_.writes_back || arm_.post_indexed) return false;
      if ((data & kOcamlValues) == 0) return compute(0, 0);  // lr
      if (arm_.size != 4) return false;
    }
    const u16 base = set_of(arm_.rn) | operand();
    const bool is_plain = arm_.size == 4 && !arm_.by_register && !arm_.writes_back &&
                          !arm_.post_indexed && (data & kOcamlValues) != 0;
    if (is_plain && ((set_of(arm_.rn) & kOcamlValues) != 0 || arm_.rn == kSp)) {
      step_.kind = loads ? Kind::kLoad : Kind::kStore;
      step_.rd = arm_.rd;
      step_.rn = arm_.rn;
      step_.offset = static_cast<i32>(arm_.offset);
      return true;
    }
    const u16 written = arm_.writes_back ? set_of(arm_.rn) : u16{0};
    return loads ? compute(base, data | written) : compute(base | data, written);
  }

  void note_store(u8 base, i64 offset, u8 size) {
    // Wherever an index leads to is none of what is there.
    constexpr u8 kNobody = kPc;
    step_.stores = true;
    step_.rn = arm_.by_register ? kNobody : base;
    step_.offset = static_cast<i32>(offset);
    step_.size = size;
  }

  bool read_literal() {
    const i64 literal = ((i64{place_} + 4) & ~i64{3}) + arm_.offset;
    if (is_relocated() || arm_.by_register || arm_.rd == kSp || literal < function_.begin ||
        literal + arm_.size > function_.end)
      return false;
    const Relocation* const relocation = code_.relocation_at(static_cast<u64>(literal), arm_.size);
    if (relocation == nullptr) {
      if (arm_.rd == kLr && arm_.size == 4 && !step_.is_conditional) {
        lr_literal_ = static_cast<u32>(literal);
        lr_literal_behind_ = place_ + arm_.length;
      }
      return compute(0, arm_.size == 8 ? set_of(arm_.rd) | set_of(arm_.rd2) : set_of(arm_.rd));
    }
    if (arm_.size != 4 || relocation->type != R_ARM_ABS32 ||
        relocation->offset != static_cast<u64>(literal) || (set_of(arm_.rd) & kOcamlValues) == 0)
      return false;
    step_.kind = Kind::kAddress;
    step_.rd = arm_.rd;
    step_.literal = static_cast<u32>(literal);
    return true;
  }

  // POP of a handler's pair of words, or of all that is left when one is raised to.
  bool read_load_many() {
    if (arm_.rn != kSp || !arm_.writes_back || step_.is_conditional || is_relocated()) return false;
    if (arm_.list == (set_of(kTrap) | set_of(kPc)) && leaves_stack_ == place_) {
      step_.kind = Kind::kRaise;
      return true;
    }
    if ((arm_.list & (kOcamlValues | set_of(kSp) | set_of(kPc))) != 0) return false;
    step_.kind = Kind::kMoveStack;
    step_.offset = arm_.growth;
    return true;
  }

  bool read_store_many() {
    if (arm_.rn != kSp || !arm_.writes_back || step_.is_conditional || is_relocated() ||
        (arm_.list & (kOcamlValues | set_of(kSp))) != 0)
      return false;
    step_.kind = Kind::kMoveStack;
    step_.offset = arm_.growth;
    return true;
  }

  bool read_branch() {
    const bool is_call = arm_.kind == ArmStep::Kind::kCall;
    const Relocation* const relocation = code_.relocation_at(place_, arm_.length);
    if (relocation == nullptr) {
      step_.kind = Kind::kJump;
      return !is_call && go_to(i64{place_} + arm_.offset);
    }
    const RelocationType* const type = isa_.find(relocation->type);
    if (type == nullptr || relocation->offset != place_ || step_.is_conditional) return false;
    step_.kind = is_call ? Kind::kCall : Kind::kTailCall;
    return type->use == (is_call ? Use::kCall : Use::kJump);
  }

  bool read_jump_register() {
    if (step_.is_conditional) return false;
    step_.kind = arm_.rm == kLr ? Kind::kReturn : Kind::kTailCallUnknown;
    step_.rn = arm_.rm;
    return arm_.rm == kLr || (set_of(arm_.rm) & kOcamlValues) != 0;
  }

  // The table is the data behind the instruction.
  bool read_table_jump() {
    const u64 table = u64{place_} + 4;
    const CodeRun* const data = table < function_.end ? code_.run_at(table) : nullptr;
    if (arm_.rn != kPc || step_.is_conditional || data == nullptr || data->begin != table ||
        data->mode != CodeMode::kData || data->end > function_.end)
      return false;
    step_.kind = Kind::kJump;
    step_.reads = set_of(arm_.rm) & kOcamlValues;
    for (u64 at = table; at + arm_.size <= data->end; at += arm_.size) {
      const u64 entry = arm_.size == 2 ? code_.contents.le<u16>(at) : code_.contents.le<u8>(at);
      if (!go_to(static_cast<i64>(table + 2 * entry))) return false;
    }
    return true;
  }

  // Floating point: which core registers it reads or writes (Arm ARM DDI 0406C, "Extension register
  // load/store", "8, 16, and 32-bit transfer", "64-bit transfers").
  bool read_coprocessor() {
    if (arm_.length != 4) return read_stop();
    const u16 first = code_.contents.le<u16>(place_);
    const u16 second = code_.contents.le<u16>(place_ + 2);
    const u16 coprocessor = second >> 8 & 15;
    if ((first & 0xfc00) != 0xec00 || (coprocessor != 10 && coprocessor != 11)) return false;
    const u16 core = set_of(static_cast<u8>(second >> 12));
    const bool to_core = (first & 0x10) != 0;
    if ((first & 0xff20) == 0xed00) return read_vector_access(first, second);
    if ((first & 0xffe0) == 0xec40) {
      const u16 both = core | set_of(first & 15);
      return to_core ? compute(0, both) : compute(both, 0);
    }
    if ((first & 0xff00) != 0xee00) return false;
    if ((second & 0x10) == 0) return compute(0, 0);  // arithmetic
    const bool is_status = second >> 12 == kPc;
    return to_core ? compute(0, is_status ? u16{0} : core) : compute(core, 0);
  }
  bool read_vector_access(u16 first, u16 second) {
    const u8 base = first & 15;
    if ((first & 0x10) == 0) {
      const i32 distance = 4 * (second & 0xff);
      const bool is_double = (second >> 8 & 15) == 11;
      note_store(base, (first & 0x80) != 0 ? distance : -distance, is_double ? 8 : 4);
    }
    if (base == kSp || base == kPc) return compute(0, 0);
    return compute(set_of(base), 0);
  }

  bool read_stop() {
    step_.kind = Kind::kStop;
    return !step_.is_conditional && (code_.contents.le<u16>(place_) & 0xff00) == 0xde00;  // UDF
  }

  // The targets of a step are places until resolve_targets() makes them numbers of steps.
  bool go_to(i64 place) {
    if (place < function_.begin || place >= function_.end) return false;
    step_.targets.push_back(static_cast<u32>(place));
    return true;
  }

  bool resolve_targets() {
    for (OcamlStep& step : function_.steps) {
      for (u32& target : step.targets) {
        const auto found = std::ranges::lower_bound(function_.steps, target, {}, &OcamlStep::place);
        if (found == function_.steps.end() || found->place != target) return false;
        target = static_cast<u32>(found - function_.steps.begin());
      }
    }
    return end_ways();
  }

  // None may go on into data or out of the function, unless nothing leads there, as to padding; a
  // call that seems to never returns.
  bool end_ways() {
    std::vector<bool> reached(function_.steps.size());
    std::vector<u32> pending{0};
    const auto reach = [&](u32 number) {
      if (!reached[number]) pending.push_back(number);
      reached[number] = true;
    };
    reached[0] = true;
    while (!pending.empty()) {
      const u32 number = pending.back();
      pending.pop_back();
      OcamlStep& step = function_.steps[number];
      for (const u32 target : step.targets) reach(target);
      step.goes_on = goes_on(step) && !std::ranges::binary_search(code_.raises, step.place);
      if (!step.goes_on) continue;
      const bool is_last = number + 1 == function_.steps.size();
      if (!is_last && function_.steps[number + 1].place == step.place + length_of(number)) {
        reach(number + 1);
        continue;
      }
      if (step.kind != Kind::kCall && step.kind != Kind::kCallUnknown) return false;
      step.goes_on = false;
    }
    for (u32 i = 0; i < reached.size(); i++)
      if (!reached[i]) function_.steps[i].goes_on = false;
    return true;
  }
  u32 length_of(u64 number) const {
    return is_wide_thumb(code_.contents.le<u16>(function_.steps[number].place)) ? 4 : 2;
  }
  static bool goes_on(const OcamlStep& step) {
    switch (step.kind) {
      case Kind::kTailCall:
      case Kind::kTailCallUnknown:
      case Kind::kReturn:
      case Kind::kRaise:
      case Kind::kStop:
        return false;
      case Kind::kJump:
        return step.is_conditional;
      default:
        return true;
    }
  }

  void measure_frame() {
    for (const OcamlStep& step : function_.steps) {
      if (step.kind != Kind::kMoveStack || step.offset >= 0) break;
      function_.frame -= step.offset;
    }
  }

  const Isa& isa_;
  const OcamlCode& code_;
  OcamlFunction function_;
  OcamlStep step_;
  ArmStep arm_;
  u32 place_ = 0;
  u32 conditional_left_ = 0;
  bool chooses_ = false;
  u32 leaves_stack_ = ~u32{0};
  u32 lr_literal_ = 0;
  u32 lr_literal_behind_ = ~u32{0};
};

}  // namespace

const Relocation* OcamlCode::relocation_at(u64 place, u64 size) const {
  // Those that name a place before may reach into it.
  constexpr u64 kReach = 3;
  auto found = std::ranges::lower_bound(relocations, place < kReach ? 0 : place - kReach, {},
                                        &Relocation::offset);
  for (; found != relocations.end() && found->offset < place; ++found)
    if (found->type == R_ARM_ABS32 && found->offset + 4 > place) return &*found;
  return found != relocations.end() && found->offset < place + size ? &*found : nullptr;
}

const CodeRun* OcamlCode::run_at(u64 place) const {
  const auto behind = std::ranges::upper_bound(runs, place, {}, &CodeRun::begin);
  if (behind == runs.begin() || place >= std::prev(behind)->end) return nullptr;
  return &*std::prev(behind);
}

OcamlFunction read_ocaml_function(const Isa& isa, const OcamlCode& code, u32 begin, u32 end) {
  return Reader(isa, code, begin, end).run();
}

}  // namespace fwseal
