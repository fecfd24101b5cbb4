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
#include <unordered_map>
#include <vector>

#include "graph/ocaml_function.h"
#include "graph/ocaml_values.h"

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

// A C function that returns and, but for allocating, changes nothing that can be seen, if these
// registers hold small numbers; see ocaml_idle.h.
struct OcamlHarmless {
  u16 small_numbers = 0;
};

// What is called, or at a place referred to.
struct OcamlTarget {
  enum class Kind : u8 {
    kOther,      // code or data that is not followed
    kFunction,   // number `index`
    kBlock,      // number `index`, its first field
    kC,          // code that is called as C functions are
    kCallC,      // caml_c_call: calls what is in r7
    kAllocates,  // caml_call_gc and the like: they leave alone what does not hold their result
    kRaises,     // it never returns and takes r0 alone
  };
  Kind kind = Kind::kOther;
  u32 index = 0;
  std::optional<OcamlHarmless> harmless{};  // of kC
};

struct OcamlWorld {
  std::vector<OcamlFunction> functions;
  std::vector<u32> block_sizes;  // in words
  // By section and place of the relocation.
  std::unordered_map<u64, OcamlTarget> targets;
  // Functions that are called by somebody who is not followed, or whose address is somewhere.
  std::vector<bool> is_called_by_others;

  static u64 key(SectionId section, u64 place) { return u64{index(section)} << 32 | place; }
  const OcamlTarget& target(SectionId section, u64 place) const;
  // Says to each step what it calls or names. `targets` must be complete.
  void resolve();
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
