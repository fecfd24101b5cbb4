// Cuts a command line into options and inputs, by the rules of getopt_long_only as GNU ld uses it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "elfio/diag.h"
#include "tools/ld_option_table.h"

namespace fwseal {

struct ScannedOption {
  const LdOption* option = nullptr;  // nullptr: an input file, named by `argument`
  std::string spelled;               // "--entry", "-e"
  std::string argument;
};

// Reports what is no option, what is short of an argument, and abbreviations of more than one
// option, and goes on behind them.
std::vector<ScannedOption> scan_options(const std::vector<std::string>& arguments,
                                        std::span<const LdOption> table, Diag& diag);

// Calls `use` with each of the blank-separated names.
template <typename Use>
void for_each_name(std::string_view names, const Use& use) {
  while (!names.empty()) {
    const auto end = names.find(' ');
    use(names.substr(0, end));
    names.remove_prefix(end == names.npos ? names.size() : end + 1);
  }
}

}  // namespace fwseal
