// Sections that may be cut, and what is known of each by itself: where pieces could begin, and what
// its instructions refer to. Relocations say the rest (cut.cc).
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <vector>

#include "elfio/code.h"
#include "graph/landing_pads.h"
#include "graph/ocaml_modules.h"
#include "graph/program.h"

namespace fwseal {

// Offsets in a section.
struct CodeRange {
  u32 begin = 0;
  u32 end = 0;
};
// The one with the offset, if any; they are in order and do not overlap.
const CodeRange* range_at(const std::vector<CodeRange>& ranges, u64 offset);

// A reference between two places whose distance must stay.
CodeReference fixed_reference(u64 place, u64 target);

// A section that may be cut.
struct CutCandidate {
  SectionId section = kNoSection;
  std::vector<u32> starts;         // of its pieces
  std::vector<u32> functions;      // of these, those at which functions begin, if others are inside
  std::vector<u32> local_objects;  // where they begin
  std::vector<u32> found;          // per local object: how many places refer to its start
  std::vector<CodeReference> references;
  std::vector<u32> symbols;        // where those begin, or of data end, at which it may be cut
  std::vector<u32> entries;        // of code: to which relocations refer
  std::vector<CodeRange> padding;  // instructions behind a piece that nobody runs through
  std::vector<CodeRange> data;     // among code
  bool refused = false;
  // Of data: code refers to it through its section's symbol; other data does, and not to an object.
  bool is_anchored = false;
  bool is_unclear = false;
  std::optional<bool> is_compiled;  // once that was asked
  std::optional<bool> is_ocaml;

  u64 piece_of(u64 offset) const {
    return static_cast<u64>(std::ranges::upper_bound(starts, offset) - starts.begin()) - 1;
  }
  // Something refers to this place of data. False if no local object begins there.
  bool find(u64 offset) {
    const auto object = std::ranges::lower_bound(local_objects, offset);
    if (object == local_objects.end() || *object != offset) return false;
    found[static_cast<u64>(object - local_objects.begin())]++;
    return true;
  }
  bool found_all() const { return std::ranges::find(found, 0u) == found.end(); }
  bool is_refused() const { return refused || (!is_anchored && (is_unclear || !found_all())); }
  // Of several who refer to one place some may mean another object behind it.
  void join_behind_ambiguous() {
    for (u64 i = 0; i < found.size(); i++)
      if (found[i] > 1) return join(local_objects.back(), local_objects[i]);
  }
  // Somebody may jump there. From padding control would go on into the next piece.
  void enter(u64 offset) {
    if (const CodeRange* const gap = range_at(padding, offset))
      references.push_back(fixed_reference(gap->end - 1, gap->end));
  }
  // No cut may lie between two places; one at `to` is none between them.
  void join(u64 from, u64 to) {
    const auto [low, high] = std::minmax(from, to);
    const auto first = std::ranges::upper_bound(starts, low);
    const auto last =
        from < to ? std::ranges::lower_bound(starts, high) : std::ranges::upper_bound(starts, high);
    if (first < last) starts.erase(first, last);
  }
};

// In the order of their sections. `plain` and `pads`: as cut_sections() has them. `ocaml`: asked if
// somebody wants to know.
std::vector<CutCandidate> find_cut_candidates(const Program& program,
                                              const std::vector<bool>& plain,
                                              const LandingPads& pads,
                                              const std::function<const OcamlModules&()>& ocaml);

}  // namespace fwseal
