// The record of a link, from what the passes decided.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "flashmap/place.h"
#include "graph/program.h"
#include "report/record.h"
#include "report/record_atoms.h"
#include "tools/options.h"
#include "tools/passes.h"
#include "tools/proven.h"

namespace fwseal {

// What became of each slot of a list of constructors or destructors, and why.
std::vector<RecordInitialiser> describe_slots(const Program& program, const Atoms& atoms,
                                              const Liveness& liveness, const KeptByScript& kept);

// All but the budget, the graph and the digest.
Record record_decisions(const Program& program, Inputs& inputs, const Atoms& atoms,
                        const Liveness& liveness, const Plan& plan, const KeptByScript& kept,
                        std::span<const FlashMove> moves,
                        const Options& options);

// What `fwseal why` needs: atoms and clauses with their names, what proved removals among them.
RecordGraph record_reasons(const Program& program, const Atoms& atoms, const Liveness& liveness,
                           const Plan& plan, const Layout& layout, const MergedStrings& merged,
                           const Board& board,
                           const KeptByScript& kept, std::span<const FlashMove> moves,
                           const Record& record);

// --fwseal-record, compressed if the name ends in .gz.
void write_record(const Record& record, const std::string& path, Diag& diag);

// --dependency-file: a make rule that names every file that was read.
void write_dependencies(const Inputs& inputs, const Options& options, Diag& diag);

}  // namespace fwseal
