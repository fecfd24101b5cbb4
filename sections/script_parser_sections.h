// Reads the SECTIONS command of a linker script.
#pragma once

#include "sections/script.h"
#include "sections/script_cursor.h"

namespace fwseal {

// The block behind the word SECTIONS. Overlays are numbered from `next_overlay` on.
void read_sections(ScriptCursor& in, Script& script, u32& next_overlay);

}  // namespace fwseal
