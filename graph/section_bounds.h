// Symbols that stand for where a section begins and ends, or how large it is.
#pragma once

#include <string_view>

#include "graph/resolve.h"

namespace fwseal {

// The X of __start_X and __stop_X, or empty. X must be an identifier of C (ld manual, "Output
// Section Keywords").
std::string_view bounded_section(std::string_view symbol);

// The X of .startof.X and .sizeof.X, or empty: address and size of the output section X, which a
// reference does not keep (ld 2.40, lang_init_startof_sizeof).
std::string_view measured_output(std::string_view symbol);

// Gives the undefined __start_X and __stop_X for which there is a section X, and the undefined
// .startof.X and .sizeof.X, to layout to define.
void define_section_bounds(const Inputs& inputs, Symbols& symbols);

}  // namespace fwseal
