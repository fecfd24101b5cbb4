// Which compilation units of OCaml are in the program, by their code: what ocamlopt made, its
// start-up code included. What their data consist of, before that is taken apart: ocaml_units.h.
//
// A native program lists the frametables of its units in `caml_frametable`, up to a 0; the unit X
// is what lies between X__code_begin and X__code_end, and X__data_begin and X__data_end
// (asmcomp/emitaux.ml and asmcomp/asmlink.ml, 4.13). The runtime's own assembly is in the list,
// too, as caml_system; it is no unit.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "graph/program.h"

namespace fwseal {

// Bytes of a section.
struct SectionRange {
  SectionId section = kNoSection;
  u64 begin = 0;
  u64 end = 0;
  bool contains(SectionId id, u64 offset) const {
    return id == section && offset >= begin && offset < end;
  }
};

// For is_in, which finds a place in ranges that do not overlap.
void sort_ranges(std::vector<SectionRange>& ranges);
bool is_in(const std::vector<SectionRange>& ranges, SectionId section, u64 offset);

struct OcamlModule {
  std::string_view name;  // camlStdlib__List; caml_startup
  SectionRange code;
  SectionRange frametable;
  SymbolId module = kNoSymbol;    // of the block of the unit's values, which has the unit's name
  SymbolId entry = kNoSymbol;     // the function that gives them their values
  SymbolId gc_roots = kNoSymbol;  // the list of the blocks that are written
};

// What ocamlopt calls of the runtime's assembly (runtime/arm.S).
struct OcamlHelper {
  enum class Kind : u8 {
    kAllocates,  // caml_call_gc and the like: leaves alone what does not hold its result
    kCallsC,     // caml_c_call
    kRaises,     // takes r0 and never returns
  };
  Kind kind = Kind::kRaises;
  SymbolId symbol = kNoSymbol;
};

struct OcamlModules {
  std::vector<OcamlModule> units;         // as caml_frametable lists them
  std::vector<SectionRange> frametables;  // of theirs, in order of section and place
  std::vector<SymbolId> code_bounds;      // where their code and `runtime` begin and end, sorted
  std::vector<SectionRange> codes;        // of theirs, in order of section and place

  std::string refusal;  // there are units, but of an OCaml that is not known

  SectionRange runtime;              // that assembly: caml_system
  std::vector<OcamlHelper> helpers;  // of it

  bool empty() const { return units.empty(); }
  bool never_returns(SymbolId symbol) const;
  // Is this place code of one of them?
  bool is_code(SectionId section, u64 offset) const { return is_in(codes, section, offset); }
};

// Without OCaml, or if something is not as it must be: no unit.
OcamlModules find_ocaml_modules(const Program& program);

}  // namespace fwseal
