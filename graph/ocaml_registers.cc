#include "graph/ocaml_registers.h"

namespace fwseal {
namespace {

using Kind = OcamlStep::Kind;
constexpr u16 kResult = 1;

class Reads {
 public:
  explicit Reads(OcamlWorld& world) : world_(world) {
    registers_.read.resize(world.functions.size());
  }

  OcamlRegisters run() {
    constexpr u32 kMostRounds = 64;
    for (u32 round = 0; changed_; round++) {
      if (round == kMostRounds) {
        registers_.read.assign(world_.functions.size(), kOcamlArguments);
        break;
      }
      changed_ = false;
      for (u32 i = 0; i < world_.functions.size(); i++)
        if (world_.functions[i].is_read) look_at(i);
    }
    return std::move(registers_);
  }

 private:
  void look_at(u32 number) {
    OcamlFunction& function = world_.functions[number];
    before_.assign(function.steps.size() + 1, 0);
    bool goes_back = false;
    for (bool again = true; again;) {
      bool has_changed = false;
      for (u64 i = function.steps.size(); i-- != 0;) {
        const u16 reads = before(function, i);
        has_changed = has_changed || reads != before_[i];
        before_[i] = reads;
        for (const u32 target : function.steps[i].targets) goes_back = goes_back || target <= i;
      }
      again = goes_back && has_changed;
    }
    const u16 given = before_[0] & kOcamlArguments;
    if ((before_[0] & ~kOcamlArguments) != 0) {
      function.is_read = false;
      changed_ = true;
    } else if ((given | registers_.read[number]) != registers_.read[number]) {
      registers_.read[number] |= given;
      changed_ = true;
    }
  }

  u16 before(const OcamlFunction& function, u64 number) {
    const OcamlStep& step = function.steps[number];
    u16 after = step.goes_on ? before_[number + 1] : u16{0};
    if (step.kind != Kind::kHandler)
      for (const u32 target : step.targets) after |= before_[target];
    const auto without = [&](u16 written) {
      return step.is_conditional ? after : static_cast<u16>(after & ~written);
    };
    const u16 rd = static_cast<u16>(1u << step.rd) & kOcamlValues;
    const u16 rn = static_cast<u16>(1u << step.rn) & kOcamlValues;
    switch (step.kind) {
      case Kind::kCompute:
      case Kind::kJump:
        return without(step.writes) | step.reads;
      case Kind::kMove:
      case Kind::kLoad:
        return without(rd) | rn;
      case Kind::kAddress:
        return without(rd);
      case Kind::kStore:
        return after | rd | rn;
      case Kind::kCall:
      case Kind::kTailCall:
        return before_call(step, after);
      case Kind::kCallUnknown:
        return kOcamlArguments | rn;
      case Kind::kTailCallUnknown:
        return kOcamlArguments | rn;
      case Kind::kReturn:
        return kResult;
      case Kind::kRaise:
        return kResult;
      default:
        return after;
    }
  }

  u16 before_call(const OcamlStep& step, u16 after) {
    const CallEffect effect = effect_of_call(world_, *step.to, registers_);
    return static_cast<u16>((after & effect.keeps) | effect.reads);
  }
  OcamlWorld& world_;
  OcamlRegisters registers_;
  std::vector<u16> before_;  // per step: what is read from there on
  bool changed_ = true;
};

}  // namespace

CallEffect effect_of_call(const OcamlWorld& world, const OcamlTarget& target,
                          const OcamlRegisters& registers) {
  constexpr u16 kC = 0x000f;
  constexpr u16 kKeptByC = 0x00f0;
  constexpr u16 kKeptByAllocation = 0x007f;
  switch (target.kind) {
    case OcamlTarget::Kind::kFunction:
      if (!world.functions[target.index].is_read) return {kOcamlArguments, 0};
      return {registers.read[target.index], 0};
    case OcamlTarget::Kind::kC:
      return {kC, kKeptByC};
    case OcamlTarget::Kind::kCallC:
      return {kC | 0x80, 0};
    case OcamlTarget::Kind::kAllocates:
      return {0, kKeptByAllocation};
    case OcamlTarget::Kind::kRaises:
      return {kResult, 0};
    default:
      return {kOcamlArguments, 0};
  }
}

OcamlRegisters find_read_registers(OcamlWorld& world) { return Reads(world).run(); }

}  // namespace fwseal
