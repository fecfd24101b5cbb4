#include "sections/orphans.h"

#include <elf.h>

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>

namespace fwseal {
namespace {

// What GNU ld knows of a section while it looks for a place: alloc, load (has bytes), read-only,
// code, thread-local.
struct Traits {
  bool exists = false;  // false: an output section without contents so far
  bool alloc = false;
  bool load = false;
  bool read_only = true;
  bool code = false;
  bool thread_local_ = false;
  bool exclude = false;  // SHF_EXCLUDE, which only -r lets through
  u32 type = SHT_NULL;
};

Traits traits_of(const InputSection& section) {
  Traits traits;
  traits.exists = true;
  traits.alloc = section.has(SHF_ALLOC);
  traits.load = traits.alloc && section.type != SHT_NOBITS;
  traits.read_only = !section.has(SHF_WRITE);
  traits.code = section.has(SHF_EXECINSTR);
  traits.thread_local_ = section.has(SHF_TLS);
  traits.exclude = section.has(SHF_EXCLUDE);
  traits.type = section.type;
  return traits;
}

// The kinds of orphans, each with the output section of the default script that it follows.
enum Kind : u8 { kText, kRodata, kTdata, kData, kBss, kNotes, kNonAlloc, kKinds, kNowhere };
constexpr std::array<std::string_view, kKinds> kFollows = {".text", ".rodata", ".tdata", ".data",
                                                           ".bss",  ".interp", ".comment"};

bool is_debug_name(std::string_view name) {
  return name.starts_with(".debug") || name.starts_with(".zdebug") || name.starts_with(".stab") ||
         name.starts_with(".line");
}

Kind kind_of(const InputSection& section, const Traits& traits) {
  if (!traits.alloc) return is_debug_name(section.name) ? kNowhere : kNonAlloc;
  if (section.type == SHT_NOTE && traits.load) return kNotes;
  if (!traits.load && !traits.thread_local_) return kBss;
  if (traits.thread_local_) return kTdata;
  if (!traits.read_only) return kData;
  return traits.code ? kText : kRodata;
}

class Placer {
 public:
  Placer(const Inputs& inputs, const Plan& plan, const ArrangeOptions& options,
         Arrangement& arrangement, Diag& diag)
      : inputs_(inputs), plan_(plan), options_(options), arrangement_(arrangement), diag_(diag) {
    for (u32 i = 0; i < arrangement.outputs.size(); i++) {
      traits_.push_back(traits_of_output(i));
      if (!arrangement.outputs[i].skipped) by_name_[arrangement.outputs[i].name].push_back(i);
    }
  }

  void run() {
    for (u32 s = 0; s < inputs_.sections.size(); s++) {
      if (!plan_.kept[s] || inputs_.sections[s].excluded || arrangement_.output_of[s] != 0) continue;
      if (handle(SectionId{s})) place(SectionId{s});
    }
  }

 private:
  Traits traits_of_output(u32 output) const {
    Traits all;
    for (const ArrangedItem& item : arrangement_.outputs[output].items) {
      if (const auto* list = std::get_if<SectionList>(&item))
        for (const SectionId section : list->sections) merge(all, traits_of(inputs_[section]));
      else if (std::holds_alternative<const DataStatement*>(item))
        merge(all, {true, true, true, false, false, false, false, SHT_PROGBITS});
    }
    return all;
  }

  static void merge(Traits& all, const Traits& one) {
    if (!all.exists) {
      all = one;
      return;
    }
    all.alloc |= one.alloc;
    all.load |= one.load;
    all.read_only &= one.read_only;
    all.code |= one.code;
    all.thread_local_ |= one.thread_local_;
  }

  // --orphan-handling. False: the section is dropped.
  bool handle(SectionId id) {
    if (options_.orphans == OrphanHandling::kPlace || options_.relocatable) return true;
    const InputSection& section = inputs_[id];
    const std::string what = cat("orphan section `", section.name, "'");
    switch (options_.orphans) {
      case OrphanHandling::kPlace: return true;
      case OrphanHandling::kDiscard: return false;
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
    const Traits traits = traits_of(section);
    if (section.name == "COMMON" && section.type == SHT_NOBITS)
      if (const auto bss = find(".bss")) return add(*bss, id);
    const bool in_group = options_.keep_groups && section.has(SHF_GROUP);
    const bool own = in_group || options_.unique_all || std::any_of(
        options_.unique.begin(), options_.unique.end(), [&](const std::string& pattern) {
          return pattern == section.name;
        });
    if (!own)
      if (const auto same = find_same(section.name, traits)) return add(*same, id);
    add(make_output(section, traits, in_group), id);
  }

  std::optional<u32> find(std::string_view name) const {
    const auto found = by_name_.find(std::string(name));
    if (found == by_name_.end()) return std::nullopt;
    return found->second.front();
  }

  // An output section of this name with the same idea of allocation, or an unused one.
  std::optional<u32> find_same(std::string_view name, const Traits& traits) const {
    const auto found = by_name_.find(std::string(name));
    if (found == by_name_.end()) return std::nullopt;
    std::optional<u32> unused;
    for (const u32 output : found->second) {
      const Traits& has = traits_[output];
      if (!has.exists) unused = output;
      else if (has.alloc == traits.alloc && has.load == traits.load && joins(has, traits))
        return output;
    }
    return unused;
  }

  // With -r, the next linker shall find sections of different types apart, and what is for linkers
  // only apart from what is for the image.
  bool joins(const Traits& has, const Traits& traits) const {
    return !options_.relocatable || (has.type == traits.type && has.exclude == traits.exclude);
  }

  void add(u32 output, SectionId section) {
    auto& items = arrangement_.outputs[output].items;
    arrangement_.output_of[index(section)] = output + 1;
    if (arrangement_.outputs[output].discards) return;
    auto* list = items.empty() ? nullptr : std::get_if<SectionList>(&items.back());
    if (list == nullptr || list->description != nullptr) {
      items.push_back(SectionList{});
      list = std::get_if<SectionList>(&items.back());
    }
    list->sections.push_back(section);
    merge(traits_[output], traits_of(inputs_[section]));
  }

  // One that is `closed` takes no other section, though it has the same name.
  u32 make_output(const InputSection& section, const Traits& traits, bool closed) {
    const u32 made = static_cast<u32>(arrangement_.outputs.size());
    const Kind kind = kind_of(section, traits);
    ArrangedOutput output;
    output.name = section.name;
    std::optional<u32> after;
    if (kind != kNowhere) {
      after = find(kFollows[kind]);
      if (!after) after = find_by_traits(traits);
    }
    if (after && traits.alloc) {
      const ArrangedOutput& model = arrangement_.outputs[*after];
      output.region = model.region;
      output.load_region = model.load_region;
      output.segments = model.segments;
    }
    arrangement_.outputs.push_back(std::move(output));
    traits_.emplace_back();
    if (!closed) by_name_[arrangement_.outputs.back().name].push_back(made);
    insert(made, after, kind);
    return made;
  }

  void insert(u32 made, std::optional<u32> after, Kind kind) {
    auto& order = arrangement_.order;
    const auto position = [&](u32 output) {
      return std::find(order.begin(), order.end(), ArrangedStatement{output});
    };
    if (kind == kNowhere) {
      order.push_back(made);
      return;
    }
    if (last_[kind]) {
      order.insert(std::next(position(*last_[kind])), made);
    } else {
      const auto start = after ? std::next(position(*after)) : order.begin();
      order.insert(behind_assignments(start, !after), made);
    }
    last_[kind] = made;
  }

  // Symbols that the script sets right behind an output section belong to it, up to the first
  // assignment to the location counter, which begins something new.
  std::vector<ArrangedStatement>::iterator behind_assignments(
      std::vector<ArrangedStatement>::iterator at, bool at_the_start) {
    auto& order = arrangement_.order;
    auto dot = order.end();
    bool skip_first = at_the_start;
    for (auto it = at; it != order.end(); ++it) {
      if (const u32* output = std::get_if<u32>(&*it)) {
        const Traits& next = traits_[*output];
        const bool blocks = !next.exists || next.alloc;
        return dot != order.end() && blocks ? dot : it;
      }
      const auto* assignment = std::get_if<const Assignment*>(&*it);
      if (assignment == nullptr || (*assignment)->symbol != "." || dot != order.end()) continue;
      if (!skip_first) dot = it;
      skip_first = false;
    }
    return order.end();
  }

  // The last output section that an orphan with these traits may follow.
  std::optional<u32> find_by_traits(const Traits& traits) const {
    for (const bool same_type : {true, false})
      if (const auto found = find_by_traits(traits, same_type)) return found;
    return std::nullopt;
  }

  std::optional<u32> find_by_traits(const Traits& traits, bool same_type) const {
    const auto last = [&](auto&& fits) {
      std::optional<u32> found;
      for (const ArrangedStatement& statement : arrangement_.order) {
        const u32* output = std::get_if<u32>(&statement);
        if (output == nullptr || arrangement_.outputs[*output].skipped) continue;
        const Traits& other = traits_[*output];
        if (!other.exists || (same_type && other.type != traits.type)) continue;
        if (fits(other)) found = *output;
      }
      return found;
    };
    const auto same_memory = [&](const Traits& other) {
      return other.alloc == traits.alloc && other.load == traits.load;
    };
    const auto exact = last([&](const Traits& other) {
      return same_memory(other) && other.read_only == traits.read_only &&
             other.code == traits.code && other.thread_local_ == traits.thread_local_;
    });
    if (exact) return exact;
    if (!traits.alloc) return last([](const Traits&) { return true; });
    if (traits.code)
      return last([&](const Traits& other) {
        return same_memory(other) && other.code && other.thread_local_ == traits.thread_local_;
      });
    if (traits.read_only && traits.load)
      return last([&](const Traits& other) { return same_memory(other) && other.read_only; });
    if (traits.load || traits.thread_local_)
      return last([&](const Traits& other) { return other.alloc && other.load; });
    return last([](const Traits& other) { return other.alloc; });
  }

  const Inputs& inputs_;
  const Plan& plan_;
  const ArrangeOptions& options_;
  Arrangement& arrangement_;
  Diag& diag_;
  std::vector<Traits> traits_;  // per output
  std::unordered_map<std::string, std::vector<u32>> by_name_;
  std::array<std::optional<u32>, kKinds> last_;  // the last orphan output of each kind
};

}  // namespace

void place_orphans(const Inputs& inputs, const Plan& plan, const ArrangeOptions& options,
                   Arrangement& arrangement, Diag& diag) {
  Placer(inputs, plan, options, arrangement, diag).run();
}

}  // namespace fwseal
