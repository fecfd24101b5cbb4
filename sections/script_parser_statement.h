// Reads the statements of a linker script: assignments, assertions, and what else may stand between
// the braces of an output section.
#pragma once

#include <optional>
#include <vector>

#include "sections/script.h"
#include "sections/script_cursor.h"

namespace fwseal {

// An assignment, if one is next. Otherwise nothing is taken.
std::optional<Assignment> read_assignment(ScriptCursor& in, LexMode mode);

// ASSERT(condition, message), if it is next.
std::optional<Assertion> read_assertion(ScriptCursor& in, LexMode mode);

// An assignment or ASSERT, if one is next, appended to `statements`.
template <typename AnyStatement>
bool read_common(ScriptCursor& in, LexMode mode, std::vector<AnyStatement>& statements) {
  if (auto assertion = read_assertion(in, mode)) {
    statements.push_back(std::move(*assertion));
    return true;
  }
  if (auto assignment = read_assignment(in, mode)) {
    statements.push_back(std::move(*assignment));
    return true;
  }
  return false;
}

// ENTRY(symbol), if it is next.
bool read_entry(ScriptCursor& in, Script& script);

// `{ statements }` of an output section.
void read_contents(ScriptCursor& in, std::vector<SectionStatement>& statements);

}  // namespace fwseal
