// Which nodes of a graph cannot be told apart?
#pragma once

#include <span>
#include <vector>

#include "elfio/types.h"

namespace fwseal {

// A directed graph. Nodes of one kind have equally many edges; the i-th edge of one means the same
// as the i-th of the other.
struct KindGraph {
  std::vector<u32> kinds;       // per node; what is of different kinds is different
  std::vector<u32> first_edge;  // per node, and one more: into targets
  std::vector<u32> targets;

  std::span<const u32> edges(u32 node) const {
    return std::span(targets).subspan(first_edge[node], first_edge[node + 1] - first_edge[node]);
  }
};

// Per node its class: two have the same one exactly if no way along the edges leads from them to
// nodes of different kinds. Classes are numbered from 0, in no order that means anything.
std::vector<u32> coarsest_partition(const KindGraph& graph);

}  // namespace fwseal
