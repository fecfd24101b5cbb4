// Which symbols a linker script defines and which it uses, before anything is evaluated.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/clauses.h"
#include "graph/resolve.h"
#include "sections/script.h"

namespace fwseal {

struct ScriptNames {
  std::vector<std::string> defined;  // the script gives it a value, whatever objects say
  std::vector<std::string>
      provided;  // PROVIDE: only if somebody refers to it and nobody defines it
  // `x = DEFINED(x) ? x : 1`: an object's definition stands, otherwise the script's.
  std::vector<std::string> defaulted;
};
ScriptNames names_defined_by(const Script& script);

// After names are resolved: the symbols of `defaulted` that no object defines become the script's.
void settle_defaults(const ScriptNames& names, Symbols& symbols);

// What each symbol that the script really defines uses, for the clauses about it.
std::vector<ScriptDefinition> script_definitions(const Script& script, const Symbols& symbols);
// What the layout uses whatever is live: the location counter, assertions, addresses, data, and
// symbols that the script defines for all to see.
std::vector<SymbolId> symbols_layout_uses(const Script& script, const Symbols& symbols);

// Each node of an expression.
void walk_expression(const ExprPtr& expr, const std::function<void(const Expr&)>& visit);
// Each assignment to a symbol (not to the location counter), in order.
void visit_assignments(const Script& script, const std::function<void(const Assignment&)>& visit);
// Each node of the values that BYTE, LONG and the like put into the image.
void visit_data(const Script& script, const std::function<void(const Expr&)>& visit);

// The output sections whose address an expression asks for. They have one even if they are empty.
std::vector<std::string> outputs_with_address(const Script& script);
// The symbols that the script needs for what it surely does: archives are asked for them, and
// PROVIDE defines them.
std::vector<std::string> names_wanted_by(const Script& script);
// Does an expression use SEGMENT_START of this segment? Then -Ttext and the like move that, and not
// the section.
bool uses_segment_start(const Script& script, std::string_view segment);
// Does any expression ask for SIZEOF_HEADERS?
bool uses_headers_size(const Script& script);

}  // namespace fwseal
