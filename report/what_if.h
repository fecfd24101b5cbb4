// What would go if something were not there?
#pragma once

#include <string>
#include <vector>

#include "graph/retain.h"
#include "report/atom_index.h"

namespace fwseal {

// Atoms by patterns, and clauses by patterns for a premise and the conclusion.
struct WhatIfQuestion {
  struct Edge {
    std::string from;
    std::string to;
  };
  std::vector<std::string> without = {};
  std::vector<std::string> without_object = {};
  std::vector<Edge> without_edge = {};
};

struct WhatIfAnswer {
  std::vector<std::string> unmatched;  // patterns that nothing matches
  u64 taken_away = 0;                  // live atoms that the patterns name
  u64 edges = 0;                       // clauses that were left out
  std::vector<AtomId> lost;            // largest first
  RegionBytes bytes;
};

WhatIfAnswer what_if(const AtomIndex& atoms, const WhatIfQuestion& question);

std::string what_if_text(const AtomIndex& atoms, const WhatIfAnswer& answer, u64 top);
std::string what_if_json(const AtomIndex& atoms, const WhatIfQuestion& question,
                         const WhatIfAnswer& answer);

}  // namespace fwseal
