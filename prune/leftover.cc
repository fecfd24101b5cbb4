// Objects that went through `ld -r`, and those of other compilers, bring sections along that only
// mean something to a dynamic linker. Firmware has none: scripts written for hosted systems place
// them with KEEP nevertheless, and then they cost flash. So KEEP does not count for them; a
// reference from live code does.
//
// A section may be called `.hash` for another reason (a boot loader's digest), so its type must say
// the same as its name, where there is a type. String and relocation tables (.dynstr, .rel.plt)
// never get as far as here: the reader of objects takes them for what they are.
//
// gABI 4.1, "Sections", "Special Sections"; the names of the GNU additions are those of ld 2.40.
#include "prune/leftover.h"

#include <algorithm>
#include <array>

namespace fwseal {
namespace {

// The path of a dynamic linker.
bool is_interpreter(const InputSection& section) {
  const std::string_view path = section.contents.text();
  return section.name == ".interp" && section.relocations.empty() && path.starts_with('/') &&
         path.ends_with('\0');
}

bool is_linkage_table(std::string_view name) {
  constexpr std::array<std::string_view, 4> kNames{".plt", ".got.plt", ".iplt", ".igot.plt"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

}  // namespace

bool is_dynamic_table(const InputSection& section) {
  switch (section.type) {
    case SHT_DYNAMIC:
    case SHT_DYNSYM:
    case SHT_HASH:
    case SHT_GNU_HASH:
    case SHT_GNU_verdef:
    case SHT_GNU_verneed:
    case SHT_GNU_versym:
      return true;
    default:
      return is_interpreter(section);
  }
}

bool is_leftover(const InputSection& section) {
  if (!section.has(SHF_ALLOC)) return false;
  return is_dynamic_table(section) || is_linkage_table(section.name);
}

}  // namespace fwseal
