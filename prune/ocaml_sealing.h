// May the hash table of OCaml's frame descriptors be a part of the image, made before the program
// starts?
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "graph/ocaml_frames.h"
#include "prune/hollow.h"

namespace fwseal {

// What, once it is live, needs the tables as they are.
struct FrameUser {
  AtomId atom = kNoAtom;
  std::string what;  // in a message: "`caml_register_frametable' stays"
};

// A variable of the runtime, of one word, zero until the program starts.
struct FrameVariable {
  SymbolId symbol = kNoSymbol;
  SectionId section = kNoSection;
  u64 offset = 0;
};

struct FrameSealing {
  OcamlFrametables tables;
  std::optional<FrameRefusal> refusal;  // why not, whatever is live
  // caml_init_frame_descriptors, of no use unless one of the users is live; set without a refusal.
  std::optional<HollowFunction> init;
  std::vector<FrameUser> users;
  FrameVariable hash;  // caml_frame_descriptors
  FrameVariable mask;  // caml_frame_descriptors_mask

  bool possible() const { return init.has_value(); }
};

FrameSealing find_frame_sealing(const Program& program, const Atoms& atoms);

}  // namespace fwseal
