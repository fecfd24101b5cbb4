// The hash table of OCaml's frame descriptors, once every address is final.
#pragma once

#include <vector>

#include "elfio/diag.h"
#include "prune/ocaml_sealing.h"
#include "prune/ocaml_tables.h"
#include "sections/image.h"

namespace fwseal {

// What a sealed image has of them.
struct SealedFrames {
  SectionId pool = kNoSection;  // the descriptors; kNoSection: nothing is sealed
  SectionId table = kNoSection;
  std::vector<PooledFrame> frames;
  u32 slots = 0;
  FrameVariable hash;  // to hold the address of the table; without a section if nobody reads it
  FrameVariable mask;

  bool any() const { return pool != kNoSection; }
};

// Writes the return addresses, the table and both variables. What is already in the image stays.
void fill_frame_hash(const Program& program, const MergedStrings& merged, const Layout& layout,
                     const SealedFrames& sealed, Image& image, Diag& diag);

}  // namespace fwseal
