// What Arm and Thumb code says about its own section; see elfio/code.h.
#pragma once

#include <optional>
#include <span>

#include "elfio/code.h"
#include "elfio/isa.h"

namespace fwseal::arm {

// Isa::scan_code and Isa::redirect.
bool scan_code(Bytes contents, std::span<const CodeRun> runs, u64 number,
               std::span<const u32> relocated, CodeScan& scan);
std::optional<RelocationFault> redirect(const CodeReference& reference, i64 change,
                                        std::span<std::byte> contents, u64 offset);

}  // namespace fwseal::arm
