// What becomes of an address that an instruction makes from the program counter.
#pragma once

#include <optional>

#include "elfio/bytes.h"
#include "elfio/isa_arm_forms.h"

namespace fwseal::arm {

constexpr bool makes_address(Form form) {
  return form == Form::kArmAddress || form == Form::kThumbAddress8 || form == Form::kThumbAddress12;
}

// If the instruction at `place`, behind the one that makes the address, loads from there, and into
// the register that held it or into the program counter: how many bytes from the address on it
// reads, of a table those of one entry. Then nobody calculates with the address. `insn` is the one
// that makes it; `end` is that of the code.
std::optional<u64> bytes_used_up(Form form, u32 insn, Bytes contents, u64 place, u64 end);

}  // namespace fwseal::arm
