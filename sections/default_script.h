// The linker script for who gives none.
#pragma once

#include <string_view>

namespace fwseal {

// Places things where GNU ld for arm-none-eabi does: code from 0x8000, then data.
std::string_view default_arm_script();

// The script of -r: every output section at 0, nothing joined that GNU ld would keep apart.
std::string_view default_relocatable_script();

}  // namespace fwseal
