// The first passes: scripts, input files, and what all objects must agree on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "elfio/diag.h"
#include "elfio/isa_arm.h"
#include "graph/resolve.h"
#include "sections/build_id.h"
#include "sections/script.h"
#include "sections/script_symbols.h"
#include "tools/options.h"

namespace fwseal {

// Every script of the command line, or the default one, as one tree.
Script read_script(const Options& options, Inputs& inputs, Diag& diag);

// Reads all files and resolves all names.
Symbols read_files(const Options& options, Script& script, Inputs& inputs, Diag& diag);

// Merges the build attributes of all objects into the section of the first; says what processor
// the image is for.
ArmFeatures merge_attributes(const Options& options, Inputs& inputs, Diag& diag);

// --build-id, if it is wanted.
std::optional<BuildIdStyle> build_id_style(const Options& options);

// Input sections that the linker itself makes.
struct MadeSections {
  SectionId got = kNoSection;
  bool got_is_named = false;  // _GLOBAL_OFFSET_TABLE_ is its first byte
  SectionId build_id = kNoSection;
  SectionId frames = kNoSection;  // OCaml's frame descriptors, and their hash table; only in a
  SectionId frame_hash = kNoSection;  // program with OCaml
};
MadeSections make_sections(const Options& options, Inputs& inputs, Symbols& symbols);

}  // namespace fwseal
