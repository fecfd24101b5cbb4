// fwseal.toml: what a project says once about its board, its budget and its images.
#pragma once

#include <string>
#include <string_view>

#include "elfio/diag.h"
#include "tools/options.h"

namespace fwseal {

// Adds what the TOML in `text` says to `options`. Unknown keys, wrong types and values are reported
// with file and line, all of them. Paths in it are relative to the current directory, as those of
// the command line are.
void read_config(const std::string& path, std::string_view text, Options& options, Diag& diag);

}  // namespace fwseal
