// Which input section stands in which output section, and in what order, before any address exists.
#pragma once

#include <list>
#include <string>
#include <variant>
#include <vector>

#include "elfio/diag.h"
#include "graph/program.h"
#include "prune/plan.h"
#include "sections/match.h"
#include "sections/script.h"
#include "sections/section_kind.h"

namespace fwseal {

// The sections that one input section description takes, in output order.
struct SectionList {
  const InputDescription* description = nullptr;  // nullptr in an orphan
  std::vector<SectionId> sections;
  // What follows is aligned so, as it would be behind tables that were left out.
  u32 left_alignment = 1;
};

using ArrangedItem = std::variant<SectionList, const Assignment*, const Assertion*,
                                  const DataStatement*, const FillPattern*>;

// An output section of the script, or one made for orphans.
struct ArrangedOutput {
  std::string name;
  const OutputDescription* description = nullptr;  // nullptr: made for orphans
  std::vector<ArrangedItem> items;
  bool discards = false;         // /DISCARD/
  bool skipped = false;          // ONLY_IF_RO or ONLY_IF_RW does not hold: as if it were not there
  u32 least_alignment = 1;  // of what GNU ld would make in it
  bool addressed = false;        // an expression asks where it is
  bool outside_regions = false;  // only an option names it: it takes no room in a region
  // Of an orphan: those of the output section behind which it was put.
  std::string_view region;  // the script's, of an orphan that of its neighbour
  std::string_view load_region;
};

// What stands at the top level: the number of an output, or a statement.
using ArrangedStatement = std::variant<u32, const Assignment*, const Assertion*>;

struct Arrangement {
  std::vector<ArrangedOutput> outputs;
  std::vector<ArrangedStatement> order;
  std::vector<u32> output_of;  // per input section: number of its output + 1, or 0
  std::vector<bool> has_keep;  // per input section: some KEEP names it
};

enum class OrphanHandling : u8 { kPlace, kDiscard, kWarn, kError };

struct ArrangeOptions {
  SortKey sort_section = SortKey::kNone;  // --sort-section
  OrphanHandling orphans = OrphanHandling::kPlace;
  std::vector<std::string> named_outputs;  // -Ttext, --section-start: in their order
  bool unique_all = false;                 // --unique
  std::vector<std::string> unique;         // --unique=PATTERN
  bool relocatable = false;                // -r
  bool tables_leave_alignment = false;     // what stands behind tables that were left out counts on
                                           // their alignment
  bool keep_groups = false;                // -r without --force-group-allocation: the members of a
                                           // section group are not joined with other sections
};

// Puts every kept input section into its place. Sections that /DISCARD/ takes are in no output;
// the caller learns of them by output_of.
Arrangement arrange(const Program& program, const Plan& plan, const Script& script,
                    const Matcher& matcher, const ArrangeOptions& options, Diag& diag);

// Every input section, object by object as patterns walk over them; the common symbols of an object
// come behind its own sections.
std::vector<SectionId> sections_in_walk_order(const Inputs& inputs);

// What stands in an output section, statement by statement.
OutputKind kind_of_output(const Inputs& inputs, const ArrangedOutput& output, bool relocatable);

// Where a new output section may go, from the statement `from` on: symbols that the script sets
// right behind an output section belong to it, up to the first assignment to the location counter,
// which begins something new. With `at_start`, the first such assignment does not count: it says
// where everything begins. `kinds` are those of the outputs.
using StatementList = std::list<ArrangedStatement>;
StatementList::iterator behind_assignments(StatementList& statements, StatementList::iterator from,
                                           const std::vector<OutputKind>& kinds, bool at_start);

// Every section that a KEEP pattern of the script matches.
std::vector<SectionId> kept_by_script(const Inputs& inputs, const Script& script);

}  // namespace fwseal
