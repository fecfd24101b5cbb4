// The entries of .debug_info: where they say which addresses they are about.
//
// DWARF 5, "Debugging Information Entry (DIE)", "Code Addresses, Ranges and Base Addresses".
#pragma once

#include "prune/debug_patch.h"

namespace fwseal {

// Follows edits in a section .debug_info or .debug_types, and in the lists that it refers to. At
// `at` it leaves where it is. False if some unit keeps most of what it has to say in another file.
bool follow_in_units(DebugPatch& patch, SectionId units, u64& at);

}  // namespace fwseal
