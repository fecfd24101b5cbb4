#include "sections/match.h"

#include <elf.h>

#include <algorithm>

#include "sections/glob.h"

namespace fwseal {
namespace {

bool name_matches(std::string_view pattern, std::string_view name) {
  return is_glob(pattern) ? glob_matches(pattern, name) : pattern == name;
}

// GNU ld: EXCLUDE_FILE also takes the bare name of an archive for all of its members.
bool excluded(const std::vector<std::string>& patterns, const Object& object) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    return file_matches(pattern, object) ||
           (!object.member.empty() && name_matches(pattern, object.file));
  });
}

// Common symbols have no section in the file, and so none with flags (as in GNU ld).
bool flags_match(const InputDescription& description, const InputSection& section) {
  const bool is_common = section.name == "COMMON" && section.type == SHT_NOBITS;
  const u64 flags = is_common ? 0 : section.flags;
  return (flags & description.flags_set) == description.flags_set &&
         (flags & description.flags_clear) == 0;
}

}  // namespace

bool file_matches(std::string_view pattern, const Object& object) {
  if (pattern == "*") return true;
  const bool is_member = !object.member.empty();
  const std::string_view own_name = is_member ? object.member : object.file;
  const std::size_t colon = pattern.find(':');
  if (colon == std::string_view::npos) return name_matches(pattern, own_name);
  const std::string_view archive = pattern.substr(0, colon);
  const std::string_view file = pattern.substr(colon + 1);
  if (!archive.empty() != is_member) return false;
  if (!file.empty() && !name_matches(file, own_name)) return false;
  return archive.empty() || name_matches(archive, object.file);
}

bool pattern_matches(const SectionPattern& pattern, const Inputs& inputs, SectionId section) {
  return name_matches(pattern.glob, inputs[section].name) &&
         !excluded(pattern.excluded_files, inputs.object_of(section));
}

Matcher::Matcher(const Script& script, Only only) {
  u32 output = 0;
  for (const Statement& statement : script.statements) {
    const auto* description = std::get_if<OutputDescription>(&statement);
    if (description == nullptr) continue;
    for (u32 i = 0; i < description->statements.size(); i++) {
      const auto* input = std::get_if<InputDescription>(&description->statements[i]);
      if (input == nullptr || (only == Only::kKeep && !input->keep)) continue;
      const u32 use = static_cast<u32>(uses_.size());
      uses_.push_back({input, output, i});
      if (input->patterns.empty()) insert("", {use, 0, Rest::kAnything});
      for (u32 k = 0; k < input->patterns.size(); k++) {
        const std::string_view glob = input->patterns[k].glob;
        const std::string_view prefix = glob_prefix(glob);
        const std::string_view rest = glob.substr(prefix.size());
        insert(prefix, {use, k,
                        rest.empty()  ? Rest::kEnd
                        : rest == "*" ? Rest::kAnything
                                      : Rest::kGlob});
      }
    }
    output++;
  }
}

void Matcher::insert(std::string_view prefix, Entry entry) {
  u32 node = 0;
  for (const char c : prefix) {
    const auto& children = nodes_[node].children;
    const auto found = std::find_if(children.begin(), children.end(),
                                    [&](const auto& child) { return child.first == c; });
    if (found != children.end()) {
      node = found->second;
      continue;
    }
    const u32 added = static_cast<u32>(nodes_.size());
    nodes_[node].children.emplace_back(c, added);
    nodes_.emplace_back();
    node = added;
  }
  nodes_[node].entries.push_back(entry);
}

void Matcher::matches(const Inputs& inputs, SectionId id, std::vector<Match>& out) const {
  const InputSection& section = inputs[id];
  const Object& object = inputs.object_of(id);
  const std::size_t first = out.size();
  const auto consider = [&](Entry entry, std::size_t depth) {
    if (entry.rest == Rest::kEnd && depth != section.name.size()) return;
    const InputDescription& description = *uses_[entry.use].description;
    if (!file_matches(description.file_glob, object) || !flags_match(description, section)) return;
    if (excluded(description.excluded_files, object)) return;
    if (!description.patterns.empty()) {
      const SectionPattern& pattern = description.patterns[entry.pattern];
      if (entry.rest == Rest::kGlob && !glob_matches(pattern.glob, section.name)) return;
      if (excluded(pattern.excluded_files, object)) return;
    }
    out.push_back({entry.use, entry.pattern});
  };

  u32 node = 0;
  for (std::size_t depth = 0;; depth++) {
    for (const Entry entry : nodes_[node].entries) consider(entry, depth);
    if (depth == section.name.size()) break;
    const auto& children = nodes_[node].children;
    const auto next = std::find_if(children.begin(), children.end(), [&](const auto& child) {
      return child.first == section.name[depth];
    });
    if (next == children.end()) break;
    node = next->second;
  }

  if (out.size() < first + 2) return;
  // The tree gives them by length of their prefix; the script's order is what counts.
  const auto by_script = [](Match a, Match b) {
    return a.use != b.use ? a.use < b.use : a.pattern < b.pattern;
  };
  std::sort(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(), by_script);
  const auto last = std::unique(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(),
                                [](Match a, Match b) { return a.use == b.use; });
  out.erase(last, out.end());
}

}  // namespace fwseal
