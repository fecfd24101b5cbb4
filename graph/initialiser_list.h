// Lists of functions that the start-up code calls, a word each.
#pragma once

#include "graph/program.h"

namespace fwseal {

// A section of such a list: .init_array, .preinit_array, .fini_array, .ctors, .dtors, and with a
// priority (.init_array.00100).
bool is_initialiser_list(const InputSection& section);
// Of functions that are called at exit: .fini_array, .dtors.
bool is_destructor_list(const InputSection& section);

// Makes each word an atom, where a section has several and nothing can tell how many there are.
void cut_initialiser_lists(const Program& program, Atoms& atoms);

}  // namespace fwseal
