// Short names for fixed-width integers, and text assembly for messages.
#pragma once

#include <charconv>
#include <cstdint>
#include <sstream>
#include <string>

namespace fwseal {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using i32 = std::int32_t;
using i64 = std::int64_t;

inline std::string hex(u64 value) {
  char digits[16];
  const auto end = std::to_chars(digits, digits + 16, value, 16).ptr;
  return "0x" + std::string(digits, end);
}

// g++ 12 has no <format>; messages are concatenated.
template <typename... Parts>
std::string cat(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

// Rounds up to a multiple of `alignment`, which need not be a power of two; 0 counts as 1.
constexpr u64 align_up(u64 value, u64 alignment) {
  if (alignment <= 1) return value;
  const u64 rest = value % alignment;
  return rest == 0 ? value : value + (alignment - rest);
}

}  // namespace fwseal
