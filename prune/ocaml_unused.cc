#include "prune/ocaml_unused.h"

#include <algorithm>
#include <utility>

namespace fwseal {
namespace {

// The first atom with a byte of the range that is live, or kNoAtom.
AtomId first_live(const Atoms& atoms, const Reach& live, const SectionRange& range) {
  if (!atoms.is_cut(range.section)) {
    const AtomId whole = atom_of(range.section);
    return range.begin < range.end && live.live(whole) ? whole : kNoAtom;
  }
  for (u64 at = range.begin; at < range.end;) {
    const AtomId atom = atoms.at(range.section, at);
    if (live.live(atom)) return atom;
    const u64 end = atoms.piece(atom).end;
    if (end <= at) break;  // the range goes on behind the last one
    at = end;
  }
  return kNoAtom;
}

}  // namespace

std::vector<Gap> find_unused_units(const Atoms& atoms, const Reach& live,
                                   const OcamlClauses& ocaml) {
  constexpr std::string_view kZeroes("\0\0", 2);
  constexpr std::string_view kNop("\x00\xbf", 2);  // Thumb, which is all that graph reads
  std::vector<Gap> gaps;
  // A table or function that is itself dead has none: it goes, or is destroyed, as a whole.
  const auto leave_out = [&](const SectionRange& range, std::string_view filler) {
    if (live.live(atoms.at(range.section, range.begin)))
      gaps.push_back({range.section, range.begin, range.end, filler});
  };
  for (const OcamlExtent& extent : ocaml.extents)
    if (first_live(atoms, live, extent.about) == kNoAtom) leave_out(extent.pair, kZeroes);
  for (const OcamlClauses::Unit& unit : ocaml.idle) {
    if (live.live(ocaml.functions[unit.entry.function])) continue;
    leave_out(unit.global, kZeroes);
    leave_out(unit.start.call, kNop);
  }
  std::ranges::sort(gaps, {}, [](const Gap& gap) { return std::pair(gap.section, gap.begin); });
  std::vector<Gap> joined;
  for (const Gap& gap : gaps) {
    const bool follows =
        !joined.empty() && joined.back().section == gap.section && joined.back().end == gap.begin;
    if (follows)
      joined.back().end = gap.end;
    else
      joined.push_back(gap);
  }
  return joined;
}

void follow_around_gaps(const OcamlClauses& ocaml, std::span<const Gap> gaps, Plan& plan) {
  if (ocaml.idle.empty()) return;
  const SectionId code = ocaml.idle.front().start.call.section;
  if (std::ranges::find(gaps, code, &Gap::section) != gaps.end())
    plan.references[index(code)] = ocaml.in_caml_program;
}

std::vector<AtomId> find_extent_holders(const Atoms& atoms, const Reach& live,
                                        const OcamlClauses& ocaml) {
  std::vector<AtomId> holders;
  for (const OcamlExtent& extent : ocaml.extents)
    if (const AtomId atom = first_live(atoms, live, extent.about); atom != kNoAtom)
      holders.push_back(atom);
  return holders;
}

}  // namespace fwseal
