// Who can read the unwind tables? Whoever knows where they lie, and that is said by the script.
#pragma once

#include <optional>

#include "graph/clauses.h"
#include "sections/match.h"
#include "sections/script.h"

namespace fwseal {

// Nothing if there are no tables.
std::optional<UnwindReaders> find_unwind_readers(const Inputs& inputs, const Symbols& symbols,
                                                 const Script& script, const Matcher& matcher);
// The same of frame tables (.eh_frame).
std::optional<UnwindReaders> find_frame_readers(const Inputs& inputs, const Symbols& symbols,
                                                const Script& script, const Matcher& matcher);

}  // namespace fwseal
