// What the fuzzer gives, as our readers take it.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <span>
#include <string_view>

#include "elfio/bytes.h"

namespace fwseal {

inline Bytes fuzz_bytes(const std::uint8_t* data, std::size_t size) {
  return Bytes(std::as_bytes(std::span(data, size)));
}

// A finding that no sanitizer can see.
[[noreturn]] inline void fuzz_finding(std::string_view what) {
  std::fprintf(stderr, "finding: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

inline void fuzz_expect(bool holds, std::string_view what) {
  if (!holds) fuzz_finding(what);
}

}  // namespace fwseal
