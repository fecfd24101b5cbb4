#include "tools/parse_words.h"

#include <CLI/CLI.hpp>
#include <iostream>

namespace fwseal {

std::optional<ExitStatus> parse_words(CLI::App& app, const std::vector<std::string>& arguments,
                                      Diag& diag) {
  app.get_formatter()->column_width(30);
  app.get_formatter()->label("REQUIRED", "");
  app.get_formatter()->label("TEXT", "");
  try {
    // CLI11 takes words from the back.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    return ExitStatus::kDone;
  } catch (const CLI::ParseError& fault) {
    diag.error({}, fault.what());
    diag.note({}, cat("use ", app.get_name(), " --help for usage information"));
    return ExitStatus::kUsage;
  }
  return std::nullopt;
}

}  // namespace fwseal
