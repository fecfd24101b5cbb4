#include "elfio/diag.h"

#include <ostream>

namespace fwseal {

std::string Location::text() const {
  std::string text(file);
  if (!member.empty()) text += cat("(", member, ")");
  if (line != 0) text += cat(":", line);
  if (!section.empty()) text += cat(":(", section, "+", hex(offset), ")");
  return text;
}

namespace {

// Names come from the input: one that holds a line end or an escape sequence must not make two
// messages of one, or speak to the terminal.
std::string printable(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) result += c;
    else result += cat("\\x", "0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]);
  }
  return result;
}

}  // namespace

void Diag::say(std::string_view kind, const Location& where, std::string_view what) {
  said_ += what.size() + where.file.size() + where.member.size() + where.section.size();
  if (said_ > kMostCharacters) {
    errors_++;
    out_ << "fwseal: error: messages have more than " << kMostCharacters
         << " characters; the rest is not said\n";
    throw Stopped{};
  }
  out_ << "fwseal: " << kind << ": ";
  if (!where.file.empty()) out_ << printable(where.text()) << ": ";
  out_ << printable(what) << '\n';
}

void Diag::error(const Location& where, std::string_view what) {
  errors_++;
  messages_++;
  say("error", where, what);
}

void Diag::warning(const Location& where, std::string_view what) {
  if (warnings_are_errors_) return error(where, what);
  messages_++;
  if (!warnings_are_hidden_) say("warning", where, what);
}

void Diag::note(const Location& where, std::string_view what) {
  messages_++;
  say("note", where, what);
}

void stop_if_failed(const Diag& diag) {
  if (diag.errors() != 0) throw Stopped{};
}

}  // namespace fwseal
