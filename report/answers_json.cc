// The answers of `fwseal why`, `what-if` and `retained` for programs.
#include <nlohmann/json.hpp>

#include "report/graph_columns.h"
#include "report/packages.h"
#include "report/retained.h"
#include "report/what_if.h"
#include "report/why.h"

namespace fwseal {
namespace {

using Json = nlohmann::ordered_json;

Json atom_json(const AtomIndex& atoms, AtomId atom) {
  const RecordGraph& graph = atoms.graph();
  const RecordAtom& row = graph.atoms[index(atom)];
  Json json;
  if (row.proposition()) {
    json["proposition"] = atoms.place(atom);
    return json;
  }
  json["object"] = atoms.object_name(row.object);
  json["section"] = atoms.section(atom);
  json["offset"] = row.offset;
  json["size"] = row.size;
  json["symbols"] = atoms.names(atom);
  json["bytes"] = row.bytes;
  if (row.output != kNoIndex) {
    json["output"] = graph.strings[graph.outputs[row.output].name];
    json["regions"] = atoms.regions(atom);
  }
  return json;
}

Json region_bytes_json(const RecordGraph& graph, const RegionBytes& bytes) {
  Json json = Json::object();
  for (u64 i = 0; i < bytes.bytes.size(); i++)
    if (bytes.bytes[i] != 0) json[region_name(graph, i)] = bytes.bytes[i];
  return json;
}

std::string dump(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

Json clause_json(const AtomIndex& atoms, const Backwards& backwards, ClauseId clause) {
  const Graph& graph = atoms.graph().graph;
  Json json = {{"kind", std::string(name_of(graph.kind(clause)))}};
  Json premises = Json::array();
  for (const AtomId premise : backwards.premises(clause)) {
    const bool reference = graph.kind(clause) == ClauseKind::kReference;
    Json one = {
        {"place", reference ? atoms.place(premise, graph.offset(clause)) : atoms.place(premise)}};
    one["symbol"] = reference ? atoms.name_at(premise, graph.offset(clause)) : atoms.name(premise);
    premises.push_back(std::move(one));
  }
  json["premises"] = std::move(premises);
  return json;
}

}  // namespace

std::string Why::json(std::string_view word, const std::vector<WhyAnswer>& answers) const {
  Json list = Json::array();
  for (const WhyAnswer& answer : answers) {
    Json one = atom_json(atoms_, answer.atom);
    one["live"] = answer.live;
    if (const std::string_view text = rule(answer.atom); !text.empty()) one["rule"] = text;
    Json steps = Json::array();
    for (const WhyStep& step : answer.derivation) {
      Json line = clause_json(atoms_, backwards_, step.clause);
      line["keeps"] = atoms_.place(step.atom);
      steps.push_back(std::move(line));
    }
    one["derivation"] = std::move(steps);
    Json keepers = Json::array();
    for (const WhyKeeper& keeper : answer.keepers) {
      keepers.push_back(clause_json(atoms_, backwards_, keeper.clause));
      if (keeper.circular) keepers.back()["circular"] = true;
    }
    one["keepers"] = std::move(keepers);
    list.push_back(std::move(one));
  }
  return dump({{"schema", "fwseal.why/1"}, {"name", std::string(word)}, {"answers", list}});
}

std::string what_if_json(const AtomIndex& atoms, const WhatIfQuestion& question,
                         const WhatIfAnswer& answer) {
  Json edges = Json::array();
  for (const WhatIfQuestion::Edge& edge : question.without_edge)
    edges.push_back({{"from", edge.from}, {"to", edge.to}});
  Json lost = Json::array();
  for (const AtomId atom : answer.lost) lost.push_back(atom_json(atoms, atom));
  return dump({{"schema", "fwseal.what-if/1"},
               {"without", question.without},
               {"without_object", question.without_object},
               {"without_edge", std::move(edges)},
               {"edges", answer.edges},
               {"total", answer.bytes.total()},
               {"bytes", region_bytes_json(atoms.graph(), answer.bytes)},
               {"lost", std::move(lost)}});
}

namespace {

Json rows_json(const AtomIndex& atoms, const std::vector<RetainedRow>& rows) {
  Json list = Json::array();
  for (const RetainedRow& row : rows) {
    Json one = row.atom == kNoAtom ? Json{{"name", row.name}} : atom_json(atoms, row.atom);
    one["own"] = row.own;
    one["retained"] = row.total;
    one["retained_atoms"] = row.atoms;
    one["retained_by_region"] = region_bytes_json(atoms.graph(), row.bytes);
    list.push_back(std::move(one));
  }
  return list;
}

}  // namespace

std::string retained_json(const AtomIndex& atoms, const Retained& retained) {
  return dump({{"schema", "fwseal.retained/1"},
               {"complete", retained.complete},
               {"atoms", rows_json(atoms, retained.atoms)},
               {"objects", rows_json(atoms, retained.objects)},
               {"archives", rows_json(atoms, retained.archives)}});
}

std::string packages_json(const AtomIndex& atoms, const Packages& packages) {
  const RecordGraph& graph = atoms.graph();
  Json list = Json::array();
  for (const PackageRow& package : packages.rows) {
    Json units = Json::array();
    for (const UnitRow& unit : package.units)
      units.push_back({{"name", unit.name}, {"bytes", region_bytes_json(graph, unit.bytes)}});
    Json one = {{"name", package.name}};
    if (!package.path.empty()) one["archive"] = package.path;
    one["bytes"] = region_bytes_json(graph, package.bytes);
    one["units"] = std::move(units);
    list.push_back(std::move(one));
  }
  Json result = {{"schema", "fwseal.packages/1"}, {"packages", std::move(list)}};
  if (packages.used.total() != 0) {
    result["rest"] = region_bytes_json(graph, packages.rest);
    result["used"] = region_bytes_json(graph, packages.used);
  }
  return dump(result);
}

}  // namespace fwseal
