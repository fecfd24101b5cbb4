// The relocation table of the Arm ABI: what each type computes, where it stores the result, and
// which results fit.
//
// AAELF32 2023Q3, "Relocation codes", in the order and notation of that table.
#pragma once

#include <limits>
#include <span>

#include "elfio/isa.h"
#include "elfio/isa_arm_fields.h"

namespace fwseal::arm {

// What is computed, modulo 2^32. Pa is P rounded down to a multiple of 4.
enum class Value : u8 {
  kNothing,
  kSA,         // S + A
  kSAT,        // (S + A) | T
  kSAP,        // S + A - P
  kSATP,       // ((S + A) | T) - P
  kSAPa,       // S + A - Pa
  kSATPa,      // ((S + A) | T) - Pa
  kSAB,        // S + A - B(S)
  kSATB,       // ((S + A) | T) - B(S)
  kSAGot,      // S + A - GOT_ORG
  kSATGot,     // ((S + A) | T) - GOT_ORG
  kGotA,       // GOT_ORG + A
  kGotAP,      // GOT_ORG + A - P
  kEntryA,     // GOT(S) + A
  kEntryAP,    // GOT(S) + A - P
  kEntryAGot,  // GOT(S) + A - GOT_ORG
  kTlsA,       // S + A - tp
};
// The value, sign-extended from 32 bits.
i64 value_of(Value value, const Operands& x);

// The results that fit, both ends included.
struct Range {
  i64 min = std::numeric_limits<i64>::min();
  i64 max = std::numeric_limits<i64>::max();

  bool holds(i64 value) const { return min <= value && value <= max; }
  bool checked() const { return min != std::numeric_limits<i64>::min(); }
};

struct ArmRelocation {
  RelocationType type;
  Value value = Value::kNothing;
  Field field = Field::kNone;
  Range range;
  u8 group = 0;  // n, of a group relocation
  u8 shift = 0;  // how far right the result is moved before it is stored
  // Why no input object may have it, to complete "relocation R_X ..."; empty if it may.
  std::string_view refusal;
};

// In the order of the codes.
std::span<const ArmRelocation> arm_relocations();
// nullptr if AAELF32 does not allocate the code.
const ArmRelocation* find_arm_relocation(u32 type);

}  // namespace fwseal::arm
