// One walk over the script that gives every output section its address.
#pragma once

#include <string>
#include <vector>

#include "elfio/diag.h"
#include "sections/arrange.h"
#include "sections/lay_out.h"
#include "sections/layout.h"
#include "sections/script_eval.h"

namespace fwseal {

// An output section while it is being filled.
struct OutputDraft {
  u32 type = SHT_NULL;
  u64 flags = 0;
  u64 input_alignment = 1;   // the strictest of its sections
  u32 entry_size = 0;
  bool has_dot_assignment = false;
  bool has_data = false;
  bool has_input_bytes = false;
  std::vector<Chunk> chunks;
  std::vector<Fill> fills;
};

// What all passes share and each one brings up to date.
struct LayoutState {
  ScriptWorld world;
  const Plan& plan;
  const Script& script;
  const LayoutOptions& options;
  std::vector<OutputDraft> drafts;            // per arranged output
  std::vector<u64> data;                      // see Chunk::item
  std::vector<std::string> texts;
  std::vector<EditList> edits;                // per input section, or empty
  std::vector<VeneerGroup> veneer_groups;
  std::vector<u32> veneers_after;             // per input section: group + 1, or 0; may be empty
};

// Output types, flags and alignments, which do not depend on addresses.
void prepare_outputs(LayoutState& state, Diag& diag);
// The regions of MEMORY, evaluated.
void prepare_regions(LayoutState& state, Diag& diag);

// Places everything once, with the sizes and symbol values that the last pass left. With `report`,
// what is wrong is said.
void run_layout_pass(LayoutState& state, bool report, Diag& diag);

// The size that an input section takes, edits and merging included.
u64 size_of(const LayoutState& state, SectionId section);

}  // namespace fwseal
