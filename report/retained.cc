// Definition: what a walk without the thing does not reach, in bytes (see graph/retain.h).
//
// The dominator tree gives that for every atom at once, as long as clauses have one premise each.
// It does not for sets of atoms (an object, an archive), nor where there are clauses of several
// premises: then it gives a lower bound, and candidates are measured by a walk each, those with the
// largest bounds first, until the budget of steps is spent. So what is printed is always exact.
#include "report/retained.h"

#include <algorithm>
#include <map>

namespace fwseal {
namespace {

// Something whose retained size is asked for.
struct Candidate {
  std::vector<AtomId> atoms;  // live ones
  std::string name;           // empty: it is its only atom
  u64 bound = 0;              // it retains at least so many bytes
};

class Meter {
 public:
  Meter(const AtomIndex& atoms, u64 top, u64 steps)
      : graph_(atoms.graph()),
        atoms_(atoms),
        top_(top),
        steps_(steps),
        live_(reach(graph_.graph)),
        tree_(retain_tree(graph_.graph, live_)) {
    sums_.push_back(0);
    for (const AtomId atom : tree_.order) sums_.push_back(sums_.back() + bytes_of(graph_, atom));
  }

  Retained run() {
    Retained result;
    result.atoms = rows(each_atom(), tree_.exact);
    // A single object is its archive member; members of one archive are one candidate.
    result.objects = rows(each_object(false), false);
    result.archives = rows(each_object(true), false);
    result.complete = complete_;
    return result;
  }

 private:
  u64 tree_bytes(AtomId atom) const {
    const u32 at = tree_.position[index(atom)];
    return sums_[at + tree_.count[at]] - sums_[at];
  }

  std::vector<Candidate> each_atom() const {
    std::vector<Candidate> candidates;
    for (const AtomId atom : tree_.order)
      if (const u64 bound = tree_bytes(atom); bound != 0) candidates.push_back({{atom}, {}, bound});
    return candidates;
  }

  // Live atoms by object, or by archive; propositions about an object are no part of it.
  std::vector<Candidate> each_object(bool archives) const {
    std::map<u32, Candidate> by_name;  // by object, or by name of the file
    for (u32 i = 0; i < graph_.atoms.size(); i++) {
      const RecordAtom& atom = graph_.atoms[i];
      if (atom.proposition() || !live_.live(AtomId{i})) continue;
      const RecordObject& object = graph_.objects[atom.object];
      if (archives && object.member == kNoIndex) continue;
      Candidate& candidate = by_name[archives ? object.file : atom.object];
      if (candidate.atoms.empty())
        candidate.name = archives ? graph_.strings[object.file] : atoms_.object_name(atom.object);
      candidate.atoms.push_back(AtomId{i});
    }
    std::vector<Candidate> candidates;
    for (auto& [key, candidate] : by_name) {
      candidate.bound = bound_of(candidate);
      candidates.push_back(std::move(candidate));
    }
    return candidates;
  }

  // Subtrees are nested or apart, so those that lie in another one are left out.
  u64 bound_of(const Candidate& candidate) const {
    std::vector<u32> positions;
    for (const AtomId atom : candidate.atoms) positions.push_back(tree_.position[index(atom)]);
    std::ranges::sort(positions);
    u64 bytes = 0;
    u32 end = 0;
    for (const u32 at : positions) {
      if (at < end) continue;
      end = at + tree_.count[at];
      bytes += sums_[end] - sums_[at];
    }
    return bytes;
  }

  std::vector<RetainedRow> rows(std::vector<Candidate> candidates, bool exact) {
    std::ranges::stable_sort(candidates, std::greater(), &Candidate::bound);
    const u64 cost = graph_.graph.clause_count() + graph_.graph.atom_count() + 1;
    std::vector<RetainedRow> result;
    for (u64 i = 0; i < candidates.size(); i++) {
      if (exact && i == top_) break;
      if (!exact && i >= top_) {
        if (steps_ < cost) {
          complete_ = false;
          break;
        }
        steps_ -= cost;
      }
      result.push_back(measure(candidates[i], exact));
      if (!exact && result.size() >= 2 * top_ + 1000) keep_largest(result);
    }
    keep_largest(result);
    return result;
  }

  void keep_largest(std::vector<RetainedRow>& result) const {
    std::ranges::stable_sort(result, std::greater(), &RetainedRow::total);
    if (result.size() > top_) result.erase(result.begin() + static_cast<i64>(top_), result.end());
  }

  RetainedRow measure(const Candidate& candidate, bool exact) const {
    RetainedRow row{kNoAtom, candidate.name, 0, 0, 0, RegionBytes(graph_)};
    if (candidate.name.empty()) row.atom = candidate.atoms[0];
    for (const AtomId atom : candidate.atoms) row.own += bytes_of(graph_, atom);
    std::vector<AtomId> walked;
    if (!exact) walked = lost_without(graph_.graph, live_, candidate.atoms);
    const std::span<const AtomId> lost = exact ? tree_.kept_by(row.atom) : walked;
    for (const AtomId atom : lost) {
      row.bytes.add(graph_, atom);
      row.atoms += bytes_of(graph_, atom) != 0;
    }
    row.total = row.bytes.total();
    return row;
  }

  const RecordGraph& graph_;
  const AtomIndex& atoms_;
  u64 top_;
  u64 steps_;
  Reach live_;
  RetainTree tree_;
  std::vector<u64> sums_;  // of the bytes of the atoms before each position of the tree
  bool complete_ = true;
};

void add_rows(const AtomIndex& atoms, std::string_view title, const std::vector<RetainedRow>& rows,
              std::string& text) {
  if (rows.empty()) return;
  const auto number = [](u64 value) {
    const std::string digits = std::to_string(value);
    return cat(std::string(digits.size() < 10 ? 10 - digits.size() : 0, ' '), digits);
  };
  text += cat("  retained       own  ", title, '\n');
  for (const RetainedRow& row : rows)
    text += cat(number(row.total), number(row.own), "  ",
                printable(row.atom == kNoAtom ? row.name : atoms.title(row.atom)), '\n');
  text += '\n';
}

}  // namespace

Retained measure_retained(const AtomIndex& atoms, u64 top, u64 steps) {
  return Meter(atoms, top, steps).run();
}

std::string retained_text(const AtomIndex& atoms, const Retained& retained) {
  std::string text;
  add_rows(atoms, "symbol or section", retained.atoms, text);
  add_rows(atoms, "object", retained.objects, text);
  add_rows(atoms, "archive", retained.archives, text);
  if (text.empty()) return "nothing in the record takes memory\n";
  text += "bytes in all regions, without padding; what is stored and runs elsewhere counts twice\n";
  if (!retained.complete)
    text += "each row is exact; among so many, one that belongs here may be missing\n";
  return text;
}

}  // namespace fwseal
