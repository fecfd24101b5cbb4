#include "tools/decisions.h"

#include "elfio/compressed.h"
#include "report/as_json.h"
#include "sections/output_file.h"
#include "tools/folding.h"

namespace fwseal {
namespace {

std::string place_of(const Inputs& inputs, SectionId id, std::string_view name) {
  return cat(inputs.object_of(id).location().text(), ":(", name, ")");
}
std::string place_of(const Inputs& inputs, SectionId id) {
  return place_of(inputs, id, inputs[id].name);
}

// Files only: a script that the program itself brings along has no size to speak of.
std::vector<RecordInput> list_inputs(Inputs& inputs) {
  std::vector<RecordInput> list;
  for (const std::string& path : inputs.files.paths())
    list.push_back({path, inputs.files.map(path).size()});
  return list;
}

// Sections of the inputs alone: those that we make ourselves were never there to be left out.
void count_sections(const Program& program, const Plan& plan, Record& record) {
  for (u32 i = 0; i < program.inputs.sections.size(); i++) {
    const InputSection& section = program.inputs.sections[i];
    if (section.excluded || !section.has(SHF_ALLOC) || section.size == 0) continue;
    if (index(section.object) >= program.inputs.read_objects) continue;
    u64 gone = plan.kept[i] ? 0 : section.size;
    if (plan.kept[i] && i < plan.edits.size())
      gone = static_cast<u64>(-plan.edits[i].growth());
    (plan.kept[i] ? record.kept : record.removed).sections++;
    record.kept.bytes += section.size - gone;
    record.removed.bytes += gone;
  }
}

std::string rule_of(const Initialiser& slot, bool removed, const RecordInitialiser& record) {
  if (!slot.proven) return slot.reason;
  if (!removed) return "something live needs what it initialises, or refers to it";
  if (record.writes.empty()) return "it has no effect";
  std::string list;
  for (const std::string& written : record.writes) list += cat(list.empty() ? "" : ", ", written);
  return cat("it only writes to ", list, ", which nothing live refers to");
}

RecordInitialiser describe_slot(const Program& program, const Plan& plan,
                                const Initialiser& slot) {
  RecordInitialiser record;
  record.place = place_of(program.inputs, slot.section);
  record.functions = slot.functions;
  record.removed = !plan.keeps(slot.section);
  for (const SectionId written : slot.writes)
    record.writes.push_back(place_of(program.inputs, written));
  record.rule = rule_of(slot, record.removed, record);
  return record;
}

// Of a name in a makefile (make manual, "Rule Syntax", "Variables").
std::string make_name(std::string_view path) {
  std::string name;
  for (const char c : path) {
    if (c == ' ' || c == '#') name += '\\';
    if (c == '$') name += '$';
    name += c;
  }
  return name;
}

}  // namespace

Record record_decisions(const Program& program, Inputs& inputs, const Plan& plan,
                        const KeptByScript& kept, std::span<const FlashMove> moves,
                        const Options& options) {
  Record record;
  record.version = FWSEAL_VERSION;
  record.board = options.board_name;
  record.inputs = list_inputs(inputs);
  count_sections(program, plan, record);
  for (const Initialiser& slot : kept.initialisers)
    record.initialisers.push_back(describe_slot(program, plan, slot));
  for (const SectionId leftover : kept.leftovers)
    record.leftovers.push_back({place_of(program.inputs, leftover), !plan.keeps(leftover)});
  for (const FlashMove& move : moves) {
    const std::string place = place_of(program.inputs, move.section, move.original);
    record.moves.push_back({place, move.name, !move.assumed.empty()});
    if (!move.assumed.empty())
      record.assumptions.push_back(
          cat("place flash `", move.assumed, "': ", place, " is never written"));
  }
  add_fold_assumption(plan, record);
  return record;
}

RecordGraph record_reasons(const Program& program, const Atoms& atoms, const Graph& graph,
                           const Plan& plan, const Layout& layout, const MergedStrings& merged, const Board& board,
                           const KeptByScript& kept, std::span<const FlashMove> moves,
                           const Record& record) {
  std::vector<RemovalRule> rules = fold_rules(program, atoms, plan);
  for (u64 i = 0; i < kept.initialisers.size(); i++)
    if (record.initialisers[i].removed)
      rules.push_back({atom_of(kept.initialisers[i].section), record.initialisers[i].rule});
  for (u64 i = 0; i < kept.leftovers.size(); i++)
    if (record.leftovers[i].removed)
      rules.push_back({atom_of(kept.leftovers[i]), "a static image has no use for it"});
  return record_graph(program, atoms, graph, layout, merged, board, moves, rules);
}

void write_record(const Record& record, const std::string& path, Diag& diag) {
  const std::string json = record_json(record);
  write_output_file(path, path.ends_with(".gz") ? gzip(json) : json, FileMode::kData, diag);
}

// As GNU ld writes it: after the rule one without prerequisites for each file, so that make does
// not stop when one is gone (ld manual, "--dependency-file").
void write_dependencies(const Inputs& inputs, const Options& options, Diag& diag) {
  std::string text = cat(make_name(options.output), ":");
  for (const std::string& path : inputs.files.paths()) text += cat(" \\\n  ", make_name(path));
  text += '\n';
  for (const std::string& path : inputs.files.paths()) text += cat('\n', make_name(path), ":\n");
  write_output_file(options.dependency_file_path, text, FileMode::kData, diag);
}

}  // namespace fwseal
