// What Arm and Thumb code says about its own section; see elfio/code.h.
#pragma once

#include <span>

#include "elfio/code.h"
#include "elfio/isa.h"

namespace fwseal::arm {

// Isa::scan_code.
bool scan_code(Bytes contents, std::span<const CodeRun> runs, u64 number,
               std::span<const u32> relocated, CodeScan& scan);

}  // namespace fwseal::arm
