#include "report/as_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

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

}  // namespace

std::string budget_json(const Budget& budget) {
  Json regions = Json::array();
  for (const RegionBudget& region : budget.regions) regions.push_back(region_json(region));
  const KindBudget& kinds = budget.kinds;
  const Json report = {{"schema", "fwseal.budget/1"},
                       {"regions", regions},
                       {"kinds",
                        {{"flash_code", kinds.flash_code},
                         {"flash_rodata", kinds.flash_rodata},
                         {"flash_initial", kinds.flash_initial},
                         {"data_ram", kinds.data_ram},
                         {"instruction_ram", kinds.instruction_ram}}}};
  // Region names are bytes from a script; those that are not UTF-8 must not end the program.
  return report.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace fwseal
