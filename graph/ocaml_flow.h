// Where do the addresses go that OCaml's code knows, and which fields of module blocks does it
// read?
//
// All code is looked at, live or not: constants are followed through registers, the frame, calls
// with their arguments, tail calls, results, and fields of the blocks themselves. What comes out
// are facts that each hold once the function (or data) they are about is live; runtime_ocaml.cc
// makes clauses of them.
//
// The one thing that must hold is this: an address of a followed block is either in a set that
// stands for the register or word, or there is a fact that it was used, so that whoever has it in
// any other way only has it once the block has escaped. So:
// - whoever computes with an address, compares it, stores it anywhere but in a field of a followed
//   block or in his own frame, passes it to code that is not followed, or raises it, uses it;
// - registers are as asmcomp/arm/proc.ml says (OCaml 4.11 to 4.14): calls destroy all of them,
// except
//   of C functions and of the allocating functions of the runtime; results are in r0;
// - words of the frame hold whatever the function stores there at any time, so handlers of
//   exceptions need no order; below the frame are arguments of calls, which count as used, and so
//   do those that 4.14 passes where r11 leads to;
// - functions whose code cannot be read use everything that they name or are given.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "graph/ocaml_values.h"
#include "graph/ocaml_world.h"

namespace fwseal {

// What a function may do.
struct OcamlFact {
  enum class Kind : u8 {
    kUse,         // the address of which `place` holds the relocation gets around
    kTouch,       // it is read or written there, and that is all
    kReadField,   // the value of a field gets around
    kTouchField,  // what the field refers to is read or written
    kStore,       // the address goes to the field
    kCopy,        // the value of field `from_field` of `from` goes to the field
  };
  Kind kind = Kind::kUse;
  u32 function = 0;
  BlockId block = kNoBlock;
  u32 field = 0;
  BlockId from = kNoBlock;  // of kUse, kTouch and kStore: the block that has the address
  u32 from_field = 0;
  SectionId section = kNoSection;
  u32 place = 0;
  auto operator<=>(const OcamlFact&) const = default;
};

struct DataWord {  // of a followed block, by the data themselves
  BlockId block = kNoBlock;
  u32 field = 0;
  BlockId holds = kNoBlock;  // if the word is the address of another one
  SectionId section = kNoSection;
  u32 place = 0;
};

// Sorted, each once. Resolves `world`. May find that functions cannot be followed: then their
// is_read becomes false. Nothing if it takes too long.
std::optional<std::vector<OcamlFact>> follow_values(OcamlWorld& world,
                                                    std::span<const DataWord> words);

}  // namespace fwseal
