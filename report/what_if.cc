// The same walk as the link's, without the clauses that conclude what is taken away. What is lost
// is what it no longer reaches; references to it that remain are not asked about.
#include "report/what_if.h"

#include <algorithm>

namespace fwseal {
namespace {

std::vector<bool> flags(const AtomIndex& atoms, std::string_view pattern,
                        std::vector<std::string>& unmatched) {
  std::vector<AtomId> found = atoms.matching(pattern);
  const std::vector<AtomId> of_objects = atoms.of_objects(pattern);
  found.insert(found.end(), of_objects.begin(), of_objects.end());
  if (found.empty()) unmatched.emplace_back(pattern);
  std::vector<bool> result(atoms.graph().atoms.size());
  for (const AtomId atom : found) result[index(atom)] = true;
  return result;
}

u64 cut_edges(const RecordGraph& graph, const std::vector<bool>& from, const std::vector<bool>& to,
              std::vector<bool>& clauses) {
  u64 cut = 0;
  for (u32 i = 0; i < graph.atoms.size(); i++) {
    if (!from[i]) continue;
    for (const ClauseId clause : graph.graph.clauses_about(AtomId{i})) {
      if (!to[index(graph.graph.conclusion(clause))] || clauses[index(clause)]) continue;
      clauses[index(clause)] = true;
      cut++;
    }
  }
  return cut;
}

}  // namespace

WhatIfAnswer what_if(const AtomIndex& atoms, const WhatIfQuestion& question) {
  const RecordGraph& graph = atoms.graph();
  WhatIfAnswer answer{{}, 0, 0, {}, RegionBytes(graph)};
  Without without{std::vector<bool>(graph.atoms.size()),
                  std::vector<bool>(graph.graph.clause_count())};
  const auto take_away = [&](const std::vector<AtomId>& found, const std::string& pattern) {
    if (found.empty()) answer.unmatched.push_back(pattern);
    for (const AtomId atom : found) without.atoms[index(atom)] = true;
  };
  for (const std::string& pattern : question.without) take_away(atoms.matching(pattern), pattern);
  for (const std::string& pattern : question.without_object)
    take_away(atoms.of_objects(pattern), pattern);
  for (const WhatIfQuestion::Edge& edge : question.without_edge) {
    const std::vector<bool> from = flags(atoms, edge.from, answer.unmatched);
    const std::vector<bool> to = flags(atoms, edge.to, answer.unmatched);
    answer.edges += cut_edges(graph, from, to, without.clauses);
  }
  const Reach before = reach(graph.graph);
  const Reach after = reach_without(graph.graph, without);
  for (u32 i = 0; i < graph.atoms.size(); i++) {
    const AtomId atom{i};
    if (!before.live(atom) || after.live(atom)) continue;
    answer.taken_away += without.atoms[i];
    answer.lost.push_back(atom);
    answer.bytes.add(graph, atom);
  }
  std::ranges::stable_sort(answer.lost, std::greater(),
                           [&](AtomId atom) { return bytes_of(graph, atom); });
  return answer;
}

std::string what_if_text(const AtomIndex& atoms, const WhatIfAnswer& answer, u64 top) {
  const RecordGraph& graph = atoms.graph();
  std::string text;
  const auto row = [&](u64 bytes, std::string_view what) {
    const std::string number = std::to_string(bytes);
    text += cat(std::string(number.size() < 10 ? 10 - number.size() : 0, ' '), number, "  ",
                printable(what), '\n');
  };
  u64 with_bytes = 0;
  for (const AtomId atom : answer.lost) with_bytes += bytes_of(graph, atom) != 0;
  if (with_bytes == 0) return "nothing would go\n";
  text += cat("would go: ", with_bytes, " atoms with bytes, without padding\n");
  for (u64 i = 0; i < answer.bytes.bytes.size(); i++)
    if (answer.bytes.bytes[i] != 0)
      row(answer.bytes.bytes[i], cat("bytes of ", region_name(graph, i)));
  text += "the largest of them:\n";
  for (u64 i = 0; i < answer.lost.size() && i < std::min(top, with_bytes); i++)
    row(bytes_of(graph, answer.lost[i]), atoms.title(answer.lost[i]));
  if (with_bytes > top) text += cat("and ", with_bytes - top, " more (--top)\n");
  return text;
}

}  // namespace fwseal
