// Folding, from the options' words to those of prune.
#pragma once

#include "elfio/diag.h"
#include "graph/ocaml_split.h"
#include "prune/ocaml_tables.h"
#include "prune/plan.h"
#include "report/record.h"
#include "report/record_atoms.h"
#include "sections/arrange.h"
#include "sections/match.h"
#include "tools/passes.h"

namespace fwseal {

// What prune has proven beyond doubt, and what nobody looks at: not for -r and -q, whose
// relocations say where things were, and not in a poison run, where nothing moves.
bool folds(const Options& options);

// Of what the arrangement puts into the same output section, lets copies give way to one. They
// leave the plan and the arrangement. What has `frames` stays: they say about its calls what no
// comparison of code can tell; and so do OCaml's constants.
void fold_copies(const Program& program, const Atoms& atoms, const Liveness& liveness,
                 const MergedStrings& merged, const Matcher& matcher, const OcamlSections& ocaml,
                 std::span<const PooledFrame> frames, const Options& options, Plan& plan,
                 Arrangement& arrangement);

// --print-gc-sections
void print_folded(const Program& program, const Plan& plan, Diag& diag);

// What a record says about each copy, and in general.
std::vector<RemovalRule> fold_rules(const Program& program, const Atoms& atoms, const Plan& plan);
void add_fold_assumption(const Plan& plan, Record& record);

}  // namespace fwseal
