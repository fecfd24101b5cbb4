// The words which a linker script reserves.
#pragma once

#include <string_view>

#include "sections/script_lexer.h"

namespace fwseal {

// Is this word, outside of quotes, a keyword of GNU ld in this mode, and so never a name?
bool is_keyword(std::string_view word, LexMode mode);

// Is it a keyword in any mode?
bool is_keyword(std::string_view word);

// A keyword of GNU ld whose meaning we do not implement. The user is told
// "keyword 'X' is not supported".
bool is_unsupported_keyword(std::string_view word);

}  // namespace fwseal
