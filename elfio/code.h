// What instructions say about other places of their own section, when no relocation says it: a
// branch, a load of a literal, an address made from the program counter. The assembler resolved
// those, so whoever moves one of the two places must know and encode them anew.
#pragma once

#include <span>
#include <vector>

#include "elfio/bytes.h"
#include "elfio/types.h"

namespace fwseal {

// By the mapping symbols (AAELF32 2023Q3, "Mapping symbols").
enum class CodeMode : u8 { kArm, kThumb, kData };

// Bytes of a section in one mode.
struct CodeRun {
  u64 begin = 0;
  u64 end = 0;
  CodeMode mode = CodeMode::kData;
};

struct CodeReference {
  u32 place = 0;   // offset of the instruction in its section
  u32 target = 0;  // offset that it names; may be the end of the section
  u8 form = 0;     // how it is encoded: a number of the machine's own, or:
  bool takes_address = false;  // it may be for calculation, not only for a jump or access there
  static constexpr u8 kFixed = 0;  // it cannot be encoded anew, so the distance must stay
};

struct CodeScan {
  std::vector<CodeReference> references;
  // Offsets behind instructions that never go on to the next one, and of the end of what stands
  // there for a table jump. Sorted.
  std::vector<u32> stops;
  std::vector<u32> calls;  // offsets behind calls that are made always; sorted
};

}  // namespace fwseal
