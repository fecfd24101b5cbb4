// What the bytes of an output section are, piece by piece.
#pragma once

#include <vector>

#include "graph/resolve.h"
#include "sections/layout.h"

namespace fwseal {

// What the used bytes of a region are. Every byte counts once; together they are `used`.
struct Contents {
  u64 code = 0;       // instructions that run here
  u64 constants = 0;  // data that runs here; in RAM: read-only data that was copied
  u64 data = 0;       // initialised data that is written here
  u64 zeroed = 0;     // data without initial value, reserved stack and heap
  u64 initial = 0;    // stored here, runs elsewhere: initial values, code to copy
  u64 gaps = 0;       // alignment, and what the script skipped, between output sections

  u64 total() const { return code + constants + data + zeroed + initial + gaps; }
  bool operator==(const Contents&) const = default;
};

// A run of an output section that is all of one sort where it runs.
struct Share {
  u64 offset = 0;  // within the output section
  u64 size = 0;
  u64 Contents::*row = nullptr;

  bool operator==(const Share&) const = default;
};

// The pieces of an output section in order of offset: together all of it, none of them empty, no
// two neighbours of the same row.
std::vector<Share> shares_of(const std::vector<InputSection>& inputs, const OutputSection& output);

}  // namespace fwseal
