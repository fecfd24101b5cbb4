#include "tools/cmd_what_if.h"

#include <CLI/CLI.hpp>
#include <iostream>

#include "report/what_if.h"
#include "tools/open_record.h"
#include "tools/parse_words.h"

namespace fwseal {
namespace {

// FROM=TO. The first '=' divides them; one in the name of a C++ operator can be written as '?'.
bool parse_edges(const std::vector<std::string>& words, WhatIfQuestion& question, Diag& diag) {
  for (const std::string& word : words) {
    const u64 equals = word.find('=');
    if (equals == word.npos || equals == 0 || equals + 1 == word.size()) {
      diag.error({}, cat("option '--without-edge': '", word, "' is not FROM=TO"));
      return false;
    }
    question.without_edge.push_back({word.substr(0, equals), word.substr(equals + 1)});
  }
  return true;
}

}  // namespace

ExitStatus what_if_command(const std::vector<std::string>& arguments, Diag& diag) {
  CLI::App app("Says which bytes would go if something were not in the image.");
  app.name("fwseal what-if");
  std::string path;
  WhatIfQuestion question;
  std::vector<std::string> edges;
  u64 top = 20;
  bool json = false;
  bool mangled = false;
  app.add_option("RECORD", path, "what --fwseal-record wrote")->required();
  const auto add = [&](const char* name, const char* argument, auto& value, const char* text) {
    app.add_option(name, value, text)->type_name(argument)->allow_extra_args(false);
  };
  add("--without", "PATTERN", question.without, "without these symbols or sections");
  add("--without-object", "PATTERN", question.without_object, "without these objects, archives");
  add("--without-edge", "FROM=TO", edges, "as if FROM did not need TO");
  app.add_option("--top", top, "how many to list; default 20")->type_name("N");
  app.add_flag("--json", json, "answer in JSON");
  app.add_flag("--no-demangle", mangled, "show names as they are in objects");
  if (const auto status = parse_words(app, arguments, diag)) return *status;
  if (!parse_edges(edges, question, diag)) return ExitStatus::kUsage;
  if (question.without.empty() && question.without_object.empty() && edges.empty()) {
    diag.error({}, "one of --without, --without-object and --without-edge is required");
    return ExitStatus::kUsage;
  }
  const RecordGraph graph = open_record(path, diag);
  const AtomIndex atoms(graph, !mangled);
  const WhatIfAnswer answer = what_if(atoms, question);
  for (const std::string& pattern : answer.unmatched)
    diag.error({}, cat("nothing in the record matches '", printable(pattern), "'"));
  if (answer.unmatched.empty() && answer.edges == 0 && !edges.empty())
    diag.error({}, "there is no such edge in the record");
  stop_if_failed(diag);
  std::cout << (json ? what_if_json(atoms, question, answer) : what_if_text(atoms, answer, top));
  return ExitStatus::kDone;
}

}  // namespace fwseal
