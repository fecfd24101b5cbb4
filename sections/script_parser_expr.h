// Reads expressions of a linker script. ld manual, "Expressions in Linker Scripts".
#pragma once

#include "sections/script.h"
#include "sections/script_cursor.h"

namespace fwseal {

ExprPtr read_expression(ScriptCursor& in);

// `'(' expression ')'`, behind the word `owner`.
ExprPtr read_parenthesised(ScriptCursor& in, std::string_view owner);

// The pattern of FILL and `=fill`.
FillPattern read_fill(ScriptCursor& in);

// Expressions that a script implies.
ExprPtr number_expr(u64 number, ScriptPlace place);
ExprPtr binary_expr(Op op, ExprPtr left, ExprPtr right, ScriptPlace place);
ExprPtr name_expr(std::string name, ScriptPlace place);
ExprPtr function_expr(Function function, std::string name, ScriptPlace place);

// nullptr if the expression has more than `limit` nodes.
ExprPtr copy_expr(const Expr& expr, u64 limit);

}  // namespace fwseal
