// What --fwseal-prune=proven does beyond leaving out dead sections, from the options' words to
// those of prune and flashmap.
#pragma once

#include <optional>
#include <vector>

#include "elfio/diag.h"
#include "flashmap/place.h"
#include "graph/clauses.h"
#include "graph/runtime_ocaml.h"
#include "prune/hollow.h"
#include "prune/initialiser.h"
#include "prune/ocaml_sealing.h"
#include "prune/plan.h"
#include "sections/match.h"
#include "sections/script.h"
#include "tools/options.h"
#include "tools/user_rules.h"

namespace fwseal {

// What KEEP of the script names, and what becomes of it by proof or by the user's word.
struct KeptByScript {
  std::vector<SectionId> always;
  std::vector<Initialiser> initialisers;  // roots too, unless they are proven or assumed away
  std::vector<SectionId> leftovers;       // no roots
  std::vector<HollowFunction> hollow;     // functions of the library that may do nothing
  std::vector<IgnoredReference> ignored;  // that serve only what never happens
  FrameSealing frames;
  UserRules user_rules;
  std::optional<UnwindReaders> unwind_readers;
  std::optional<UnwindReaders> frame_readers;
  OcamlClauses ocaml;

  void add_roots(ClauseOptions& clauses) const;
};
// The output of -r is linked again: what is of use is known then.
bool prunes_proven(const Options& options);

KeptByScript find_kept_by_script(const Program& program, const Atoms& atoms, const Script& script,
                                 const Matcher& matcher, const Options& options, Diag& diag);

// Gives constants that would lie in RAM a place in flash. What the script keeps must be known.
std::vector<FlashMove> place_constants(const Program& program, const Plan& plan,
                                       const Matcher& matcher, const Options& options,
                                       Inputs& inputs, Diag& diag);

}  // namespace fwseal
