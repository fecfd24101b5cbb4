// Reads the statements of a linker script.
//
// ld manual, "Assigning Values to Symbols", "Output Section Data", "Output Section Keywords".
#include "sections/script_parser_statement.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sections/script_keywords.h"
#include "sections/script_parser_expr.h"
#include "sections/script_parser_input.h"

namespace fwseal {
namespace {

constexpr LexMode kE = LexMode::kExpression;
constexpr LexMode kW = LexMode::kWild;

struct AssignOperator {
  std::string_view sign;
  Op op;  // kNone: plain
};
constexpr std::array<AssignOperator, 10> kAssignOperators = {{
    {"=", Op::kNone},
    {"+=", Op::kAdd},
    {"-=", Op::kSubtract},
    {"*=", Op::kMultiply},
    {"/=", Op::kDivide},
    {"<<=", Op::kShiftLeft},
    {">>=", Op::kShiftRight},
    {"&=", Op::kAnd},
    {"|=", Op::kOr},
    {"^=", Op::kXor},
}};

const AssignOperator* assign_operator(const Token& token) {
  if (token.kind != TokenKind::kSign) return nullptr;
  const auto* const row =
      std::find_if(kAssignOperators.begin(), kAssignOperators.end(),
                   [&](const AssignOperator& r) { return r.sign == token.text; });
  return row == kAssignOperators.end() ? nullptr : row;
}

void expect_separator(ScriptCursor& in, const Assignment& assignment) {
  if (in.accept(kE, ";") || in.accept(kE, ",")) return;
  in.fail_expected(in.peek(kE), cat("';' behind the value of '", assignment.symbol, "'"));
}

// `PROVIDE(symbol = value)` and its like.
Assignment read_wrapped(ScriptCursor& in, LexMode mode, Assign how) {
  Assignment assignment;
  const Token word = in.take(mode);
  in.expect(mode, "(", cat("behind ", word.text));
  const Token symbol = in.peek(mode);
  assignment.place = in.place(symbol);
  assignment.symbol = in.expect_name(mode, cat("a symbol in ", word.text));
  assignment.how = how;
  if (assignment.symbol == ".") {
    if (how != Assign::kHidden)
      in.fail(symbol, cat(word.text, " cannot assign to the location counter"));
    assignment.how = Assign::kPlain;
  }
  in.expect(mode, "=", cat("behind '", assignment.symbol, "'"));
  assignment.value = read_expression(in);
  in.expect(kE, ")", cat("behind the value of '", assignment.symbol, "'"));
  expect_separator(in, assignment);
  return assignment;
}

struct DataRow {
  std::string_view word;
  u8 size;
  bool is_signed;
};
constexpr std::array<DataRow, 5> kData = {{{"BYTE", 1, false},
                                           {"SHORT", 2, false},
                                           {"LONG", 4, false},
                                           {"QUAD", 8, false},
                                           {"SQUAD", 8, true}}};

// The escapes of a C string with one to three octal digits; a backslash before anything else is
// left out. binutils 2.41, ld manual, "Output Section Data".
std::string unescape(std::string_view text) {
  std::string bytes;
  for (u64 i = 0; i < text.size(); i++) {
    if (text[i] != '\\') {
      bytes += text[i];
      continue;
    }
    if (++i == text.size()) break;
    const char c = text[i];
    u32 value = static_cast<u8>(c);
    if (c == 'n') value = '\n';
    if (c == 'r') value = '\r';
    if (c == 't') value = '\t';
    if (c >= '0' && c <= '7') {
      value = static_cast<u32>(c - '0');
      for (int more = 0; more < 2 && i + 1 < text.size(); more++) {
        const char next = text[i + 1];
        if (next < '0' || next > '7' || value * 8 + static_cast<u32>(next - '0') > 0xff) break;
        value = value * 8 + static_cast<u32>(next - '0');
        i++;
      }
    }
    bytes += static_cast<char>(value);
  }
  return bytes;
}

std::optional<DataStatement> read_data(ScriptCursor& in) {
  const Token token = in.peek(kW);
  DataStatement data;
  data.place = in.place(token);
  if (in.accept(kW, "ASCIZ")) {
    data.text = unescape(in.expect_name(kW, "a string behind ASCIZ"));
    return data;
  }
  const auto* const row =
      std::find_if(kData.begin(), kData.end(), [&](const DataRow& r) { return token.is(r.word); });
  if (row == kData.end()) return {};
  in.take(kW);
  data.size = row->size;
  data.is_signed = row->is_signed;
  data.value = read_parenthesised(in, row->word);
  return data;
}

// CONSTRUCTORS or SORT(CONSTRUCTORS)
std::optional<ConstructorsStatement> read_constructors(ScriptCursor& in) {
  if (in.accept(kW, "CONSTRUCTORS")) return ConstructorsStatement{};
  const ScriptLexer::Mark start = in.mark();
  if ((in.accept(kW, "SORT") || in.accept(kW, "SORT_BY_NAME")) && in.accept(kW, "(") &&
      in.accept(kW, "CONSTRUCTORS")) {
    in.expect(kW, ")", "behind CONSTRUCTORS");
    return ConstructorsStatement{true};
  }
  in.rewind(start);
  return {};
}

void read_content(ScriptCursor& in, std::vector<SectionStatement>& statements) {
  if (read_common(in, kW, statements)) return;
  if (auto data = read_data(in)) {
    statements.push_back(std::move(*data));
  } else if (auto constructors = read_constructors(in)) {
    statements.push_back(*constructors);
  } else if (in.accept(kW, "FILL")) {
    in.expect(kW, "(", "behind FILL");
    statements.push_back(read_fill(in));
    in.expect(kE, ")", "behind the pattern of FILL");
  } else {
    statements.push_back(read_input_description(in));
  }
}

}  // namespace

std::optional<Assignment> read_assignment(ScriptCursor& in, LexMode mode) {
  const Token token = in.peek(mode);
  if (token.is("PROVIDE")) return read_wrapped(in, mode, Assign::kProvide);
  if (token.is("PROVIDE_HIDDEN")) return read_wrapped(in, mode, Assign::kProvideHidden);
  if (token.is("HIDDEN")) return read_wrapped(in, mode, Assign::kHidden);
  if (!token.is_name() || (token.kind == TokenKind::kName && is_keyword(token.text, mode)))
    return {};

  const ScriptLexer::Mark start = in.mark();
  in.take(mode);
  const Token sign = in.peek(mode);
  const AssignOperator* const row = assign_operator(sign);
  if (row == nullptr) {
    in.rewind(start);
    return {};
  }
  in.take(mode);
  Assignment assignment;
  assignment.symbol = token.text;
  assignment.place = in.place(token);
  assignment.value = read_expression(in);
  if (row->op != Op::kNone)
    assignment.value = binary_expr(row->op, name_expr(assignment.symbol, assignment.place),
                                   std::move(assignment.value), in.place(sign));
  expect_separator(in, assignment);
  return assignment;
}

std::optional<Assertion> read_assertion(ScriptCursor& in, LexMode mode) {
  const Token token = in.peek(mode);
  if (!token.is("ASSERT")) return {};
  in.take(mode);
  Assertion assertion;
  assertion.place = in.place(token);
  in.expect(kE, "(", "behind ASSERT");
  assertion.condition = read_expression(in);
  in.expect(kE, ",", "behind the condition of ASSERT");
  assertion.message = in.expect_name(kE, "a message in ASSERT");
  in.expect(kE, ")", "behind the message of ASSERT");
  in.accept(kE, ",");
  return assertion;
}

bool read_entry(ScriptCursor& in, Script& script) {
  if (!in.accept(LexMode::kScript, "ENTRY")) return false;
  in.expect(LexMode::kScript, "(", "behind ENTRY");
  std::string symbol = in.expect_name(LexMode::kScript, "a symbol in ENTRY");
  in.expect(LexMode::kScript, ")", "behind the symbol of ENTRY");
  script.entry = std::move(symbol);
  return true;
}

void read_contents(ScriptCursor& in, std::vector<SectionStatement>& statements) {
  in.read_block(kW, [&] { read_content(in, statements); });
}

}  // namespace fwseal
