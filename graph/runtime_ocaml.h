// What OCaml's modules keep: of a field that nobody reads, nothing.
//
// The entry function of a unit stores the addresses of closures and blocks in fields of the unit's
// block, and the collector's list names that block; so by references alone each function of each
// unit stays. Here such a store is a clause with two premises: the function that stores is live,
// and the field is read. Who reads which fields says ocaml_flow.h.
//
// - A block is followed if its address is only known where it is followed: from literals in
// functions
//   whose code can be read. What else refers to it makes it escape as soon as that is live, and
//   then all of its fields are read.
// - The collector's own lists are no such reference (caml_globals, the unit's gc_roots): it marks
//   and moves what fields refer to and looks at no more (4.13: runtime/roots_nat.c).
// - Literals of functions that can be read, and words in followed blocks, are no references by
//   themselves; where what they name is not live, they become the number 0 of OCaml, which is what
//   fields hold until their unit is initialised, and which no collector takes for an address.
// - A unit whose entry function does nothing but initialise (ocaml_idle.h) is started only if
//   somebody can tell: a field of its block is read, or what one refers to, or the block escapes.
//   Otherwise it is neither called, nor counted, nor known to the collector (ocaml_startup.h). So
//   is each one once somebody reads how many there are.
// - The pairs of addresses in the start-up object's tables are no references: one that is about
//   nothing goes.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "graph/clauses.h"
#include "graph/ocaml_flow.h"
#include "graph/ocaml_idle.h"
#include "graph/ocaml_modules.h"
#include "graph/ocaml_startup.h"

namespace fwseal {

struct OcamlBlock {
  SectionId section = kNoSection;
  u64 place = 0;  // of its first field
  u32 size = 0;   // words
};

// Why modules, or the start-up object, are kept whole.
struct OcamlRefusal {
  SectionId section = kNoSection;  // and the place in it, if there is one to name
  u64 offset = 0;
  std::string why;
};

struct OcamlClauses {
  std::vector<OcamlBlock> blocks;
  std::vector<AtomId> functions;  // by the numbers in `facts`
  std::vector<OcamlFact> facts;
  std::vector<DataWord> words;
  struct Escape {  // once that is live, anybody may read the block
    AtomId premise{0};
    BlockId block = kNoBlock;
    u32 place = 0;
    auto operator<=>(const Escape&) const = default;
  };
  std::vector<Escape> escapes;
  std::vector<IgnoredReference> places;  // sorted: no references but by the facts
  // Units that are started once something of their block is needed. What they have in the start-up
  // object goes if the entry function is not live.
  struct Unit {
    OcamlEntry entry;
    OcamlStart start;
    SectionRange global;  // in caml_globals
  };
  std::vector<Unit> idle;
  // Places where somebody else than caml_program and the collector has caml_globals_inited
  // (4.13: Dynlink, by runtime/dynlink_nat.c): he can tell how many units were started.
  std::vector<IgnoredReference> counter_reads;
  // caml_globals and caml_globals_inited: a script that gives one another name may have readers of
  // any block.
  std::vector<SymbolId> of_all_units;
  AtomId caml_program = kNoAtom;
  std::vector<CodeReference> in_caml_program;  // from its code to other places in it
  std::vector<OcamlExtent> extents;
  std::vector<IgnoredReference> startup;  // places of the start-up object that are no references
  std::vector<OcamlRefusal> refusals;

  bool empty() const { return places.empty(); }
};

// Nothing for programs without OCaml.
OcamlClauses follow_ocaml(const Program& program, const Atoms& atoms);

// What stands in a word for the number 0.
inline constexpr char kOcamlZero = 1;

// Of `places`, those that name what is not live.
std::vector<IgnoredReference> dead_names(const Program& program, const Atoms& atoms,
                                         const Reach& live, const OcamlClauses& ocaml);

// What the reference at a place keeps.
using AtomNamedAt = std::function<AtomId(SectionId section, u32 place)>;
// What must be live for an atom to do something.
using AtomThatActs = std::function<AtomId(AtomId atom)>;
void add_ocaml_clauses(const OcamlClauses& ocaml, const Program& program, const Atoms& atoms,
                       const ClauseOptions& options, const AtomNamedAt& named_at,
                       const AtomThatActs& source, GraphBuilder& builder);

}  // namespace fwseal
