// `fwseal what-if`: what would go without something.
#pragma once

#include <string>
#include <vector>

#include "elfio/diag.h"
#include "tools/exit_status.h"

namespace fwseal {

ExitStatus what_if_command(const std::vector<std::string>& arguments, Diag& diag);

}  // namespace fwseal
