// Folding.
//
// Atoms whose contents are equal (fold_content) are copies of one another if what they refer to is:
// the coarsest partition (partition.h). One of each class stays. Each of the others gives way to
// it, with what proves that nobody can tell:
// - Nothing but calls and branches leads to the copy: they lead to the other one from now on.
// - Its address is taken. Then it keeps that, and a jump to the other one takes the place of its
//   body. Whoever compares addresses finds them as different as they were.
// - It is a constant without a name, which only the compiler refers to.
// - The user says that no addresses are compared.
// What the script or the user names stays, and so does what is referred to in a way that does not
// reach another place. They can still be the one that stays for others.
#include "prune/fold.h"

#include <xxhash.h>

#include <algorithm>
#include <optional>

#include "prune/dead_pieces.h"
#include "prune/fold_uses.h"
#include "prune/partition.h"

namespace fwseal {
namespace {

class Folder {
 public:
  Folder(const FoldWorld& world, const FoldOptions& options)
      : world_(world), options_(options), contents_(world, options) {}

  std::vector<Fold> run(const std::vector<bool>& named, u64 reach) {
    find_equal_contents();
    if (!any_equal_) return {};
    find_classes();
    std::vector<bool> asked_about(world_.atoms.count());
    for (const std::span<const u32> members : classes())
      for (const u32 node : members) asked_about[index(nodes_[node])] = true;
    uses_ = find_uses(world_, contents_, asked_about, named, reach);
    jumps_reach_ = reach <= Isa::kJumpReach;
    for (const std::span<const u32> members : classes()) fold_class(members);
    return std::move(folds_);
  }

 private:
  static constexpr u32 kNoNode = ~u32{0};
  // More contents than this of one hash are no accident, and not worth the time to compare them.
  static constexpr u64 kMostLeaders = 4;

  struct Hashed {
    u64 hash;
    u32 number;  // of a node or an atom
  };

  // ---- What is equal

  // A look at all that could have copies leaves few of which all must be read.
  void find_nodes() {
    std::vector<Hashed> fingerprints;
    for (u32 i = 0; i < world_.atoms.count(); i++)
      if (contents_.is_candidate(AtomId{i}))
        fingerprints.push_back({contents_.fingerprint(AtomId{i}), i});
    for_each_equal(fingerprints, [&](std::span<const u32> atoms) {
      for (const u32 atom : atoms) nodes_.push_back(AtomId{atom});
    });
    std::ranges::sort(nodes_);
    contents_.limit_to(nodes_);
    std::erase_if(nodes_, [&](AtomId atom) { return !contents_.is_candidate(atom); });
    node_of_.assign(world_.atoms.count(), kNoNode);
    for (u32 i = 0; i < nodes_.size(); i++) node_of_[index(nodes_[i])] = i;
  }

  void find_equal_contents() {
    find_nodes();
    std::vector<Hashed> hashes;
    AtomContent content;
    for (u32 i = 0; i < nodes_.size(); i++)
      if (contents_.read_most(nodes_[i], content))
        hashes.push_back({XXH3_64bits(content.bytes.data(), content.bytes.size()), i});
    kinds_.resize(nodes_.size());
    for (u32 i = 0; i < kinds_.size(); i++) kinds_[i] = i;
    references_.resize(nodes_.size());
    for_each_equal(hashes, [&](std::span<const u32> nodes) { compare(nodes); });
  }

  // Calls `see` with the numbers of each hash that several have, in their order.
  template <typename See>
  static void for_each_equal(std::vector<Hashed>& hashes, See see) {
    std::ranges::stable_sort(hashes, {}, &Hashed::hash);
    std::vector<u32> same;
    for (u64 begin = 0; begin < hashes.size();) {
      u64 end = begin;
      same.clear();
      while (end < hashes.size() && hashes[end].hash == hashes[begin].hash)
        same.push_back(hashes[end++].number);
      if (same.size() > 1) see(same);
      begin = end;
    }
  }

  void compare(std::span<const u32> nodes) {
    struct Leader {
      std::string bytes;
      u32 node;
    };
    std::vector<Leader> leaders;
    AtomContent content;
    for (const u32 node : nodes) {
      if (!contents_.read(nodes_[node], content)) continue;
      const auto equal = std::ranges::find(leaders, content.bytes, &Leader::bytes);
      if (equal == leaders.end() && leaders.size() == kMostLeaders) continue;
      references_[node] = content.references;
      if (equal == leaders.end()) {
        leaders.push_back({content.bytes, node});
      } else {
        kinds_[node] = equal->node;
        any_equal_ = true;
      }
    }
  }

  void find_classes() {
    KindGraph graph;
    graph.kinds = std::move(kinds_);
    graph.first_edge.push_back(0);
    for (const std::vector<AtomId>& references : references_) {
      for (const AtomId to : references) graph.targets.push_back(node_of_[index(to)]);
      graph.first_edge.push_back(static_cast<u32>(graph.targets.size()));
    }
    const std::vector<u32> class_of = coarsest_partition(graph);
    by_class_.resize(nodes_.size());
    for (u32 i = 0; i < by_class_.size(); i++) by_class_[i] = i;
    std::ranges::stable_sort(by_class_, {}, [&](u32 node) { return class_of[node]; });
    for (u32 begin = 0; begin < by_class_.size();) {
      u32 end = begin;
      while (end < by_class_.size() && class_of[by_class_[end]] == class_of[by_class_[begin]])
        end++;
      if (end - begin > 1) runs_.push_back({begin, end});
      begin = end;
    }
  }

  // Those of more than one atom; nodes are in the order of the atoms.
  std::vector<std::span<const u32>> classes() const {
    std::vector<std::span<const u32>> list;
    for (const auto& [begin, end] : runs_)
      list.push_back(std::span(by_class_).subspan(begin, end - begin));
    return list;
  }

  // ---- What becomes of it

  const AtomUses& uses_of(AtomId atom) const { return uses_[index(atom)]; }

  bool can_go(AtomId atom) const {
    const AtomUses& uses = uses_of(atom);
    if (uses.pinned || uses.held || uses.held_inside) return false;
    return options_.assume_no_comparison || contents_.is_unnamed(atom) ||
           !(uses.exposed || uses.inside);
  }

  bool can_jump(AtomId atom) {
    const AtomUses& uses = uses_of(atom);
    if (!contents_.is_code(atom) || uses.pinned || uses.inside || uses.called_inside ||
        uses.held_inside || !jumps_reach_)
      return false;
    const ContentReader::Place place = contents_.place_of(atom);
    return place.end - place.begin > Folds::kJumpSize &&
           world_.program.isa.jump(contents_.mode_of(atom)).has_value();
  }

  // What has to stay anyway stays for the others; a jump saves less than nothing at all.
  u32 stays_for_others(AtomId atom) { return can_go(atom) ? 0 : can_jump(atom) ? 1 : 2; }

  void fold_class(std::span<const u32> members) {
    AtomId stays = nodes_[members.front()];
    for (const u32 node : members)
      if (stays_for_others(nodes_[node]) > stays_for_others(stays)) stays = nodes_[node];
    for (const u32 node : members)
      if (nodes_[node] != stays) fold(nodes_[node], stays);
  }

  void fold(AtomId copy, AtomId into) {
    if (!can_go(copy) && !can_jump(copy)) return;
    const ContentReader::Place from = contents_.place_of(copy);
    const ContentReader::Place to = contents_.place_of(into);
    const bool is_last = from.end == world_.program.inputs[from.section].size;
    Fold result{from.section, from.begin, is_last ? Fold::kWhole : from.end, to.section, to.begin};
    result.thumb = contents_.is_code(copy) && contents_.mode_of(copy) == CodeMode::kThumb;
    result.proof = proof_of(copy);
    folds_.push_back(result);
  }

  Fold::Proof proof_of(AtomId copy) const {
    if (!can_go(copy)) return Fold::Proof::kJump;
    if (contents_.is_unnamed(copy)) return Fold::Proof::kUnnamed;
    const AtomUses& uses = uses_of(copy);
    const bool proven = contents_.is_code(copy) && !uses.exposed && !uses.inside;
    return proven ? Fold::Proof::kOnlyCalled : Fold::Proof::kAssumed;
  }

  const FoldWorld& world_;
  const FoldOptions& options_;
  ContentReader contents_;
  std::vector<AtomId> nodes_;                    // candidates, in their order
  std::vector<u32> node_of_;                     // per atom
  std::vector<u32> kinds_;                       // per node
  std::vector<std::vector<AtomId>> references_;  // per node that has an equal one
  bool any_equal_ = false;
  std::vector<u32> by_class_;
  std::vector<std::pair<u32, u32>> runs_;  // of by_class_
  std::vector<AtomUses> uses_;             // per atom
  bool jumps_reach_ = false;
  std::vector<Fold> folds_;
};

}  // namespace

std::vector<Fold> find_folds(const FoldWorld& world, const std::vector<bool>& named, u64 reach,
                             const FoldOptions& options) {
  return Folder(world, options).run(named, reach);
}

namespace {

// What of a section that is cut stays: all of a piece that is live and no copy, or a jump.
void edit_pieces(const Program& program, const Atoms& atoms, const Reach& live, SectionId section,
                 Plan& plan) {
  std::vector<u64> kept;
  bool any = false;
  for (u64 i = 0; i < atoms.pieces(section).size(); i++) {
    const Piece& piece = atoms.pieces(section)[i];
    u64 size = live.live(atoms.atom_of_piece(section, i)) ? piece.end - piece.begin : 0;
    if (plan.folds.find(section, piece.begin) != nullptr) size = 0;
    if (plan.folds.is_jump(section, piece.begin)) size = Folds::kJumpSize;
    kept.push_back(size);
    any = any || size != 0;
  }
  plan.kept[index(section)] = any;
  plan.edits[index(section)] = {};
  if (any)
    remove_all_but(program.inputs[section], atoms.pieces(section), kept,
                   plan.edits[index(section)]);
}

// A row stays if any of the code stays that it is good for.
void leave_out_rows(const Program& program, const Atoms& atoms, const Reach& live, Plan& plan) {
  const UnwindTables tables = read_unwind_tables(program);
  for (const UnwindTable& table : tables.tables) {
    const u32 number = index(table.section);
    if (!plan.kept[number] || table.row_count == 0) continue;
    if (plan.folds.of(table.code).empty()) continue;
    if (!plan.keeps(table.code)) {
      plan.kept[number] = false;
      continue;
    }
    const std::span<const Piece> code = atoms.pieces(table.code);
    if (code.empty()) continue;
    const std::span<const UnwindRow> rows = tables.rows_of(table);
    std::vector<u64> kept;
    u64 first = 0;  // of the pieces, the one with the start of the row
    for (u64 i = 0; i < rows.size(); i++) {
      const u64 end = i + 1 < rows.size() ? rows[i + 1].start : code.back().end;
      while (first + 1 < code.size() && code[first].end <= rows[i].start) first++;
      bool stays = false;
      for (u64 k = first; k < code.size() && code[k].begin < end; k++)
        stays = stays || (live.live(atoms.atom_of_piece(table.code, k)) &&
                          plan.folds.find(table.code, code[k].begin) == nullptr);
      const bool is_live = live.live(atoms.at(table.section, i * kUnwindRowSize));
      kept.push_back(stays && is_live ? kUnwindRowSize : 0);
    }
    plan.kept[number] = std::ranges::count(kept, 0u) != std::ssize(kept);
    plan.edits[number] = {};
    if (plan.kept[number] && atoms.is_cut(table.section))
      remove_all_but(program.inputs[table.section], atoms.pieces(table.section), kept,
                     plan.edits[number]);
  }
}

void edit_section(const Program& program, const Fold& fold, Plan& plan) {
  const u32 number = index(fold.section);
  if (fold.proof != Fold::Proof::kJump) {
    plan.kept[number] = false;
    return;
  }
  const u64 size = program.inputs[fold.section].size;
  plan.edits[number].add({Folds::kJumpSize, size - Folds::kJumpSize, {}});
}

}  // namespace

void leave_out_folded(const Program& program, const Atoms& atoms, const Reach& live,
                      std::vector<Fold> folds, Plan& plan) {
  const std::vector<InputSection>& sections = program.inputs.sections;
  plan.folds = Folds(std::move(folds), sections.size());
  plan.edits.resize(sections.size());
  SectionId last = kNoSection;
  for (const Fold& fold : plan.folds.all()) {
    if (!atoms.is_cut(fold.section))
      edit_section(program, fold, plan);
    else if (fold.section != last)
      edit_pieces(program, atoms, live, fold.section, plan);
    last = fold.section;
  }
  if (!plan.folds.all().empty()) leave_out_rows(program, atoms, live, plan);
}

}  // namespace fwseal
