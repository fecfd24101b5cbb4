// What does each thing alone keep in the image?
#pragma once

#include <string>
#include <vector>

#include "graph/retain.h"
#include "report/atom_index.h"

namespace fwseal {

// One atom, or all atoms of one object or archive.
struct RetainedRow {
  AtomId atom = kNoAtom;  // kNoAtom: an object or an archive
  std::string name;       // of the object or archive
  u64 own = 0;            // its bytes
  u64 total = 0;          // bytes that would go with it
  u64 atoms = 0;          // atoms with bytes that would go with it
  RegionBytes bytes;      // of `total`
};

struct Retained {
  std::vector<RetainedRow> atoms;  // each list: largest first
  std::vector<RetainedRow> objects;
  std::vector<RetainedRow> archives;
  // False: there was more to measure than the budget allows, so the rows are exact, but one that
  // belongs among them may be missing.
  bool complete = true;
};

// `top` rows of each sort. `steps`: how many clauses may be walked over to measure what the
// dominator tree does not say.
Retained measure_retained(const AtomIndex& atoms, u64 top, u64 steps = 500'000'000);

std::string retained_text(const AtomIndex& atoms, const Retained& retained);
std::string retained_json(const AtomIndex& atoms, const Retained& retained);

}  // namespace fwseal
