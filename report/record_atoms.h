// The graph of a link, as its record keeps it.
#pragma once

#include <span>

#include "flashmap/board.h"
#include "flashmap/place.h"
#include "graph/program.h"
#include "prune/plan.h"
#include "report/record_graph.h"
#include "sections/layout.h"

namespace fwseal {

// The bytes of an atom in the input.
struct AtomPlace {
  SectionId section = kNoSection;  // kNoSection: it has none
  u64 begin = 0;                   // offsets in the section
  u64 end = 0;
};
AtomPlace place_of(const Program& program, const Atoms& atoms, AtomId atom);

// What proved that an atom may go, beyond that nothing live refers to it.
struct RemovalRule {
  AtomId atom = kNoAtom;
  std::string text;
};

// Sections that take no part in the link are left out, and so are clauses that say again what one
// before them says. Names are those of the input, before any move to flash.
RecordGraph record_graph(const Program& program, const Atoms& atoms, const Graph& graph,
                         const Layout& layout, const MergedStrings& merged, const Board& board,
                         std::span<const FlashMove> moves, std::span<const RemovalRule> rules);

}  // namespace fwseal
