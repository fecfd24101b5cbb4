// The linker script for who gives none.
#pragma once

#include <string>
#include <string_view>

namespace fwseal {

// Places things where GNU ld for arm-none-eabi does: code from 0x8000, then data; with -N, which
// makes .text writable, on the same page.
std::string_view default_arm_script();
std::string default_arm_script_without_pages();

// The script of -r: every output section at 0, nothing joined that GNU ld would keep apart.
std::string_view default_relocatable_script();

}  // namespace fwseal
