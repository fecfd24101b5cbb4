#include <gtest/gtest.h>

#include <array>
#include <iterator>
#include <sstream>

#include "sections/script_parser.h"
#include "tests/unit/sections/script_print.h"

namespace fwseal {
namespace {

using namespace script_test;

struct Parsed {
  std::ostringstream said;
  ExprPtr expr;
};

Parsed parse(const std::string& text) {
  static Arena arena;
  Parsed parsed;
  Diag diag(parsed.said);
  parsed.expr = parse_expression("e", arena.keep(text), diag);
  return parsed;
}

// The tree, or what was said.
std::string tree(const std::string& text) {
  const Parsed parsed = parse(text);
  return parsed.said.str() + (parsed.expr ? print(*parsed.expr) : "");
}

TEST(ScriptExpression, Primaries) {
  EXPECT_EQ(tree("42"), "42");
  EXPECT_EQ(tree("0x1fK"), "31744");
  EXPECT_EQ(tree("."), ".");
  EXPECT_EQ(tree("\"a b\""), "a b");
  EXPECT_EQ(tree("((x))"), "x");
  EXPECT_EQ(tree("-~!+x"), "(- (~ (! x)))");
}

TEST(ScriptExpression, EveryFunction) {
  EXPECT_EQ(tree("ABSOLUTE(x)"), "(ABSOLUTE x)");
  EXPECT_EQ(tree("ADDR(.text-a)"), "(ADDR:.text-a)");
  EXPECT_EQ(tree("ALIGN(4)"), "(ALIGN 4)");
  EXPECT_EQ(tree("ALIGN(x, 4)"), "(ALIGN x 4)");
  EXPECT_EQ(tree("ALIGNOF(\".text\")"), "(ALIGNOF:.text)");
  EXPECT_EQ(tree("ASSERT(x, \"no\")"), "(ASSERT:no x)");
  EXPECT_EQ(tree("BLOCK(4)"), "(BLOCK 4)");
  EXPECT_EQ(tree("CONSTANT(MAXPAGESIZE)"), "(CONSTANT:MAXPAGESIZE)");
  EXPECT_EQ(tree("DATA_SEGMENT_ALIGN(1, 2)"), "(DATA_SEGMENT_ALIGN 1 2)");
  EXPECT_EQ(tree("DATA_SEGMENT_END(.)"), "(DATA_SEGMENT_END .)");
  EXPECT_EQ(tree("DATA_SEGMENT_RELRO_END(1, 2)"), "(DATA_SEGMENT_RELRO_END 1 2)");
  EXPECT_EQ(tree("DEFINED(x)"), "(DEFINED:x)");
  EXPECT_EQ(tree("LENGTH(ram)"), "(LENGTH:ram)");
  EXPECT_EQ(tree("LOADADDR(.data)"), "(LOADADDR:.data)");
  EXPECT_EQ(tree("LOG2CEIL(5)"), "(LOG2CEIL 5)");
  EXPECT_EQ(tree("MAX(1, 2)"), "(MAX 1 2)");
  EXPECT_EQ(tree("MIN(1, 2)"), "(MIN 1 2)");
  EXPECT_EQ(tree("NEXT(4)"), "(NEXT 4)");
  EXPECT_EQ(tree("ORIGIN(ram)"), "(ORIGIN:ram)");
  EXPECT_EQ(tree("SEGMENT_START(\"text-segment\", 4)"), "(SEGMENT_START:text-segment 4)");
  EXPECT_EQ(tree("SEGMENT_START(text-segment, 4)"), "(SEGMENT_START:text-segment 4)");
  EXPECT_EQ(tree("SIZEOF(.data)"), "(SIZEOF:.data)");
  EXPECT_EQ(tree("SIZEOF_HEADERS + 4"), "(+ (SIZEOF_HEADERS) 4)");
}

TEST(ScriptExpression, TernariesGroupFromTheRight) {
  EXPECT_EQ(tree("a ? b : c ? d : e"), "(? a b (? c d e))");
  EXPECT_EQ(tree("a ? b ? c : d : e"), "(? a (? b c d) e)");
  EXPECT_EQ(tree("a || b ? c + 1 : d || e"), "(? (|| a b) (+ c 1) (|| d e))");
}

TEST(ScriptExpression, Faults) {
  EXPECT_EQ(tree(""), "fwseal: error: e:1: expected an expression, found end of file\n");
  EXPECT_EQ(tree("1 +\n;"), "fwseal: error: e:2: expected an expression, found ';'\n");
  EXPECT_EQ(tree("(1"),
            "fwseal: error: e:1: expected ')' behind the expression, found end of file\n");
  EXPECT_EQ(tree("1 2"), "fwseal: error: e:1: expected an operator, found '2'\n");
  EXPECT_EQ(tree("a ? b"),
            "fwseal: error: e:1: expected ':' between the values of '?', found end of file\n");
  EXPECT_EQ(tree("MAX(1)"),
            "fwseal: error: e:1: expected ',' between the operands of MAX, found ')'\n");
  EXPECT_EQ(tree("ADDR x"), "fwseal: error: e:1: expected '(' behind ADDR, found 'x'\n");
  EXPECT_EQ(tree("NOLOAD"),
            "fwseal: error: e:1: keyword 'NOLOAD' cannot stand here; write \"NOLOAD\" if it is a "
            "name\n");
  EXPECT_EQ(tree("BIND(4)"), "fwseal: error: e:1: keyword 'BIND' is not supported\n");
  EXPECT_EQ(tree("09"), "fwseal: error: e:1: malformed number '09'\n");
  EXPECT_EQ(tree("0x10000000000000000"),
            "fwseal: error: e:1: number '0x10000000000000000' does not fit into 64 bits\n");
}

TEST(ScriptExpression, AWordThatGnuLdReadsAsANumberIsOneAndIsMentioned) {
  EXPECT_EQ(tree("each"),
            "fwseal: warning: e:1: 'each' is the number 0xeac; write \"each\" for a symbol of that "
            "name\n3756");
  EXPECT_EQ(tree("\"each\""), "each");
}

// Hostile depth, in each way that an expression can nest.
TEST(ScriptExpression, DepthIsLimited) {
  const u64 deep = 100'000;
  std::string ternary;
  std::string middle;
  for (u64 i = 0; i < deep; i++) ternary += "a?b:";
  for (u64 i = 0; i < deep; i++) middle += "a?";
  std::string function;
  for (u64 i = 0; i < deep; i++) function += "ABSOLUTE(";
  std::string parentheses(deep, '(');
  for (const std::string& hostile : {parentheses, std::string(deep, '-'), std::string(deep, '+'),
                                     std::string(deep, '!'), ternary, middle, function})
    EXPECT_EQ(tree(hostile), "fwseal: error: e:1: expression is nested deeper than 200\n");

  std::string sum = "1";
  for (u64 i = 0; i < deep; i++) sum += "+1";
  EXPECT_EQ(tree(sum), "fwseal: error: e:1: expression has more than 2000 operators in a row\n");
}

TEST(ScriptExpression, HonestDepthIsNot) {
  EXPECT_EQ(tree(std::string(150, '(') + "x" + std::string(150, ')')), "x");
  std::string sum = "1";
  for (int i = 0; i < 1500; i++) sum += "+1";
  EXPECT_NE(parse(sum).expr, nullptr);
}

// ---- Precedence, against the compiler's

u64 evaluate(const Expr& e, const std::array<u64, 3>& abc) {
  if (e.kind == ExprKind::kNumber) return e.number;
  if (e.kind == ExprKind::kName) return abc[static_cast<u64>(e.name[0] - 'a')];
  const auto operand = [&](u64 i) { return evaluate(*e.operands[i], abc); };
  if (e.kind == ExprKind::kTernary) return operand(0) != 0 ? operand(1) : operand(2);
  const u64 x = operand(0);
  if (e.kind == ExprKind::kUnary)
    return e.op == Op::kNegate ? 0 - x : e.op == Op::kComplement ? ~x : u64{x == 0};
  const u64 y = operand(1);
  switch (e.op) {
    case Op::kMultiply:
      return x * y;
    case Op::kDivide:
      return x / y;
    case Op::kRemainder:
      return x % y;
    case Op::kAdd:
      return x + y;
    case Op::kSubtract:
      return x - y;
    case Op::kShiftLeft:
      return x << y;
    case Op::kShiftRight:
      return x >> y;
    case Op::kLess:
      return x < y;
    case Op::kGreater:
      return x > y;
    case Op::kLessEqual:
      return x <= y;
    case Op::kGreaterEqual:
      return x >= y;
    case Op::kEqual:
      return x == y;
    case Op::kNotEqual:
      return x != y;
    case Op::kAnd:
      return x & y;
    case Op::kXor:
      return x ^ y;
    case Op::kOr:
      return x | y;
    case Op::kLogicalAnd:
      return x != 0 && y != 0;
    case Op::kLogicalOr:
      return x != 0 || y != 0;
    default:
      ADD_FAILURE() << "no binary operator";
      return 0;
  }
}

// The expressions below are not parenthesised on purpose.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wparentheses"
#pragma GCC diagnostic ignored "-Wbool-compare"
#pragma GCC diagnostic ignored "-Wint-in-bool-context"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wlogical-not-parentheses"

struct Case {
  std::string text;
  u64 (*value)(u64, u64, u64);
};

// clang-format off
#define BOTH(text) \
  {#text, [](u64 a, u64 b, [[maybe_unused]] u64 c) { return static_cast<u64>(text); }},
#define ANY(op)                                                                                 \
  BOTH(a op b || c) BOTH(a op b && c) BOTH(a op b | c) BOTH(a op b ^ c) BOTH(a op b & c)        \
  BOTH(a op b == c) BOTH(a op b != c) BOTH(a op b < c) BOTH(a op b > c) BOTH(a op b <= c)       \
  BOTH(a op b >= c) BOTH(a op b << c) BOTH(a op b >> c) BOTH(a op b + c) BOTH(a op b - c)       \
  BOTH(a op b * c) BOTH(a op b / c) BOTH(a op b % c)                                            \
  BOTH(-a op b) BOTH(~a op b) BOTH(!a op b) BOTH(a ? b op c : c ? a : b)
// Shifts by what these shift by have no value.
#define NO_SHIFT(op)                                                                            \
  ANY(op) BOTH(a op -b op c) BOTH(a op b ? b op c : c op a) BOTH(a op b ? c : a ? b : c op b)

const Case kCases[] = {
  NO_SHIFT(||) NO_SHIFT(&&) NO_SHIFT(|) NO_SHIFT(^) NO_SHIFT(&) NO_SHIFT(==) NO_SHIFT(!=)
  NO_SHIFT(<) NO_SHIFT(>) NO_SHIFT(<=) NO_SHIFT(>=) ANY(<<) ANY(>>) NO_SHIFT(+) NO_SHIFT(-)
  NO_SHIFT(*) NO_SHIFT(/) NO_SHIFT(%)
};
// clang-format on

#pragma GCC diagnostic pop

// b >= c, so that no shift by `b - c` is negative; no divisor is 0.
constexpr std::array<std::array<u64, 3>, 8> kValues = {
    {{7, 3, 2}, {1, 5, 5}, {12, 4, 1}, {2, 2, 1}, {9, 6, 3}, {1, 1, 1}, {6, 5, 4}, {3, 7, 6}}};

TEST(ScriptExpression, PrecedenceIsCs) {
  static_assert(std::size(kCases) == 18 * 22 + 16 * 3);
  for (const Case& one : kCases) {
    const Parsed parsed = parse(one.text);
    ASSERT_NE(parsed.expr, nullptr) << one.text << ": " << parsed.said.str();
    for (const auto& abc : kValues)
      ASSERT_EQ(evaluate(*parsed.expr, abc), one.value(abc[0], abc[1], abc[2]))
          << one.text << " read as " << print(*parsed.expr);
  }
}

// Values alone could hide a wrong tree, as (a + b) + c hides a + (b + c). So the trees of all
// pairs, from the levels of C's grammar.
TEST(ScriptExpression, EveryPairOfOperatorsGroupsAsItsLevelsSay) {
  const std::vector<std::vector<std::string>> levels = {
      {"||"},       {"&&"},     {"|"},          {"^"}, {"&"}, {"==", "!="}, {"<", ">", "<=", ">="},
      {"<<", ">>"}, {"+", "-"}, {"*", "/", "%"}};
  int tried = 0;
  for (u64 i = 0; i < levels.size(); i++)
    for (const std::string& first : levels[i])
      for (u64 j = 0; j < levels.size(); j++)
        for (const std::string& second : levels[j]) {
          const std::string expected = j > i ? cat("(", first, " a (", second, " b c))")
                                             : cat("(", second, " (", first, " a b) c)");
          EXPECT_EQ(tree(cat("a ", first, " b ", second, " c")), expected);
          tried++;
        }
  EXPECT_EQ(tried, 18 * 18);
}

}  // namespace
}  // namespace fwseal
