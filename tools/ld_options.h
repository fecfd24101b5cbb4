// The command line of GNU ld, as options.
#pragma once

#include <string>
#include <vector>

#include "elfio/diag.h"
#include "tools/option_scanner.h"
#include "tools/options.h"
#include "tools/response_file.h"

namespace fwseal {

struct LdCommandLine {
  Options options;
  std::string text;           // to be printed on standard output
  bool print_script = false;  // --verbose: the linker script too
  bool link = true;           // false: there is nothing more to do
};

// `arguments` without the program's name. All that is wrong is reported; then the rest is not
// meant. `read_text` gives response files and the configuration.
LdCommandLine parse_ld_command_line(const std::vector<std::string>& arguments,
                                    const ReadText& read_text, Diag& diag);

// The same from words that are already cut into options; for `fwseal seal`.
LdCommandLine interpret_options(const std::vector<ScannedOption>& scanned,
                                const ReadText& read_text, Diag& diag);

// "=dir" and "$SYSROOTdir" are below the sysroot.
std::string with_sysroot(const std::string& path, const std::string& sysroot);

}  // namespace fwseal
