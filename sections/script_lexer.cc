// Cuts the text of a linker script into tokens.
//
// The rule is GNU ld's: of all tokens that can begin here in the current mode the longest is taken,
// and of equally long ones a number before a sign before a name. So in a pattern `-=` is an
// operator and `-=x` a name, and in an expression `1fh` is a number and `1fhx` a number and a name.
//
// Where we read more than GNU ld does, it is text that GNU ld refuses:
// - `/*` begins a comment directly behind a name too, except in patterns, where `lib/*.o` is one;
// - commas at the end of a name separate it from the next one in lists (kList, kInputs), as the
//   manual writes `INPUT(file, file)`. GNU ld takes them as part of the name;
// - `^`, `^=` are operators, as in binutils 2.42.
// And less: a character without meaning is refused, where GNU ld warns and goes on without it.
#include "sections/script_lexer.h"

#include <algorithm>
#include <array>

namespace fwseal {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v';
}
constexpr bool one_of(char c, std::string_view set) {
  return set.find(c) != std::string_view::npos;
}

// The characters of names, by mode (ldlex.l: SYMBOLNAMECHAR, FILENAMECHAR, WILDCHAR).
constexpr std::string_view kSymbolMarks = "_/.\\$~";
constexpr std::string_view kFileMarks = "_/.\\$~-+:[],=";
constexpr std::string_view kWildMarks = "_/.\\$~-+:[],=?*^!";

bool begins_name(char c, LexMode mode) {
  if (mode == LexMode::kExpression) return is_letter(c) || one_of(c, "_.\\$");
  if (mode == LexMode::kWild) return is_letter(c) || is_digit(c) || one_of(c, kWildMarks);
  if (mode == LexMode::kInputs) return is_letter(c) || is_digit(c) || one_of(c, "_/.\\$~=-");
  return is_letter(c) || one_of(c, "_/.\\$~");
}

bool continues_name(char c, LexMode mode) {
  const std::string_view marks = mode == LexMode::kExpression ? kSymbolMarks
                                 : mode == LexMode::kWild     ? kWildMarks
                                                              : kFileMarks;
  return is_letter(c) || is_digit(c) || one_of(c, marks);
}

u64 name_length(std::string_view text, LexMode mode) {
  // Without this rule `=0 /DISCARD/ :` would divide.
  if (mode == LexMode::kExpression && text.starts_with("/DISCARD/")) return 9;
  if (!begins_name(text[0], mode)) return 0;
  u64 length = 1;
  while (length < text.size() && continues_name(text[length], mode)) length++;
  if (mode != LexMode::kWild && length < text.size() && text[length] == '*' &&
      text[length - 1] == '/')
    length--;  // It is the beginning of a comment.
  if (mode == LexMode::kList || mode == LexMode::kInputs)
    while (length > 0 && text[length - 1] == ',') length--;
  return length;
}

// Longer signs before shorter ones.
constexpr std::array<std::string_view, 9> kAssignments = {
    "<<=", ">>=", "+=", "-=", "*=", "/=", "&=", "|=", "^="};
constexpr std::array<std::string_view, 8> kComparisons = {
    "||", "&&", "==", "!=", ">=", "<=", "<<", ">>"};

u64 sign_length(std::string_view text, LexMode mode) {
  if (mode != LexMode::kInputs)
    for (const std::string_view sign : kAssignments)
      if (text.starts_with(sign)) return sign.size();
  if (mode == LexMode::kExpression)
    for (const std::string_view sign : kComparisons)
      if (text.starts_with(sign)) return 2;
  const std::string_view singles = mode == LexMode::kExpression ? "=>,&|^~!?*+-/%<(){}:;"
                                   : mode == LexMode::kWild     ? "=&[](){};"
                                   : mode == LexMode::kInputs   ? ",()"
                                                                : "=>,~!+-(){}:;";
  return one_of(text[0], singles) ? 1 : 0;
}

// `1fh`: hexadecimal digits and a letter that names the base. B and D are digits as well, so the
// last of them ends the number if no H, X or O follows.
u64 suffixed_number_length(std::string_view text) {
  u64 run = 0;
  while (run < text.size() && is_hex(text[run])) run++;
  if (run == 0) return 0;
  if (run < text.size() && one_of(text[run], "hHxXoO")) return run + 1;
  while (run > 1 && !one_of(text[run - 1], "bBdD")) run--;
  return run > 1 ? run : 0;
}

u64 prefixed_number_length(std::string_view text) {
  u64 length = 0;
  const u64 prefix = text[0] == '$' ? 1 : text.starts_with("0x") || text.starts_with("0X") ? 2 : 0;
  if (prefix != 0) {
    length = prefix;
    while (length < text.size() && is_hex(text[length])) length++;
    if (length == prefix) length = 0;
  }
  if (length == 0)
    while (length < text.size() && is_digit(text[length])) length++;
  if (length != 0 && length < text.size() && one_of(text[length], "kKmM")) length++;
  return length;
}

u64 number_length(std::string_view text, LexMode mode) {
  if (mode == LexMode::kWild || mode == LexMode::kInputs) return 0;
  const u64 prefixed = prefixed_number_length(text);
  if (mode != LexMode::kExpression) return prefixed;
  const u64 suffixed = suffixed_number_length(text);
  if (suffixed <= prefixed) return prefixed;
  // GNU ld takes `add` for a decimal number without digits, which is 0. To us it is a name.
  const bool word = is_letter(text[0]) &&
                    read_number(text.substr(0, suffixed)).state == NumberText::State::kMalformed;
  return word ? prefixed : suffixed;
}

constexpr std::string_view kEndlessComment = "a comment without an end";
constexpr std::string_view kEndlessString = "a string without a closing quote";

}  // namespace

std::string describe(const Token& token) {
  if (token.kind == TokenKind::kEnd) return "end of file";
  if (token.text == kEndlessComment || token.text == kEndlessString) return std::string(token.text);
  std::string shown;
  for (const char c : token.text.substr(0, 60))
    shown +=
        c >= ' ' && c <= '~' ? std::string(1, c) : cat("\\", hex(static_cast<u8>(c)).substr(1));
  if (token.text.size() > 60) shown += "...";
  if (token.kind == TokenKind::kQuoted) return cat("\"", shown, "\"");
  std::string hint;
  if (token.kind == TokenKind::kName && token.text.starts_with("//"))
    hint = " (comments are /* */ or #)";
  else if (token.kind == TokenKind::kName && token.text.size() > 1 && one_of('=', token.text))
    hint = " (write blanks around '=')";
  else if (token.kind == TokenKind::kName && token.text.size() > 1 && token.text.ends_with(':'))
    hint = " (write a blank before ':')";
  return cat("'", shown, "'", hint);
}

ScriptLexer::ScriptLexer(std::string_view text) : text_(text) {
  if (text_.starts_with("\xef\xbb\xbf")) offset_ = 3;  // a byte order mark
}

void ScriptLexer::rewind(Mark mark) {
  offset_ = mark.offset;
  line_ = mark.line;
  peeked_.reset();
}

// False if the comment has no end.
bool ScriptLexer::skip_comment() {
  const u64 end = text_.find("*/", offset_ + 2);
  const u64 next = end == std::string_view::npos ? text_.size() : end + 2;
  line_ += static_cast<u32>(std::count(text_.begin() + static_cast<i64>(offset_),
                                       text_.begin() + static_cast<i64>(next), '\n'));
  offset_ = next;
  return end != std::string_view::npos;
}

bool ScriptLexer::skip_blanks(bool inputs) {
  while (offset_ < text_.size()) {
    const char c = text_[offset_];
    if (is_blank(c)) {
      line_ += c == '\n' ? 1 : 0;
      offset_++;
    } else if (c == '#' && !inputs) {
      offset_ = std::min<u64>(text_.find('\n', offset_), text_.size());
    } else if (text_.substr(offset_, 2) == "/*") {
      if (!skip_comment()) return false;
    } else {
      break;
    }
  }
  return true;
}

// GNU ld has no escapes in strings, and lets them run over lines.
Token ScriptLexer::quoted() {
  const u64 end = text_.find('"', offset_ + 1);
  if (end == std::string_view::npos) {
    // The rest of the line is not worth reading; what follows may be.
    offset_ = std::min<u64>(text_.find('\n', offset_), text_.size());
    return {TokenKind::kBad, kEndlessString, line_};
  }
  const Token token{TokenKind::kQuoted, text_.substr(offset_ + 1, end - offset_ - 1), line_};
  line_ += static_cast<u32>(std::count(token.text.begin(), token.text.end(), '\n'));
  offset_ = end + 1;
  return token;
}

Token ScriptLexer::cut(LexMode mode) {
  const u32 line = line_;
  if (!skip_blanks(mode == LexMode::kInputs)) return {TokenKind::kBad, kEndlessComment, line};
  if (offset_ == text_.size()) return {TokenKind::kEnd, {}, line_};
  const std::string_view rest = text_.substr(offset_);
  if (rest[0] == '"') return quoted();

  const u64 number = number_length(rest, mode);
  const u64 sign = sign_length(rest, mode);
  const u64 name = name_length(rest, mode);
  const u64 length = std::max({number, sign, name, u64{1}});
  const TokenKind kind = length == number ? TokenKind::kNumber
                         : length == sign ? TokenKind::kSign
                         : length == name ? TokenKind::kName
                                          : TokenKind::kBad;
  offset_ += length;
  return {kind, rest.substr(0, length), line_};
}

Token ScriptLexer::peek(LexMode mode) {
  if (!peeked_ || peeked_mode_ != mode) {
    const Mark before = mark();
    const Token token = cut(mode);
    const Mark behind = mark();
    rewind(before);
    peeked_ = token;
    peeked_mode_ = mode;
    behind_peeked_ = behind;
  }
  return *peeked_;
}

Token ScriptLexer::take(LexMode mode) {
  const Token token = peek(mode);
  rewind(behind_peeked_);
  return token;
}

NumberText read_number(std::string_view text) {
  NumberText number;
  u64 base = 10;
  u64 factor = 1;
  bool prefixed = true;
  if (text.starts_with('$')) {
    base = 16;
    text.remove_prefix(1);
  } else if (text.size() > 2 && (text.starts_with("0x") || text.starts_with("0X"))) {
    base = 16;
    text.remove_prefix(2);
    number.hex_digits = text;
  } else {
    prefixed = false;
  }
  const char last = text.empty() ? '0' : text.back();
  if (one_of(last, "kKmM")) {
    factor = one_of(last, "kK") ? 1024 : 1024 * 1024;
    number.hex_digits = {};
    text.remove_suffix(1);
  } else if (!prefixed && !is_digit(last)) {
    base = one_of(last, "hHxX") ? 16 : one_of(last, "oO") ? 8 : one_of(last, "bB") ? 2 : 10;
    text.remove_suffix(1);
    prefixed = true;
  }
  if (!prefixed && text.size() > 1 && text[0] == '0') base = 8;

  u64 value = 0;
  bool fits = true;
  for (const char c : text) {
    const u64 digit = static_cast<u64>(is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
    if (!is_hex(c) || digit >= base) return {NumberText::State::kMalformed, 0, {}};
    fits = fits && value <= (~u64{0} - digit) / base;
    value = value * base + digit;
  }
  if (text.empty()) return {NumberText::State::kMalformed, 0, {}};
  if (!fits || value > ~u64{0} / factor) number.state = NumberText::State::kTooLarge;
  number.value = value * factor;
  return number;
}

}  // namespace fwseal
