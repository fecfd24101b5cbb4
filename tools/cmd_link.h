// The ld personality: `ld.fwseal ARGS`, `fwseal link ARGS`, and whatever gcc calls as `ld`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "elfio/diag.h"
#include "tools/exit_status.h"

namespace fwseal {

// Is a program of this name, with or without directories, an ld: ld, ld.fwseal, arm-none-eabi-ld?
bool is_ld_name(std::string_view program);

ExitStatus link_command(const std::vector<std::string>& arguments, Diag& diag);

}  // namespace fwseal
