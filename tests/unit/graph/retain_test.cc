#include "graph/retain.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace fwseal {
namespace {

// An edge from 0, the start, is a root.
Graph graph_of(u32 atoms, u64 edges) {
  GraphBuilder builder(atoms);
  for (u32 from = 0; from <= atoms; from++)
    for (u32 to = 0; to < atoms; to++)
      if (edges >> (from * atoms + to) & 1) {
        if (from == 0)
          builder.add_root(AtomId{to}, ClauseKind::kKeep);
        else
          builder.add(AtomId{from - 1}, AtomId{to}, ClauseKind::kReference);
      }
  return builder.finish();
}

// The definition: what is live, and not without the atom.
std::vector<AtomId> by_definition(const Graph& graph, AtomId atom) {
  const Reach live = reach(graph);
  Without without;
  without.atoms.resize(graph.atom_count());
  without.atoms[index(atom)] = true;
  const Reach left = reach_without(graph, without);
  std::vector<AtomId> lost;
  for (u32 i = 0; i < graph.atom_count(); i++)
    if (live.live(AtomId{i}) && !left.live(AtomId{i})) lost.push_back(AtomId{i});
  return lost;
}

std::vector<AtomId> by_tree(const RetainTree& tree, AtomId atom) {
  const auto kept = tree.kept_by(atom);
  std::vector<AtomId> sorted(kept.begin(), kept.end());
  std::ranges::sort(sorted);
  return sorted;
}

void expect_definition(const Graph& graph, u64 which) {
  const Reach live = reach(graph);
  const RetainTree tree = retain_tree(graph, live);
  ASSERT_TRUE(tree.exact);
  for (u32 i = 0; i < graph.atom_count(); i++) {
    ASSERT_EQ(by_tree(tree, AtomId{i}), by_definition(graph, AtomId{i})) << which << " " << i;
    const AtomId one[] = {AtomId{i}};
    ASSERT_EQ(lost_without(graph, live, one), by_definition(graph, AtomId{i})) << which;
  }
}

// Every graph of three atoms: 2^12 with self-loops.
TEST(RetainTree, AgreesWithTheDefinitionOnEveryGraphOfThreeAtoms) {
  for (u64 edges = 0; edges < 1u << 12; edges++) expect_definition(graph_of(3, edges), edges);
}

// Of the graphs of six atoms a sample, with a linear congruential generator (Knuth, MMIX), of a
// third of all edges: that is where trees have most shapes.
TEST(RetainTree, AgreesWithTheDefinitionOnLargerGraphs) {
  u64 state = 1;
  const auto next = [&] {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return state >> 22;
  };
  for (u32 i = 0; i < 20000; i++) {
    const u64 edges = next() & (i % 2 == 0 ? next() : ~u64{0}) & (i % 3 == 0 ? next() : ~u64{0});
    expect_definition(graph_of(6, edges), edges);
  }
}

// Every clause of at most two premises over three atoms: 3 * (1 + 3 + 3) = 21; every choice of
// four.
Graph conditional_graph(u32 chosen) {
  constexpr u32 kPremises[] = {0b000, 0b001, 0b010, 0b100, 0b011, 0b101, 0b110};
  GraphBuilder builder(3);
  for (u32 clause = 0; clause < 21; clause++) {
    if (!(chosen >> clause & 1)) continue;
    std::vector<AtomId> premises;
    for (u32 atom = 0; atom < 3; atom++)
      if (kPremises[clause % 7] >> atom & 1) premises.push_back(AtomId{atom});
    const AtomId conclusion{clause / 7};
    if (premises.empty())
      builder.add_root(conclusion, ClauseKind::kKeep);
    else if (premises.size() == 1)
      builder.add(premises[0], conclusion, ClauseKind::kReference);
    else
      builder.add_conditional(premises, conclusion);
  }
  return builder.finish();
}

TEST(RetainTree, WithConditionalClausesShowsNeverTooMuch) {
  u32 less = 0;
  for (u32 chosen = 0; chosen < 1u << 21; chosen++) {
    if (__builtin_popcount(chosen) > 5) continue;
    const Graph graph = conditional_graph(chosen);
    const Reach live = reach(graph);
    const RetainTree tree = retain_tree(graph, live);
    for (u32 i = 0; i < 3; i++) {
      const auto exact = by_definition(graph, AtomId{i});
      const auto shown = by_tree(tree, AtomId{i});
      ASSERT_TRUE(std::ranges::includes(exact, shown)) << chosen << " " << i;
      ASSERT_TRUE(!tree.exact || exact == shown) << chosen << " " << i;
      less += exact != shown;
    }
  }
  EXPECT_GT(less, 0u);  // so that the bound is tried where it is one
}

// Every pair of atoms of every graph of three: what two keep together can be more than what each
// keeps.
TEST(LostWithout, TakesSeveral) {
  for (u64 edges = 0; edges < 1u << 12; edges++) {
    const Graph graph = graph_of(3, edges);
    const Reach live = reach(graph);
    const AtomId both[] = {AtomId{0}, AtomId{1}};
    const auto lost = lost_without(graph, live, both);
    const bool other_has_root = edges >> 2 & 1;  // the only way that avoids both
    EXPECT_EQ(std::ranges::find(lost, AtomId{2}) != lost.end(),
              live.live(AtomId{2}) && !other_has_root);
  }
}

TEST(Backwards, ListsPremisesAndConclusions) {
  GraphBuilder builder(3);
  builder.add_root(AtomId{0}, ClauseKind::kKeep);
  const AtomId both[] = {AtomId{1}, AtomId{0}};
  builder.add_conditional(both, AtomId{2});
  builder.add(AtomId{0}, AtomId{2}, ClauseKind::kReference);
  const Graph graph = builder.finish();
  const Backwards backwards(graph);
  ASSERT_EQ(backwards.clauses_for(AtomId{2}).size(), 2u);
  EXPECT_EQ(backwards.clauses_for(AtomId{1}).size(), 0u);
  EXPECT_EQ(backwards.premises(ClauseId{0}).size(), 0u);
  ASSERT_EQ(backwards.premises(ClauseId{1}).size(), 2u);
  EXPECT_EQ(backwards.premises(ClauseId{1})[0], AtomId{0});
  EXPECT_EQ(backwards.premises(ClauseId{2})[0], AtomId{0});
}

}  // namespace
}  // namespace fwseal
