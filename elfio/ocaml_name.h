// Names of OCaml symbols as people write them: "camlStdlib__List__map_236" is "Stdlib.List.map".
#pragma once

#include <string>
#include <string_view>

namespace fwseal {

// Empty if it is no name that ocamlopt 4.13 makes of a unit's; "caml_c_call" is C's.
//
//   camlStdlib__List__map_236     Stdlib.List.map         the compiler's number goes
//   camlFw__fun_1234              Fw.fun_1234             without a name there is nothing else
//   camlStdlib__Map__Make_1146    Stdlib.Map.Make_1146    a functor, or a unit called Make_1146
//   camlStdlib__$5e_139           Stdlib.(^)
//   camlStdlib__List__entry       Stdlib.List (entry)     also frametable, gc_roots, data_begin ...
//   camlStdlib__List__12          Stdlib.List (data 12)
//   camlStdlib__List              Stdlib.List             the block of the module
//
// Several functions may have the same name then.
std::string ocaml_name(std::string_view symbol);

// "camlStdlib__List" of "camlStdlib__List__entry", which each unit has; otherwise empty.
std::string_view ocaml_unit_of_entry(std::string_view symbol);

// "camlFw__code_begin" and its kin say where a unit begins or ends, and may have the address of a
// function or block.
bool is_ocaml_boundary(std::string_view symbol);

}  // namespace fwseal
