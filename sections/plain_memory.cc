#include "sections/plain_memory.h"

#include <elf.h>

#include <algorithm>
#include <array>

namespace fwseal {
namespace {

bool has_plain_name(std::string_view name) {
  if (name == "COMMON") return true;
  constexpr std::array<std::string_view, 3> kStems{".data", ".bss", ".rodata"};
  return std::any_of(kStems.begin(), kStems.end(), [&](std::string_view stem) {
    return name.starts_with(stem) && (name.size() == stem.size() || name[stem.size()] == '.');
  });
}

// ".bss", ".bss.*", ".bss*": patterns for data of any name.
bool is_plain_pattern(std::string_view glob) {
  for (const std::string_view suffix : {".*", "*"})
    if (glob.ends_with(suffix)) {
      glob.remove_suffix(suffix.size());
      break;
    }
  return glob == "COMMON" || glob == ".data" || glob == ".bss" || glob == ".rodata";
}

}  // namespace

bool is_general(const PatternUse& use, u32 pattern) {
  const InputDescription& description = *use.description;
  return description.file_glob == "*" && pattern < description.patterns.size() &&
         is_plain_pattern(description.patterns[pattern].glob);
}

std::vector<bool> plain_memory(const Inputs& inputs, const Matcher& matcher) {
  return plain_memory(inputs, matcher, [](SectionId) { return true; });
}

std::vector<bool> plain_memory(const Inputs& inputs, const Matcher& matcher,
                               const std::function<bool(SectionId)>& asked_about) {
  std::vector<bool> plain(inputs.sections.size());
  std::vector<Matcher::Match> matches;
  for (u32 i = 0; i < plain.size(); i++) {
    const InputSection& section = inputs.sections[i];
    const bool is_data = (section.type == SHT_PROGBITS || section.type == SHT_NOBITS) &&
                         section.has(SHF_ALLOC) && !section.has(SHF_EXECINSTR | SHF_TLS);
    if (!is_data || section.excluded || !has_plain_name(section.name)) continue;
    if (!asked_about(SectionId{i})) continue;
    matches.clear();
    matcher.matches(inputs, SectionId{i}, matches);
    // All, not only the first one: constraints such as ONLY_IF_RO are not decided yet.
    plain[i] =
        !matches.empty() && std::all_of(matches.begin(), matches.end(), [&](Matcher::Match match) {
          return is_general(matcher.uses()[match.use], match.pattern);
        });
  }
  return plain;
}

}  // namespace fwseal
