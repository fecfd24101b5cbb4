// The last passes: reports while they can still help, then images.
#pragma once

#include "elfio/diag.h"
#include "elfio/isa_arm.h"
#include "graph/program.h"
#include "report/budget.h"
#include "report/record.h"
#include "sections/image.h"
#include "sections/layout.h"
#include "sections/match.h"
#include "sections/script.h"
#include "tools/exit_status.h"
#include "tools/options.h"
#include "tools/read_inputs.h"

namespace fwseal {

// Budget, memory usage, map: also when a region is full, for then they are wanted most.
void write_reports(const Program& program, const MergedStrings& merged, const Script& script,
                   const Matcher& matcher, const Layout& layout, const Record& record,
                   const Options& options, Diag& diag);

// How the program ends because of violated limits.
ExitStatus budget_status(const std::vector<BudgetViolation>& violations);

// The ELF and every other form that is asked for. Gives the digest of the image.
std::string write_images(const Program& program, const MergedStrings& merged, const Layout& layout,
                         const MadeSections& made, const ArmFeatures& features, Image image,
                         const Options& options, Diag& diag);

// The record of an image that does not fit, without a digest: what each thing keeps is asked most
// when a region is full.
void write_record_of_failure(const Record& record, const Options& options, Diag& diag);

// What can only be said of an image that is written: its digest, the record, the files it is made
// of.
void write_records(const Record& record, const Inputs& inputs, const Options& options, Diag& diag);

}  // namespace fwseal
