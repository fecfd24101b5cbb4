// What does an atom alone keep?
//
// Definition: all that is live, and that a walk in which the atom cannot become live does not
// reach.
//
// As long as every clause has one premise, the clauses are the edges of a flow graph that starts at
// the roots, and the atom keeps exactly what it dominates: what every way from the roots leads
// through it. All answers together are the dominator tree, which is found in O(m log n) (Lengauer
// and Tarjan, "A fast algorithm for finding dominators in a flowgraph", 1979, with the simple
// version of LINK and EVAL).
//
// A clause of several premises is no edge: what it concludes depends on all of them, and sets of
// atoms that each keep the same one no longer form a tree. Such a clause takes part as the edge
// from the premise that was found last. It then holds in more walks than it should, so the tree
// shows at least one atom less, never one more, than what an atom keeps; `exact` says so, and
// lost_without gives the exact answer for the atoms that matter.
#include "graph/retain.h"

#include <algorithm>
#include <numeric>

namespace fwseal {

Reach reach_without(const Graph& graph, const Without& without) {
  Reach result{std::vector<ClauseId>(graph.atom_count(), kNoClause)};
  std::unordered_map<u32, u32> missing = graph.premise_counts();
  std::vector<AtomId> found;
  const auto conclude = [&](ClauseId clause) {
    const AtomId atom = graph.conclusion(clause);
    if (result.live(atom)) return;
    if (!without.atoms.empty() && without.atoms[index(atom)]) return;
    if (!without.clauses.empty() && without.clauses[index(clause)]) return;
    result.kept_by[index(atom)] = clause;
    found.push_back(atom);
  };
  for (const ClauseId root : graph.roots()) conclude(root);
  for (u64 next = 0; next < found.size(); next++)
    for (const ClauseId clause : graph.clauses_about(found[next]))
      if (!graph.has_several_premises(clause) || --missing[index(clause)] == 0) conclude(clause);
  return result;
}

// Two counting sorts.
Backwards::Backwards(const Graph& graph)
    : first_clause_(graph.atom_count() + u64{1}), first_premise_(graph.clause_count() + u64{1}) {
  const auto each_premise = [&](const auto& visit) {
    for (u32 atom = 0; atom < graph.atom_count(); atom++)
      for (const ClauseId clause : graph.clauses_about(AtomId{atom})) visit(clause, AtomId{atom});
  };
  for (u32 i = 0; i < graph.clause_count(); i++)
    first_clause_[index(graph.conclusion(ClauseId{i})) + 1]++;
  each_premise([&](ClauseId clause, AtomId) { first_premise_[index(clause) + 1]++; });
  std::partial_sum(first_clause_.begin(), first_clause_.end(), first_clause_.begin());
  std::partial_sum(first_premise_.begin(), first_premise_.end(), first_premise_.begin());

  clauses_.resize(graph.clause_count());
  premises_.resize(first_premise_.back(), kNoAtom);
  std::vector<u32> next(first_clause_.begin(), first_clause_.end() - 1);
  for (u32 i = 0; i < graph.clause_count(); i++)
    clauses_[next[index(graph.conclusion(ClauseId{i}))]++] = ClauseId{i};
  next.assign(first_premise_.begin(), first_premise_.end() - 1);
  each_premise([&](ClauseId clause, AtomId atom) { premises_[next[index(clause)]++] = atom; });
}

namespace {

// Numbers are those of a depth-first search, from 1; 0 is the start, before all roots.
class Dominators {
 public:
  Dominators(const Graph& graph, const Reach& live)
      : graph_(graph), live_(live), number_(graph.atom_count(), 0) {
    choose_edges();
    search();
    find();
  }

  u32 count() const { return static_cast<u32>(vertex_.size()); }
  AtomId atom(u32 number) const { return vertex_[number]; }
  u32 parent(u32 number) const { return dominator_[number]; }

 private:
  // Clauses of several premises: the premise that makes it an edge, which is the one found last.
  void choose_edges() {
    if (graph_.premise_counts().empty()) return;
    std::unordered_map<u32, u32> missing = graph_.premise_counts();
    std::vector<AtomId> found;
    std::vector<bool> seen(graph_.atom_count());
    const auto conclude = [&](ClauseId clause) {
      const AtomId to = graph_.conclusion(clause);
      if (seen[index(to)]) return;
      seen[index(to)] = true;
      found.push_back(to);
    };
    for (const ClauseId root : graph_.roots()) conclude(root);
    for (u64 next = 0; next < found.size(); next++)
      for (const ClauseId clause : graph_.clauses_about(found[next])) {
        const bool several = graph_.has_several_premises(clause);
        if (several && --missing[index(clause)] != 0) continue;
        if (several) edge_of_[index(clause)] = found[next];
        conclude(clause);
      }
  }

  bool is_edge(ClauseId clause, AtomId from) const {
    if (!graph_.has_several_premises(clause)) return true;
    const auto chosen = edge_of_.find(index(clause));
    return chosen != edge_of_.end() && chosen->second == from;
  }

  std::span<const ClauseId> clauses_from(u32 number) const {
    return number == 0 ? graph_.roots() : graph_.clauses_about(vertex_[number]);
  }

  void add(AtomId atom, u32 parent) {
    number_[index(atom)] = count();
    vertex_.push_back(atom);
    parent_.push_back(parent);
  }

  // Depth first, without recursion.
  void search() {
    struct Visit {
      u32 number;
      u64 next;
    };
    vertex_.push_back(kNoAtom);
    parent_.push_back(0);
    std::vector<Visit> stack{{0, 0}};
    while (!stack.empty()) {
      Visit& top = stack.back();
      const auto clauses = clauses_from(top.number);
      if (top.next == clauses.size()) {
        stack.pop_back();
        continue;
      }
      const ClauseId clause = clauses[top.next++];
      const AtomId to = graph_.conclusion(clause);
      if (number_[index(to)] != 0 || !live_.live(to)) continue;
      if (top.number != 0 && !is_edge(clause, vertex_[top.number])) continue;
      add(to, top.number);
      stack.push_back({count() - 1, 0});
    }
  }

  // The edges into each vertex, from vertices that the search has seen.
  void collect_predecessors() {
    first_from_.assign(count() + u64{1}, 0);
    const auto each_edge = [&](const auto& visit) {
      for (u32 from = 0; from < count(); from++)
        for (const ClauseId clause : clauses_from(from)) {
          const u32 to = number_[index(graph_.conclusion(clause))];
          if (to != 0 && (from == 0 || is_edge(clause, vertex_[from]))) visit(from, to);
        }
    };
    each_edge([&](u32, u32 to) { first_from_[to + 1]++; });
    std::partial_sum(first_from_.begin(), first_from_.end(), first_from_.begin());
    from_.resize(first_from_.back());
    std::vector<u32> next(first_from_.begin(), first_from_.end() - 1);
    each_edge([&](u32 from, u32 to) { from_[next[to]++] = from; });
  }

  // The vertex with the smallest semidominator on the way up to the forest's root, which path
  // compression shortens.
  u32 evaluate(u32 vertex) {
    if (ancestor_[vertex] == kNone) return label_[vertex];
    std::vector<u32>& path = path_;
    path.clear();
    for (u32 at = vertex; ancestor_[ancestor_[at]] != kNone; at = ancestor_[at]) path.push_back(at);
    for (u64 i = path.size(); i-- > 0;) {
      const u32 at = path[i];
      const u32 above = ancestor_[at];
      if (semi_[label_[above]] < semi_[label_[at]]) label_[at] = label_[above];
      ancestor_[at] = ancestor_[above];
    }
    return label_[vertex];
  }

  // Lengauer and Tarjan 1979, section 3, steps 2 to 4.
  void find() {
    collect_predecessors();
    ancestor_.assign(count(), kNone);
    dominator_.assign(count(), 0);
    semi_.resize(count());
    std::iota(semi_.begin(), semi_.end(), 0);
    label_ = semi_;
    std::vector<u32> first_in_bucket(count(), kNone);
    std::vector<u32> next_in_bucket(count(), kNone);
    for (u32 w = count() - 1; w > 0 && count() > 1; w--) {
      for (u32 i = first_from_[w]; i < first_from_[w + 1]; i++)
        semi_[w] = std::min(semi_[w], semi_[evaluate(from_[i])]);
      next_in_bucket[w] = first_in_bucket[semi_[w]];
      first_in_bucket[semi_[w]] = w;
      ancestor_[w] = parent_[w];
      u32& bucket = first_in_bucket[parent_[w]];
      for (u32 v = bucket; v != kNone; v = next_in_bucket[v]) {
        const u32 u = evaluate(v);
        dominator_[v] = semi_[u] < semi_[v] ? u : parent_[w];
      }
      bucket = kNone;
    }
    for (u32 w = 1; w < count(); w++)
      if (dominator_[w] != semi_[w]) dominator_[w] = dominator_[dominator_[w]];
  }

  static constexpr u32 kNone = 0xffff'ffff;
  const Graph& graph_;
  const Reach& live_;
  std::unordered_map<u32, AtomId> edge_of_;  // of clauses of several premises
  std::vector<u32> number_;                  // per atom; 0: not seen
  std::vector<AtomId> vertex_;               // the following are per number
  std::vector<u32> parent_;
  std::vector<u32> first_from_;
  std::vector<u32> from_;
  std::vector<u32> semi_;
  std::vector<u32> label_;
  std::vector<u32> ancestor_;
  std::vector<u32> dominator_;
  std::vector<u32> path_;
};

bool has_conditional(const Graph& graph, const Reach& live) {
  return std::ranges::any_of(graph.premise_counts(), [&](const auto& entry) {
    return entry.second > 1 && live.live(graph.conclusion(ClauseId{entry.first}));
  });
}

}  // namespace

// Dominators have smaller numbers than what they dominate, so sizes add up from the back and
// positions are handed out from the front.
RetainTree retain_tree(const Graph& graph, const Reach& live) {
  const Dominators tree(graph, live);
  const u32 count = tree.count();
  std::vector<u32> size(count, 1);
  for (u32 i = count; i-- > 1;) size[tree.parent(i)] += size[i];
  RetainTree result;
  result.exact = !has_conditional(graph, live);
  result.order.resize(count - 1);
  result.count.resize(count - 1);
  result.position.assign(graph.atom_count(), RetainTree::kDead);
  std::vector<u32> next(count, 0);  // where the next child of each goes
  for (u32 i = 1; i < count; i++) {
    const u32 at = next[tree.parent(i)];
    next[tree.parent(i)] += size[i];
    next[i] = at + 1;
    result.order[at] = tree.atom(i);
    result.count[at] = size[i];
    result.position[index(tree.atom(i))] = at;
  }
  return result;
}

std::vector<AtomId> lost_without(const Graph& graph, const Reach& live,
                                 std::span<const AtomId> atoms) {
  Without without;
  without.atoms.resize(graph.atom_count());
  for (const AtomId atom : atoms) without.atoms[index(atom)] = true;
  const Reach left = reach_without(graph, without);
  std::vector<AtomId> lost;
  for (u32 i = 0; i < graph.atom_count(); i++)
    if (live.live(AtomId{i}) && !left.live(AtomId{i})) lost.push_back(AtomId{i});
  return lost;
}

}  // namespace fwseal
