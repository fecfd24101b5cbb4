// The functions of OCaml's units, by where they lie, and what references say of them.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "graph/code_runs.h"
#include "graph/ocaml_function.h"
#include "graph/ocaml_modules.h"

namespace fwseal {

// What a relocation refers to.
struct OcamlPlace {
  SectionId section = kNoSection;
  u64 offset = 0;
  SymbolId symbol = kNoSymbol;
  u8 type = STT_NOTYPE;
  bool is_anywhere = false;  // in the section
};

// Nothing if that is no place in a section of the program.
std::optional<OcamlPlace> find_ocaml_place(const Program& program, const InputSection& section,
                                           const Relocation& reference);

class OcamlCodeMap {
 public:
  // `functions` gets them all; their numbers are indices into it.
  OcamlCodeMap(const Program& program, const Atoms& atoms, const OcamlModules& modules,
               std::vector<OcamlFunction>& functions)
      : program_(program),
        inputs_(program.inputs),
        atoms_(atoms),
        modules_(modules),
        functions_(functions) {}

  // Reads those of a unit, if its section was cut. What cannot be read is there, too.
  void add(const OcamlModule& unit);

  const u32* at(SectionId section, u64 begin) const;
  OcamlFunction* around(SectionId section, u64 place);

  // Who comes into the middle of a function, or goes from one piece to another without a
  // relocation, is not followed, nor is where he goes: is_read becomes false. `is_listed`: says of
  // a relocation that what it names is not gone to.
  void lose_entered(SectionId from,
                    const std::function<bool(const Relocation& reference)>& is_listed);

  // Of any section, in order of place; without those that refer to nothing.
  const std::vector<Relocation>& references_in(SectionId section);

 private:
  struct Code {
    std::span<const CodeRun> runs;
    std::span<const Relocation> references;
    std::vector<u32> raises;       // calls that never return
    std::map<u64, u64> functions;  // where they begin, and their size; 0 if several differ
  };

  const Code& code_of(SectionId id);
  OcamlFunction read(SectionId id, const Code& code, const Piece& piece) const;
  void lose_all(SectionId section);

  const Program& program_;
  const Inputs& inputs_;
  const Atoms& atoms_;
  const OcamlModules& modules_;
  std::vector<OcamlFunction>& functions_;
  std::map<std::pair<SectionId, u64>, u32> numbers_;   // by beginning
  std::map<u32, std::vector<Relocation>> references_;  // by section
  std::map<u32, CodeRuns> runs_;                       // by object
  std::map<u32, Code> codes_;                          // by section
};

}  // namespace fwseal
