// Reads expressions of a linker script.
//
// Operators have C's precedence and meaning (ld manual, "Operators"); all binary ones group from
// left to right. Precedence climbing: binary(level) reads operators of that level and above.
//
// Two limits keep hostile scripts off the stack: how deep this reader recurses (Deeper), and how
// high a tree may be, because a long sum recurses nowhere here and gives a tree as high as it is
// long, over which evaluation and destruction do recurse.
#include "sections/script_parser_expr.h"

#include <algorithm>
#include <array>
#include <utility>

namespace fwseal {
namespace {

constexpr LexMode kE = LexMode::kExpression;
constexpr u32 kMaxHeight = 2000;

struct BinaryOperator {
  std::string_view sign;
  Op op;
  int level;
};
constexpr std::array<BinaryOperator, 18> kBinaryOperators = {{
    {"||", Op::kLogicalOr, 1},
    {"&&", Op::kLogicalAnd, 2},
    {"|", Op::kOr, 3},
    {"^", Op::kXor, 4},
    {"&", Op::kAnd, 5},
    {"==", Op::kEqual, 6},
    {"!=", Op::kNotEqual, 6},
    {"<", Op::kLess, 7},
    {">", Op::kGreater, 7},
    {"<=", Op::kLessEqual, 7},
    {">=", Op::kGreaterEqual, 7},
    {"<<", Op::kShiftLeft, 8},
    {">>", Op::kShiftRight, 8},
    {"+", Op::kAdd, 9},
    {"-", Op::kSubtract, 9},
    {"*", Op::kMultiply, 10},
    {"/", Op::kDivide, 10},
    {"%", Op::kRemainder, 10},
}};

const BinaryOperator* binary_operator(const Token& token) {
  if (token.kind != TokenKind::kSign) return nullptr;
  const auto* const found = std::find_if(kBinaryOperators.begin(), kBinaryOperators.end(),
                                         [&](const auto& row) { return row.sign == token.text; });
  return found == kBinaryOperators.end() ? nullptr : found;
}

// What stands in a builtin function's parentheses.
enum class Shape : u8 {
  kNothing,         // no parentheses either
  kOne,             // (expression)
  kOneOrTwo,        // (expression) or (expression, expression)
  kTwo,             // (expression, expression)
  kScriptName,      // (name), a section or region
  kSymbolName,      // (name), a symbol or constant
  kNameThenOne,     // (name, expression)
  kOneThenMessage,  // (expression, message)
};

struct FunctionRow {
  std::string_view name;
  Function function;
  Shape shape;
};
// ld manual, "Builtin Functions".
constexpr std::array<FunctionRow, 21> kFunctions = {{
    {"ABSOLUTE", Function::kAbsolute, Shape::kOne},
    {"ADDR", Function::kAddr, Shape::kScriptName},
    {"ALIGN", Function::kAlign, Shape::kOneOrTwo},
    {"ALIGNOF", Function::kAlignof, Shape::kScriptName},
    {"ASSERT", Function::kAssert, Shape::kOneThenMessage},
    {"BLOCK", Function::kBlock, Shape::kOne},
    {"CONSTANT", Function::kConstant, Shape::kSymbolName},
    {"DATA_SEGMENT_ALIGN", Function::kDataSegmentAlign, Shape::kTwo},
    {"DATA_SEGMENT_END", Function::kDataSegmentEnd, Shape::kOne},
    {"DATA_SEGMENT_RELRO_END", Function::kDataSegmentRelroEnd, Shape::kTwo},
    {"DEFINED", Function::kDefined, Shape::kSymbolName},
    {"LENGTH", Function::kLength, Shape::kScriptName},
    {"LOADADDR", Function::kLoadaddr, Shape::kScriptName},
    {"LOG2CEIL", Function::kLog2ceil, Shape::kOne},
    {"MAX", Function::kMax, Shape::kTwo},
    {"MIN", Function::kMin, Shape::kTwo},
    {"NEXT", Function::kNext, Shape::kOne},
    {"ORIGIN", Function::kOrigin, Shape::kScriptName},
    {"SEGMENT_START", Function::kSegmentStart, Shape::kNameThenOne},
    {"SIZEOF", Function::kSizeof, Shape::kScriptName},
    {"SIZEOF_HEADERS", Function::kSizeofHeaders, Shape::kNothing},
}};

// An expression and the length of its longest branch.
struct Tree {
  ExprPtr expr;
  u32 height = 1;
};

class ExpressionReader {
 public:
  explicit ExpressionReader(ScriptCursor& in) : in_(in) {}

  Tree ternary();

 private:
  Tree binary(int level);
  Tree unary();
  Tree primary();
  Tree number(const Token& token);
  Tree function(const FunctionRow& row, const Token& token);
  void add_operand(Tree& parent, Tree child);
  Tree node(ExprKind kind, const Token& token) const {
    Tree tree{std::make_unique<Expr>(), 1};
    tree.expr->kind = kind;
    tree.expr->place = in_.place(token);
    return tree;
  }

  ScriptCursor& in_;
};

void ExpressionReader::add_operand(Tree& parent, Tree child) {
  parent.height = std::max(parent.height, child.height + 1);
  if (parent.height > kMaxHeight)
    throw ScriptFault{parent.expr->place,
                      cat("expression has more than ", kMaxHeight, " operators in a row")};
  parent.expr->operands.push_back(std::move(child.expr));
}

Tree ExpressionReader::ternary() {
  const ScriptCursor::Deeper deeper(in_);
  Tree condition = binary(1);
  const Token question = in_.peek(kE);
  if (!question.is("?")) return condition;
  in_.take(kE);
  Tree tree = node(ExprKind::kTernary, question);
  add_operand(tree, std::move(condition));
  add_operand(tree, ternary());
  in_.expect(kE, ":", "between the values of '?'");
  add_operand(tree, ternary());
  return tree;
}

Tree ExpressionReader::binary(int level) {
  Tree left = unary();
  for (;;) {
    const Token token = in_.peek(kE);
    const BinaryOperator* const row = binary_operator(token);
    if (row == nullptr || row->level < level) return left;
    in_.take(kE);
    Tree tree = node(ExprKind::kBinary, token);
    tree.expr->op = row->op;
    add_operand(tree, std::move(left));
    add_operand(tree, binary(row->level + 1));
    left = std::move(tree);
  }
}

Tree ExpressionReader::unary() {
  const Token token = in_.peek(kE);
  const Op op = token.is("-")   ? Op::kNegate
                : token.is("~") ? Op::kComplement
                : token.is("!") ? Op::kNot
                                : Op::kNone;
  if (op == Op::kNone && !token.is("+")) return primary();
  const ScriptCursor::Deeper deeper(in_);
  in_.take(kE);
  if (op == Op::kNone) return unary();
  Tree tree = node(ExprKind::kUnary, token);
  tree.expr->op = op;
  add_operand(tree, unary());
  return tree;
}

Tree ExpressionReader::primary() {
  const Token token = in_.peek(kE);
  if (token.kind == TokenKind::kNumber) return number(in_.take(kE));
  if (in_.accept(kE, "(")) {
    Tree tree = ternary();
    in_.expect(kE, ")", "behind the expression");
    return tree;
  }
  if (!token.is_name()) in_.fail_expected(token, "an expression");
  if (token.kind == TokenKind::kName) {
    const auto* const row = std::find_if(kFunctions.begin(), kFunctions.end(),
                                         [&](const auto& f) { return f.name == token.text; });
    if (row != kFunctions.end()) return function(*row, in_.take(kE));
    in_.refuse_keyword(token, kE);
  }
  in_.take(kE);
  Tree tree = node(ExprKind::kName, token);
  tree.expr->name = token.text;
  return tree;
}

Tree ExpressionReader::number(const Token& token) {
  const NumberText text = read_number(token.text);
  if (text.state == NumberText::State::kMalformed)
    in_.fail(token, cat("malformed number ", describe(token)));
  if (text.state == NumberText::State::kTooLarge)
    in_.fail(token, cat("number ", describe(token), " does not fit into 64 bits"));
  const char first = token.text[0];
  if (first != '$' && (first < '0' || first > '9'))
    in_.warn(token, cat("'", token.text, "' is the number ", hex(text.value), "; write \"",
                        token.text, "\" for a symbol of that name"));
  Tree tree = node(ExprKind::kNumber, token);
  tree.expr->number = text.value;
  return tree;
}

Tree ExpressionReader::function(const FunctionRow& row, const Token& token) {
  Tree tree = node(ExprKind::kFunction, token);
  tree.expr->function = row.function;
  const Shape shape = row.shape;
  if (shape == Shape::kNothing) return tree;

  in_.expect(kE, "(", cat("behind ", row.name));
  if (shape == Shape::kScriptName)
    tree.expr->name = in_.expect_name(LexMode::kScript, cat("a name in ", row.name));
  if (shape == Shape::kSymbolName)
    tree.expr->name = in_.expect_name(kE, cat("a name in ", row.name));
  if (shape == Shape::kNameThenOne) {
    tree.expr->name = in_.expect_name(LexMode::kList, cat("a name in ", row.name));
    in_.expect(kE, ",", cat("behind the name in ", row.name));
  }
  if (shape != Shape::kScriptName && shape != Shape::kSymbolName) add_operand(tree, ternary());
  if (shape == Shape::kOneThenMessage) {
    in_.expect(kE, ",", cat("behind the condition of ", row.name));
    tree.expr->name = in_.expect_name(kE, cat("a message in ", row.name));
  }
  if (shape == Shape::kTwo || (shape == Shape::kOneOrTwo && in_.next_is(kE, ","))) {
    in_.expect(kE, ",", cat("between the operands of ", row.name));
    add_operand(tree, ternary());
  }
  in_.expect(kE, ")", cat("behind the operands of ", row.name));
  return tree;
}

// A hexadecimal number that is the whole expression, as GNU ld sees it: parentheses around it and
// plus signs before it do not count. (The manual, "Output Section Fill", says that they do; GNU ld
// 2.40 does not.) Empty if there is none, and then nothing was taken.
std::string_view take_hex_literal(ScriptCursor& in) {
  const ScriptLexer::Mark start = in.mark();
  u64 open = 0;
  for (;;) {
    if (in.accept(kE, "("))
      open++;
    else if (!in.accept(kE, "+"))
      break;
  }
  const Token token = in.take(kE);
  const std::string_view digits =
      token.kind == TokenKind::kNumber ? read_number(token.text).hex_digits : std::string_view();
  while (open > 0 && in.accept(kE, ")")) open--;
  const Token next = in.peek(kE);
  if (!digits.empty() && open == 0 && binary_operator(next) == nullptr && !next.is("?"))
    return digits;
  in.rewind(start);
  return {};
}

// Two digits are a byte; of an odd number the first one is a byte of its own.
std::string bytes_of_hex(std::string_view digits) {
  const auto value = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
  std::string bytes;
  int byte = 0;
  for (u64 i = 0; i < digits.size(); i++) {
    byte = (byte << 4 | value(digits[i])) & 0xff;
    if ((digits.size() - i) % 2 != 0) bytes += static_cast<char>(byte);
  }
  return bytes;
}

u64 count_nodes(const Expr& expr, u64 limit) {
  u64 count = 1;
  for (const ExprPtr& operand : expr.operands)
    if (count <= limit) count += count_nodes(*operand, limit - count);
  return count;
}

ExprPtr copy_all(const Expr& expr) {
  auto copy = std::make_unique<Expr>();
  copy->kind = expr.kind;
  copy->op = expr.op;
  copy->function = expr.function;
  copy->number = expr.number;
  copy->name = expr.name;
  copy->place = expr.place;
  for (const ExprPtr& operand : expr.operands) copy->operands.push_back(copy_all(*operand));
  return copy;
}

}  // namespace

ExprPtr read_expression(ScriptCursor& in) { return ExpressionReader(in).ternary().expr; }

ExprPtr read_parenthesised(ScriptCursor& in, std::string_view owner) {
  in.expect(kE, "(", cat("behind ", owner));
  ExprPtr expr = read_expression(in);
  in.expect(kE, ")", cat("behind the expression of ", owner));
  return expr;
}

FillPattern read_fill(ScriptCursor& in) {
  FillPattern fill;
  fill.place = in.place(in.peek(kE));
  fill.bytes = bytes_of_hex(take_hex_literal(in));
  if (fill.bytes.empty()) fill.value = read_expression(in);
  return fill;
}

ExprPtr number_expr(u64 number, ScriptPlace place) {
  auto expr = std::make_unique<Expr>();
  expr->number = number;
  expr->place = place;
  return expr;
}

ExprPtr name_expr(std::string name, ScriptPlace place) {
  auto expr = std::make_unique<Expr>();
  expr->kind = ExprKind::kName;
  expr->name = std::move(name);
  expr->place = place;
  return expr;
}

ExprPtr function_expr(Function function, std::string name, ScriptPlace place) {
  ExprPtr expr = name_expr(std::move(name), place);
  expr->kind = ExprKind::kFunction;
  expr->function = function;
  return expr;
}

ExprPtr binary_expr(Op op, ExprPtr left, ExprPtr right, ScriptPlace place) {
  auto expr = std::make_unique<Expr>();
  expr->kind = ExprKind::kBinary;
  expr->op = op;
  expr->place = place;
  expr->operands.push_back(std::move(left));
  expr->operands.push_back(std::move(right));
  return expr;
}

ExprPtr copy_expr(const Expr& expr, u64 limit) {
  return count_nodes(expr, limit) > limit ? nullptr : copy_all(expr);
}

}  // namespace fwseal
