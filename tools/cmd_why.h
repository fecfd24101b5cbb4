// `fwseal why`: why something is in the image, or why not.
#pragma once

#include <string>
#include <vector>

#include "elfio/diag.h"
#include "tools/exit_status.h"

namespace fwseal {

ExitStatus why_command(const std::vector<std::string>& arguments, Diag& diag);

}  // namespace fwseal
