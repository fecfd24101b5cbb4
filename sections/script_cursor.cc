// Where the reader of a linker script stands.
//
// Recovery: statements end at a semicolon or at the brace that closes their list. Behind a fault
// the rest of the statement is skipped, blocks in braces as a whole, and what may follow such a
// block
// (`> region`, `: segment`, `= fill`) with it, so that one mistake gives one message.
#include "sections/script_cursor.h"

#include <utility>

#include "elfio/bytes.h"
#include "sections/script_keywords.h"

namespace fwseal {
namespace {

constexpr u32 kMaxDepth = 200;        // of expressions; C asks compilers for 63
constexpr u32 kMaxIncludeDepth = 32;  // GNU ld: 10
constexpr u32 kMaxIncludes = 4096;    // 32 files that include one another twice are 2^32
constexpr u64 kMaxIncludedBytes = 1u << 26;
constexpr u32 kMaxFaults = 100;

}  // namespace

bool ScriptCursor::accept(LexMode mode, std::string_view word) {
  if (!next_is(mode, word)) return false;
  take(mode);
  return true;
}

void ScriptCursor::expect(LexMode mode, std::string_view word, std::string_view where) {
  const Token token = peek(mode);
  if (!token.is(word)) fail_expected(token, cat("'", word, "' ", where));
  take(mode);
}

std::string ScriptCursor::expect_name(LexMode mode, std::string_view what) {
  const Token token = peek(mode);
  if (!token.is_name()) fail_expected(token, what);
  return std::string(take(mode).text);
}

void ScriptCursor::fail(const Token& found, std::string what) const {
  throw ScriptFault{place(found), std::move(what)};
}

void ScriptCursor::fail_expected(const Token& found, std::string_view what) const {
  fail(found, cat("expected ", what, ", found ", describe(found)));
}

void ScriptCursor::refuse_keyword(const Token& token, std::optional<LexMode> mode) const {
  if (token.kind != TokenKind::kName) return;
  if (!(mode ? is_keyword(token.text, *mode) : is_keyword(token.text))) return;
  if (is_unsupported_keyword(token.text))
    fail(token, cat("keyword '", token.text, "' is not supported"));
  fail(token, cat("keyword '", token.text, "' cannot stand here; write \"", token.text,
                  "\" if it is a name"));
}

void ScriptCursor::report(const ScriptFault& fault) {
  if (stopped_) return;
  diag_.error(fault.place.location(), fault.what);
  if (++faults_ < kMaxFaults) return;
  diag_.note(fault.place.location(), "too many faults, the rest of the script is not read");
  stopped_ = true;
  lexer_.stop();
}

void ScriptCursor::warn(const Token& token, std::string_view what) {
  diag_.warning(place(token).location(), what);
}

void ScriptCursor::read_list(LexMode mode, Until until, const std::function<void()>& read) {
  while (!stopped_) {
    const Token token = peek(mode);
    if (token.kind == TokenKind::kEnd) {
      if (until == Until::kBrace && !end_was_reported_)
        report({place(token), "expected '}', found end of file"});
      end_was_reported_ = end_was_reported_ || until == Until::kBrace;
      return;
    }
    if (until == Until::kBrace && accept(mode, "}")) return;
    if (accept(mode, ";")) continue;
    try {
      read();
    } catch (const ScriptFault& fault) {
      report(fault);
      skip_statement(mode, until);
    }
  }
}

void ScriptCursor::read_block(LexMode mode, const std::function<void()>& read) {
  expect(mode, "{", "before the statements");
  read_list(mode, Until::kBrace, [&] {
    if (!read_include(mode, read)) read();
  });
}

void ScriptCursor::skip_statement(LexMode mode, Until until) {
  for (;;) {
    const Token token = peek(mode);
    if (token.kind == TokenKind::kEnd) {
      end_was_reported_ = true;  // The braces that are missing now were never looked for.
      return;
    }
    if (token.is("}") && until == Until::kBrace) return;
    if (token.is("{")) return skip_braces(mode);
    take(mode);
    if (token.is(";") || token.is("}")) return;
  }
}

void ScriptCursor::skip_braces(LexMode mode) {
  u64 open = 0;
  do {
    const Token token = take(mode);
    if (token.is("{")) open++;
    if (token.is("}")) open--;
    end_was_reported_ = end_was_reported_ || token.kind == TokenKind::kEnd;
  } while (open != 0 && !end_was_reported_);
  while (next_is(LexMode::kScript, ">") || next_is(LexMode::kScript, ":") ||
         next_is(LexMode::kScript, "=") || next_is(LexMode::kScript, "AT") ||
         next_is(LexMode::kScript, ",")) {
    const bool prefix = !take(LexMode::kScript).is(",");
    const Token operand = peek(LexMode::kScript);
    if (prefix && (operand.is_name() || operand.kind == TokenKind::kNumber)) take(LexMode::kScript);
  }
}

bool ScriptCursor::read_include(LexMode mode, const std::function<void()>& read) {
  const Token at = peek(mode);
  if (!at.is("INCLUDE")) return false;
  take(mode);
  include(at, expect_name(mode, "a file name behind INCLUDE"), mode, read);
  return true;
}

// Faults of INCLUDE itself are reported here, because the statement behind it is a sound one.
void ScriptCursor::include(const Token& at, const std::string& name, LexMode mode,
                           const std::function<void()>& read) {
  if (include_depth_ == kMaxIncludeDepth)
    return report({place(at), cat("INCLUDE files are nested deeper than ", kMaxIncludeDepth)});
  std::optional<IncludedScript> file;
  try {
    if (find_include_) file = find_include_(name);
  } catch (const BadInput& bad) {
    return report({place(at), bad.what()});
  }
  if (!file) return report({place(at), cat("cannot find '", name, "', which INCLUDE names")});
  included_bytes_ += file->text.size();
  if (++include_count_ > kMaxIncludes || included_bytes_ > kMaxIncludedBytes) {
    report({place(at), cat("more than ", kMaxIncludes, " files or ", kMaxIncludedBytes,
                           " bytes are included")});
    stopped_ = true;
    return lexer_.stop();
  }
  const ScriptLexer outer = std::exchange(lexer_, ScriptLexer(file->text));
  const std::string_view outer_path = std::exchange(path_, file->path);
  const bool outer_end = std::exchange(end_was_reported_, false);
  include_depth_++;
  read_list(mode, Until::kEndOfFile, [&] {
    if (!read_include(mode, read)) read();
  });
  include_depth_--;
  lexer_ = outer;
  path_ = outer_path;
  end_was_reported_ = outer_end;
  if (stopped_) lexer_.stop();
}

ScriptCursor::Deeper::Deeper(ScriptCursor& cursor) : cursor_(cursor) {
  // The constructor throws before it counts, because then there is no destructor call.
  if (cursor.depth_ == kMaxDepth)
    cursor.fail(cursor.peek(LexMode::kExpression),
                cat("expression is nested deeper than ", kMaxDepth));
  cursor.depth_++;
}

}  // namespace fwseal
