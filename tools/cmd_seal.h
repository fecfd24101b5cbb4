// `fwseal seal INPUT... -o app.elf`: the step after a build, or instead of its link.
#pragma once

#include <string>
#include <vector>

#include "elfio/diag.h"
#include "tools/exit_status.h"
#include "tools/ld_options.h"

namespace fwseal {

// What the words behind `seal` ask for. With --help, `text` holds it and `link` is false.
LdCommandLine parse_seal_command_line(const std::vector<std::string>& arguments,
                                      const ReadText& read_text, Diag& diag);

ExitStatus seal_command(const std::vector<std::string>& arguments, Diag& diag);

}  // namespace fwseal
