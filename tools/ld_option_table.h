// The rows of the option table, and what an option may change.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/options.h"

namespace fwseal {

struct LdState;

enum class Takes : u8 {
  kNothing,
  kArgument,  // `--option=x`, `--option x`; short also `-ox`
  kMaybe,     // `--option`, `--option=x`
};

// One option, with all its spellings.
struct LdOption {
  char letter = 0;
  // Long names between blanks, the usual one first. They may be written with one dash or two,
  // except for those that begin with two dashes here: `-omagic` is `-o magic`.
  std::string_view names;
  Takes takes = Takes::kNothing;
  std::string_view argument;  // what the help text calls it
  void (*apply)(LdState& state, std::string_view argument) = nullptr;
  // What it does; for a refused option why not, and what to do instead.
  std::string_view text;
};

// Every option of GNU ld 2.40 for ARM, and our own: done, accepted because it changes nothing here
// (`apply` is accept), or refused (`apply` is refuse or one of its relatives).
std::span<const LdOption> ld_option_table();
// The row with this long name, which must be there.
const LdOption& ld_option(std::string_view name);

// The command line while it is read from left to right.
struct LdState {
  LdState(Options& to_fill, Diag& to_tell) : options(to_fill), diag(to_tell) {}

  Options& options;
  Diag& diag;
  const LdOption* option = nullptr;  // the one being applied
  std::string spelled;               // as the user wrote it, without its argument

  // What holds for the inputs that follow.
  bool whole_archive = false;
  bool binary = false;
  std::vector<bool> pushed_whole_archive;
  u32 open_groups = 0;

  // What is decided when all has been read.
  std::string default_script;      // -dT
  std::string solaris_paths;       // -Y
  std::optional<Target2> target2;  // --target2; otherwise the emulation's
  bool no_define_common = false;
  bool report_unresolved = true;
  bool warn_unresolved = false;

  // What is printed at once, instead of a link or before it.
  std::string text;
  bool stop = false;             // --version, --help: nothing after it counts
  bool informed = false;         // -v and the like: no input is no error
  bool version_printed = false;  // alone on the command line: nothing is linked
  bool verbose = false;

  void error(std::string_view what);
};

}  // namespace fwseal
