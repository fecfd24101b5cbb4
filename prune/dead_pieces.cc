// Of strings and constants, which are merged, a dead run goes as it is.
//
// What follows a dead run moves up by a multiple of the section's alignment, since nobody says what
// alignment is needed in there, and in code of 4 at least, from which literals are counted. The
// rest of the run becomes zeroes, also if that is all of it: what it referred to may be gone.
// Behind the last live piece nothing needs to stay.
#include "prune/dead_pieces.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>

#include "graph/mergeable.h"

namespace fwseal {
namespace {

u32 alignment_in(const InputSection& section) {
  if (is_mergeable(section)) return 1;
  return section.has(SHF_EXECINSTR) ? std::max(section.alignment, 4u) : section.alignment;
}

std::span<const Gap> gaps_in(std::span<const Gap> gaps, SectionId section, u64 begin, u64 end) {
  const auto place = [](const Gap& gap) { return std::pair(gap.section, gap.begin); };
  const auto first = std::ranges::lower_bound(gaps, std::pair(section, begin), {}, place);
  const auto last = std::ranges::lower_bound(first, gaps.end(), std::pair(section, end), {}, place);
  return {first, last};
}

void add_gaps(const Program& program, std::span<const Gap> gaps, EditList& edits) {
  for (const Gap& gap : gaps) {
    const u64 size = gap.end - gap.begin;
    std::string rest;
    while (rest.size() < size % alignment_in(program.inputs[gap.section])) rest += gap.filler;
    edits.add({gap.begin, size, std::move(rest), true});
  }
}

class Remover {
 public:
  Remover(const Program& program, const Atoms& atoms, const Reach& live,
          std::span<const Gap> gaps = {})
      : program_(program), atoms_(atoms), live_(live), gaps_(gaps) {}

  void add_stub(const HollowFunction& function, Plan& plan) {
    stubs_.emplace(index(function.function), function.stub.size());
    plan.overwrites[index(function.section)].push_back({function.begin, function.stub});
    if (!atoms_.is_cut(function.section))
      shorten(function.section, function.begin, function.end, function.stub.size(), true,
              plan.edits[index(function.section)]);
  }

  // Of a hollow function nothing but the stub is left.
  bool is_hollow(SectionId whole) const { return stubs_.contains(index(atom_of(whole))); }

  void take_out_dead(SectionId section, EditList& edits) {
    const std::span<const Piece> pieces = atoms_.pieces(section);
    for (u64 i = 0; i < pieces.size();) {
      u64 next = i;
      while (next < pieces.size() && !live_.live(atoms_.atom_of_piece(section, next))) next++;
      if (next != i)
        shorten(section, pieces[i].begin, pieces[next - 1].end, 0, next == pieces.size(), edits);
      else
        shorten_live(section, i, ++next == pieces.size(), edits);
      i = next;
    }
  }

 private:
  void shorten_live(SectionId section, u64 number, bool is_last, EditList& edits) {
    const Piece& piece = atoms_.pieces(section)[number];
    const auto stub = stubs_.find(index(atoms_.atom_of_piece(section, number)));
    if (stub == stubs_.end())
      add_gaps(program_, gaps_in(gaps_, section, piece.begin, piece.end), edits);
    else
      shorten(section, piece.begin, piece.end, stub->second, is_last, edits);
  }

  // Leaves of a range the first `kept` bytes, and what makes those behind it stay aligned.
  void shorten(SectionId section, u64 begin, u64 end, u64 kept, bool is_last, EditList& edits) {
    const u32 alignment = alignment_in(program_.inputs[section]);
    const u64 size = end - begin - kept;
    const u64 rest = is_last ? 0 : size % alignment;
    if (size != 0) edits.add({begin + kept, size, std::string(rest, '\0')});
  }

  const Program& program_;
  const Atoms& atoms_;
  const Reach& live_;
  std::span<const Gap> gaps_;
  std::unordered_map<u32, u64> stubs_;  // per hollow atom: the size of what is left
};

}  // namespace

void remove_all_but(const InputSection& section, std::span<const Piece> pieces,
                    std::span<const u64> kept, EditList& edits) {
  const u64 unit = alignment_in(section);
  for (u64 i = 0; i < pieces.size();) {
    const u64 begin = pieces[i].begin + kept[i];
    if (begin == pieces[i].end) {
      i++;
      continue;
    }
    u64 next = i + 1;
    while (next < pieces.size() && kept[next] == 0) next++;
    const u64 size = pieces[next - 1].end - begin;
    const u64 rest = next == pieces.size() ? 0 : size % unit;
    if (size != 0) edits.add({begin, size, std::string(rest, '\0')});
    i = next;
  }
}

void remove_dead_pieces(const Program& program, const Atoms& atoms, const Reach& live,
                        std::span<const HollowFunction> hollow, std::span<const Gap> gaps,
                        Plan& plan) {
  if (!atoms.any_cut() && hollow.empty()) return;
  plan.edits.resize(program.inputs.sections.size());
  Remover remover(program, atoms, live, gaps);
  for (const HollowFunction& function : hollow) remover.add_stub(function, plan);
  for (u32 s = 0; s < plan.edits.size(); s++)
    if (plan.kept[s] && atoms.is_cut(SectionId{s}))
      remover.take_out_dead(SectionId{s}, plan.edits[s]);
  std::vector<Gap> rest;
  std::ranges::copy_if(gaps, std::back_inserter(rest), [&](const Gap& gap) {
    return !atoms.is_cut(gap.section) && !remover.is_hollow(gap.section);
  });
  remove_gaps(program, rest, plan);
}

void remove_gaps(const Program& program, std::span<const Gap> gaps, Plan& plan) {
  if (!gaps.empty()) plan.edits.resize(program.inputs.sections.size());
  for (u64 i = 0; i < gaps.size(); i++)
    add_gaps(program, gaps.subspan(i, 1), plan.edits[index(gaps[i].section)]);
}

void remove_dead_pieces(const Program& program, const Atoms& atoms, const Reach& live,
                        SectionId section, EditList& edits) {
  Remover(program, atoms, live).take_out_dead(section, edits);
}

}  // namespace fwseal
