// A linker script written out again, as the map file shows it.
#pragma once

#include <string>

#include "sections/script.h"

namespace fwseal {

// "(ORIGIN (ram) + LENGTH (ram))"
std::string text_of(const Expr& expr);
// "PROVIDE (end = .)"
std::string text_of(const Assignment& assignment);
// "*(EXCLUDE_FILE(*crt.o) .text SORT_BY_NAME(.text.*))"
std::string text_of(const InputDescription& description);

}  // namespace fwseal
