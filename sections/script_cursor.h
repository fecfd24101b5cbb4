// Where the reader of a linker script stands: the tokens ahead, the faults so far, and the limits
// which keep hostile scripts from taking the stack or forever.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "elfio/diag.h"
#include "sections/script.h"
#include "sections/script_lexer.h"
#include "sections/script_parser.h"

namespace fwseal {

// A statement that cannot be read. Thrown where it is found, caught by ScriptCursor::read_list.
struct ScriptFault {
  ScriptPlace place;
  std::string what;
};

class ScriptCursor {
 public:
  // `path` and `text` must outlive what is read. `find_include` may be empty if no INCLUDE can
  // come.
  ScriptCursor(std::string_view path, std::string_view text, const FindInclude& find_include,
               Diag& diag)
      : lexer_(text), path_(path), find_include_(find_include), diag_(diag) {}

  Token peek(LexMode mode) { return lexer_.peek(mode); }
  Token take(LexMode mode) { return lexer_.take(mode); }
  bool next_is(LexMode mode, std::string_view word) { return peek(mode).is(word); }
  bool accept(LexMode mode, std::string_view word);
  ScriptLexer::Mark mark() const { return lexer_.mark(); }
  void rewind(ScriptLexer::Mark mark) { lexer_.rewind(mark); }

  // Takes the sign or word; `where` completes "expected '(' ...".
  void expect(LexMode mode, std::string_view word, std::string_view where);
  // Takes a name, quoted or not; `what` completes "expected ...".
  std::string expect_name(LexMode mode, std::string_view what);

  ScriptPlace place(const Token& token) const { return {path_, token.line}; }
  [[noreturn]] void fail(const Token& found, std::string what) const;
  [[noreturn]] void fail_expected(const Token& found, std::string_view what) const;
  void report(const ScriptFault& fault);
  // Refuses a word that is a keyword in this mode (or in any) and stands where a name should. Does
  // nothing to any other token.
  void refuse_keyword(const Token& token, std::optional<LexMode> mode = {}) const;
  void warn(const Token& token, std::string_view what);

  enum class Until : u8 { kEndOfFile, kBrace };
  // Calls `read` for one statement after the other, skipping lone semicolons, until the end of the
  // file or until a closing brace, which is taken. A fault in a statement is reported, and reading
  // goes on behind the next semicolon, or before the brace that closes the list.
  void read_list(LexMode mode, Until until, const std::function<void()>& read);
  // What may come between the braces, INCLUDE files included.
  void read_block(LexMode mode, const std::function<void()>& read);
  // If INCLUDE is next: takes it and its file name, and reads a list from that file.
  bool read_include(LexMode mode, const std::function<void()>& read);

  // Counts how deep the reader has recursed, and refuses to go too deep.
  class Deeper {
   public:
    explicit Deeper(ScriptCursor& cursor);
    ~Deeper() { cursor_.depth_--; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;

   private:
    ScriptCursor& cursor_;
  };

 private:
  void skip_statement(LexMode mode, Until until);
  void skip_braces(LexMode mode);
  void include(const Token& at, const std::string& name, LexMode mode,
               const std::function<void()>& read);

  ScriptLexer lexer_;
  std::string_view path_;
  const FindInclude& find_include_;
  Diag& diag_;
  bool end_was_reported_ = false;  // that this file ends too early
  bool stopped_ = false;           // a limit was passed: nothing more is read
  u32 depth_ = 0;
  u32 include_depth_ = 0;
  u32 include_count_ = 0;
  u64 included_bytes_ = 0;
  u32 faults_ = 0;
};

}  // namespace fwseal
