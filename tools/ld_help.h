// What the ld personality prints about itself.
#pragma once

#include <string>
#include <string_view>

#include "elfio/types.h"

namespace fwseal {

// "fwseal 0.1.0 (compatible with GNU ld 2.40)": build systems look for "GNU ld" and a number.
std::string version_text();
std::string ld_help();
std::string target_help();
// As GNU ld's --verbose frames it.
std::string framed_script(std::string_view script, bool is_default);

// `text` broken into lines of at most 80 columns; all but the first begin with `indent` blanks. The
// first begins in column `column`.
std::string wrap_text(std::string_view text, u32 column, u32 indent);

}  // namespace fwseal
