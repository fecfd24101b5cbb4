// Which registers do functions read that they were given, through all that they call?
//
// Behind calls, and where an exception leads to, only r0 has a value: calls and raising destroy all
// other registers (asmcomp/arm/proc.ml, destroyed_at_oper and destroyed_at_raise, OCaml 4.13), and
// each function has one result.
#pragma once

#include <vector>

#include "graph/ocaml_world.h"

namespace fwseal {

struct OcamlRegisters {
  std::vector<u16> read;  // per function, of kOcamlArguments
};

// Functions that read what nobody gave them are no longer is_read.
OcamlRegisters find_read_registers(OcamlWorld& world);

// Registers that a call of this reads, and those that keep their values.
struct CallEffect {
  u16 reads = 0;
  u16 keeps = 0;
};
CallEffect effect_of_call(const OcamlWorld& world, const OcamlTarget& target,
                          const OcamlRegisters& registers);

}  // namespace fwseal
