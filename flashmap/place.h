// Constants that a script would put into RAM, in flash.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "elfio/diag.h"
#include "graph/program.h"
#include "prune/plan.h"
#include "sections/match.h"

namespace fwseal {

// `[place] flash`: the user's word that what the pattern names, symbols or sections, is never
// written.
struct FlashRule {
  std::string pattern;
  Location place;
};

// A section that the script will match by another name, as read-only.
struct FlashMove {
  SectionId section = kNoSection;
  std::string name;      // ".rodata.x" for .data.rel.ro.x
  std::string original;  // its name in the input
  std::string assumed;   // the pattern of the rule; empty: it is never written by its kind
};

// Does the script collect constants called `name` from the file of this section, and does it put
// them elsewhere than the section? Leaves `inputs` as it was.
bool has_place_for_constants(const Matcher& matcher, Inputs& inputs, SectionId section,
                             std::string_view name);

// The kept sections that go to flash. Relocated read-only data (.data.rel.ro*) go if `proven`; what
// a rule names goes on the user's word. Neither if the script has no place for .rodata.*. A rule
// that names nothing, or something that cannot move, is a warning. Leaves `inputs` as it was.
std::vector<FlashMove> plan_flash_moves(const Program& program, const Plan& plan,
                                        const Matcher& matcher, bool proven,
                                        std::span<const FlashRule> rules, Inputs& inputs,
                                        Diag& diag);

// Renames the sections and makes them read-only, so that arranging, orphans and the flags of the
// output section follow. After this, no pattern of the script may be asked for what KEEP keeps.
void apply_flash_moves(std::span<const FlashMove> moves, Inputs& inputs);

}  // namespace fwseal
