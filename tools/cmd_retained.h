// `fwseal retained`: what each thing alone keeps in the image.
#pragma once

#include <string>
#include <vector>

#include "elfio/diag.h"
#include "tools/exit_status.h"

namespace fwseal {

ExitStatus retained_command(const std::vector<std::string>& arguments, Diag& diag);

}  // namespace fwseal
