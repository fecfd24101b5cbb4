// A place and what an Arm relocation does to it, for tests.
#pragma once

#include <gtest/gtest.h>

#include "elfio/isa_arm.h"
#include "elfio/isa_arm_table.h"

namespace fwseal {

using arm::ArmRelocation;
using arm::Field;
using arm::thumb32;
using arm::Value;

inline constexpr u32 kArchV4T = 2, kArchV6 = 6, kArchV7 = 10, kArchV6M = 11;

inline std::unique_ptr<Isa> isa(const ArmOptions& options = {}) {
  return make_isa_arm(arm_features(kArchV7, 'A', 3), options);
}

// One place and what happens to it.
struct Place {
  explicit Place(u32 bits, const Isa& for_isa, u32 relocation) : isa_(for_isa), type(relocation) {
    const ArmRelocation* const row = arm::find_arm_relocation(type);
    unit = row != nullptr && row->field != Field::kNone ? row->field : Field::kWord32;
    arm::store(arm::codec_of(unit), memory, 0, bits);
  }
  std::optional<RelocationFault> apply(const Operands& x) {
    return isa_.apply(type, x, std::span(memory, 4), 0);
  }
  u32 bits() const { return arm::load(arm::codec_of(unit), Bytes(std::span(memory, 4)), 0); }
  i64 addend() const { return isa_.read_addend(type, Bytes(std::span(memory, 4)), 0); }

  const Isa& isa_;
  u32 type;
  Field unit = Field::kWord32;
  std::byte memory[4] = {};
};

inline Operands to_function(u64 S, i64 A, u64 P, bool thumb) {
  Operands x;
  x.S = S;
  x.A = A;
  x.P = P;
  x.T = thumb;
  x.is_function = true;
  return x;
}
inline Operands to_label(u64 S, i64 A, u64 P) {
  Operands x;
  x.S = S;
  x.A = A;
  x.P = P;
  return x;
}

inline u32 applied(u32 type, u32 bits, const Operands& x, const ArmFeatures& features) {
  const auto target = make_isa_arm(features, {});
  Place place(bits, *target, type);
  const auto fault = place.apply(x);
  EXPECT_FALSE(fault.has_value()) << (fault ? fault->why : "");
  return place.bits();
}
inline u32 applied(u32 type, u32 bits, const Operands& x) {
  return applied(type, bits, x, arm_features(kArchV7, 'A', 3));
}
inline std::string refusal(u32 type, u32 bits, const Operands& x) {
  const auto target = isa();
  Place place(bits, *target, type);
  const auto fault = place.apply(x);
  EXPECT_EQ(fault.has_value(), place.bits() == bits) << "a refused place stays as it is";
  return fault ? fault->why : "";
}

// Operands whose result is X, modulo 2^32.
inline Operands operands_for(Value value, i64 X) {
  Operands x;
  x.P = 0x8000;
  x.B = 0x20000000;
  x.GOT = 0x30000000;
  const u64 result = static_cast<u64>(X);
  switch (value) {
    case Value::kNothing:
      break;
    case Value::kSA:
    case Value::kSAT:
      x.S = result;
      break;
    case Value::kSAP:
    case Value::kSATP:
    case Value::kSAPa:
    case Value::kSATPa:
      x.S = result + x.P;
      break;
    case Value::kSAB:
    case Value::kSATB:
      x.S = result + x.B;
      break;
    case Value::kSAGot:
    case Value::kSATGot:
      x.S = result + x.GOT;
      break;
    case Value::kGotA:
      x.GOT = result;
      break;
    case Value::kGotAP:
      x.GOT = result + x.P;
      break;
    case Value::kEntryA:
      x.got_entry = result;
      break;
    case Value::kEntryAP:
      x.got_entry = result + x.P;
      break;
    case Value::kEntryAGot:
      x.got_entry = result + x.GOT;
      break;
    case Value::kTlsA:
      x.tls_offset = result;
      break;
  }
  x.S &= 0xffffffff;
  return x;
}

}  // namespace fwseal
