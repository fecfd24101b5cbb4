// Response files: the argument `@file` stands for the arguments that the file holds.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "elfio/diag.h"

namespace fwseal {

// The text of a file, nothing if there is no such file. Throws BadInput if it cannot be read.
using ReadText = std::function<std::optional<std::string>(const std::string& path)>;

// The arguments in the text of a response file.
std::vector<std::string> split_arguments(std::string_view text);

// Replaces every `@file`, also inside response files. An `@file` that does not exist stays as it
// is, as GNU's tools do: a file may really be called that.
std::vector<std::string> expand_response_files(const std::vector<std::string>& arguments,
                                               const ReadText& read_text, Diag& diag);

}  // namespace fwseal
