// One walk over the script that gives every output section its address.
#pragma once

#include <string>
#include <vector>

#include "elfio/diag.h"
#include "sections/arrange.h"
#include "sections/lay_out.h"
#include "sections/layout.h"
#include "sections/script_eval.h"
#include "sections/section_kind.h"

namespace fwseal {

// How a walk placed a list of input sections. Another walk that comes to it at the same place, with
// nothing edited or added in between, need not go through it again.
struct PlacedList {
  u32 edition = 0;  // LayoutState::edition then; 0: never
  u64 start = 0;    // address and offset in the output section; of `end` the address
  u64 offset = 0;
  u64 end = 0;
  u64 first_chunk = 0;
  u64 end_chunk = 0;
};

// An output section while it is being filled.
struct OutputDraft {
  OutputKind kind;
  u32 type = SHT_NULL;  // and flags: those of the kind, once the section was walked
  u64 flags = 0;
  u64 input_alignment = 1;  // the strictest of its sections
  u32 region = 0;           // index in ScriptWorld::regions; 0: none given
  std::optional<u32> load_region;
  bool own_load_region = false;  // AT> of its own, not that of the section before it
  bool keeps_itself = false;     // it stays although it is empty
  bool sets_symbol = false;      // it has an address although it is left out
  std::vector<Chunk> chunks;
  std::vector<Fill> fills;
  std::vector<PlacedList> lists;  // per item; meant for lists
};

// What all passes share and each one brings up to date.
struct LayoutState {
  ScriptWorld world;
  const Plan& plan;
  const Script& script;
  const LayoutOptions& options;
  std::vector<OutputDraft> drafts{};  // per arranged output
  std::vector<u64> data{};            // see Chunk::item
  std::vector<std::string> texts{};
  std::vector<EditList> edits{};  // per input section, or empty
  std::vector<VeneerGroup> veneer_groups{};
  std::vector<u32> veneers_after{};  // per input section: group + 1, or 0; may be empty
  // Counts the changes of what lists are made of: which outputs there are, the order of input
  // sections, their edits, the veneers between them.
  u32 edition = 1;
  // In the first walk every output section stands in the image. What turns out to be empty and has
  // no reason to stay then leaves.
  bool marking = false;
};

// The regions of MEMORY, evaluated.
void prepare_regions(LayoutState& state, Diag& diag);
// What can be known of output sections before any address; needs the regions.
void prepare_outputs(LayoutState& state, Diag& diag);
// After the walk that marks: which output sections there are.
void drop_empty_outputs(LayoutState& state);

// Places everything once, with the sizes and symbol values that the last pass left. With `report`,
// what is wrong is said.
void run_layout_pass(LayoutState& state, bool report, Diag& diag);

// The size that an input section takes, edits and merging included.
u64 size_of(const LayoutState& state, SectionId section);

}  // namespace fwseal
