// One program, two personalities: called as an `ld` it takes GNU ld's command line, called as
// `fwseal` it takes a subcommand.
#include <csignal>
#include <exception>
#include <filesystem>
#include <iostream>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "elfio/bytes.h"
#include "elfio/diag.h"
#include "tools/cmd_link.h"
#include "tools/cmd_report.h"
#include "tools/cmd_retained.h"
#include "tools/cmd_seal.h"
#include "tools/cmd_what_if.h"
#include "tools/cmd_why.h"
#include "tools/heap.h"
#include "tools/ld_help.h"

namespace fwseal {
namespace {

struct Command {
  std::string_view name;
  ExitStatus (*run)(const std::vector<std::string>& arguments, Diag& diag);
  std::string_view text;
};

constexpr Command kCommands[] = {
    {"link", link_command, "link with the command line of GNU ld, as ld.fwseal does"},
    {"seal", seal_command, "link, prune and seal in one step"},
    {"report", report_command, "say how many bytes packages and units take"},
    {"why", why_command, "say what keeps something in the image, or why it was removed"},
    {"what-if", what_if_command, "say which bytes would go without something"},
    {"retained", retained_command, "list what keeps most in the image by itself"},
};

std::string help_text() {
  std::string text =
      "Usage: fwseal COMMAND [options]\n"
      "Links firmware, leaves out what it cannot need, and accounts for every byte.\n\n"
      "Commands:\n";
  for (const Command& command : kCommands) {
    const std::string name(command.name);
    text += "  " + name + std::string(10 - name.size(), ' ') + std::string(command.text) + "\n";
  }
  return text +
         "\nfwseal COMMAND --help tells more.\n\nOptions:\n"
         "  --print-ld-dir  print the directory to give to gcc -B\n"
         "  --version       print the version\n"
         "  --help          print this text\n";
}

// Beside the program, wherever both were installed. `gcc -B` finds our `ld` there; it is not in the
// program's own directory because it would shadow the system's.
std::string ld_directory() {
  namespace fs = std::filesystem;
  const fs::path program = fs::canonical("/proc/self/exe");
  return fs::weakly_canonical(program.parent_path() / ".." / "libexec" / "fwseal").string();
}

ExitStatus run_fwseal(const std::vector<std::string>& arguments, Diag& diag) {
  const std::string first = arguments.empty() ? "" : arguments.front();
  if (first == "--help" || first == "-h")
    std::cout << help_text();
  else if (first == "--version")
    std::cout << version_text();
  else if (first == "--print-ld-dir")
    std::cout << ld_directory() << '\n';
  else {
    for (const Command& command : kCommands)
      if (command.name == first) return command.run({arguments.begin() + 1, arguments.end()}, diag);
    diag.error({}, first.empty() ? "no command" : cat("unknown command '", first, "'"));
    diag.note({}, "use fwseal --help for usage information");
    return ExitStatus::kUsage;
  }
  return ExitStatus::kDone;
}

ExitStatus run(const std::vector<std::string>& words, Diag& diag) {
  const std::string program = words.empty() ? "fwseal" : words.front();
  const std::vector<std::string> arguments(words.begin() + (words.empty() ? 0 : 1), words.end());
  const ExitStatus status =
      is_ld_name(program) ? link_command(arguments, diag) : run_fwseal(arguments, diag);
  std::cout.flush();
  if (std::cout) return status;
  diag.error({}, "standard output cannot be written");
  return ExitStatus::kRefused;
}

ExitStatus run_and_report(const std::vector<std::string>& words, Diag& diag) {
  try {
    return run(words, diag);
  } catch (const Stopped&) {
    return ExitStatus::kRefused;
  } catch (const StopWith& stop) {
    return stop.status;
  } catch (const std::bad_alloc&) {
    diag.error({}, "out of memory");
  } catch (const std::exception& fault) {  // BadInput and filesystem errors among them.
    diag.error({}, fault.what());
  }
  return ExitStatus::kRefused;
}

}  // namespace
}  // namespace fwseal

int main(int argc, char** argv) {
  fwseal::prepare_heap();
  // A file that grows past the limit of the shell (ulimit -f) is an error to report, after which the
  // temporary file is removed, and no reason to die.
  std::signal(SIGXFSZ, SIG_IGN);
  fwseal::Diag diag(std::cerr);
  return static_cast<int>(fwseal::run_and_report({argv, argv + argc}, diag));
}
