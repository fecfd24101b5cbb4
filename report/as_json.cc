#include "report/as_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "report/graph_columns.h"
#include "report/graph_json.h"

namespace fwseal {

namespace {

using Json = nlohmann::ordered_json;

Json contents_json(const Contents& contents) {
  return {{"code", contents.code},     {"constants", contents.constants}, {"data", contents.data},
          {"zeroed", contents.zeroed}, {"initial", contents.initial},     {"gaps", contents.gaps}};
}

Json region_json(const RegionBudget& region) {
  return {{"name", region.name},
          {"kind", std::string(name_of(region.kind))},
          {"origin", region.origin},
          {"length", region.length},
          {"used", region.used},
          {"free", region.free},
          {"overflow", region.overflow},
          // Two digits, so that a report does not differ by how a double is printed.
          {"percent", std::round(region.percent() * 100.0) / 100.0},
          {"contents", contents_json(region.contents)}};
}

Json regions_json(const Budget& budget) {
  Json regions = Json::array();
  for (const RegionBudget& region : budget.regions) regions.push_back(region_json(region));
  return regions;
}

Json kinds_json(const KindBudget& kinds) {
  return {{"flash_code", kinds.flash_code},
          {"flash_rodata", kinds.flash_rodata},
          {"flash_initial", kinds.flash_initial},
          {"data_ram", kinds.data_ram},
          {"instruction_ram", kinds.instruction_ram}};
}

Json count_json(const SectionCount& count) {
  return {{"sections", count.sections}, {"bytes", count.bytes}};
}

Json initialiser_json(const RecordInitialiser& slot) {
  return {{"place", slot.place},
          {"functions", slot.functions},
          {"removed", slot.removed},
          {"rule", slot.rule},
          {"writes", slot.writes}};
}

Json frames_json(const RecordFrames& frames) {
  if (!frames.refusal.empty()) return {{"sealed", false}, {"refusal", frames.refusal}};
  return {{"sealed", true},
          {"units", frames.units},
          {"descriptors", frames.descriptors},
          {"left_out", frames.left_out},
          {"bytes", frames.bytes},
          {"debug_bytes", frames.debug_bytes},
          {"slots", frames.slots}};
}

// Of a list of structs; never null if it is empty.
template <typename T, typename Convert>
Json array_of(const std::vector<T>& list, Convert convert) {
  Json array = Json::array();
  for (const T& element : list) array.push_back(convert(element));
  return array;
}

Json digest_json(const Record& record) {
  if (record.digest.empty()) return nullptr;
  return {{"sha256", record.digest}};
}

// What both documents say about the link, after the budget.
void add_decisions(const Record& record, Json& out) {
  out["kept"] = count_json(record.kept);
  out["removed"] = count_json(record.removed);
  out["initialisers"] = array_of(record.initialisers, initialiser_json);
  out["leftovers"] = array_of(record.leftovers, [](const RecordLeftover& leftover) -> Json {
    return {{"place", leftover.place}, {"removed", leftover.removed}};
  });
  out["moved_to_flash"] = array_of(record.moves, [](const RecordMove& move) -> Json {
    return {{"place", move.place}, {"name", move.name}, {"assumed", move.assumed}};
  });
  if (record.frames) out["ocaml_frames"] = frames_json(*record.frames);
  out["assumptions"] = record.assumptions;
  out["sealed"] = digest_json(record);
}

// Names are bytes from scripts and paths; those that are not UTF-8 must not end the program.
std::string dump(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

Json budget_document(const Budget& budget) {
  return {{"schema", "fwseal.budget/1"},
          {"regions", regions_json(budget)},
          {"kinds", kinds_json(budget.kinds)}};
}

}  // namespace

std::string budget_json(const Budget& budget) { return dump(budget_document(budget)); }

std::string report_json(const Record& record) {
  Json report = budget_document(record.budget);
  report["board"] = record.board;
  add_decisions(record, report);
  return dump(report);
}

std::string record_json(const Record& record) {
  Json json = {{"schema", std::string(kRecordSchema)},
               {"version", record.version},
               {"board", record.board}};
  json["inputs"] = array_of(record.inputs, [](const RecordInput& input) -> Json {
    return {{"path", input.path}, {"size", input.size}};
  });
  json["budget"] = {{"regions", regions_json(record.budget)},
                    {"kinds", kinds_json(record.budget.kinds)}};
  add_decisions(record, json);
  std::string text = dump(json);
  if (record.graph.empty()) return text;
  text.resize(text.size() - std::string_view("\n}\n").size());
  text += ",\n  \"graph\": ";
  text += graph_json(record.graph);
  return text += "\n}\n";
}

}  // namespace fwseal
