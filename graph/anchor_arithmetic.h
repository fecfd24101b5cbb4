// What instructions make of registers of which something is known; see anchor_walk.h.
#pragma once

#include "elfio/arm_step.h"
#include "graph/anchor_state.h"

namespace fwseal {

class AnchorArithmetic {
 public:
  // `pc`: what the program counter reads as a base of addresses.
  AnchorArithmetic(const AnchorState& state, i64 pc) : state_(state), pc_(pc) {}

  // What the instruction makes: kMove, kMoveTop, kAdd, kSubtract, kOther.
  AnchorValue result(const ArmStep& step);
  AnchorValue operand(const ArmStep& step);
  AnchorValue source(u32 number) const;
  AnchorValue base(const ArmStep& step) const;
  AnchorValue sum(const AnchorValue& a, const AnchorValue& b);

  // An address of the frame went into something of which that is not known any more.
  bool lost_frame() const { return lost_frame_; }

 private:
  AnchorValue unclear(std::initializer_list<AnchorValue> sources, AnchorValue otherwise = {});
  AnchorValue difference(const AnchorValue& a, const AnchorValue& b);
  AnchorValue move_top(const ArmStep& step);
  AnchorValue shift(AnchorValue value, const ArmStep& step);
  AnchorValue other(const ArmStep& step);
  AnchorValue unknown(const ArmStep& step);
  AnchorValue product(const AnchorValue& a, const AnchorValue& b);
  AnchorValue extract(const AnchorValue& value, const ArmStep& step);
  AnchorValue bitwise(ArmStep::Operation operation, AnchorValue a, AnchorValue b);

  const AnchorState& state_;
  const i64 pc_;
  bool lost_frame_ = false;
};

}  // namespace fwseal
