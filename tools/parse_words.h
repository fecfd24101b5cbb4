// What all commands that are parsed by CLI11 have in common.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "elfio/diag.h"
#include "tools/exit_status.h"

namespace CLI {
class App;
}

namespace fwseal {

// Nothing if the words were read and the command can go on; otherwise its end, after --help was
// answered or the fault was reported.
std::optional<ExitStatus> parse_words(CLI::App& app, const std::vector<std::string>& arguments,
                                      Diag& diag);

}  // namespace fwseal
