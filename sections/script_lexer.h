// Cuts the text of a linker script into tokens.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "elfio/types.h"

namespace fwseal {

// What a run of characters is depends on where it stands: `*` multiplies in an expression and is a
// pattern between the braces of an output section. The reader asks for each token in a mode; these
// are GNU ld's lexical states (binutils 2.40).
enum class LexMode : u8 {
  kScript,      // commands, and names of output sections
  kList,        // as kScript, where names may be separated by commas
  kInputs,      // between the parentheses of INPUT and GROUP
  kExpression,  // expressions
  kWild,        // between the braces of an output section
};

enum class TokenKind : u8 {
  kEnd,
  kName,
  kQuoted,  // a name in double quotes, which are not part of its text
  kNumber,
  kSign,  // an operator or a bracket
  kBad,   // a character that has no meaning here, a string or a comment without an end
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string_view text;
  u32 line = 0;

  bool is_name() const { return kind == TokenKind::kName || kind == TokenKind::kQuoted; }
  // The sign, or the word outside of quotes.
  bool is(std::string_view word) const {
    return (kind == TokenKind::kSign || kind == TokenKind::kName) && text == word;
  }
};

// For messages: "'.text'", "end of file".
std::string describe(const Token& token);

class ScriptLexer {
 public:
  // `text` must outlive the tokens.
  explicit ScriptLexer(std::string_view text);

  Token peek(LexMode mode);
  Token take(LexMode mode);

  // A place to return to, for the few rules that need to look further ahead than one token.
  struct Mark {
    u64 offset;
    u32 line;
  };
  Mark mark() const { return {offset_, line_}; }
  void rewind(Mark mark);

  // From here on there is only the end of the file.
  void stop() { rewind({text_.size(), line_}); }

 private:
  bool skip_blanks(bool inputs);
  bool skip_comment();
  Token cut(LexMode mode);
  Token quoted();

  std::string_view text_;
  u64 offset_ = 0;
  u32 line_ = 1;

  // The last token peeked at, so that it need not be cut again.
  std::optional<Token> peeked_;
  LexMode peeked_mode_ = LexMode::kScript;
  Mark behind_peeked_{0, 1};
};

// The value of a number as it is written: "10", "010", "0x1f", "$1f", "64K", "0x1fM", "1fh", "17o",
// "101b", "99d".
struct NumberText {
  enum class State : u8 { kGood, kMalformed, kTooLarge };
  State state = State::kGood;
  u64 value = 0;
  // Of a number written as 0x and digits, without K or M: as a fill it stands for its digits.
  std::string_view hex_digits;
};
NumberText read_number(std::string_view text);

}  // namespace fwseal
