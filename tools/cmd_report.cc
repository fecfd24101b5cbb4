#include "tools/cmd_report.h"

#include <CLI/CLI.hpp>
#include <iostream>

#include "report/packages.h"
#include "tools/open_record.h"
#include "tools/parse_words.h"

namespace fwseal {

ExitStatus report_command(const std::vector<std::string>& arguments, Diag& diag) {
  CLI::App app("Says how many bytes of each region packages take, and units of them.");
  app.name("fwseal report");
  std::string path;
  u64 top = 10;
  bool json = false;
  app.add_option("RECORD", path, "what --fwseal-record wrote")->required();
  app.add_option("--top", top, "how many units of each package to list; default 10")
      ->type_name("N");
  app.add_flag("--json", json, "answer in JSON, with all units");
  if (const auto status = parse_words(app, arguments, diag)) return *status;

  const RecordGraph graph = open_record(path, diag);
  const AtomIndex atoms(graph);
  const Packages packages = measure_packages(atoms);
  std::cout << (json ? packages_json(atoms, packages) : packages_text(atoms, packages, top));
  return ExitStatus::kDone;
}

}  // namespace fwseal
