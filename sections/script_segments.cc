// The segments that PHDRS describes, and which sections go into them.
//
// ld manual, "PHDRS Command": a section with :phdr goes into those segments; a later allocated one
// without goes where the section before it went; :NONE is in no segment. As GNU ld does, a section
// before the first :phdr goes where that one goes, NOLOAD sections inherit nothing, and PT_INTERP
// is never inherited.
//
// Where we differ: a NOBITS section that the script puts behind sections which are copied from
// flash gets a PT_LOAD of its own. It has no load address in flash (see segments.cc), and in one
// segment with them a loader would clear flash behind their bytes.
#include <algorithm>
#include <deque>
#include <string_view>
#include <unordered_map>

#include "sections/segment_draft.h"

namespace fwseal {
namespace {

u64 number(const ExprPtr& value, const SegmentOptions& options, std::string_view what, Diag& diag) {
  if (value->kind == ExprKind::kNumber) return value->number;
  if (options.evaluate) return options.evaluate(*value);
  diag.error(value->place.location(), cat(what, " of a program header must be a number here"));
  return 0;
}

SegmentDraft draft_of(const SegmentDescription& description, const SegmentOptions& options,
                      Diag& diag) {
  SegmentDraft draft;
  draft.segment.name = description.name;
  draft.segment.type =
      static_cast<u32>(description.type ? number(description.type, options, "type", diag) : 0);
  draft.segment.includes_file_header = description.includes_file_header;
  draft.segment.includes_program_headers = description.includes_program_headers;
  if (description.flags)
    draft.flags = static_cast<u32>(number(description.flags, options, "FLAGS", diag));
  if (description.load_address)
    draft.load_address = number(description.load_address, options, "AT", diag);
  return draft;
}

using Names = std::vector<std::string>;

const Names* own_names(const OutputSection& section) {
  if (section.description == nullptr || section.description->segments.empty()) return nullptr;
  return &section.description->segments;
}

// Which segments a list of names means.
struct Members {
  std::vector<bool> in;  // per segment of the script
  bool none = false;     // NONE
};

class Membership {
 public:
  Membership(const Script& script, const Layout& layout) : count_(script.segments.size()) {
    for (u32 i = 0; i < count_; i++) numbers_[script.segments[i].name].push_back(i);
    const Members* last = nullptr;
    for (const OutputSection& section : layout.outputs)
      if (last == nullptr && own_names(section) != nullptr) last = read(*own_names(section));
    for (const OutputSection& section : layout.outputs) {
      const Names* const names = own_names(section);
      const Members* const own = names != nullptr ? read(*names) : nullptr;
      if (own != nullptr) last = own;
      const bool inherits =
          section.allocated() && section.script_type != OutputType::kNoload && own == nullptr;
      of_.push_back(inherits ? last : own);
    }
  }

  bool knows(std::string_view name) const { return numbers_.contains(name); }
  bool is_in(u32 output, u32 segment) const {
    return of_[output] != nullptr && of_[output]->in[segment];
  }
  bool is_in_none(u32 output) const { return of_[output] != nullptr && of_[output]->none; }

 private:
  const Members* read(const Names& names) {
    Members& members = lists_.emplace_back();
    members.in.resize(count_);
    for (const std::string& name : names) {
      members.none = members.none || name == "NONE";
      if (const auto found = numbers_.find(name); found != numbers_.end())
        for (const u32 segment : found->second) members.in[segment] = true;
    }
    return &members;
  }

  const u64 count_;
  std::unordered_map<std::string_view, std::vector<u32>> numbers_;  // segments of each name
  std::deque<Members> lists_;
  std::vector<const Members*> of_;  // per output section; nullptr: in no segment
};

void check_names(const Membership& membership, const Layout& layout, Diag& diag) {
  for (const OutputSection& section : layout.outputs) {
    const Names* names = own_names(section);
    if (names == nullptr) continue;
    for (const std::string& name : *names) {
      if (!membership.knows(name) && name != "NONE")
        diag.error(section.description->place.location(),
                   cat("section ", section.name, " is assigned to program header ", name,
                       ", which PHDRS does not describe"));
    }
  }
}

// Can the section be in the segment because the script names it there?
bool fits(const OutputSection& section, const SegmentDraft& draft) {
  if (draft.segment.type == PT_LOAD) return section.allocated() && loaded_size(section) != 0;
  return draft.segment.type != PT_INTERP || own_names(section) != nullptr;
}

// Takes the NOBITS sections out of the segment that are not as far from their load address as its
// bytes are.
std::vector<OutputId> take_uncopied(const Layout& layout, SegmentDraft& draft) {
  std::vector<OutputId>& sections = draft.segment.sections;
  const auto section = [&](OutputId id) -> const OutputSection& {
    return layout.outputs[index(id)];
  };
  const auto first = std::find_if(sections.begin(), sections.end(),
                                  [&](OutputId id) { return section(id).has_bytes(); });
  if (first == sections.end()) return {};
  // AT places the bytes, whatever load address layout gave them.
  const u64 distance = draft.load_address ? *draft.load_address - section(sections[0]).vma
                                          : section(*first).lma - section(*first).vma;
  const auto uncopied = std::stable_partition(sections.begin(), sections.end(), [&](OutputId id) {
    return section(id).has_bytes() || section(id).lma - section(id).vma == distance;
  });
  std::vector<OutputId> taken(uncopied, sections.end());
  sections.erase(uncopied, sections.end());
  return taken;
}

void warn_if_unloaded(const Layout& layout, const Membership& membership,
                      const std::vector<bool>& loaded, Diag& diag) {
  for (u32 i = 0; i < loaded.size(); i++) {
    const OutputSection& section = layout.outputs[i];
    if (loaded[i] || !section.loaded() || section.size == 0) continue;
    if (membership.is_in_none(i)) continue;
    const Location where =
        section.description != nullptr ? section.description->place.location() : Location{};
    diag.warning(where, cat("section ", section.name, " has ", section.size,
                            " bytes to load but is in no PT_LOAD segment of PHDRS"));
  }
}

}  // namespace

std::vector<SegmentDraft> drafts_of_script(const Script& script, const SegmentOptions& options,
                                           const Layout& layout, Diag& diag) {
  const Membership membership(script, layout);
  check_names(membership, layout, diag);
  std::vector<bool> loaded(layout.outputs.size());
  std::vector<SegmentDraft> drafts;
  for (u32 number = 0; number < script.segments.size(); number++) {
    const SegmentDescription& description = script.segments[number];
    SegmentDraft draft = draft_of(description, options, diag);
    for (u32 i = 0; i < loaded.size(); i++) {
      if (!membership.is_in(i, number) || !fits(layout.outputs[i], draft)) continue;
      draft.segment.sections.push_back(OutputId{i});
      if (draft.segment.type == PT_LOAD) loaded[i] = true;
    }
    sort_by_load_address(layout, draft.segment.sections);
    std::vector<OutputId> uncopied;
    if (draft.segment.type == PT_LOAD) uncopied = take_uncopied(layout, draft);
    drafts.push_back(std::move(draft));
    if (uncopied.empty()) continue;
    SegmentDraft zeroes;
    zeroes.segment.name = description.name;
    zeroes.flags = drafts.back().flags;
    zeroes.segment.sections = std::move(uncopied);
    drafts.push_back(std::move(zeroes));
  }
  warn_if_unloaded(layout, membership, loaded, diag);
  return drafts;
}

}  // namespace fwseal
