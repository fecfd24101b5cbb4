#include "tools/decisions.h"

#include <utility>

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
    if (plan.kept[i] && i < plan.edits.size()) gone = static_cast<u64>(-plan.edits[i].growth());
    (plan.kept[i] ? record.kept : record.removed).sections++;
    record.kept.bytes += section.size - gone;
    record.removed.bytes += gone;
  }
}

// In a message: "a.o:(.bss.x)", and of a piece "a.o:(.bss+0x10)".
std::string name_of(const Program& program, const Atoms& atoms, AtomId atom) {
  const AtomPlace place = place_of(program, atoms, atom);
  const std::string_view name = program.inputs[place.section].name;
  if (!atoms.is_piece(atom)) return place_of(program.inputs, place.section);
  return place_of(program.inputs, place.section, cat(name, "+", hex(place.begin)));
}

// Why a slot stays of which it is known what it does.
std::string keeper_of(const Program& program, const Atoms& atoms, const Liveness& liveness,
                      AtomId slot) {
  const ClauseId clause = liveness.live.kept_by[index(slot)];
  const Graph& graph = liveness.graph;
  if (index(clause) >= graph.clause_count())
    return "something live needs what it initialises, or refers to it";
  const AtomId premise = graph.premise(clause);
  if (graph.kind(clause) == ClauseKind::kInitialiser)
    return cat("it initialises ", name_of(program, atoms, premise), ", which is live");
  return cat("kept by ", describe(graph.kind(clause)));
}

std::string rule_of(const Initialiser& slot, const RecordInitialiser& record,
                    const UserRules& user_rules) {
  if (slot.never_runs && record.removed) return "the program never exits, by assumption";
  if (!slot.proven && record.removed)
    return cat(user_rules.rule_about(slot.slot), ", an assumption");
  if (!slot.proven) return slot.reason;
  if (record.writes.empty()) return "it has no effect";
  std::string list;
  for (const std::string& written : record.writes) list += cat(list.empty() ? "" : ", ", written);
  return cat("it only writes to ", list, ", which nothing live refers to");
}

RecordInitialiser describe_slot(const Program& program, const Atoms& atoms,
                                const Liveness& liveness, const UserRules& user_rules,
                                const Initialiser& slot) {
  RecordInitialiser record;
  record.place = name_of(program, atoms, slot.slot);
  record.functions = slot.functions;
  record.removed = !liveness.live.live(slot.slot);
  for (const AtomId written : slot.writes)
    record.writes.push_back(name_of(program, atoms, written));
  record.rule = slot.proven && !record.removed ? keeper_of(program, atoms, liveness, slot.slot)
                                               : rule_of(slot, record, user_rules);
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

std::vector<RecordInitialiser> describe_slots(const Program& program, const Atoms& atoms,
                                              const Liveness& liveness, const KeptByScript& kept) {
  std::vector<RecordInitialiser> slots;
  for (const Initialiser& slot : kept.initialisers)
    slots.push_back(describe_slot(program, atoms, liveness, kept.user_rules, slot));
  return slots;
}

Record record_decisions(const Program& program, Inputs& inputs, const Atoms& atoms,
                        const Liveness& liveness, const Plan& plan, const KeptByScript& kept,
                        std::span<const FlashMove> moves, const Options& options) {
  Record record;
  record.version = FWSEAL_VERSION;
  record.board = options.board_name;
  record.inputs = list_inputs(inputs);
  count_sections(program, plan, record);
  record.initialisers = describe_slots(program, atoms, liveness, kept);
  if (options.never_exits)
    record.assumptions.push_back("exit never: main does not return, and nobody calls exit");
  for (const SectionId leftover : kept.leftovers)
    record.leftovers.push_back({place_of(program.inputs, leftover), !plan.keeps(leftover)});
  std::string_view before;
  for (const std::string& text : kept.user_rules.texts)
    if (std::exchange(before, text) != text)
      record.assumptions.push_back(cat(text, ": never needed otherwise"));
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

RecordGraph record_reasons(const Program& program, const Atoms& atoms, const Liveness& liveness,
                           const Plan& plan, const Layout& layout, const MergedStrings& merged,
                           const Board& board, const KeptByScript& kept,
                           std::span<const FlashMove> moves, const Record& record) {
  std::vector<RemovalRule> rules = fold_rules(program, atoms, plan);
  for (u64 i = 0; i < kept.initialisers.size(); i++)
    if (record.initialisers[i].removed || !kept.initialisers[i].proven)
      rules.push_back({kept.initialisers[i].slot, record.initialisers[i].rule});
  for (u64 i = 0; i < kept.user_rules.guards.size(); i++)
    if (const AtomId atom = kept.user_rules.guards[i].atom; !liveness.live.live(atom))
      rules.push_back({atom, kept.user_rules.texts[i]});
  for (const FunctionPart& one : atoms.parts())
    if (is_unused_pad(atoms, liveness.live, one.part))
      rules.push_back({one.part, std::string(kUnusedPad)});
  for (u64 i = 0; i < kept.leftovers.size(); i++)
    if (record.leftovers[i].removed)
      rules.push_back({atom_of(kept.leftovers[i]), "a static image has no use for it"});
  RecordGraph graph =
      record_graph(program, atoms, liveness.graph, layout, merged, board, moves, rules);
  for (const RegionBudget& region : record.budget.regions)
    graph.used.push_back(static_cast<u32>(std::min<u64>(region.used, kNoIndex - 1)));
  return graph;
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
