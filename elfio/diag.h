// Diagnostics: what the user is told, in the order it was found.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

#include "elfio/demangle.h"
#include "elfio/types.h"

namespace fwseal {

// Where in the input: "libc.a(printf.o):(.text.vfprintf+0x1c)", or "board.ld:12".
struct Location {
  std::string_view file;     // as the user wrote it
  std::string_view member;   // archive member, or empty
  std::string_view section;  // or empty
  u64 offset = 0;            // within the section
  u64 line = 0;              // of a text file, from 1; 0 if not known

  std::string text() const;
};

// Thrown by stop_if_failed and caught in main: what was wrong has been said already.
struct Stopped {};

// Nobody reads more messages than a few, but a small input can be worth any number of long ones.
// The one that would be too many ends the link.
class Diag {
 public:
  explicit Diag(std::ostream& out) : out_(out) {}

  // A place without a file is left out of the message.
  void error(const Location& where, std::string_view what);
  void warning(const Location& where, std::string_view what);
  void note(const Location& where, std::string_view what);

  // The name of a symbol as messages show it.
  std::string symbol(std::string_view name) { return demangler_.name(name); }
  // --no-demangle
  void show_mangled_names() { demangler_ = Demangler(false); }

  int errors() const { return errors_; }
  // Errors, warnings and notes, hidden ones too.
  int messages() const { return messages_; }
  // --fatal-warnings
  void make_warnings_fatal() { warnings_are_errors_ = true; }
  // --no-warnings
  void hide_warnings() { warnings_are_hidden_ = true; }

 private:
  void say(std::string_view kind, const Location& where, std::string_view what);

  static constexpr u64 kMostCharacters = u64{1} << 26;

  std::ostream& out_;
  Demangler demangler_;
  u64 said_ = 0;  // characters
  int errors_ = 0;
  int messages_ = 0;
  bool warnings_are_errors_ = false;
  bool warnings_are_hidden_ = false;
};

void stop_if_failed(const Diag& diag);

}  // namespace fwseal
