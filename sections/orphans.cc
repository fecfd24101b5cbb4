// Where do orphans go?
//
// GNU ld's rules (ld 2.40: ldelf.c, ldelf_place_orphan; ldlang.c,
// lang_output_section_find_by_flags, lang_insert_orphan): an orphan joins an output section of its
// name if both are alike. Otherwise it gets one of its own, behind the output section that is
// typical of its kind (.text, .rodata, ...) or else behind the last one that holds the same kind;
// the next orphan of that kind goes behind it. Loaded notes stand together, the strictest alignment
// first.
//
// Each kind looks through the script only until it has found its place, so the whole is linear in
// the number of orphans that a program has. Notes, and orphans that are like nothing before them,
// look anew each time; so there is a limit on the steps of all these walks, behind which an orphan
// goes behind the last one of its kind.
#include "sections/orphans.h"

#include <elf.h>

#include <algorithm>
#include <array>
#include <list>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>

#include "sections/glob.h"
#include "sections/orphan_search.h"

namespace fwseal {
namespace {

// Sections that GNU ld makes in every Arm link before it places orphans, and drops when they turn
// out to be empty: code for old calls between Arm and Thumb before all inputs, and what indirect
// functions need behind the first object with relocations. Orphans find their places among them
// (ld 2.40, emultempl/armelf.em and bfd/elf32-arm.c).
struct Ghost {
  std::string_view name;
  u64 flags;
};
constexpr std::array<Ghost, 4> kGhostsBefore = {{
    {".glue_7", SHF_ALLOC | SHF_EXECINSTR},
    {".glue_7t", SHF_ALLOC | SHF_EXECINSTR},
    {".vfp11_veneer", SHF_ALLOC | SHF_EXECINSTR},
    {".v4_bx", SHF_ALLOC | SHF_EXECINSTR},
}};
constexpr std::array<Ghost, 3> kGhostsOfFirst = {{
    {".iplt", SHF_ALLOC | SHF_EXECINSTR},
    {".rel.iplt", SHF_ALLOC},
    {".igot.plt", SHF_ALLOC | SHF_WRITE},
}};

class Placer {
 public:
  Placer(const Inputs& inputs, const Plan& plan, const ArrangeOptions& options,
         Arrangement& arrangement, Diag& diag)
      : inputs_(inputs),
        plan_(plan),
        options_(options),
        arrangement_(arrangement),
        diag_(diag),
        order_(arrangement.order.begin(), arrangement.order.end()) {
    places_.resize(arrangement.outputs.size());
    for (auto it = order_.begin(); it != order_.end(); ++it)
      if (const u32* output = std::get_if<u32>(&*it)) places_[*output] = it;
    for (u32 i = 0; i < arrangement.outputs.size(); i++) add_known(i);
    for (u64 i = 0; i < kOrphanClasses; i++) {
      const ClassModel& model = model_of(OrphanClass{static_cast<u8>(i)});
      if (const auto output = find(model.name); output && empty_kinds_[*output] == 0)
        empty_kinds_[*output] = model.kinds;
    }
  }

  void run() {
    for (const SectionId section : sections_in_walk_order(inputs_)) {
      if (!is_orphan(section)) continue;
      if (inputs_[section].has(SHF_WRITE)) written_.insert(alike(inputs_[section]));
      orphans_.push_back(section);
    }
    const ObjectId first = options_.relocatable ? kNoObject : first_with_relocations();
    if (first != kNoObject) place_ghosts(kGhostsBefore);
    bool due = false;
    for (const SectionId section : orphans_) {
      const ObjectId object = inputs_[section].object;
      if (due && object != first) place_ghosts(kGhostsOfFirst);
      due = object == first;
      place(section);
    }
    for (const u32 ghost : ghosts_) {
      order_.erase(places_[ghost]);
      arrangement_.outputs[ghost].skipped = true;
    }
    arrangement_.order.assign(order_.begin(), order_.end());
  }

 private:
  using Iterator = StatementList::iterator;

  bool is_orphan(SectionId section) const {
    const u32 s = index(section);
    return plan_.kept[s] && !inputs_.sections[s].excluded && arrangement_.output_of[s] == 0;
  }

  // What orphans must share to end up in the same output section.
  static std::tuple<std::string_view, u32, u64> alike(const InputSection& section) {
    return {section.name, section.type, section.flags & SHF_ALLOC};
  }

  void add_known(u32 number) {
    const ArrangedOutput& output = arrangement_.outputs[number];
    kinds_.push_back(kind_of_output(inputs_, output, options_.relocatable));
    const bool noload =
        output.description != nullptr && output.description->type == OutputType::kNoload;
    empty_kinds_.push_back(noload ? u32{kNeverLoadKind} : 0);
    u32 alignment = kinds_.back().alignment;
    if (output.description != nullptr && output.description->alignment != nullptr &&
        output.description->alignment->kind == ExprKind::kNumber)
      alignment = std::max(alignment, static_cast<u32>(output.description->alignment->number));
    alignments_.push_back(alignment);
    if (!output.skipped) by_name_[output.name].push_back(number);
  }

  ObjectId first_with_relocations() const {
    for (u32 k = 0; k < inputs_.read_objects; k++) {
      const Object& object = inputs_.objects[k];
      for (u32 i = 0; i < object.section_count; i++) {
        const InputSection& section = inputs_[object.section(i)];
        if (plan_.kept[index(object.section(i))] && section.has(SHF_ALLOC) &&
            section.relocations.size() != 0)
          return ObjectId{k};
      }
    }
    return kNoObject;
  }

  template <u64 kCount>
  void place_ghosts(const std::array<Ghost, kCount>& ghosts) {
    for (const Ghost& ghost : ghosts) place_ghost(ghost);
  }

  void place_ghost(const Ghost& ghost) {
    InputSection section;
    section.name = ghost.name;
    section.flags = ghost.flags;
    section.type = section_named(ghost.name).type;
    section.alignment = 4;
    if (ghost.name == ".rel.iplt") section.type = SHT_REL;
    if (const auto output = taken_by(ghost.name)) {
      if (arrangement_.outputs[*output].discards) return;
      arrangement_.outputs[*output].least_alignment = section.alignment;
      kinds_[*output].add(arrangement_.outputs[*output].name, section, OutputType::kDefault, false);
      return;
    }
    const u32 made = make_output(section, true);
    kinds_[made].add(ghost.name, section, OutputType::kDefault, false);
    ghosts_.push_back(made);
  }

  // The output section of the script that takes sections of this name from any file.
  std::optional<u32> taken_by(std::string_view name) const {
    for (u32 i = 0; i < arrangement_.outputs.size(); i++) {
      if (arrangement_.outputs[i].skipped) continue;
      for (const ArrangedItem& item : arrangement_.outputs[i].items)
        if (const auto* list = std::get_if<SectionList>(&item); list && list->description)
          for (const SectionPattern& pattern : list->description->patterns)
            if (list->description->file_glob == "*" && glob_matches(pattern.glob, name)) return i;
    }
    return std::nullopt;
  }

  // --orphan-handling. False: the section is dropped.
  bool handle(SectionId id) {
    if (options_.orphans == OrphanHandling::kPlace || options_.relocatable) return true;
    const InputSection& section = inputs_[id];
    const std::string what = cat("orphan section `", section.name, "'");
    switch (options_.orphans) {
      case OrphanHandling::kPlace:
        return true;
      case OrphanHandling::kDiscard:
        return false;
      case OrphanHandling::kWarn:
        diag_.warning(inputs_.location(id), cat(what, " is placed by the linker"));
        return true;
      case OrphanHandling::kError:
        diag_.error(inputs_.location(id), cat("unplaced ", what));
        return false;
    }
    return true;
  }

  void place(SectionId id) {
    const InputSection& section = inputs_[id];
    if (section.name == "COMMON" && section.type == SHT_NOBITS) {
      if (!for_commons_) for_commons_ = find_for_commons();
      return add(*for_commons_, id);
    }
    if (!handle(id)) return;
    const bool in_group = options_.keep_groups && section.has(SHF_GROUP);
    const bool own = in_group || options_.unique_all ||
                     std::any_of(options_.unique.begin(), options_.unique.end(),
                                 [&](const std::string& pattern) {
                                   return glob_matches(pattern, section.name);
                                 });
    if (!own)
      if (const auto same = find_same(section)) return add(*same, id);
    add(make_output(section, in_group), id);
  }

  std::optional<u32> find(std::string_view name) const {
    const auto found = by_name_.find(std::string(name));
    if (found == by_name_.end()) return std::nullopt;
    return found->second.front();
  }

  // The output section where the script expects common symbols, if only those of some files.
  u32 find_for_commons() {
    for (u32 i = 0; i < arrangement_.outputs.size(); i++) {
      if (arrangement_.outputs[i].skipped || arrangement_.outputs[i].discards) continue;
      for (const ArrangedItem& item : arrangement_.outputs[i].items)
        if (const auto* list = std::get_if<SectionList>(&item); list && list->description)
          for (const SectionPattern& pattern : list->description->patterns)
            if (pattern.glob == "COMMON") return i;
    }
    if (const auto bss = find(".bss")) return *bss;
    ArrangedOutput output;
    output.name = ".bss";
    return append(std::move(output), order_.end(), false);
  }

  // An output section of this name that is like the orphan, or else an unused one.
  std::optional<u32> find_same(const InputSection& section) {
    const auto found = by_name_.find(std::string(section.name));
    if (found == by_name_.end()) return std::nullopt;
    const u32 kinds = kind_of(section);
    std::optional<u32> unused;
    for (const u32 output : found->second) {
      if (!step()) break;
      const OutputKind& has = kinds_[output];
      if (!has.made)
        unused = output;
      else if ((has.kinds & ~u32{kNeverLoadKind}) == 0 || joins(has, section, kinds))
        return output;
    }
    return unused;
  }

  // With -r, the next linker shall also find what is for linkers only apart from the rest.
  bool joins(const OutputKind& has, const InputSection& section, u32 kinds) const {
    const u32 decisive =
        options_.relocatable ? kAllocKind | kLoadKind | kExcludeKind : kAllocKind | kLoadKind;
    return ((has.kinds ^ kinds) & decisive) == 0 && has.type == section.type;
  }

  void add(u32 output, SectionId section) {
    ArrangedOutput& to = arrangement_.outputs[output];
    arrangement_.output_of[index(section)] = output + 1;
    if (to.discards) return;
    auto* list = to.items.empty() ? nullptr : std::get_if<SectionList>(&to.items.back());
    if (list == nullptr || list->description != nullptr) {
      to.items.push_back(SectionList{});
      list = std::get_if<SectionList>(&to.items.back());
    }
    list->sections.push_back(section);
    const OutputType type = to.description != nullptr ? to.description->type : OutputType::kDefault;
    kinds_[output].add(to.name, inputs_[section], type, options_.relocatable);
    alignments_[output] = std::max(alignments_[output], inputs_[section].alignment);
  }

  // One that is `closed` takes no other section, though it has the same name.
  u32 append(ArrangedOutput output, Iterator before, bool closed) {
    const u32 made = static_cast<u32>(arrangement_.outputs.size());
    if (!closed) by_name_[output.name].push_back(made);
    arrangement_.outputs.push_back(std::move(output));
    kinds_.emplace_back();
    empty_kinds_.push_back(0);
    alignments_.push_back(1);
    places_.push_back(order_.insert(before, made));
    return made;
  }

  u32 make_output(const InputSection& section, bool closed) {
    u32 kinds = kind_of(section);
    if (written_.contains(alike(section))) kinds &= ~u32{kReadOnlyKind};
    const OrphanClass orphan =
        section.type == SHT_REL ? OrphanClass::kDynamic : class_of_orphan(kinds, section.type);
    ArrangedOutput output;
    output.name = section.name;
    if (orphan == OrphanClass::kNowhere) return append(std::move(output), order_.end(), closed);

    const std::optional<u32> after = model_for(orphan, kinds, section.type);
    if (after && (kinds & (kAllocKind | kLoadKind)) != 0) {
      const ArrangedOutput& model = arrangement_.outputs[*after];
      output.region = model.region;
      output.load_region = model.load_region;
    }
    const Iterator before = place_for(section, orphan, after);
    const u32 made = append(std::move(output), before, closed);
    last_[index(orphan)] = made;
    return made;
  }

  // The output section whose place, region and segments the orphan shares.
  std::optional<u32> model_for(OrphanClass orphan, u32 kinds, u32 type) {
    std::optional<u32>& known = model_[index(orphan)];
    if (known) return known;
    if (const auto named = find(model_of(orphan).name)) return named;
    if (!step(order_.size())) return last_[index(orphan)];
    const OrphanSearch search{order_, arrangement_.outputs, kinds_, empty_kinds_};
    if (orphan == OrphanClass::kDynamic) return search.for_dynamic();
    const OrphanSearch::Found found = search.by_kinds(kinds, type);
    if (found.exact) known = found.output;
    return found.output;
  }

  // May the walks over the script go on?
  bool step(u64 count = 1) {
    steps_left_ -= std::min(steps_left_, count);
    return steps_left_ != 0;
  }

  Iterator behind(u32 output) const { return std::next(places_[output]); }

  Iterator place_for(const InputSection& section, OrphanClass orphan, std::optional<u32> after) {
    if (const auto note = place_among_notes(section, orphan, after)) return *note;
    if (last_[index(orphan)]) return behind(*last_[index(orphan)]);
    return behind_assignments(order_, after ? behind(*after) : order_.begin(), kinds_, !after);
  }

  bool is_loaded_note(u32 output) const {
    return kinds_[output].loads() && kinds_[output].type == SHT_NOTE;
  }

  // The output section behind which a note goes, or what may not stand between notes.
  std::optional<Iterator> place_among_notes(const InputSection& section, OrphanClass orphan,
                                            std::optional<u32> after) {
    const auto at = last_[index(orphan)] ? behind(*last_[index(orphan)])
                    : after              ? behind(*after)
                                         : order_.begin();
    const Iterator next = std::find_if(at, order_.end(), [&](const ArrangedStatement& statement) {
      const u32* output = std::get_if<u32>(&statement);
      return !step() || (output != nullptr && kinds_[*output].made);
    });
    if (next == order_.end() || !step()) return std::nullopt;
    const bool next_is_note = is_loaded_note(std::get<u32>(*next));
    if (orphan == OrphanClass::kNotes) return place_of_note(section.alignment);
    if (!next_is_note || !has_notes_) return std::nullopt;
    if (!step(order_.size())) return std::nullopt;
    Iterator last = next;
    for (Iterator it = next; it != order_.end(); ++it)
      if (const u32* output = std::get_if<u32>(&*it); output && is_loaded_note(*output)) last = it;
    return behind_assignments(order_, std::next(last), kinds_, false);
  }

  std::optional<Iterator> place_of_note(u32 alignment) {
    if (!step(order_.size())) return std::nullopt;
    has_notes_ = false;
    std::optional<Iterator> after;
    Iterator before_first = order_.begin();
    bool at_start = true;
    for (Iterator it = order_.begin(); it != order_.end(); ++it) {
      const u32* output = std::get_if<u32>(&*it);
      if (output == nullptr) continue;
      if (kinds_[*output].made && is_loaded_note(*output)) {
        has_notes_ = true;
        if (alignments_[*output] >= alignment) after = it;
      } else if (has_notes_ && kinds_[*output].made) {
        break;
      } else if (!has_notes_) {
        before_first = std::next(it);
        at_start = false;
      }
    }
    if (!has_notes_) return std::nullopt;
    if (after) return behind_assignments(order_, std::next(*after), kinds_, false);
    return behind_assignments(order_, before_first, kinds_, at_start);
  }

  const Inputs& inputs_;
  const Plan& plan_;
  const ArrangeOptions& options_;
  Arrangement& arrangement_;
  Diag& diag_;
  StatementList order_;
  std::vector<u32> ghosts_;
  std::vector<SectionId> orphans_;
  std::set<std::tuple<std::string_view, u32, u64>> written_;  // alike, and not all read-only
  std::vector<OutputKind> kinds_;                             // per output
  std::vector<u32> empty_kinds_;  // per output: what counts while nothing stands in it
  std::vector<u32> alignments_;   // per output: of what stands in it
  std::vector<Iterator> places_;  // per output: where it is in order_
  std::unordered_map<std::string, std::vector<u32>> by_name_;
  std::array<std::optional<u32>, kOrphanClasses>
      model_;  // the output section that each kind follows
  std::array<std::optional<u32>, kOrphanClasses> last_;  // the last orphan output of each kind
  std::optional<u32> for_commons_;
  u64 steps_left_ = u64{1} << 28;
  bool has_notes_ = false;  // the last note found others
};

}  // namespace

void place_orphans(const Inputs& inputs, const Plan& plan, const ArrangeOptions& options,
                   Arrangement& arrangement, Diag& diag) {
  Placer(inputs, plan, options, arrangement, diag).run();
}

}  // namespace fwseal
