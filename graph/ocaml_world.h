// OCaml's functions with what they call and name: all that is known of a program before anything is
// followed.
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "graph/ocaml_function.h"

namespace fwseal {

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

}  // namespace fwseal
