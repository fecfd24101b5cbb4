// What an atom alone keeps: all that would be dead without it.
#pragma once

#include <span>
#include <vector>

#include "graph/graph.h"

namespace fwseal {

// What a walk does as if it were not there. Either may be empty: nothing.
struct Without {
  std::vector<bool> atoms;    // per atom: it cannot become live
  std::vector<bool> clauses;  // per clause: it does not hold
};
Reach reach_without(const Graph& graph, const Without& without);

// The clauses that conclude each atom, and all premises of each clause: the graph read backwards.
class Backwards {
 public:
  explicit Backwards(const Graph& graph);

  std::span<const ClauseId> clauses_for(AtomId atom) const {
    return std::span(clauses_).subspan(first_clause_[index(atom)],
                                       first_clause_[index(atom) + 1] - first_clause_[index(atom)]);
  }
  // Empty for a root.
  std::span<const AtomId> premises(ClauseId clause) const {
    const u64 first = first_premise_[index(clause)];
    return std::span(premises_).subspan(first, first_premise_[index(clause) + 1] - first);
  }

 private:
  std::vector<u32> first_clause_;
  std::vector<ClauseId> clauses_;
  std::vector<u32> first_premise_;
  std::vector<AtomId> premises_;
};

// The live atoms, each below the nearest other one without which it would be dead.
struct RetainTree {
  // Parents before children, and all that is below an atom directly behind it.
  std::vector<AtomId> order;
  std::vector<u32> position;  // per atom, in `order`; kDead if it is dead
  std::vector<u32> count;     // per position: how many atoms stand below it, itself among them
  bool exact = true;          // false: there are clauses of several premises; see retain.cc

  static constexpr u32 kDead = 0xffff'ffff;
  // The atom and all that goes with it. At least these, if the tree is not exact.
  std::span<const AtomId> kept_by(AtomId atom) const {
    const u32 at = position[index(atom)];
    if (at == kDead) return {};
    return std::span(order).subspan(at, count[at]);
  }
};
RetainTree retain_tree(const Graph& graph, const Reach& live);

// The live atoms that would be dead without all of these, themselves among them, in the order of
// their numbers. One walk; always exact.
std::vector<AtomId> lost_without(const Graph& graph, const Reach& live,
                                 std::span<const AtomId> atoms);

}  // namespace fwseal
