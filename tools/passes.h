// The middle passes, each from the options' words to those of the folder that does the work.
#pragma once

#include <span>
#include <vector>

#include "elfio/diag.h"
#include "elfio/isa_arm.h"
#include "graph/clauses.h"
#include "graph/ocaml_split.h"
#include "prune/plan.h"
#include "report/record.h"
#include "sections/arrange.h"
#include "sections/got.h"
#include "sections/lay_out.h"
#include "sections/segments.h"
#include "tools/options.h"
#include "tools/proven.h"
#include "tools/read_inputs.h"

namespace fwseal {

std::unique_ptr<Isa> make_isa(const Options& options, const ArmFeatures& features);

// Sections as they are, or with --fwseal-prune=proven cut where that is sound. `in_functions`: also
// where only landing pads lead to.
Atoms cut_into_atoms(const Program& program, const Matcher& matcher, const OcamlSections& ocaml,
                     bool in_functions, const Options& options);

// Is it known, with functions cut inside, that nothing reads the unwind tables? Only then is such a
// cut of use: otherwise all of a function lives as long as some of it does.
bool landing_pads_are_dead(const Program& program, const Script& script, const Matcher& matcher,
                           const OcamlSections& ocaml, const MadeSections& made,
                           const Options& options);

// The clauses of the program under this script: what is a root, and what needs what.
Graph build_graph(const Program& program, const Atoms& atoms, const Script& script,
                  const KeptByScript& kept, const MadeSections& made, const Options& options,
                  Diag& diag);

// What is live. The graph is large, and kept only if somebody will be told of it; otherwise empty.
struct Liveness {
  Reach live;
  Graph graph;
  std::vector<AtomId> hollow;  // live functions of which nobody needs what they do, in order
  std::vector<bool> named;     // per atom, for folding: of named_atoms()
};
Liveness find_live(Graph graph, const Atoms& atoms, const KeptByScript& kept,
                   const Options& options);

UndefinedOptions undefined_options(const Options& options);

// Everything live, less what -s and -S leave out.
Plan plan_sections(const Program& program, const Atoms& atoms, const Liveness& liveness,
                   const KeptByScript& kept, const Options& options);

// What a live function lacks because only landing pads lead there.
inline constexpr std::string_view kUnusedPad =
    "only the unwinder goes there, and nothing reads the unwind tables";
inline bool is_unused_pad(const Atoms& atoms, const Reach& live, AtomId piece) {
  return !live.live(piece) && atoms.is_part(piece) && live.live(atoms.function_of(piece));
}

// --print-gc-sections
void print_removed(const Program& program, const Atoms& atoms, const Reach& live,
                   std::span<const RecordInitialiser> slots, Diag& diag);

// Gives the global offset table its size, now that it is known what needs it.
void make_room_for(const GotPlan& got, const MadeSections& made, Inputs& inputs, Plan& plan);

ArrangeOptions arrange_options(const Options& options);
// Merges what the arrangement puts into the same output section, and gives the merged bytes their
// place in it.
MergedStrings merge_arranged(const Program& program, const Plan& plan, const Options& options,
                             Arrangement& arrangement);

// Addresses, program headers and file offsets.
Layout place_everything(const Program& program, const Plan& plan, const MergedStrings& merged,
                        const Script& script, const Arrangement& arrangement,
                        const Options& options, Diag& diag);

}  // namespace fwseal
