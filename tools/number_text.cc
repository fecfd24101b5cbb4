#include "tools/number_text.h"

#include <charconv>
#include <limits>

namespace fwseal {
namespace {

bool take_hex_prefix(std::string_view& text) {
  if (!text.starts_with("0x") && !text.starts_with("0X")) return false;
  text.remove_prefix(2);
  return true;
}

std::optional<u64> digits(std::string_view text, int base) {
  u64 value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

u32 take_unit_shift(std::string_view& text) {
  if (text.empty()) return 0;
  u32 shift = 0;
  switch (text.back()) {
    case 'k':
    case 'K':
      shift = 10;
      break;
    case 'm':
    case 'M':
      shift = 20;
      break;
    case 'g':
    case 'G':
      shift = 30;
      break;
    default:
      return 0;
  }
  text.remove_suffix(1);
  return shift;
}

}  // namespace

std::optional<u64> parse_size(std::string_view text) {
  const u32 shift = take_unit_shift(text);
  const int base = take_hex_prefix(text) ? 16 : 10;
  const std::optional<u64> number = digits(text, base);
  if (!number || *number > std::numeric_limits<u64>::max() >> shift) return {};
  return *number << shift;
}

std::optional<u64> parse_hex(std::string_view text) {
  take_hex_prefix(text);
  return digits(text, 16);
}

std::optional<u64> parse_integer(std::string_view text) {
  if (take_hex_prefix(text)) return digits(text, 16);
  const bool octal = text.size() > 1 && text.front() == '0';
  return digits(text, octal ? 8 : 10);
}

}  // namespace fwseal
