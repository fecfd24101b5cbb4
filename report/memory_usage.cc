#include "report/memory_usage.h"

#include <array>
#include <cstdio>

namespace fwseal {

namespace {

// A size in the largest unit that divides it; so 0 is "0 GB".
std::string size_column(u64 size) {
  struct Unit {
    const char* name;
    u32 shift;
  };
  for (const Unit unit : {Unit{"GB", 30}, Unit{"MB", 20}, Unit{"KB", 10}})
    if ((size & ((u64{1} << unit.shift) - 1)) == 0) {
      const std::string number = std::to_string(size >> unit.shift);
      return cat(std::string(10 - std::min<u64>(10, number.size()), ' '), number, ' ', unit.name);
    }
  const std::string number = std::to_string(size);
  return cat(' ', std::string(10 - std::min<u64>(10, number.size()), ' '), number, " B");
}

std::string percent_column(const RegionUse& region) {
  if (region.length == 0) return {};
  const double percent =
      static_cast<double>(region.used) * 100.0 / static_cast<double>(region.length);
  std::array<char, 400> text;  // a double has at most 309 digits before the point
  const int size = std::snprintf(text.data(), text.size(), "    %6.2f%%", percent);
  return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace

std::string memory_usage_text(const Layout& layout) {
  std::string text = "Memory region         Used Size  Region Size  %age Used\n";
  for (const RegionUse& region : layout.regions) {
    const u64 indent = 16 - std::min<u64>(16, region.name.size());
    text += cat(std::string(indent, ' '), region.name, ": ", size_column(region.used),
                size_column(region.length), percent_column(region), '\n');
  }
  return text;
}

}  // namespace fwseal
