// Why is something in the image, or why not?
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "graph/retain.h"
#include "report/atom_index.h"

namespace fwseal {

// One clause of a derivation: this atom is live because of it.
struct WhyStep {
  AtomId atom;
  ClauseId clause;
};

// A clause that concludes an atom. Where it only holds because of that atom it gives no reason:
// the tree of what is retained tells most of these.
struct WhyKeeper {
  ClauseId clause;
  bool circular = false;
};

// About one atom that was asked for.
struct WhyAnswer {
  AtomId atom;
  bool live = false;
  // Of a live one: from the atom to roots, so that each premise has a step behind the one that
  // needs it. Breadth-first search found it, so no other has fewer steps, unless a clause has
  // several premises.
  std::vector<WhyStep> derivation;
  // The clauses that conclude it: of a live one those that hold, circular ones last; of a dead one
  // all.
  std::vector<WhyKeeper> keepers;
};

class Why {
 public:
  explicit Why(const AtomIndex& atoms);

  // About all that the word names, live ones first, short derivations before long ones.
  std::vector<WhyAnswer> ask(std::string_view word) const;

  // For a terminal. Of one answer, unless `all` asks for each answer and each keeper.
  std::string text(const std::vector<WhyAnswer>& answers, bool all) const;
  std::string json(std::string_view word, const std::vector<WhyAnswer>& answers) const;

 private:
  WhyAnswer explain(AtomId atom) const;
  std::vector<WhyStep> derive(AtomId atom) const;
  bool holds(ClauseId clause) const;
  bool is_circular(ClauseId clause, AtomId atom) const;
  std::string_view rule(AtomId atom) const;
  std::string head(AtomId atom) const;
  std::string reason(ClauseId clause) const;
  std::string premise_text(ClauseId clause, AtomId premise) const;
  std::string derivation_text(const WhyAnswer& answer) const;
  std::string keepers_text(const WhyAnswer& answer, bool all) const;
  std::string removal_text(const WhyAnswer& answer, bool all) const;

  const AtomIndex& atoms_;
  const RecordGraph& graph_;
  Reach live_;
  RetainTree tree_;
  Backwards backwards_;
};

}  // namespace fwseal
