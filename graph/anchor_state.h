// The processor at one place of code that is followed from anchors; see anchor_walk.h.
#pragma once

#include <array>
#include <vector>

#include "graph/anchor_value.h"

namespace fwseal {

// By what the flags were set.
struct AnchorFlags {
  enum class Kind : u8 {
    kUnknown,
    kCompare,  // left - right
    kResult,   // only N and Z, of `left`
  };
  static constexpr u8 kNoRegister = 0xff;

  Kind kind = Kind::kUnknown;
  // Registers that still hold what was compared.
  u8 left_register = kNoRegister;
  u8 right_register = kNoRegister;
  AnchorValue left;
  AnchorValue right;

  bool operator==(const AnchorFlags&) const = default;
};

enum class Verdict : u8 { kNo, kYes, kEither };

// Does a condition hold? By the numbers of the Arm ARM, "Conditional execution".
Verdict condition_holds(const AnchorFlags& flags, u8 condition);

// A word of the frame of which something is known.
struct FrameWord {
  i64 offset = 0;  // from the sp at entry
  AnchorValue value;

  bool operator==(const FrameWord&) const = default;
};

struct AnchorState {
  std::array<AnchorValue, 15> registers;
  std::vector<FrameWord> frame;  // in order of offset
  AnchorFlags flags;
  u8 if_then = 0;              // ITSTATE: Arm ARM DDI 0403E, "ITSTATE"
  bool is_frame_open = false;  // others may know an address of the frame

  static AnchorState at_entry();
  void set(u32 number, const AnchorValue& value);
  // Once it is known that a condition holds.
  void assume(u8 condition);

  AnchorValue load_word(i64 offset, u8 size) const;
  // False if more is stored than is kept track of.
  bool store_word(i64 offset, u8 size, const AnchorValue& value);
  // Something was stored to the frame, and not where.
  void blur_frame();
};

bool covers(const AnchorState& outer, const AnchorState& inner);
// Of states that meet. `lost_frame`: a register held an address of the frame in one of them only.
AnchorState join(const AnchorState& a, const AnchorState& b, bool widening, bool& lost_frame);

// What a load of so many bytes can give.
AnchorValue loaded_number(u8 size, bool is_signed);

}  // namespace fwseal
