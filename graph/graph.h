// Atoms, and the clauses that say what keeps them.
#pragma once

#include <span>
#include <unordered_map>
#include <vector>

#include "elfio/object.h"
#include "elfio/types.h"

namespace fwseal {

// Index of an atom. Atoms that are bytes come first, in the order of their sections; atoms of size
// zero ("this object contributes something") follow.
enum class AtomId : u32 {};
// Index of a clause: "this atom is live once these are". One without premises is a root.
enum class ClauseId : u32 {};
inline constexpr AtomId kNoAtom{0xffff'ffff};
inline constexpr ClauseId kNoClause{0xffff'ffff};

constexpr u32 index(AtomId id) { return static_cast<u32>(id); }
constexpr u32 index(ClauseId id) { return static_cast<u32>(id); }

// Why a clause holds. Roots have a type of their own, so that a derivation ends in a reason.
enum class ClauseKind : u8 {
  kEntry,        // root: the entry symbol
  kKeep,         // root: KEEP in the linker script
  kUndefined,    // root: -u, --require-defined
  kExtern,       // root: EXTERN in the linker script
  kInitFini,     // root: the functions of -init and -fini (_init, _fini)
  kRetain,       // root: SHF_GNU_RETAIN
  kNote,         // root: an ELF note
  kScript,       // root: an expression of the linker script uses it
  kExported,     // root: --export-dynamic, --gc-keep-exported, a dynamic list
  kUser,         // root: `keep` in fwseal.toml
  kWithoutGc,    // root: sections are not collected
  kOutput,       // root: a table every image carries, such as .ARM.attributes
  kReference,    // a relocation of the premise names the conclusion
  kFollower,     // the conclusion describes the premise
  kGroup,        // both are members of a section group
  kStartStop,    // __start_X or __stop_X is named, so each section X is live
  kScriptSymbol, // a symbol of the script is named, and its value uses the conclusion
  kConditional,  // several premises
  kInitialiser,  // the conclusion only exists to give the premise its first value
  kFold,         // the conclusion stands for the premise, which is a copy of it; in records only
};
// In words, to complete "kept by ...".
std::string_view describe(ClauseKind kind);

// What an atom without bytes says. It has no place in any file, so this is all that is known of it.
struct Proposition {
  enum class Kind : u8 {
    kScriptSymbol,  // the symbol that `subject` numbers is named, which the script defines
    kBounds,        // the same for a __start_X or __stop_X, which layout defines
    kObject,        // the object that `subject` numbers contributes something
    kSection,       // the section does
    kUnwindTable,   // something can read the unwind tables; no subject
    kUnwindBegin,   // a symbol is named that stands before them
    kUnwindEnd,     // or behind them
    kFrameTable,    // something can read the frame tables; no subject
    kBody,          // what the function does is needed that is the atom `subject`
    kWanted,        // something keeps the atom `subject`, if what it is for is live
    kBlock,         // the block of OCaml that begins in the atom `subject` may be read by anybody
    kField,         // field number `detail` of it is read
    kFieldTarget,   // what that field refers to is read or written
  };
  Kind kind = Kind::kObject;
  u32 subject = 0;
  u32 detail = 0;
};

class Graph {
 public:
  u32 atom_count() const { return static_cast<u32>(offsets_.size() - 1); }
  u32 clause_count() const { return static_cast<u32>(conclusions_.size()); }
  AtomId conclusion(ClauseId clause) const { return conclusions_[index(clause)]; }
  ClauseKind kind(ClauseId clause) const { return kinds_[index(clause)]; }
  // The place of the reference in the premise's section, for kReference.
  u32 offset(ClauseId clause) const { return places_[index(clause)]; }
  // A premise of the clause (for one with several, the first), kNoAtom for a root.
  AtomId premise(ClauseId clause) const { return premises_[index(clause)]; }
  std::span<const ClauseId> roots() const { return roots_; }
  // The clauses that have this atom among their premises, once for each time it is named.
  std::span<const ClauseId> clauses_about(AtomId atom) const {
    return std::span(about_).subspan(offsets_[index(atom)],
                                     offsets_[index(atom) + 1] - offsets_[index(atom)]);
  }
  // Of the clauses with more than one premise, how many they have.
  const std::unordered_map<u32, u32>& premise_counts() const { return premise_counts_; }
  bool has_several_premises(ClauseId clause) const {
    return kind(clause) == ClauseKind::kConditional;
  }
  // Of the last atoms, which are propositions; nullptr for those before.
  const Proposition* proposition(AtomId atom) const {
    const u64 first = atom_count() - propositions_.size();
    return index(atom) < first ? nullptr : &propositions_[index(atom) - first];
  }

 private:
  friend class GraphBuilder;
  std::vector<AtomId> conclusions_;
  std::vector<AtomId> premises_;
  std::unordered_map<u32, u32> premise_counts_;
  std::vector<u32> places_;
  std::vector<ClauseKind> kinds_;
  std::vector<ClauseId> roots_;
  std::vector<Proposition> propositions_;
  std::vector<u32> offsets_{0};   // of each atom's part of about_
  std::vector<ClauseId> about_;
};

// Collects clauses in any order; finish() indexes them by premise.
class GraphBuilder {
 public:
  explicit GraphBuilder(u32 atoms) : atoms_(atoms) {}

  AtomId add_proposition(Proposition proposition) {
    graph_.propositions_.push_back(proposition);
    return AtomId{atoms_++};
  }
  void add_root(AtomId conclusion, ClauseKind kind) {
    graph_.roots_.push_back(ClauseId{graph_.clause_count()});
    add(kNoAtom, conclusion, kind);
  }
  void add(AtomId premise, AtomId conclusion, ClauseKind kind, u64 place = 0) {
    graph_.conclusions_.push_back(conclusion);
    graph_.premises_.push_back(premise);
    graph_.places_.push_back(static_cast<u32>(place));
    graph_.kinds_.push_back(kind);
  }
  // kConditional: once all of the premises are live. They are at least one, and different.
  void add_conditional(std::span<const AtomId> premises, AtomId conclusion);
  // From now on the clauses that concluded an atom conclude another one: pairs of both.
  void redirect(const std::unordered_map<u32, AtomId>& conclusions);
  void reserve(u64 clauses);
  // Per atom: can it be live at all?
  std::vector<bool> concluded() const;
  Graph finish();

 private:
  struct Extra {  // a premise beyond the first
    AtomId atom;
    ClauseId clause;
  };
  Graph graph_;
  u32 atoms_;
  std::vector<Extra> extras_;
};

// The atoms that must stay, each with the clause through which it was first found.
struct Reach {
  std::vector<ClauseId> kept_by;  // kNoClause if dead

  bool live(AtomId atom) const { return kept_by[index(atom)] != kNoClause; }
};

Reach reach(const Graph& graph);

}  // namespace fwseal
