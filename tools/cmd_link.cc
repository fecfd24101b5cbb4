#include "tools/cmd_link.h"

#include <iostream>

#include "elfio/bytes.h"
#include "sections/default_script.h"
#include "tools/ld_help.h"
#include "tools/ld_options.h"
#include "tools/read_text.h"
#include "tools/seal.h"

namespace fwseal {
namespace {

// A script is searched in the current directory, then along -L.
std::string script_text(const std::string& path, const Options& options) {
  if (std::optional<std::string> text = read_text_file(path)) return *std::move(text);
  for (const std::string& directory : options.library_paths)
    if (std::optional<std::string> text = read_text_file(directory + "/" + path))
      return *std::move(text);
  throw BadInput(cat("no such linker script: ", path));
}

// --verbose prints the script that a link with the same options would use.
void print_script(const Options& options) {
  for (const ScriptSource& source : options.scripts) {
    if (source.kind != ScriptSource::Kind::kFile) continue;
    std::cout << framed_script(script_text(source.text, options), false);
    return;
  }
  std::cout << framed_script(default_arm_script(), true);
}

}  // namespace

bool is_ld_name(std::string_view program) {
  const std::string_view name = program.substr(program.rfind('/') + 1);
  return name.ends_with("ld") || name.ends_with("ld.fwseal");
}

ExitStatus link_command(const std::vector<std::string>& arguments, Diag& diag) {
  const LdCommandLine line = parse_ld_command_line(arguments, read_text_file, diag);
  std::cout << line.text;
  if (diag.errors() != 0) {
    diag.note({}, "use --help for usage information");
    return ExitStatus::kUsage;
  }
  if (line.print_script) print_script(line.options);
  if (line.link) seal(line.options, diag);
  return ExitStatus::kDone;
}

}  // namespace fwseal
