// Intel HEX: the loadable bytes as lines of text, each with its address and a checksum.
#pragma once

#include <string>
#include <string_view>

#include "elfio/diag.h"
#include "sections/image.h"

namespace fwseal {

// Byte for byte what `objcopy -O ihex` (binutils 2.40) writes for the same image. Empty after an
// error was reported for `file`.
std::string as_ihex(const Layout& layout, const Image& image, std::string_view file, Diag& diag);

}  // namespace fwseal
