// The raw binary: the bytes of flash from the lowest to the highest load address, and nothing else.
#pragma once

#include <string>
#include <string_view>

#include "elfio/diag.h"
#include "sections/image.h"

namespace fwseal {

// A raw binary of more than this is refused: it is a gap between two memories, written as zeroes.
inline constexpr u64 kMaxBinarySpan = u64{1} << 30;

// As `objcopy -O binary` and `ld --oformat binary` write it (binutils 2.40): gaps are zeroes. Empty
// if nothing is loaded, or after an error was reported for `file`.
std::string as_bin(const Layout& layout, const Image& image, std::string_view file, Diag& diag);

}  // namespace fwseal
