// What the linker does, from inputs to images.
#pragma once

#include "elfio/diag.h"
#include "graph/resolve.h"
#include "tools/options.h"

namespace fwseal {

// Links as the options say. Everything that is wrong goes to diag; throws Stopped if no image was
// written because of it, and StopWith if a budget is exceeded.
void seal(const Options& options, Diag& diag);
// The same, where some of the files may be given as bytes (Files::provide).
void seal(const Options& options, Inputs& inputs, Diag& diag);

}  // namespace fwseal
