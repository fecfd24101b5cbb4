// Of strings and constants, which are merged, a dead run goes as it is.
//
// What follows a dead run moves up by a multiple of the section's alignment, since nobody says what
// alignment is needed in there, and in code of 4 at least, from which literals are counted. The
// rest of the run becomes zeroes. Behind the last live piece nothing needs to stay.
#include "prune/dead_pieces.h"

#include <algorithm>

#include "graph/mergeable.h"

namespace fwseal {
namespace {

u32 alignment_in(const InputSection& section) {
  if (is_mergeable(section)) return 1;
  return section.has(SHF_EXECINSTR) ? std::max(section.alignment, 4u) : section.alignment;
}

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
    if (size != rest) edits.add({begin, size, std::string(rest, '\0')});
    i = next;
  }
}

void remove_dead_pieces(const Program& program, const Atoms& atoms, const Reach& live,
                        SectionId section, EditList& edits) {
  const std::span<const Piece> pieces = atoms.pieces(section);
  std::vector<u64> kept;
  for (u64 i = 0; i < pieces.size(); i++)
    kept.push_back(live.live(atoms.atom_of_piece(section, i)) ? pieces[i].end - pieces[i].begin
                                                              : 0);
  remove_all_but(program.inputs[section], pieces, kept, edits);
}

void remove_dead_pieces(const Program& program, const Atoms& atoms, const Reach& live, Plan& plan) {
  if (!atoms.any_cut()) return;
  plan.edits.resize(program.inputs.sections.size());
  for (u32 s = 0; s < plan.edits.size(); s++)
    if (plan.kept[s] && atoms.is_cut(SectionId{s}))
      remove_dead_pieces(program, atoms, live, SectionId{s}, plan.edits[s]);
}

}  // namespace fwseal
