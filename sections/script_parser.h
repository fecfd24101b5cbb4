// Reads the text of a linker script into the tree of script.h.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "elfio/arena.h"
#include "elfio/diag.h"
#include "sections/script.h"

namespace fwseal {

// A script that INCLUDE names: its text, which must live as long as the Script, and its path.
struct IncludedScript {
  std::string_view path;
  std::string_view text;
};
// Finds an INCLUDE in the current directory and then along -L; empty if there is none.
using FindInclude = std::function<std::optional<IncludedScript>(const std::string& name)>;

// Appends what `text` says to `script`. Faults are reported to `diag` with file and line; at most
// one per statement, and reading goes on behind it. `path` must live as long as the script (keep it
// in `arena`).
void parse_script(std::string_view path, std::string_view text, const FindInclude& find_include,
                  Arena& arena, Script& script, Diag& diag);

// One expression, as --defsym and -Ttext take it. nullptr if it is malformed (reported).
ExprPtr parse_expression(std::string_view path, std::string_view text, Diag& diag);

}  // namespace fwseal
