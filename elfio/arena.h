// Storage that lives as long as the inputs, for bytes and names that no mapped file holds.
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "elfio/bytes.h"

namespace fwseal {

class Arena {
 public:
  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }
  Bytes keep_bytes(std::string bytes) {
    return Bytes(std::as_bytes(std::span(texts_.emplace_back(std::move(bytes)))));
  }

 private:
  std::deque<std::string> texts_;  // a deque, because elements must not move
};

}  // namespace fwseal
