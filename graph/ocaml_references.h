// Is it known of every reference to OCaml data what it means?
#pragma once

#include "graph/ocaml_units.h"

namespace fwseal {

// Refuses each unit of which that cannot be told once its data are apart; and all of them if the
// tables of the start-up object cannot be written anew.
void refuse_untold_references(OcamlProgram& ocaml, const Program& program);

}  // namespace fwseal
