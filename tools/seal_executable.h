// `fwseal seal` of an executable that another linker made: the image as it is, sealed.
#pragma once

#include "elfio/diag.h"
#include "tools/options.h"

namespace fwseal {

// Is the one input, or one of several, an executable? A file that cannot be read is none.
bool names_executable(const Options& options);

void seal_executable(const Options& options, Diag& diag);

}  // namespace fwseal
