// Numbers as users write them: sizes, addresses, and what C calls an integer constant.
#pragma once

#include <optional>
#include <string_view>

#include "elfio/types.h"

namespace fwseal {

// "256K", "0x4000", "1M": decimal or, after 0x, hexadecimal; K, M and G are powers of 1024, as in
// the MEMORY command. Nothing if the text is anything else or does not fit in 64 bits.
std::optional<u64> parse_size(std::string_view text);

// Hexadecimal with or without 0x, as GNU ld reads the argument of -Ttext and --section-start.
std::optional<u64> parse_hex(std::string_view text);

// Decimal, 0x hexadecimal or 0 octal, as C and strtoul with base 0.
std::optional<u64> parse_integer(std::string_view text);

}  // namespace fwseal
