#include "prune/partition.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace fwseal {
namespace {

struct Node {
  u32 kind;
  std::vector<u32> targets;
};

KindGraph graph_of(const std::vector<Node>& nodes) {
  KindGraph graph;
  graph.first_edge.push_back(0);
  for (const Node& node : nodes) {
    graph.kinds.push_back(node.kind);
    graph.targets.insert(graph.targets.end(), node.targets.begin(), node.targets.end());
    graph.first_edge.push_back(static_cast<u32>(graph.targets.size()));
  }
  return graph;
}

// Renumbered in the order of the nodes, so that two partitions can be compared.
std::vector<u32> in_order(const std::vector<u32>& classes) {
  std::map<u32, u32> numbers;
  std::vector<u32> result;
  for (const u32 number : classes)
    result.push_back(numbers.try_emplace(number, static_cast<u32>(numbers.size())).first->second);
  return result;
}

std::vector<u32> partition(const std::vector<Node>& nodes) {
  return in_order(coarsest_partition(graph_of(nodes)));
}

// The definition: two nodes are told apart if their kinds are, or if the targets of some edge are.
std::vector<u32> by_definition(const std::vector<Node>& nodes) {
  const u64 count = nodes.size();
  std::vector<bool> apart(count * count);
  for (bool changed = true; changed;) {
    changed = false;
    for (u64 a = 0; a < count; a++) {
      for (u64 b = 0; b < count; b++) {
        bool differ = nodes[a].kind != nodes[b].kind;
        for (u64 i = 0; !differ && i < nodes[a].targets.size(); i++)
          differ = apart[nodes[a].targets[i] * count + nodes[b].targets[i]];
        if (differ && !apart[a * count + b]) changed = apart[a * count + b] = true;
      }
    }
  }
  std::vector<u32> classes;
  for (u64 a = 0; a < count; a++) {
    u32 first = 0;
    while (apart[first * count + a]) first++;
    classes.push_back(first);
  }
  return in_order(classes);
}

using Classes = std::vector<u32>;

TEST(Partition, KeepsKindsApart) {
  EXPECT_EQ(partition({}), Classes());
  EXPECT_EQ(partition({{7, {}}, {7, {}}, {3, {}}}), (Classes{0, 0, 1}));
}

TEST(Partition, LeavesCopiesTogetherThatReferToEachOther) {
  // Two pairs of functions that call one another, and one that calls itself.
  EXPECT_EQ(partition({{1, {1}}, {2, {0}}, {1, {3}}, {2, {2}}}), (Classes{0, 1, 0, 1}));
  EXPECT_EQ(partition({{1, {0}}, {1, {2}}, {1, {1}}}), (Classes{0, 0, 0}));
}

TEST(Partition, TellsApartWhatEndsInDifferentLeaves) {
  // 0 and 2 call each other and a leaf each, and the leaves differ.
  EXPECT_EQ(partition({{1, {1, 4}}, {2, {0}}, {1, {3, 5}}, {2, {2}}, {3, {}}, {4, {}}}),
            (Classes{0, 1, 2, 3, 4, 5}));
}

TEST(Partition, FollowsADifferenceAlongAChain) {
  constexpr u32 kLength = 200'000;
  std::vector<Node> nodes;
  for (u32 i = 0; i + 1 < kLength; i++) nodes.push_back({0, {i + 1}});
  nodes.push_back({1, {}});
  const std::vector<u32> classes = partition(nodes);
  EXPECT_EQ(classes.back(), kLength - 1);
}

TEST(Partition, LooksAtATableOnceForEachChange) {
  // Two tables of a whole chain: each round tells one more of its entries apart.
  constexpr u32 kLength = 50'000;
  std::vector<Node> nodes;
  for (u32 i = 0; i + 1 < kLength; i++) nodes.push_back({0, {i + 1}});
  nodes.push_back({1, {}});
  Node table{2, {}};
  for (u32 i = 0; i < kLength; i++) table.targets.push_back(i);
  nodes.push_back(table);
  nodes.push_back(table);
  const std::vector<u32> classes = partition(nodes);
  EXPECT_EQ(classes[kLength], classes[kLength + 1]);
}

TEST(Partition, IsWhatTheDefinitionSays) {
  std::mt19937 random(1);
  const auto below = [&](u32 limit) { return static_cast<u32>(random() % limit); };
  u32 folded = 0;
  for (u32 round = 0; round < 3000; round++) {
    const u32 count = 1 + below(9);
    const u32 kinds = 1 + below(3);
    std::vector<u32> degrees;
    for (u32 i = 0; i < kinds; i++) degrees.push_back(below(4));
    std::vector<Node> nodes(count);
    for (Node& node : nodes) {
      node.kind = below(kinds);
      for (u32 i = 0; i < degrees[node.kind]; i++) node.targets.push_back(below(count));
    }
    const std::vector<u32> classes = partition(nodes);
    ASSERT_EQ(classes, by_definition(nodes)) << round;
    folded += count - 1 - *std::ranges::max_element(classes);
  }
  EXPECT_GT(folded, 3000u);
}

}  // namespace
}  // namespace fwseal
