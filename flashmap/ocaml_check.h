// Does the runtime of OCaml take static data for values, wherever they lie?
#pragma once

#include "elfio/diag.h"
#include "graph/ocaml_split.h"
#include "sections/image.h"
#include "sections/layout.h"

namespace fwseal {

// Reports each unit of whose values some lie outside of every pair that caml_data_segments has in
// the image, unless they are dead. The runtime would take them for something that is no value:
// Hashtbl.hash would give other numbers, and Marshal would raise.
void check_ocaml_segments(const OcamlSections& ocaml, const Inputs& inputs, const Atoms& atoms,
                          const Reach& live, const Layout& layout, const Image& image, Diag& diag);

}  // namespace fwseal
