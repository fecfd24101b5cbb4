// Partition refinement.
//
// At first all nodes of one kind are in one class, so that copies which call each other can stay
// together: what is never told apart is equal. Then, round by round, a class is divided by the
// classes of the targets, until nothing divides. The first round looks at every edge. After that
// only edges to nodes matter whose class got a new number; as the largest part of what is divided
// keeps the number, that happens to a node at most log2(nodes) times. So the work is
// O(edges * log(nodes)), up to sorting, however long a chain the differences travel along.
//
// Hopcroft, "An n log n algorithm for minimizing states in a finite automaton", 1971.
#include "prune/partition.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <tuple>
#include <utility>

namespace fwseal {
namespace {

class Refiner {
 public:
  explicit Refiner(const KindGraph& graph) : graph_(graph) {}

  std::vector<u32> run() {
    start();
    index_referrers();
    std::vector<Change> changes = all_edges();
    while (!changes.empty()) changes = divide(std::move(changes));
    return std::move(class_of_);
  }

 private:
  // An edge whose target has now this class.
  struct Change {
    u32 of_class = 0;  // of the node
    u32 node = 0;
    u32 edge = 0;  // its number there
    u32 target_class = 0;
    auto operator<=>(const Change&) const = default;
  };
  struct Referrer {
    u32 node = 0;
    u32 edge = 0;
  };
  struct Run {
    u32 begin = 0;
    u32 end = 0;
    u32 size() const { return end - begin; }
  };

  u32 count() const { return static_cast<u32>(graph_.kinds.size()); }

  // Classes by kind.
  void start() {
    order_.resize(count());
    std::iota(order_.begin(), order_.end(), 0u);
    std::ranges::stable_sort(order_, {}, [&](u32 node) { return graph_.kinds[node]; });
    class_of_.resize(count());
    place_of_.resize(count());
    for (u32 i = 0; i < count(); i++) {
      const bool begins = i == 0 || graph_.kinds[order_[i]] != graph_.kinds[order_[i - 1]];
      if (begins) runs_.push_back({i, i});
      runs_.back().end = i + 1;
      class_of_[order_[i]] = static_cast<u32>(runs_.size()) - 1;
      place_of_[order_[i]] = i;
    }
  }

  void index_referrers() {
    first_referrer_.assign(count() + 1, 0);
    for (const u32 target : graph_.targets) first_referrer_[target + 1]++;
    for (u32 i = 0; i < count(); i++) first_referrer_[i + 1] += first_referrer_[i];
    referrers_.resize(graph_.targets.size());
    std::vector<u32> next(first_referrer_.begin(), first_referrer_.end() - 1);
    for (u32 node = 0; node < count(); node++)
      for (u32 edge = 0; edge < graph_.edges(node).size(); edge++)
        referrers_[next[graph_.edges(node)[edge]]++] = {node, edge};
  }

  std::vector<Change> all_edges() const {
    std::vector<Change> changes;
    for (u32 node = 0; node < count(); node++) {
      if (runs_[class_of_[node]].size() < 2) continue;
      for (u32 edge = 0; edge < graph_.edges(node).size(); edge++)
        changes.push_back({class_of_[node], node, edge, class_of_[graph_.edges(node)[edge]]});
    }
    return changes;
  }

  // The changes of one node.
  using Signature = std::span<const Change>;
  static bool same(Signature a, Signature b) {
    return std::ranges::equal(a, b, [](const Change& x, const Change& y) {
      return x.edge == y.edge && x.target_class == y.target_class;
    });
  }
  static bool less(Signature a, Signature b) {
    return std::ranges::lexicographical_compare(a, b, [](const Change& x, const Change& y) {
      return std::tuple(x.edge, x.target_class) < std::tuple(y.edge, y.target_class);
    });
  }

  // One round. Before it, the nodes of a class had targets of the same classes; now they are
  // divided by what has changed about that. Returns what this changes.
  std::vector<Change> divide(std::vector<Change> changes) {
    std::ranges::sort(changes);
    moved_.clear();
    for (u64 begin = 0; begin < changes.size();) {
      u64 end = begin;
      while (end < changes.size() && changes[end].of_class == changes[begin].of_class) end++;
      divide_class(std::span(changes).subspan(begin, end - begin));
      begin = end;
    }
    std::vector<Change> next;
    for (const u32 target : moved_) {
      for (u32 i = first_referrer_[target]; i < first_referrer_[target + 1]; i++) {
        const Referrer& from = referrers_[i];
        if (runs_[class_of_[from.node]].size() > 1)
          next.push_back({class_of_[from.node], from.node, from.edge, class_of_[target]});
      }
    }
    return next;
  }

  void divide_class(std::span<const Change> changes) {
    std::vector<Signature> nodes;
    for (u64 begin = 0; begin < changes.size();) {
      u64 end = begin;
      while (end < changes.size() && changes[end].node == changes[begin].node) end++;
      nodes.push_back(changes.subspan(begin, end - begin));
      begin = end;
    }
    std::ranges::stable_sort(nodes, less);
    const u32 old = changes.front().of_class;
    // Each part gets a run of its own at the end; those about which nothing changed stay in front.
    std::vector<Run> runs;
    Run rest = runs_[old];
    for (u64 begin = 0; begin < nodes.size();) {
      const u32 part_end = rest.end;
      u64 end = begin;
      while (end < nodes.size() && same(nodes[end], nodes[begin]))
        swap_to(nodes[end++].front().node, --rest.end);
      runs.push_back({rest.end, part_end});
      begin = end;
    }
    if (rest.size() != 0) runs.push_back(rest);
    const auto largest = std::ranges::max_element(runs, {}, &Run::size);
    runs_[old] = *largest;
    for (auto run = runs.begin(); run != runs.end(); ++run)
      if (run != largest) renumber(*run);
  }

  void swap_to(u32 node, u32 place) {
    const u32 other = order_[place];
    std::swap(order_[place], order_[place_of_[node]]);
    std::swap(place_of_[node], place_of_[other]);
  }

  void renumber(Run run) {
    const auto fresh = static_cast<u32>(runs_.size());
    runs_.push_back(run);
    for (u32 i = run.begin; i < run.end; i++) {
      class_of_[order_[i]] = fresh;
      moved_.push_back(order_[i]);
    }
  }

  const KindGraph& graph_;
  std::vector<u32> class_of_;
  std::vector<Run> runs_;            // per class: where its nodes stand in order_
  std::vector<u32> order_;           // nodes, class by class
  std::vector<u32> place_of_;        // per node: its index there
  std::vector<u32> first_referrer_;  // per node, and one more
  std::vector<Referrer> referrers_;
  std::vector<u32> moved_;  // in this round, to a class of a new number
};

}  // namespace

std::vector<u32> coarsest_partition(const KindGraph& graph) {
  assert(graph.first_edge.size() == graph.kinds.size() + 1);
  return Refiner(graph).run();
}

}  // namespace fwseal
