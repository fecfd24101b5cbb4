// Names of C++ symbols as people write them: "_Z3addii" is "add(int, int)".
#pragma once

#include <string>
#include <string_view>

#include "elfio/types.h"

namespace fwseal {

// As GNU ld 2.40 shows names (bfd_demangle): by the C++ ABI of GCC 3 and later; dots and dollar
// signs before the name and `@version` behind it stay. What is no such name stays as it is.
//
// The form of a name can be exponentially longer than the name, as its parts may stand for each
// other. A name for which that cannot be excluded is left as it is; and so are all names once
// kMostTogether characters were made.
class Demangler {
 public:
  static constexpr u64 kMostTogether = u64{1} << 26;

  explicit Demangler(bool enabled = true) : enabled_(enabled) {}

  std::string name(std::string_view symbol);

 private:
  bool enabled_;
  u64 spent_ = 0;
};

}  // namespace fwseal
