// Isa::redirect against Isa::scan_code, with all references of real code.
//
// The section stands in the middle of a room so large that a target may be anywhere its instruction
// can reach. Each reference is led elsewhere and the code is read again: that reference's target
// must have moved by so much, and nothing else may have changed. A refusal must have a reason, by a
// table of what each instruction reaches that is written down here a second time.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "elfio/isa_arm.h"

namespace fwseal {

// What the code of a section is read from.
struct ScannedSection {
  Bytes contents;
  std::vector<CodeRun> runs;
  std::vector<u32> relocated;  // sorted
};

class RedirectCheck {
 public:
  // Writes down what is wrong, a line each that begins with the name. Returns how many.
  u64 check(const Isa& isa, const ScannedSection& section, const std::string& name,
            std::ostream& out);

 private:
  std::vector<std::byte> room_;  // zeroes, apart from the section being checked
};

}  // namespace fwseal
