// What is done for a program that has parts in OCaml; for others, nothing.
#pragma once

#include "elfio/diag.h"
#include "graph/ocaml_split.h"
#include "sections/script.h"
#include "tools/options.h"

namespace fwseal {

// With --fwseal-prune=proven: makes sections of their own of what OCaml units hold of constants and
// of variables, if the script has a place for constants. Only before any id of a section is noted.
OcamlSections take_ocaml_apart(const Options& options, const Script& script, Inputs& inputs,
                               Symbols& symbols, Diag& diag);

}  // namespace fwseal
