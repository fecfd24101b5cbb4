// Its options are a readable selection of the linker's; what each means is said in the option table
// alone. Inputs form one group, so that their order does not matter for what is found in archives.
#include "tools/cmd_seal.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <iterator>

#include "tools/read_text.h"
#include "tools/seal.h"
#include "tools/seal_executable.h"

namespace fwseal {
namespace {

struct SealOption {
  const char* names;         // as CLI11 takes them; the last one is used in messages
  std::string_view ld_name;  // the row of the option table
  const char* argument;
  const char* text;  // short enough for one line of 80 columns
};

constexpr SealOption kOptions[] = {
    {"--config", "fwseal-config", "FILE", "configuration, fwseal.toml"},
    {"-T,--script", "script", "FILE", "linker script; its default is that of ld"},
    {"-L,--library-path", "library-path", "DIR", "where scripts and libraries are found"},
    {"-e,--entry", "entry", "SYMBOL", "where the program starts"},
    {"-o,--output", "output", "FILE", "ELF to write; required"},
    {"--prune", "fwseal-prune", "MODE", "proven (default), sections or none"},
    {"--fold", "fwseal-fold", "MODE", "equal code: proven (default), all or none"},
    {"--keep", "fwseal-keep", "PATTERN", "keep matching symbols and sections"},
    {"--drop", "fwseal-drop", "PATTERN", "assume that nobody needs what matches"},
    {"--only-if", "fwseal-only-if", "RULE", "PATTERN=PATTERN,...: needed only by these"},
    {"--exit", "fwseal-exit", "WHEN", "never: assume that the program does not exit"},
    {"--ocaml-backtraces", "fwseal-ocaml-backtraces", "WORD", "no: without what they print; yes"},
    {"--place-flash", "fwseal-place-flash", "PATTERN", "constants to place in flash"},
    {"--ocaml-keep-in-ram", "fwseal-ocaml-keep-in-ram", "PATTERN", "OCaml data to leave in RAM"},
    {"--board", "fwseal-board", "NAME", "name of the board, for reports"},
    {"--region", "fwseal-region", "RULE", "NAME:KIND[:ORIGIN:LENGTH]"},
    {"--budget", "fwseal-budget", "NAME=SIZE", "limit in bytes (256K) or percent (90%)"},
    {"--bin", "fwseal-bin", "FILE", "write a raw binary"},
    {"--hex", "fwseal-hex", "FILE", "write Intel HEX"},
    {"--map", "Map", "FILE", "write a map"},
    {"--json", "fwseal-report", "FILE", "write the sizes as JSON"},
    {"--record", "fwseal-record", "FILE", "write what was decided, for fwseal why"},
};

std::string spelling(const SealOption& option) {
  const std::string_view names = option.names;
  return std::string(names.substr(names.rfind(',') + 1));
}

// The words of one command line: values[i] belong to kOptions[i].
struct Words {
  std::vector<std::vector<std::string>> values{std::size(kOptions)};
  std::vector<std::string> inputs;
  bool print_memory_usage = false;
};

void declare(CLI::App& app, Words& words) {
  app.name("fwseal seal");
  app.add_option("INPUT", words.inputs, "objects and archives, or one executable")->required();
  for (u64 i = 0; i < std::size(kOptions); i++) {
    const SealOption& row = kOptions[i];
    CLI::Option* const option = app.add_option(row.names, words.values[i], row.text);
    // One word each, so that inputs may follow an option; given again, it adds.
    option->type_name(row.argument)->allow_extra_args(false);
    if (row.ld_name == "output") option->required();
  }
  app.add_flag("--print-memory-usage", words.print_memory_usage, "print how full regions are");
  app.get_formatter()->column_width(30);
  app.get_formatter()->label("REQUIRED", "");
}

std::vector<ScannedOption> as_ld_options(const Words& words) {
  std::vector<ScannedOption> scanned{{&ld_option("fwseal-seal"), "seal", {}}};
  for (u64 i = 0; i < std::size(kOptions); i++)
    for (const std::string& value : words.values[i])
      scanned.push_back({&ld_option(kOptions[i].ld_name), spelling(kOptions[i]), value});
  if (words.print_memory_usage)
    scanned.push_back({&ld_option("print-memory-usage"), "--print-memory-usage", {}});
  scanned.push_back({&ld_option("start-group"), {}, {}});
  for (const std::string& input : words.inputs) scanned.push_back({nullptr, {}, input});
  scanned.push_back({&ld_option("end-group"), {}, {}});
  return scanned;
}

}  // namespace

LdCommandLine parse_seal_command_line(const std::vector<std::string>& arguments,
                                      const ReadText& read_text, Diag& diag) {
  CLI::App app("Links firmware, leaves out what it cannot need, and seals the image.");
  Words words;
  declare(app, words);
  LdCommandLine nothing;
  nothing.link = false;
  try {
    // CLI11 takes words from the back.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    nothing.text = app.help();
    return nothing;
  } catch (const CLI::ParseError& fault) {
    diag.error({}, fault.what());
    return nothing;
  }
  LdCommandLine line = interpret_options(as_ld_options(words), read_text, diag);
  line.options.print_report = true;
  return line;
}

ExitStatus seal_command(const std::vector<std::string>& arguments, Diag& diag) {
  const LdCommandLine line = parse_seal_command_line(arguments, read_text_file, diag);
  std::cout << line.text;
  if (diag.errors() != 0) {
    diag.note({}, "use fwseal seal --help for usage information");
    return ExitStatus::kUsage;
  }
  if (!line.link) return ExitStatus::kDone;
  if (names_executable(line.options))
    seal_executable(line.options, diag);
  else
    seal(line.options, diag);
  return ExitStatus::kDone;
}

}  // namespace fwseal
