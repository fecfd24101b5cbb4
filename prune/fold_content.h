// What atoms are made of, so that they can be compared.
#pragma once

#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "graph/code_runs.h"
#include "graph/program.h"
#include "graph/unwind.h"
#include "prune/plan.h"

namespace fwseal {

struct FoldOptions {
  // Nobody compares the addresses of functions or constants; otherwise that must be proven.
  bool assume_no_comparison = false;
};

// What folding asks about the sections of a program.
struct FoldWorld {
  const Program& program;
  const Atoms& atoms;
  const Reach& live;
  const MergedStrings& merged;
  const Plan& plan;
  const std::vector<u32>& group_of;  // per section: what may be folded together, such as the output
                                     // section; 0: nothing
  const std::vector<bool>& plain;    // per section: data that is collected with everybody else's
};

// All but which atoms it refers to, of those that could be folded: of these there is a mark in the
// bytes, and they themselves in order.
struct AtomContent {
  std::string bytes;
  std::vector<AtomId> references;
};

class ContentReader {
 public:
  ContentReader(const FoldWorld& world, const FoldOptions& options);

  // Could the atom have copies?
  bool is_candidate(AtomId atom) const {
    return index(atom) < kinds_.size() && kinds_[index(atom)] != Kind::kNone;
  }
  bool is_code(AtomId atom) const { return kinds_[index(atom)] == Kind::kCode; }
  // Constants to which no symbol gives a name: nobody but the compiler knows that they have an
  // address.
  bool is_unnamed(AtomId atom) const { return kinds_[index(atom)] == Kind::kUnnamed; }

  struct Place {
    SectionId section = kNoSection;
    u64 begin = 0;
    u64 end = 0;
  };
  Place place_of(AtomId atom) const;

  // To be called once, before anything else is asked: of these alone, in their order, it is known
  // that they may have copies.
  void limit_to(std::span<const AtomId> atoms);

  // Equal sections have equal ones, and so have equal pieces, and it takes little time to make one.
  u64 fingerprint(AtomId atom);
  // Reads a candidate. False if it cannot be said what it is made of.
  bool read(AtomId atom, AtomContent& content);
  // The same, but for what is code in it and what is data.
  bool read_most(AtomId atom, AtomContent& content);
  // In which instruction set a function begins.
  CodeMode mode_of(AtomId function);

 private:
  enum class Kind : u8 { kNone, kCode, kUnnamed, kNamed };
  struct CodeRow {
    SectionId code = kNoSection;
    u64 start = 0;   // there
    u64 number = 0;  // in its table
    u32 word = 0;    // the second one
    UnwindRow said;
  };

  Kind kind_of(SectionId section) const;
  void find_candidates();
  bool can_be_equal(AtomId atom) const;
  void name_data(const Object& object);
  void name_all_of(const Object& object);
  Kind named_kind() const { return options_.assume_no_comparison ? Kind::kNamed : Kind::kNone; }
  void find_rows();
  void find_described();
  const std::vector<CodeRun>* runs_of(SectionId section);
  const std::vector<u32>& relocations_in(SectionId section, AtomId atom);

  void add_bytes(const Place& place, AtomContent& content) const;
  bool add_runs(const Place& place, AtomContent& content);
  bool add_relocations(AtomId atom, const Place& place, AtomContent& content);
  bool add_relocation(const Place& place, const Relocation& entry, AtomContent& content);
  bool add_crossings(const Place& place, AtomContent& content);
  bool add_rows(const Place& place, AtomContent& content) const;
  bool add_referent(SectionId from, const Relocation& entry, const RelocationType& type,
                    AtomContent& content) const;
  void add_atom(AtomId to, u64 offset, bool exposes, AtomContent& content) const;

  const FoldWorld& world_;
  const FoldOptions& options_;
  std::vector<Kind> kinds_;       // per atom
  std::vector<CodeRow> rows_;     // by code and start
  std::vector<bool> odd_tables_;  // per section of code: its unwind table is not made of rows
  std::unordered_set<u32> described_;  // atoms of code that live rows of frame tables are about
  std::unordered_map<u32, CodeRuns> runs_;  // by object
  std::string buffer_;
  // Per section that is cut: the numbers of its relocations, piece by piece.
  std::unordered_map<u32, std::vector<std::vector<u32>>> relocations_;
  std::vector<u32> all_relocations_;
};

}  // namespace fwseal
