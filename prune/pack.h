// Places for pieces of different alignments, with few bytes between them.
#pragma once

#include <span>
#include <vector>

#include "elfio/types.h"

namespace fwseal {

struct UnplacedPiece {
  u64 size = 0;
  u32 alignment = 1;
};

// The offset of each piece. Depends on nothing but their order.
std::vector<u64> pack(std::span<const UnplacedPiece> pieces);

}  // namespace fwseal
