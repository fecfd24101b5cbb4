#include "tools/cmd_why.h"

#include <CLI/CLI.hpp>
#include <iostream>

#include "report/why.h"
#include "tools/open_record.h"
#include "tools/parse_words.h"

namespace fwseal {
namespace {

ExitStatus say_unknown(const AtomIndex& atoms, const std::string& name, Diag& diag) {
  diag.error({}, cat("nothing in the record is called '", printable(name), "'"));
  const std::vector<std::string> near = atoms.near(name);
  std::string list;
  for (const std::string& one : near) list += cat(list.empty() ? "" : ", ", printable(one));
  if (!list.empty()) diag.note({}, cat("is it ", list, "?"));
  return ExitStatus::kRefused;
}

}  // namespace

ExitStatus why_command(const std::vector<std::string>& arguments, Diag& diag) {
  CLI::App app("Says what keeps something in the image, down to a root, or why it was removed.");
  app.name("fwseal why");
  std::string path;
  std::string name;
  bool all = false;
  bool json = false;
  bool mangled = false;
  app.add_option("RECORD", path, "what --fwseal-record wrote")->required();
  app.add_option("NAME", name, "symbol, section, object, OBJECT:(SECTION+OFFSET)")->required();
  app.add_flag("--all", all, "all of that name, and all that keeps it directly");
  app.add_flag("--json", json, "answer in JSON");
  app.add_flag("--no-demangle", mangled, "show names as they are in objects");
  if (const auto status = parse_words(app, arguments, diag)) return *status;

  const RecordGraph graph = open_record(path, diag);
  const AtomIndex atoms(graph, !mangled);
  const Why why(atoms);
  const std::vector<WhyAnswer> answers = why.ask(name);
  if (answers.empty()) return say_unknown(atoms, name, diag);
  std::cout << (json ? why.json(name, answers) : why.text(answers, all));
  return ExitStatus::kDone;
}

}  // namespace fwseal
