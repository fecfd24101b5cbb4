// What the functions that ocamlopt makes for Arm do with the addresses that they know, instruction
// by instruction: which register gets what, where control goes on, what is called.
//
// Everything else is "computes something of these registers". A function with an instruction that
// is not understood at all, with a way in or out that is not seen, or whose stack cannot be
// counted, is not read, and whoever asks has to think the worst of it.
//
// asmcomp/arm/emit.mlp and proc.ml, OCaml 4.11 to 4.14: values are in r0 to r7 and r12, arguments
// in r0 to r7 and then on the stack (of 4.14, the next 64 where r11 leads to), results in r0; r8
// leads to the topmost exception handler, of which a pair of words is on the stack; sp changes by
// constants.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "elfio/arm_step.h"
#include "elfio/code.h"
#include "graph/program.h"

namespace fwseal {

// Sets of registers, a bit each.
constexpr u16 kOcamlArguments = 0x00ff;
constexpr u16 kOcamlValues = 0x10ff;  // registers that hold values

struct OcamlTarget;  // ocaml_world.h

struct OcamlStep {
  enum class Kind : u8 {
    kCompute,    // the registers in `writes` get something made of those in `reads`
    kMove,       // rd = rn
    kAddress,    // rd = what the relocation at the place `literal` refers to
    kLoad,       // rd = the word at rn + offset
    kStore,      // the word at rn + offset = rd
    kMoveStack,  // sp += offset
    kHandler,    // an exception may lead to `targets`, with the stack as it is here
    kCall,       // by the relocation at `place`; goes on behind it
    kTailCall,
    kCallUnknown,  // of what is in rn
    kTailCallUnknown,
    kReturn,
    kRaise,  // to the topmost handler, with r0
    kJump,   // to `targets`; goes on as well if is_conditional
    kStop,
  };
  Kind kind = Kind::kCompute;
  bool is_conditional = false;  // by IT or, of a jump, by itself: it may do nothing
  bool goes_on = true;          // to the next step; a call before data never returns
  bool stores = false;          // of kCompute: `size` bytes at rn + offset
  bool adds = false;            // of kCompute: the result is rn + offset
  bool is_number = false;       // of kCompute: the result is `offset`
  u8 size = 0;
  u8 rd = 0;
  u8 rn = 0;      // of kCompute, if it stores or adds
  u16 reads = 0;  // of kOcamlValues
  u16 writes = 0;
  i32 offset = 0;
  u32 place = 0;
  u32 literal = 0;
  std::vector<u32> targets;  // numbers of steps
  const OcamlTarget* to =
      nullptr;  // of calls and addresses, once OcamlWorld::resolve() has found it
};

struct OcamlFunction {
  SectionId section = kNoSection;
  u32 begin = 0;
  u32 end = 0;
  bool is_read = false;
  i32 frame = 0;  // bytes that it takes from the stack before anything else
  std::vector<OcamlStep> steps;
};

// A section of code, its runs and its relocations in order of place.
struct OcamlCode {
  SectionId section = kNoSection;
  Bytes contents;
  std::span<const CodeRun> runs;
  std::span<const Relocation> relocations;
  std::span<const u32> raises;  // calls that never return, in order

  const Relocation* relocation_at(u64 place, u64 size) const;
  const CodeRun* run_at(u64 place) const;
};

// `begin` and `end`: of the function in its section.
OcamlFunction read_ocaml_function(const Isa& isa, const OcamlCode& code, u32 begin, u32 end);

}  // namespace fwseal
