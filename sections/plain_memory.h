// Which input sections lie in ordinary memory, as far as the script says?
#pragma once

#include <functional>
#include <vector>

#include "graph/resolve.h"
#include "sections/match.h"

namespace fwseal {

// Is the pattern one that collects data of any name from every file: `*(.bss .bss.* COMMON)`?
bool is_general(const PatternUse& use, u32 pattern);

// Per input section: data or constants that the script collects with everybody else's. What has a
// name or a pattern of its own may be put on a device's registers, or where something other than
// this program reads it (`.uart0 0x40000000 : { *(.bss.uart0) }`, .noinit): that is not plain.
std::vector<bool> plain_memory(const Inputs& inputs, const Matcher& matcher);
// The same, of some sections only: it takes time to ask of each.
std::vector<bool> plain_memory(const Inputs& inputs, const Matcher& matcher,
                               const std::function<bool(SectionId)>& asked_about);

}  // namespace fwseal
