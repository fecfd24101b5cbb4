// Line number programs: which rows go, and how far apart those are that stay.
#pragma once

#include "prune/debug_patch.h"

namespace fwseal {

// Follows edits in a section .debug_line. At `at` it leaves where it is.
void follow_in_line_programs(DebugPatch& patch, SectionId lines, u64& at);

}  // namespace fwseal
