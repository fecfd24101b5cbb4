// Matching the input sections to the script.
//
// GNU ld's order: an input section belongs to the first description that matches it; within one
// description sections come object by object in the order in which the objects were loaded, and
// section by section, whichever of its patterns they match; section_sort.h says what SORT_* makes
// of that. COMMON symbols are sections like others.
//
// INSERT moves output sections, but not the order in which they take their input: a script that is
// read before another one takes first.
#include "sections/arrange.h"

#include <elf.h>

#include <algorithm>
#include <unordered_map>

#include "graph/frame_table.h"
#include "graph/initialiser_list.h"
#include "graph/memory_hints.h"
#include "graph/unwind.h"
#include "sections/glob.h"
#include "sections/orphans.h"
#include "sections/script_symbols.h"
#include "sections/section_sort.h"

namespace fwseal {
namespace {

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
    mark_addressed();
    fill_lists();
    apply_inserts();
    place_orphans(inputs_, plan_, options_, result_, diag_);
    return std::move(result_);
  }

 private:
  const OutputDescription& description(u32 output) const {
    return *result_.outputs[output].description;
  }

  void copy_statements() {
    auto& order = result_.order;
    for (const Statement& statement : script_.statements) {
      if (const auto* output = std::get_if<OutputDescription>(&statement))
        add_output(*output);
      else if (const auto* assignment = std::get_if<Assignment>(&statement))
        order.push_back(assignment);
      else if (const auto* assertion = std::get_if<Assertion>(&statement))
        order.push_back(assertion);
      else
        cut_.push_back({&std::get<Insert>(statement), order.size()});
    }
    add_named_by_options();
    result_.output_of.assign(inputs_.sections.size(), 0);
    result_.has_keep.assign(inputs_.sections.size(), false);
  }

  // Moves what stands before each INSERT, down to the one before it, behind or before the output
  // section that it names.
  void apply_inserts() {
    if (cut_.empty()) return;
    StatementList list(result_.order.begin(), result_.order.end());
    std::vector<OutputKind> kinds;
    for (const ArrangedOutput& output : result_.outputs)
      kinds.push_back(kind_of_output(inputs_, output, options_.relocatable));
    std::vector<StatementList> parts;
    u64 begin = 0;
    for (const auto& [insert, end] : cut_) {
      parts.emplace_back();
      parts.back().splice(parts.back().end(), list, list.begin(),
                          std::next(list.begin(), static_cast<std::ptrdiff_t>(end - begin)));
      begin = end;
    }
    for (u64 i = 0; i < parts.size(); i++) {
      const Insert& insert = *cut_[i].first;
      const bool found = insert_part(insert, parts[i], list, kinds) ||
                         std::any_of(parts.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                                     parts.end(), [&](StatementList& later) {
                                       return insert_part(insert, parts[i], later, kinds);
                                     });
      if (found) continue;
      diag_.error(insert.place.location(),
                  cat("INSERT: no output section `", insert.section, "'"));
      list.splice(list.end(), parts[i]);  // every output section has a place for what follows
    }
    result_.order.assign(list.begin(), list.end());
  }

  // False if the list has not the output section that INSERT names.
  bool insert_part(const Insert& insert, StatementList& part, StatementList& list,
                   const std::vector<OutputKind>& kinds) const {
    auto previous = list.begin();  // behind the output section before
    bool at_start = true;
    for (auto it = list.begin(); it != list.end(); ++it) {
      const u32* const number = std::get_if<u32>(&*it);
      if (number == nullptr) continue;
      if (result_.outputs[*number].name == insert.section && !result_.outputs[*number].skipped) {
        const auto from = insert.after ? std::next(it) : previous;
        list.splice(behind_assignments(list, from, kinds, !insert.after && at_start), part);
        return true;
      }
      previous = std::next(it);
      at_start = false;
    }
    return false;
  }

  void mark_addressed() {
    std::unordered_map<std::string_view, ArrangedOutput*> first;  // of each name
    for (ArrangedOutput& output : result_.outputs)
      if (!output.skipped) first.try_emplace(output.name, &output);
    for (const std::string& name : outputs_with_address(script_))
      if (const auto found = first.find(name); found != first.end())
        found->second->addressed = true;
  }

  // -Ttext, --section-start: orphans of these names go behind everything else.
  void add_named_by_options() {
    for (const std::string& name : options_.named_outputs) {
      const bool known = std::any_of(result_.outputs.begin(), result_.outputs.end(),
                                     [&](const auto& output) { return output.name == name; });
      if (known) continue;
      ArrangedOutput output;
      output.name = name;
      output.outside_regions = true;
      result_.order.push_back(static_cast<u32>(result_.outputs.size()));
      result_.outputs.push_back(std::move(output));
    }
  }

  void add_output(const OutputDescription& description) {
    ArrangedOutput output;
    output.name = description.name;
    output.description = &description;
    output.discards = description.name == "/DISCARD/";
    output.region = description.region;
    output.load_region = description.load_region;
    if (output.region.empty() && description.address == nullptr) output.region = output.load_region;
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
    return plan_.kept[section];
  }

  // --unique=PATTERN takes sections away from the script; --unique is for orphans only.
  bool unique(const InputSection& section) const {
    return std::any_of(options_.unique.begin(), options_.unique.end(),
                       [&](const auto& pattern) { return glob_matches(pattern, section.name); });
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

  // The first match of each output section, up to one that takes all that reaches it.
  std::vector<Matcher::Match> until_unconstrained(const std::vector<Matcher::Match>& matches) {
    std::vector<Matcher::Match> result;
    for (const Matcher::Match& match : matches) {
      const u32 output = matcher_.uses()[match.use].output;
      if (!result.empty() && matcher_.uses()[result.back().use].output == output) continue;
      result.push_back(match);
      if (description(output).constraint == Constraint::kNone) break;
    }
    return result;
  }

  // ONLY_IF_RO asks whether all sections that reach the description are read-only, so it depends on
  // how the constraints before it came out: they are decided in order.
  void decide_constraints() {
    std::vector<u32> constrained;
    for (u32 i = 0; i < result_.outputs.size(); i++)
      if (result_.outputs[i].description != nullptr &&
          description(i).constraint != Constraint::kNone)
        constrained.push_back(i);
    if (constrained.empty()) return;
    // All that reach them are kept until the last one is decided, and asked for each of them.
    constexpr u64 kMost = 256;
    if (constrained.size() > kMost)
      return diag_.error(
          description(constrained[kMost]).place.location(),
          cat("more than ", kMost, " output sections with ONLY_IF_RO or ONLY_IF_RW"));
    std::vector<std::pair<u32, std::vector<Matcher::Match>>> candidates;
    std::vector<Matcher::Match> matches;
    for (u32 s = 0; s < inputs_.sections.size(); s++) {
      if (!placeable(s)) continue;
      matches.clear();
      matcher_.matches(inputs_, SectionId{s}, matches);
      const bool concerned = std::any_of(matches.begin(), matches.end(), [&](Matcher::Match match) {
        return description(matcher_.uses()[match.use].output).constraint != Constraint::kNone;
      });
      if (concerned) candidates.emplace_back(s, until_unconstrained(matches));
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
    std::vector<SectionSorter> lists;
    for (const PatternUse& use : matcher_.uses()) lists.emplace_back(inputs_, *use.description);
    std::vector<Matcher::Match> matches;
    for (const SectionId section : sections_in_walk_order(inputs_)) {
      prefetch_name_ahead(inputs_.sections, index(section));
      fill_list(section, matches, lists);
    }
    for (u32 i = 0; i < lists.size(); i++) {
      const PatternUse& use = matcher_.uses()[i];
      ArrangedItem& item = result_.outputs[use.output].items[item_of_[use.output][use.statement]];
      std::get<SectionList>(item).sections = lists[i].finish();
    }
  }

  void fill_list(SectionId section, std::vector<Matcher::Match>& matches,
                 std::vector<SectionSorter>& lists) {
    const u32 s = index(section);
    if (!placeable(s)) return leave_alignment(section, matches);
    if (unique(inputs_.sections[s])) return;
    matches.clear();
    matcher_.matches(inputs_, section, matches);
    result_.has_keep[s] = std::any_of(matches.begin(), matches.end(), [&](Matcher::Match match) {
      return matcher_.uses()[match.use].description->keep;
    });
    const bool in_group = options_.keep_groups && inputs_.sections[s].has(SHF_GROUP);
    const Matcher::Match* const match = first_match(matches, in_group);
    if (match == nullptr) return;
    const PatternUse& use = matcher_.uses()[match->use];
    result_.output_of[s] = use.output + 1;
    if (!result_.outputs[use.output].discards)
      add_to_list(section, *use.description, *match, lists[match->use]);
  }

  // Scripts set a symbol behind the tables that every image has, from where start-up code copies
  // words: `__etext = .; .data : AT(__etext)`. That works because the tables consist of words, so
  // they leave their alignment behind.
  void leave_alignment(SectionId id, std::vector<Matcher::Match>& matches) {
    const InputSection& section = inputs_[id];
    if (!options_.tables_leave_alignment || section.excluded || !consists_of_words(section)) return;
    matches.clear();
    matcher_.matches(inputs_, id, matches);
    const Matcher::Match* const match = first_match(matches);
    if (match == nullptr) return;
    const PatternUse& use = matcher_.uses()[match->use];
    ArrangedItem& item = result_.outputs[use.output].items[item_of_[use.output][use.statement]];
    std::get<SectionList>(item).left_alignment = kTableWord;
  }
  static bool consists_of_words(const InputSection& section) {
    return section.alignment >= kTableWord && section.size % kTableWord == 0 && section.size != 0 &&
           (is_unwind_table(section) || is_frame_table(section) || is_initialiser_list(section));
  }
  static constexpr u32 kTableWord = 4;

  // Once for each pattern that names it, if they are sorted: what comes first counts.
  void add_to_list(SectionId section, const InputDescription& description, Matcher::Match match,
                   SectionSorter& list) const {
    const auto& patterns = description.patterns;
    if (patterns.empty()) return list.add(section, {});
    list.add(section, sorting_of(patterns[match.pattern], options_.sort_section));
    for (u32 i = match.pattern + 1; i < patterns.size(); i++) {
      const Sorting sorting = sorting_of(patterns[i], options_.sort_section);
      if (list.is_sorted() || sorting.first != SortKey::kNone)
        if (pattern_matches(patterns[i], inputs_, section)) list.add(section, sorting);
    }
  }

  const Inputs& inputs_;
  const Plan& plan_;
  const Script& script_;
  const Matcher& matcher_;
  const ArrangeOptions& options_;
  Diag& diag_;
  Arrangement result_;
  std::vector<std::pair<const Insert*, u64>> cut_;  // each INSERT, and how many statements before
  std::vector<std::vector<u32>> item_of_;           // per output and statement: index of its item
};

}  // namespace

Arrangement arrange(const Program& program, const Plan& plan, const Script& script,
                    const Matcher& matcher, const ArrangeOptions& options, Diag& diag) {
  return Arranger(program, plan, script, matcher, options, diag).run();
}

std::vector<SectionId> sections_in_walk_order(const Inputs& inputs) {
  // The object with which a section that was made comes; GNU ld gives its own to the first one.
  const auto owner = [&](SectionId id) {
    const ObjectId object = inputs[id].object;
    return index(object) < inputs.read_objects ? index(object) : 0;
  };
  std::vector<SectionId> made;
  for (u32 i = inputs.read_sections; i < inputs.sections.size(); i++) made.push_back(SectionId{i});
  std::ranges::stable_sort(made, {}, owner);

  std::vector<SectionId> sections;
  sections.reserve(inputs.sections.size());
  u32 read = 0;
  for (const SectionId id : made) {
    const u32 next = owner(id) + 1;  // the first object behind it
    const u32 end = next < inputs.read_objects ? index(inputs.objects[next].first_section)
                                               : inputs.read_sections;
    while (read < end) sections.push_back(SectionId{read++});
    sections.push_back(id);
  }
  while (read < inputs.read_sections) sections.push_back(SectionId{read++});
  return sections;
}

OutputKind kind_of_output(const Inputs& inputs, const ArrangedOutput& output, bool relocatable) {
  const OutputType script_type =
      output.description != nullptr ? output.description->type : OutputType::kDefault;
  OutputKind kind;
  for (const ArrangedItem& item : output.items) {
    if (const auto* list = std::get_if<SectionList>(&item)) {
      const std::span<const SectionId> sections = list->sections;
      for (u64 i = 0; i < sections.size(); i++) {
        prefetch_ahead(inputs.sections, sections, i);
        kind.add(output.name, inputs[sections[i]], script_type, relocatable);
      }
    } else if (std::holds_alternative<const DataStatement*>(item))
      kind.add_data(output.name, script_type);
    else
      kind.make(output.name);
  }
  // Also those that only -Ttext or --section-start names.
  if (output.addressed || (output.description == nullptr && output.items.empty()))
    kind.make(output.name);
  if (kind.made && script_type == OutputType::kNoload) kind.kinds |= kNeverLoadKind;
  return kind;
}

StatementList::iterator behind_assignments(StatementList& statements, StatementList::iterator from,
                                           const std::vector<OutputKind>& kinds, bool at_start) {
  auto dot = statements.end();
  for (auto it = from; it != statements.end(); ++it) {
    if (const u32* output = std::get_if<u32>(&*it)) {
      // What sets the location counter before sections that are not in memory stays with what
      // stands before it.
      const OutputKind& next = kinds[*output];
      const bool belongs_to_next = !next.has_input || next.allocated();
      return dot != statements.end() && belongs_to_next ? dot : it;
    }
    const auto* assignment = std::get_if<const Assignment*>(&*it);
    if (assignment == nullptr || (*assignment)->symbol != "." || dot != statements.end()) continue;
    if (!at_start) dot = it;
    at_start = false;
  }
  return statements.end();
}

std::vector<SectionId> kept_by_script(const Inputs& inputs, const Script& script) {
  // GNU ld keeps what any KEEP names, even where another description takes the section.
  const Matcher matcher(script, Matcher::Only::kKeep);
  std::vector<SectionId> kept;
  if (matcher.uses().empty()) return kept;
  std::vector<Matcher::Match> matches;
  for (u32 s = 0; s < inputs.sections.size(); s++) {
    prefetch_name_ahead(inputs.sections, s);
    if (inputs.sections[s].excluded) continue;
    matches.clear();
    matcher.matches(inputs, SectionId{s}, matches);
    if (!matches.empty()) kept.push_back(SectionId{s});
  }
  return kept;
}

}  // namespace fwseal
