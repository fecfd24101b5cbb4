// The frame tables of OCaml's native code: at each return address, how large the frame is and which
// of its words the collector must look at.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "graph/program.h"

namespace fwseal {

// Of one return address.
struct FrameDescriptor {
  SectionId code = kNoSection;
  u64 place = 0;  // where the call returns to; behind the last call of a section that is its end
  bool is_thumb = false;
  u16 frame_size = 0;  // as it is stored, with its flags
  Bytes live;          // an u16 for each live word
  bool has_allocations = false;
  Bytes allocations;    // the length of each, one byte; none: a poll point
  u32 first_debug = 0;  // in OcamlFrametable::debug
  u32 debug_count = 0;

  // Of the instruction before `place`, which belongs to the call: behind a call that never returns
  // another function may begin.
  u64 call() const { return place - 2; }
};

// One location in the source, of several if functions were inlined there: the inner ones first.
struct FrameLocation {
  u32 flags = 0;     // bits of the first word that are no offset; bit 0: another one follows
  u32 position = 0;  // the second word
  u32 name = 0;      // in OcamlFrametable::names
  bool has_next() const { return (flags & 1) != 0; }
};

// The name of a definition, and of the file that it is in.
struct FrameName {
  std::string_view file;
  std::string_view name;
};

struct OcamlFrametable {
  std::string_view unit;  // "camlStdlib__List"
  SectionId section = kNoSection;
  u64 begin = 0;
  u64 end = 0;
  std::vector<FrameDescriptor> descriptors;
  // Per debuginfo of a descriptor, in order: the number of its first location plus 1, or 0.
  std::vector<u32> debug;
  std::vector<FrameLocation> locations;
  std::vector<FrameName> names;
};

// Why none of the tables may be touched, and where that was found.
struct FrameRefusal {
  SectionId section = kNoSection;  // kNoSection: nowhere
  u64 offset = 0;
  std::string why;
};

struct OcamlFrametables {
  bool present = false;  // the program has them
  std::optional<FrameRefusal> refusal;
  SectionId list = kNoSection;  // caml_frametable: its words name the tables, a zero ends them
  u64 list_begin = 0;
  u64 list_end = 0;
  std::vector<OcamlFrametable> tables;

  bool usable() const { return present && !refusal; }
};

// Looks for one symbol, and does nothing more in a program without OCaml.
OcamlFrametables read_ocaml_frametables(const Program& program);

// Why the runtime is one of another OCaml than 4.11 to 4.14; empty if it does not show that.
std::string other_ocaml(const Program& program);

// A frame that C code called back into OCaml from: all bits are set, and none is a flag.
inline constexpr u16 kCallbackFrame = 0xffff;
inline constexpr u16 kFrameHasDebug = 1;
inline constexpr u16 kFrameAllocates = 2;

// What the first word of a location holds besides flags: how far behind it the name is.
inline constexpr u32 kFrameNameMask = 0x3ff'fffc;

}  // namespace fwseal
