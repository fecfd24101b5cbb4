// Matching the input sections to the script.
//
// GNU ld's order: an input section belongs to the first description that matches it; within one
// description sections come object by object in the order in which the objects were loaded, and
// section by section, whichever of its patterns they match. A pattern with SORT_* inserts its
// sections in front of the first one that must come later. COMMON symbols are sections like others.
#include "sections/arrange.h"

#include <elf.h>

#include <algorithm>
#include <charconv>
#include <climits>

#include "sections/glob.h"
#include "sections/orphans.h"

namespace fwseal {
namespace {

// The priority in a name such as .init_array.00101; a .ctors or .dtors number counts down from
// 65535 (GCC manual, "init_priority"). -1 if the name has none.
i64 init_priority(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot + 1 == name.size()) return -1;
  i64 value = 0;
  const char* const end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data() + dot + 1, end, value);
  if (error != std::errc() || stop != end || value > INT_MAX) return -1;
  const std::string_view stem = name.substr(0, dot);
  return stem == ".ctors" || stem == ".dtors" ? 65535 - value : value;
}

// How two sections compare under one key: negative if `a` comes first.
int compare_by(SortKey key, const InputSection& a, const InputSection& b) {
  switch (key) {
    case SortKey::kNone: return 0;
    case SortKey::kName: return a.name.compare(b.name);
    case SortKey::kAlignment:  // the strictest first
      return a.alignment == b.alignment ? 0 : a.alignment > b.alignment ? -1 : 1;
    case SortKey::kInitPriority: {
      const i64 x = init_priority(a.name);
      const i64 y = init_priority(b.name);
      if (x < 0 || y < 0 || x == y) return a.name.compare(b.name);
      return x < y ? -1 : 1;
    }
  }
  return 0;
}

struct Sorting {
  SortKey first = SortKey::kNone;
  SortKey second = SortKey::kNone;
};

// The sorting of a pattern with --sort-section applied: it fills in a key that the script left
// open, but never touches SORT_NONE, .init and .fini.
Sorting sorting_of(const SectionPattern& pattern, SortKey command_line) {
  Sorting sorting{pattern.sort, pattern.then_by};
  if (command_line == SortKey::kNone || pattern.glob == ".init" || pattern.glob == ".fini")
    return sorting;
  if (sorting.first == SortKey::kNone && !pattern.sort_is_explicit) sorting.first = command_line;
  else if (sorting.first != SortKey::kNone && sorting.second == SortKey::kNone &&
           sorting.first != SortKey::kInitPriority && sorting.first != command_line)
    sorting.second = command_line;
  return sorting;
}

// A section and what decides its place in the list of its description.
struct Entry {
  SectionId section;
  Sorting sorting;
};

class ListBuilder {
 public:
  ListBuilder(const Inputs& inputs, const InputDescription& description)
      : inputs_(inputs), by_file_(description.sort_files) {}

  void add(Entry entry) {
    sorted_ = sorted_ || by_file_ || entry.sorting.first != SortKey::kNone;
    mixed_ = mixed_ || (!entries_.empty() &&
                        (entry.sorting.first != entries_[0].sorting.first ||
                         entry.sorting.second != entries_[0].sorting.second));
    entries_.push_back(entry);
  }

  std::vector<SectionId> finish() {
    if (sorted_ && !mixed_) {
      std::stable_sort(entries_.begin(), entries_.end(),
                       [&](const Entry& a, const Entry& b) { return compare(a, b) < 0; });
    } else if (sorted_) {
      insert_one_by_one();
    }
    std::vector<SectionId> sections;
    sections.reserve(entries_.size());
    for (const Entry& entry : entries_) sections.push_back(entry.section);
    return sections;
  }

 private:
  // Compares by the sorting of `a`, the section that looks for its place.
  int compare(const Entry& a, const Entry& b) const {
    if (by_file_) {
      const Object& x = inputs_.object_of(a.section);
      const Object& y = inputs_.object_of(b.section);
      if (const int order = x.file.compare(y.file); order != 0) return order;
      if (const int order = x.member.compare(y.member); order != 0) return order;
    }
    const InputSection& x = inputs_[a.section];
    const InputSection& y = inputs_[b.section];
    const int order = compare_by(a.sorting.first, x, y);
    return order != 0 ? order : compare_by(a.sorting.second, x, y);
  }

  // Patterns with different sortings share the list: each section goes in front of the first one
  // that must follow it, and one without a sorting goes to the end.
  void insert_one_by_one() {
    std::vector<Entry> list;
    for (const Entry& entry : entries_) {
      auto place = list.end();
      if (by_file_ || entry.sorting.first != SortKey::kNone)
        place = std::find_if(list.begin(), list.end(),
                             [&](const Entry& other) { return compare(entry, other) < 0; });
      list.insert(place, entry);
    }
    entries_ = std::move(list);
  }

  const Inputs& inputs_;
  std::vector<Entry> entries_;
  bool by_file_;
  bool sorted_ = false;
  bool mixed_ = false;
};

class Arranger {
 public:
  Arranger(const Program& program, const Plan& plan, const Script& script, const Matcher& matcher,
           const ArrangeOptions& options, Diag& diag)
      : inputs_(program.inputs),
        plan_(plan),
        script_(script),
        matcher_(matcher),
        options_(options),
        diag_(diag) {}

  Arrangement run() {
    copy_statements();
    decide_constraints();
    fill_lists();
    place_orphans(inputs_, plan_, options_, result_, diag_);
    return std::move(result_);
  }

 private:
  const OutputDescription& description(u32 output) const { return *result_.outputs[output].description; }

  void copy_statements() {
    for (const Statement& statement : script_.statements) {
      if (const auto* output = std::get_if<OutputDescription>(&statement)) add_output(*output);
      else if (const auto* assignment = std::get_if<Assignment>(&statement))
        result_.order.push_back(assignment);
      else if (const auto* assertion = std::get_if<Assertion>(&statement))
        result_.order.push_back(assertion);
    }
    result_.output_of.assign(inputs_.sections.size(), 0);
  }

  void add_output(const OutputDescription& description) {
    ArrangedOutput output;
    output.name = description.name;
    output.description = &description;
    output.discards = description.name == "/DISCARD/";
    output.region = description.region;
    output.load_region = description.load_region;
    output.segments = description.segments;
    item_of_.emplace_back();
    for (const SectionStatement& statement : description.statements) {
      item_of_.back().push_back(static_cast<u32>(output.items.size()));
      if (const auto* input = std::get_if<InputDescription>(&statement))
        output.items.push_back(SectionList{input, {}});
      else if (const auto* assignment = std::get_if<Assignment>(&statement))
        output.items.push_back(assignment);
      else if (const auto* assertion = std::get_if<Assertion>(&statement))
        output.items.push_back(assertion);
      else if (const auto* data = std::get_if<DataStatement>(&statement))
        output.items.push_back(data);
      else if (const auto* fill = std::get_if<FillPattern>(&statement))
        output.items.push_back(fill);
    }
    result_.order.push_back(static_cast<u32>(result_.outputs.size()));
    result_.outputs.push_back(std::move(output));
  }

  bool placeable(u32 section) const {
    return plan_.kept[section] && !inputs_.sections[section].excluded;
  }

  bool unique(const InputSection& section) const {
    if (options_.unique_all) return true;
    return std::any_of(options_.unique.begin(), options_.unique.end(), [&](const auto& pattern) {
      return glob_matches(pattern, section.name);
    });
  }

  // The first match whose output section is not skipped, or nothing. With `only_discards`, what
  // /DISCARD/ does not take is passed over.
  const Matcher::Match* first_match(const std::vector<Matcher::Match>& matches,
                                    bool only_discards = false) const {
    for (const Matcher::Match& match : matches) {
      const ArrangedOutput& output = result_.outputs[matcher_.uses()[match.use].output];
      if (!output.skipped && (output.discards || !only_discards)) return &match;
    }
    return nullptr;
  }

  // ONLY_IF_RO asks whether all sections that reach the description are read-only, so it depends on
  // how the constraints before it came out: they are decided in order.
  void decide_constraints() {
    std::vector<u32> constrained;
    for (u32 i = 0; i < result_.outputs.size(); i++)
      if (description(i).constraint != Constraint::kNone) constrained.push_back(i);
    if (constrained.empty()) return;
    std::vector<std::pair<u32, std::vector<Matcher::Match>>> candidates;
    std::vector<Matcher::Match> matches;
    for (u32 s = 0; s < inputs_.sections.size(); s++) {
      if (!placeable(s)) continue;
      matches.clear();
      matcher_.matches(inputs_, SectionId{s}, matches);
      const bool concerned = std::any_of(matches.begin(), matches.end(), [&](Matcher::Match match) {
        return description(matcher_.uses()[match.use].output).constraint != Constraint::kNone;
      });
      if (concerned) candidates.emplace_back(s, matches);
    }
    for (const u32 output : constrained) {
      bool all_read_only = true;
      for (const auto& [section, list] : candidates) {
        const Matcher::Match* const match = first_match(list);
        if (match == nullptr || matcher_.uses()[match->use].output != output) continue;
        all_read_only = all_read_only && !inputs_.sections[section].has(SHF_WRITE);
      }
      result_.outputs[output].skipped =
          all_read_only != (description(output).constraint == Constraint::kOnlyIfRo);
    }
  }

  void fill_lists() {
    std::vector<ListBuilder> lists;
    for (const PatternUse& use : matcher_.uses()) lists.emplace_back(inputs_, *use.description);
    std::vector<Matcher::Match> matches;
    for (u32 s = 0; s < inputs_.sections.size(); s++) {
      if (!placeable(s) || unique(inputs_.sections[s])) continue;
      matches.clear();
      matcher_.matches(inputs_, SectionId{s}, matches);
      const bool in_group = options_.keep_groups && inputs_.sections[s].has(SHF_GROUP);
      const Matcher::Match* const match = first_match(matches, in_group);
      if (match == nullptr) continue;
      const PatternUse& use = matcher_.uses()[match->use];
      result_.output_of[s] = use.output + 1;
      if (result_.outputs[use.output].discards) continue;
      Sorting sorting;
      if (!use.description->patterns.empty())
        sorting = sorting_of(use.description->patterns[match->pattern], options_.sort_section);
      lists[match->use].add({SectionId{s}, sorting});
    }
    for (u32 i = 0; i < lists.size(); i++) {
      const PatternUse& use = matcher_.uses()[i];
      ArrangedItem& item = result_.outputs[use.output].items[item_of_[use.output][use.statement]];
      std::get<SectionList>(item).sections = lists[i].finish();
    }
  }

  const Inputs& inputs_;
  const Plan& plan_;
  const Script& script_;
  const Matcher& matcher_;
  const ArrangeOptions& options_;
  Diag& diag_;
  Arrangement result_;
  std::vector<std::vector<u32>> item_of_;  // per output and statement: index of its item
};

}  // namespace

Arrangement arrange(const Program& program, const Plan& plan, const Script& script,
                    const Matcher& matcher, const ArrangeOptions& options, Diag& diag) {
  return Arranger(program, plan, script, matcher, options, diag).run();
}

std::vector<SectionId> kept_by_script(const Inputs& inputs, const Script& script) {
  // GNU ld keeps what any KEEP names, even where another description takes the section.
  const Matcher matcher(script, Matcher::Only::kKeep);
  std::vector<SectionId> kept;
  if (matcher.uses().empty()) return kept;
  std::vector<Matcher::Match> matches;
  for (u32 s = 0; s < inputs.sections.size(); s++) {
    if (inputs.sections[s].excluded) continue;
    matches.clear();
    matcher.matches(inputs, SectionId{s}, matches);
    if (!matches.empty()) kept.push_back(SectionId{s});
  }
  return kept;
}

void apply_inserts(Script& script, Diag& diag) {
  std::vector<Statement> list;
  std::vector<std::pair<Insert, std::vector<Statement>>> moves;
  for (Statement& statement : script.statements) {
    if (auto* insert = std::get_if<Insert>(&statement)) {
      moves.emplace_back(std::move(*insert), std::move(list));
      list.clear();
    } else {
      list.push_back(std::move(statement));
    }
  }
  for (auto& [insert, moved] : moves) {
    const auto names_it = [&](const Statement& statement) {
      const auto* output = std::get_if<OutputDescription>(&statement);
      return output != nullptr && output->name == insert.section;
    };
    auto place = std::find_if(list.begin(), list.end(), names_it);
    if (place == list.end()) {
      diag.error(insert.place.location(), cat("INSERT: no output section `", insert.section, "'"));
      continue;
    }
    if (insert.after) ++place;
    list.insert(place, std::make_move_iterator(moved.begin()),
                std::make_move_iterator(moved.end()));
  }
  script.statements = std::move(list);
}

}  // namespace fwseal
