// `fwseal report`: how many bytes packages and units take.
#pragma once

#include <string>
#include <vector>

#include "elfio/diag.h"
#include "tools/exit_status.h"

namespace fwseal {

ExitStatus report_command(const std::vector<std::string>& arguments, Diag& diag);

}  // namespace fwseal
