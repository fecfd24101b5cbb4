// Reads input section descriptions of a linker script. ld manual, "Input Section Description".
#pragma once

#include "sections/script.h"
#include "sections/script_cursor.h"

namespace fwseal {

// `KEEP(...)`, `file(sections)`, `file`, `[sections]`, with INPUT_SECTION_FLAGS, EXCLUDE_FILE,
// SORT.
InputDescription read_input_description(ScriptCursor& in);

}  // namespace fwseal
