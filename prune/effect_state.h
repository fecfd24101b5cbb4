// What is known of the processor at one point of a path through a function.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "graph/program.h"

namespace fwseal {

// The content of a register or of a word of the stack frame.
struct Value {
  enum class Kind : u8 {
    kUnknown,
    kNumber,   // offset
    kAddress,  // of byte `offset` of section `id`, with the Thumb bit of a function
    kLowHalf,  // the lower 16 bits of such an address
    kEntry,    // what register `id` held when the function was called
    kStack,    // what sp was then, plus offset
    kReturn,   // where call `id` of this path goes on
  };
  Kind kind = Kind::kUnknown;
  u32 id = 0;
  i64 offset = 0;

  bool operator==(const Value&) const = default;
  bool is(Kind wanted) const { return kind == wanted; }
};

inline Value number(u32 value) { return {Value::Kind::kNumber, 0, i64{value}}; }
inline Value address(SectionId section, i64 offset) {
  return {Value::Kind::kAddress, index(section), offset};
}

// A place in code.
struct CodePlace {
  SectionId section = kNoSection;
  u64 offset = 0;
  bool is_thumb = false;

  bool operator==(const CodePlace&) const = default;
  // What pc reads as a base there, always a multiple of four.
  Value pc_base() const {
    return address(section, static_cast<i64>((offset + (is_thumb ? 4 : 8)) & ~u64{3}));
  }
};
// Where a jump to an address goes, which has the Thumb bit.
inline CodePlace place_of(const Value& to) {
  const u64 thumb = static_cast<u64>(to.offset) & 1;
  return {SectionId{to.id}, static_cast<u64>(to.offset) - thumb, thumb != 0};
}

// A function that was entered and has not returned.
struct Activation {
  u32 call = 0;                    // its number on this path; 0: the outermost one
  CodePlace return_to;             // not meant of the outermost one
  std::vector<CodePlace> visited;  // where it was, to see a loop
};

// Thrown where a path cannot be followed. Who follows it knows the place.
struct Obstacle {
  std::string what;
};
[[noreturn]] inline void fail(std::string_view what) { throw Obstacle{std::string(what)}; }

enum class Tristate : u8 { kNo, kYes, kUnknown };

struct MachineState {
  std::array<Value, 15> registers;
  std::map<i64, Value> stack;  // words of the frame, by their offset from the first sp
  CodePlace place;
  Tristate zero = Tristate::kUnknown;  // the Z flag
  u8 if_then = 0;                      // ITSTATE: Arm ARM DDI 0403E, "ITSTATE"
  std::vector<Activation> activations;
  u32 calls = 0;

  static MachineState at_entry(CodePlace place);
};

inline constexpr u32 kIp = 12;
inline constexpr u32 kSp = 13;
inline constexpr u32 kLr = 14;
inline constexpr u32 kPc = 15;

inline MachineState MachineState::at_entry(CodePlace place) {
  MachineState state;
  for (u32 i = 0; i < state.registers.size(); i++) state.registers[i] = {Value::Kind::kEntry, i, 0};
  state.registers[kSp] = {Value::Kind::kStack, 0, 0};
  state.place = place;
  state.activations.resize(1);
  return state;
}

// Does all that follows from one follow from the other? Where they came from does not matter.
bool same_future(const MachineState& a, const MachineState& b);

// Sums and differences of which something is known.
Value add(const Value& a, const Value& b);
Value subtract(const Value& a, const Value& b);
// Is a - b zero?
Tristate equal(const Value& a, const Value& b);

}  // namespace fwseal
