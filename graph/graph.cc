#include "graph/graph.h"

#include <cassert>
#include <numeric>

namespace fwseal {

std::string_view describe(ClauseKind kind) {
  switch (kind) {
    case ClauseKind::kEntry:
      return "the entry symbol";
    case ClauseKind::kKeep:
      return "KEEP in the linker script";
    case ClauseKind::kUndefined:
      return "--undefined";
    case ClauseKind::kExtern:
      return "EXTERN in the linker script";
    case ClauseKind::kInitFini:
      return "-init or -fini";
    case ClauseKind::kRetain:
      return "SHF_GNU_RETAIN";
    case ClauseKind::kNote:
      return "an ELF note";
    case ClauseKind::kScript:
      return "an expression of the linker script";
    case ClauseKind::kExported:
      return "an exported symbol";
    case ClauseKind::kUser:
      return "keep in the configuration";
    case ClauseKind::kWithoutGc:
      return "sections are not collected";
    case ClauseKind::kOutput:
      return "a table of the image";
    case ClauseKind::kReference:
      return "a reference";
    case ClauseKind::kFollower:
      return "what it describes";
    case ClauseKind::kGroup:
      return "its section group";
    case ClauseKind::kStartStop:
      return "__start_ or __stop_ of its section name";
    case ClauseKind::kScriptSymbol:
      return "a symbol of the linker script";
    case ClauseKind::kConditional:
      return "all of several";
    case ClauseKind::kInitialiser:
      return "what it initialises";
    case ClauseKind::kFold:
      return "its copy";
  }
  return "";
}

void GraphBuilder::reserve(u64 clauses) {
  graph_.conclusions_.reserve(clauses);
  graph_.premises_.reserve(clauses);
  graph_.places_.reserve(clauses);
  graph_.kinds_.reserve(clauses);
}

void GraphBuilder::add_conditional(std::span<const AtomId> premises, AtomId conclusion) {
  const ClauseId clause{graph_.clause_count()};
  add(premises[0], conclusion, ClauseKind::kConditional);
  for (const AtomId premise : premises.subspan(1)) extras_.push_back({premise, clause});
  graph_.premise_counts_.emplace(index(clause), static_cast<u32>(premises.size()));
}

void GraphBuilder::redirect(const std::unordered_map<u32, AtomId>& conclusions) {
  for (AtomId& conclusion : graph_.conclusions_)
    if (const auto found = conclusions.find(index(conclusion)); found != conclusions.end())
      conclusion = found->second;
}

// A counting sort by premise; within an atom the clauses keep the order in which they were added.
std::vector<bool> GraphBuilder::concluded() const {
  std::vector<bool> result(atoms_);
  for (const AtomId atom : graph_.conclusions_) result[index(atom)] = true;
  return result;
}

Graph GraphBuilder::finish() {
  std::vector<u32>& offsets = graph_.offsets_;
  offsets.assign(atoms_ + 1, 0);
  for (const AtomId premise : graph_.premises_)
    if (premise != kNoAtom) offsets[index(premise) + 1]++;
  for (const Extra& extra : extras_) offsets[index(extra.atom) + 1]++;
  std::partial_sum(offsets.begin(), offsets.end(), offsets.begin());

  graph_.about_.resize(offsets.back());
  std::vector<u32> next(offsets.begin(), offsets.end() - 1);
  for (u32 clause = 0; clause < graph_.clause_count(); clause++) {
    const AtomId premise = graph_.premises_[clause];
    if (premise != kNoAtom) graph_.about_[next[index(premise)]++] = ClauseId{clause};
  }
  for (const Extra& extra : extras_) graph_.about_[next[index(extra.atom)]++] = extra.clause;
  return std::move(graph_);
}

}  // namespace fwseal
