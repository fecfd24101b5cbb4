// What one Arm or Thumb instruction does, as far as anybody follows it.
//
// Most instructions matter little for what a constructor leaves behind: it is enough to know which
// register they change. What is not listed here is kUnknown, and nothing is proven of code that
// holds it. All that could be seen from outside is kUnknown: barriers, system registers, exclusive
// and unprivileged accesses, coprocessors and floating point, exceptions, waiting.
//
// Arm ARM DDI 0403E, "The Thumb Instruction Set Encoding", and DDI 0406C, "ARM Instruction Set
// Encoding".
#pragma once

#include "elfio/types.h"

namespace fwseal {

struct ArmStep {
  enum class Kind : u8 {
    kUnknown,
    kNothing,   // NOP
    kMove,      // rd = operand
    kMoveTop,   // bits 31 to 16 of rd = operand
    kAdd,       // rd = rn + operand
    kSubtract,  // rd = rn - operand
    kOther,     // rd = something made of registers, flags and constants
    kCompare,   // flags of rn - operand
    kTest,      // flags of something else
    kLoad,      // rd (and rd2) = `size` bytes at rn + operand
    kStore,     // and back
    kLoadMany,  // the registers of `list`, from rn + offset on
    kStoreMany,
    kJump,          // to its own place + offset
    kCall,          // the same; lr is the place behind it
    kJumpRegister,  // to rm
    kCallRegister,
    kJumpIfZero,   // CBZ: to its own place + offset if rn is 0
    kJumpIfOther,  // CBNZ
    kIfThen,       // IT: `offset` is its low byte
  };
  static constexpr u8 kAlways = 14;

  Kind kind = Kind::kUnknown;
  u8 length = 4;  // bytes of the instruction
  u8 condition = kAlways;
  bool sets_flags = false;
  bool switches = false;      // kCall: BLX, to the other instruction set
  bool by_register = false;   // the operand is rm, else `offset`
  bool post_indexed = false;  // kLoad, kStore: the address is rn alone
  bool writes_back = false;   // kLoad, kStore: rn += operand; kLoadMany, kStoreMany: rn += growth
  u8 rd = 0;
  u8 rd2 = 0;  // if size is 8
  u8 rn = 0;
  u8 rm = 0;
  u8 size = 4;
  u16 list = 0;
  i32 growth = 0;
  i64 offset = 0;
};

constexpr bool is_wide_thumb(u16 first) { return first >= 0xe800; }

ArmStep decode_thumb16(u16 insn);
ArmStep decode_thumb32(u16 first, u16 second);
ArmStep decode_arm(u32 insn);

}  // namespace fwseal
