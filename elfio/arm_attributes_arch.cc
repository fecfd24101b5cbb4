// Which architecture runs the code of both objects?
//
// Addenda32 2023Q3, "Combining attribute values", and the cases it does not mention as GNU ld 2.40
// decides them. One difference: GNU ld refuses to combine Armv8.1-A to 8.3-A with anything, even
// with themselves; here they take in what Armv8-A does.
#include <algorithm>
#include <iterator>

#include "elfio/arm_attributes_tags.h"

namespace fwseal::arm {
namespace {

// The names that GNU ld gives to a processor it cannot name; by Tag_CPU_arch.
constexpr std::string_view kArchNames[] = {"Pre v4",
                                           "ARM v4",
                                           "ARM v4T",
                                           "ARM v5T",
                                           "ARM v5TE",
                                           "ARM v5TEJ",
                                           "ARM v6",
                                           "ARM v6KZ",
                                           "ARM v6T2",
                                           "ARM v6K",
                                           "ARM v7",
                                           "ARM v6-M",
                                           "ARM v6S-M",
                                           "ARM v7E-M",
                                           "ARM v8",
                                           "ARM v8-R",
                                           "ARM v8-M.baseline",
                                           "ARM v8-M.mainline",
                                           "ARM v8.1-A",
                                           "ARM v8.2-A",
                                           "ARM v8.3-A",
                                           "ARM v8.1-M.mainline",
                                           "ARM v9"};

// Tag_also_compatible_with, if it names an architecture.
u32 also_compatible_arch(std::string_view text) {
  if (text.size() == 2 && text[0] == static_cast<char>(kTagCpuArch) && (text[1] & 0x80) == 0)
    return static_cast<u32>(text[1]);
  return kNoArch;
}

}  // namespace

u32 combine_arch(u32 a, u32 b) {
  const u32 low = std::min(a, b);
  const u32 high = std::max(a, b);
  const auto low_is_in = [low](std::initializer_list<u32> set) {
    return std::find(set.begin(), set.end(), low) != set.end();
  };
  switch (high) {
    case kArchV6T2:
      return low == kArchV6KZ ? kArchV7 : kArchV6T2;
    case kArchV6K:
      if (low == kArchV6T2) return kArchV7;
      return low == kArchV6KZ ? kArchV6KZ : kArchV6K;
    case kArchV6M:
    case kArchV6SM:
      // With Arm code the result is the least architecture that also has Armv6-M's instructions.
      if (low <= kArchV4) return kNoArch;
      if (low >= kArchV6M) return high;
      if (low == kArchV6T2 || low == kArchV7) return kArchV7;
      return low == kArchV6KZ ? kArchV6KZ : kArchV6K;
    case kArchV7EM:
      return low <= kArchV4 ? kNoArch : high;
    case kArchV8R:
      return low == kArchV8 ? kArchV8 : kArchV8R;
    case kArchV8MBase:
      return low_is_in({kArchV6M, kArchV6SM, kArchV8MBase}) ? high : kNoArch;
    case kArchV8MMain:
    case kArchV8_1MMain:
      return low_is_in({kArchV7, kArchV6M, kArchV6SM, kArchV7EM, kArchV8MBase, kArchV8MMain,
                        kArchV8_1MMain})
                 ? high
                 : kNoArch;
    case kArchV4TAndV6M:
      if (low <= kArchV4 || low == kArchV8R || (kArchV8_1 <= low && low <= kArchV8_3))
        return kNoArch;
      return low;
    default:
      // Up to Armv6KZ, and from Armv8-A on, each has all that is before it.
      return high <= kArchV9 ? high : kNoArch;
  }
}

std::string arch_name(u32 arch) {
  return arch < std::size(kArchNames) ? std::string(kArchNames[arch]) : cat("number ", arch);
}

u32 arch_with_alternative(u32 arch, std::string_view also_compatible_with) {
  const u32 also = also_compatible_arch(also_compatible_with);
  const bool both =
      (arch == kArchV4T && also == kArchV6M) || (arch == kArchV6M && also == kArchV4T);
  return both ? kArchV4TAndV6M : arch;
}

}  // namespace fwseal::arm
