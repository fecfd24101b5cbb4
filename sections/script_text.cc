// The notation is GNU ld's: operators between blanks and in parentheses, a blank between the name
// of a function and its arguments, numbers in hexadecimal, SORT_BY_* for every way to sort.
#include "sections/script_text.h"

namespace fwseal {
namespace {

std::string_view sign_of(Op op) {
  switch (op) {
    case Op::kNone:
      return "";
    case Op::kNegate:
      return "-";
    case Op::kComplement:
      return "~";
    case Op::kNot:
      return "!";
    case Op::kMultiply:
      return "*";
    case Op::kDivide:
      return "/";
    case Op::kRemainder:
      return "%";
    case Op::kAdd:
      return "+";
    case Op::kSubtract:
      return "-";
    case Op::kShiftLeft:
      return "<<";
    case Op::kShiftRight:
      return ">>";
    case Op::kLess:
      return "<";
    case Op::kGreater:
      return ">";
    case Op::kLessEqual:
      return "<=";
    case Op::kGreaterEqual:
      return ">=";
    case Op::kEqual:
      return "==";
    case Op::kNotEqual:
      return "!=";
    case Op::kAnd:
      return "&";
    case Op::kXor:
      return "^";
    case Op::kOr:
      return "|";
    case Op::kLogicalAnd:
      return "&&";
    case Op::kLogicalOr:
      return "||";
  }
  return "";
}

std::string_view name_of(Function function) {
  switch (function) {
    case Function::kNone:
      return "";
    case Function::kAbsolute:
      return "ABSOLUTE";
    case Function::kAddr:
      return "ADDR";
    case Function::kAlign:
      return "ALIGN";
    case Function::kAlignof:
      return "ALIGNOF";
    case Function::kAssert:
      return "ASSERT";
    case Function::kBlock:
      return "BLOCK";
    case Function::kDataSegmentAlign:
      return "DATA_SEGMENT_ALIGN";
    case Function::kDataSegmentEnd:
      return "DATA_SEGMENT_END";
    case Function::kDataSegmentRelroEnd:
      return "DATA_SEGMENT_RELRO_END";
    case Function::kDefined:
      return "DEFINED";
    case Function::kLength:
      return "LENGTH";
    case Function::kLoadaddr:
      return "LOADADDR";
    case Function::kLog2ceil:
      return "LOG2CEIL";
    case Function::kMax:
      return "MAX";
    case Function::kMin:
      return "MIN";
    case Function::kNext:
      return "NEXT";
    case Function::kOrigin:
      return "ORIGIN";
    case Function::kSegmentStart:
      return "SEGMENT_START";
    case Function::kSizeof:
      return "SIZEOF";
    case Function::kSizeofHeaders:
      return "SIZEOF_HEADERS";
    case Function::kConstant:
      return "CONSTANT";
  }
  return "";
}

std::string function_text(const Expr& expr) {
  if (expr.function == Function::kSizeofHeaders) return "SIZEOF_HEADERS";
  std::string text = cat(name_of(expr.function), " (");
  // The message of ASSERT stands behind its condition, any other name before the operands.
  const bool name_is_last = expr.function == Function::kAssert;
  if (!name_is_last) text += expr.name;
  for (const ExprPtr& operand : expr.operands) {
    if (text.back() != '(') text += ", ";
    text += text_of(*operand);
  }
  if (name_is_last) text += cat(", ", expr.name);
  return text + ")";
}

std::string excluded_text(const std::vector<std::string>& files) {
  if (files.empty()) return {};
  std::string text = "EXCLUDE_FILE(";
  for (const std::string& file : files) text += (text.back() == '(' ? "" : " ") + file;
  return text + ") ";
}

std::string_view text_of(SortKey key) {
  switch (key) {
    case SortKey::kNone:
      return "SORT_NONE";
    case SortKey::kName:
      return "SORT_BY_NAME";
    case SortKey::kAlignment:
      return "SORT_BY_ALIGNMENT";
    case SortKey::kInitPriority:
      return "SORT_BY_INIT_PRIORITY";
  }
  return "";
}

std::string pattern_text(const SectionPattern& pattern) {
  std::string text = excluded_text(pattern.excluded_files) + pattern.glob;
  if (pattern.then_by != SortKey::kNone) text = cat(text_of(pattern.then_by), "(", text, ")");
  const bool sorted = pattern.sort != SortKey::kNone || pattern.sort_is_explicit;
  return sorted ? cat(text_of(pattern.sort), "(", text, ")") : text;
}

}  // namespace

std::string text_of(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::kNumber:
      return hex(expr.number);
    case ExprKind::kName:
      return expr.name;
    case ExprKind::kUnary:
      return cat(sign_of(expr.op), " ", text_of(*expr.operands[0]));
    case ExprKind::kBinary:
      return cat("(", text_of(*expr.operands[0]), " ", sign_of(expr.op), " ",
                 text_of(*expr.operands[1]), ")");
    case ExprKind::kTernary:
      return cat(text_of(*expr.operands[0]), "?", text_of(*expr.operands[1]), ":",
                 text_of(*expr.operands[2]));
    case ExprKind::kFunction:
      return function_text(expr);
  }
  return {};
}

std::string text_of(const Assignment& assignment) {
  const std::string text = cat(assignment.symbol, " = ", text_of(*assignment.value));
  switch (assignment.how) {
    case Assign::kPlain:
      return text;
    case Assign::kProvide:
      return cat("PROVIDE (", text, ")");
    case Assign::kProvideHidden:
      return cat("PROVIDE_HIDDEN (", text, ")");
    case Assign::kHidden:
      return cat("HIDDEN (", text, ")");
  }
  return text;
}

std::string text_of(const InputDescription& description) {
  std::string text = excluded_text(description.excluded_files);
  text += description.sort_files ? cat("SORT_BY_NAME(", description.file_glob, ")")
                                 : description.file_glob;
  text += "(";
  for (const SectionPattern& pattern : description.patterns)
    text += (text.back() == '(' ? "" : " ") + pattern_text(pattern);
  if (description.patterns.empty()) text += "*";
  return text + ")";
}

}  // namespace fwseal
