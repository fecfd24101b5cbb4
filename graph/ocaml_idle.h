// Which entry functions of OCaml's units do nothing but give the unit's block its values?
//
// Nobody can tell whether such a function ran but by these values. So it must, with all that it
// calls,
// - store only in the unit's block, in its frame and in what it has just allocated;
// - come to its end, always: no ways back, no recursion, no exceptions, no handlers;
// - call nothing but such functions, the allocator, and functions of the runtime of which it is
//   known that they change nothing (find_harmless).
// What cannot be told: how much was allocated (Gc.counters), and how many numbers for exceptions
// and objects were taken (caml_fresh_oo_id): that they are different and grow is all that OCaml
// says of them.
//
// Rests on: add rd, r10, #n makes the address of what was just allocated (asmcomp/arm/emit.mlp,
// Ialloc, 4.13), and adding to such an address leads to what was allocated with it (comballoc.ml).
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "graph/ocaml_values.h"
#include "graph/ocaml_world.h"

namespace fwseal {

struct OcamlEntry {
  u32 function = 0;  // number in the world
  BlockId block = kNoBlock;
  auto operator<=>(const OcamlEntry&) const = default;
};

// Of C functions of OCaml's runtime, by name.
std::optional<OcamlHarmless> find_harmless(std::string_view c_function);

// Those of `entries` that do only this. `world` as follow_values left it.
std::vector<OcamlEntry> find_idle_entries(const OcamlWorld& world,
                                          std::span<const OcamlEntry> entries);

}  // namespace fwseal
