// Sections of strings and constants that may be merged, and the pieces that they consist of.
#pragma once

#include "elfio/object.h"

namespace fwseal {

// Can this section be cut into pieces and merged? (gABI, "Sections": SHF_MERGE, SHF_STRINGS.) It
// must be read-only, hold whole entries, and have no relocations.
bool is_mergeable(const InputSection& section);

// A string or a constant of a mergeable section.
struct MergeableEntry {
  u64 size = 0;  // of a string without its terminator
  u64 next = 0;  // the offset of the next one; behind a string there may be padding
};
// The one that begins at this offset.
MergeableEntry mergeable_entry(const InputSection& section, u64 offset);

}  // namespace fwseal
