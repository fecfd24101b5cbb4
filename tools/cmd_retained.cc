#include "tools/cmd_retained.h"

#include <CLI/CLI.hpp>
#include <iostream>

#include "report/retained.h"
#include "tools/open_record.h"
#include "tools/parse_words.h"

namespace fwseal {

ExitStatus retained_command(const std::vector<std::string>& arguments, Diag& diag) {
  CLI::App app("Lists by retained size: the bytes that would go if only this were not there.");
  app.name("fwseal retained");
  std::string path;
  u64 top = 20;
  bool json = false;
  bool mangled = false;
  app.add_option("RECORD", path, "what --fwseal-record wrote")->required();
  app.add_option("--top", top, "how many of each sort to list; default 20")->type_name("N");
  app.add_flag("--json", json, "answer in JSON");
  app.add_flag("--no-demangle", mangled, "show names as they are in objects");
  if (const auto status = parse_words(app, arguments, diag)) return *status;

  const RecordGraph graph = open_record(path, diag);
  const AtomIndex atoms(graph, !mangled);
  const Retained retained = measure_retained(atoms, top);
  std::cout << (json ? retained_json(atoms, retained) : retained_text(atoms, retained));
  return ExitStatus::kDone;
}

}  // namespace fwseal
