// Zeroes behind a string up to the next aligned offset are the compiler's padding, not empty
// strings; whoever refers to them gets the terminator of the string before.
#include "graph/mergeable.h"

#include <cstring>
#include <string_view>

namespace fwseal {
namespace {

bool is_zero(std::string_view text, u64 at, u64 unit) {
  for (u64 i = 0; i < unit; i++)
    if (text[at + i] != 0) return false;
  return true;
}

u64 length(std::string_view text, u64 at, u64 unit) {
  if (unit == 1) return std::strlen(text.data() + at);  // is_mergeable saw the last terminator
  u64 end = at;
  while (!is_zero(text, end, unit)) end += unit;
  return end - at;
}

}  // namespace

bool is_mergeable(const InputSection& section) {
  if (!section.has(SHF_MERGE) || section.has(SHF_WRITE) || section.has(SHF_EXECINSTR)) return false;
  if (section.type == SHT_NOBITS || !section.relocations.empty()) return false;
  const u64 unit = section.entry_size;
  const u64 size = section.contents.size();
  if (unit == 0 || size == 0 || size % unit != 0 || size > 0xffff'ffff) return false;
  if (!section.has(SHF_STRINGS)) return section.alignment <= unit;
  // Each first string of a section takes its alignment along into the blob. No string needs more.
  constexpr u32 kStrictest = 64;
  if (section.alignment > kStrictest) return false;
  if (section.alignment > 1 && section.alignment % unit != 0 && unit % section.alignment != 0)
    return false;
  const std::string_view end = section.contents.text().substr(size - unit);
  return end.find_first_not_of('\0') == std::string_view::npos;
}

MergeableEntry mergeable_entry(const InputSection& section, u64 offset) {
  const u64 unit = section.entry_size;
  if (!section.has(SHF_STRINGS)) return {unit, offset + unit};
  const std::string_view text = section.contents.text();
  const u64 size = length(text, offset, unit);
  u64 next = offset + size + unit;
  while (next < text.size() && next % section.alignment != 0 && is_zero(text, next, unit))
    next += unit;
  return {size, next};
}

}  // namespace fwseal
