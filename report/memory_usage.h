// The table that --print-memory-usage prints.
#pragma once

#include <string>

#include "sections/layout.h"

namespace fwseal {

// Character for character what GNU ld 2.40 prints: tools read it. A region that overflows shows
// more than 100 %.
std::string memory_usage_text(const Layout& layout);

}  // namespace fwseal
