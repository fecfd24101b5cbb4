// Text files that are read whole: response files, the configuration, scripts to be printed.
#pragma once

#include <optional>
#include <string>

namespace fwseal {

// Nothing if there is no such file. Throws BadInput if it cannot be read, or is a directory.
std::optional<std::string> read_text_file(const std::string& path);

}  // namespace fwseal
