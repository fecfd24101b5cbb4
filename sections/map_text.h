// Lines and columns of the link map. Shared by the files that write it.
#pragma once

#include <string>
#include <string_view>

#include "elfio/object.h"

namespace fwseal {

// Where addresses begin: behind the names of sections.
inline constexpr u64 kMapNameColumn = 16;

// "libc.a(printf.o)"
inline std::string file_text(const Object& object) {
  return object.member.empty() ? std::string(object.file)
                               : cat(object.file, "(", object.member, ")");
}

// Text that grows by columns.
class MapText {
 public:
  void line(std::string_view text) {
    text_ += text;
    text_ += '\n';
  }
  void add(std::string_view text) { text_ += text; }
  void blanks(u64 count) { text_.append(count, ' '); }

  // `text`, then blanks up to `column`; if it ends less than a blank before that, a new line.
  void name(std::string_view text, u64 column = kMapNameColumn);
  // "0x08000000", eight digits or more.
  void address(u64 value);
  // Right-aligned in ten columns behind a blank.
  void size(u64 value);
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace fwseal
