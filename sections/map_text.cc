#include "sections/map_text.h"

#include <algorithm>

namespace fwseal {

void MapText::name(std::string_view text, u64 column) {
  text_ += text;
  const bool fits = text.size() + 1 < column;
  if (!fits) text_ += '\n';
  blanks(fits ? column - text.size() : column);
}

void MapText::address(u64 value) {
  const std::string digits = hex(value).substr(2);
  text_ += "0x";
  text_.append(8 - std::min<u64>(digits.size(), 8), '0');
  text_ += digits;
}

void MapText::size(u64 value) {
  const std::string text = hex(value);
  blanks(1 + 10 - std::min<u64>(text.size(), 10));
  text_ += text;
}

}  // namespace fwseal
