// The tables that find units by address, and frames of the stack.
//
// DWARF 5, "Lookup by Address", "Call Frame Information".
#pragma once

#include "prune/debug_patch.h"

namespace fwseal {

// Follow edits in a section .debug_aranges or .debug_frame. At `at` they leave where they are.
void follow_in_aranges(DebugPatch& patch, SectionId aranges, u64& at);
void follow_in_frames(DebugPatch& patch, SectionId frames, u64& at);

}  // namespace fwseal
