// How many characters the names of one file may have.
#pragma once

#include <string_view>

#include "elfio/bytes.h"

namespace fwseal {

// Many things may have one name. But long names that begin inside each other, or that very many
// things have, are what no assembler writes: they let a small file stand for any number of
// characters. So all names of one kind together have at most some times the size of the file.
class NameBudget {
 public:
  NameBudget(std::string_view what, u64 file_size) : what_(what), left_(kFactor * file_size) {}

  // Is there enough for so many names, whatever they are? Then none need be measured.
  bool covers(u64 names, u64 longest) const { return names * longest <= left_; }
  void spend(u64 characters) {
    if (characters > left_)
      throw BadInput(cat("names of ", what_, " that share their bytes have more than ", kFactor,
                         " times the size of the file"));
    left_ -= characters;
  }

 private:
  static constexpr u64 kFactor = 16;

  std::string_view what_;
  u64 left_;
};

}  // namespace fwseal
