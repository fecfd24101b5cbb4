// The bytes of the image: every output section's contents, relocated.
#pragma once

#include <cstddef>
#include <vector>

#include "sections/layout.h"

namespace fwseal {

struct Image {
  std::vector<std::vector<std::byte>> contents;  // per output section; empty for SHT_NOBITS
};

}  // namespace fwseal
