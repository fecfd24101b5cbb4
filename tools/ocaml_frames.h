// OCaml's frame tables in the image, from the options' words to those of prune.
#pragma once

#include <optional>
#include <string_view>

#include "elfio/diag.h"
#include "prune/ocaml_sealing.h"
#include "report/record.h"
#include "sections/match.h"
#include "sections/ocaml_frame_hash.h"
#include "tools/options.h"

namespace fwseal {

// Input sections that hold the descriptors, and the hash table.
inline constexpr std::string_view kFramesName = ".rodata.caml_frames";
inline constexpr std::string_view kFrameHashName = ".rodata.caml_frame_hash";

struct Liveness;
struct KeptByScript;
struct MadeSections;

// Not for -r and -q, whose relocations say where things were.
bool seals_frames(const Options& options);

// Whether that can be done, before it is known what is live. Warns of what is odd.
FrameSealing find_frames(const Program& program, const Atoms& atoms, const Matcher& matcher,
                         const Options& options, Diag& diag);

// The sections that are made for them give a variable of the runtime its first value.
void add_frames(const Atoms& atoms, const FrameSealing& sealing, const MadeSections& made,
                ClauseOptions& clauses);

struct OcamlFrames {
  SealedFrames sealed;
  std::optional<RecordFrames> record;  // nothing in a program without OCaml
};
// Pools the descriptors of what is live, and makes room for the hash table. Both variables of the
// runtime get a place among initialised data. In a poison run the tables that were are destroyed.
OcamlFrames seal_frames(const Program& program, const Atoms& atoms, const Liveness& liveness,
                        const KeptByScript& kept, const MadeSections& made, const Options& options,
                        Inputs& inputs, Plan& plan, Diag& diag);

}  // namespace fwseal
