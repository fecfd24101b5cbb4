// Bytes: the only way this program looks at input.
//
// A view into a mapped file which cannot be read out of bounds. Offsets and sizes
// come from the file itself, so nobody upstream is trusted to have checked them.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "elfio/types.h"

namespace fwseal {

// The input is malformed. Thrown by readers, caught once per input file.
struct BadInput : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Bytes {
 public:
  Bytes() = default;
  explicit Bytes(std::span<const std::byte> data) : data_(data) {}

  u64 size() const { return data_.size(); }
  bool empty() const { return data_.empty(); }
  const std::byte* data() const { return data_.data(); }
  std::span<const std::byte> span() const { return data_; }

  bool holds(u64 offset, u64 size) const {
    return offset <= data_.size() && size <= data_.size() - offset;
  }

  Bytes sub(u64 offset, u64 size) const {
    // Written as a subtraction because offset + size can wrap in a hostile file.
    if (offset > data_.size() || size > data_.size() - offset) fail(offset, size);
    return Bytes(data_.subspan(offset, size));
  }

  // A little-endian unsigned integer. The machines we run on are little-endian too, so a copy of
  // the bytes is the value.
  template <std::unsigned_integral T>
  T le(u64 offset) const {
    if (offset > data_.size() || sizeof(T) > data_.size() - offset) fail(offset, sizeof(T));
    T value;
    std::memcpy(&value, data_.data() + offset, sizeof value);
    return value;
  }

  // The string that begins at `offset` and ends before the next NUL, which must be there.
  std::string_view c_string(u64 offset) const {
    if (offset >= data_.size()) fail(offset, 1);
    const char* const begin = reinterpret_cast<const char*>(data_.data()) + offset;
    const void* const end = std::memchr(begin, 0, data_.size() - offset);
    if (end == nullptr) throw BadInput(cat("string at ", hex(offset), " has no end"));
    return {begin, static_cast<std::size_t>(static_cast<const char*>(end) - begin)};
  }

  std::string_view text() const {
    return {reinterpret_cast<const char*>(data_.data()), data_.size()};
  }

 private:
  [[noreturn]] void fail(u64 offset, u64 size) const {
    throw BadInput(cat("range ", hex(offset), "+", hex(size), " ends past the end (",
                       hex(data_.size()), ")"));
  }

  std::span<const std::byte> data_;
};

static_assert(std::endian::native == std::endian::little, "Bytes::le copies, it does not swap");

}  // namespace fwseal
