// The compilation units of a native OCaml program, and what their static data consist of.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graph/program.h"

namespace fwseal {

// The smallest run of a unit's static data that has a meaning of its own. Together they tile it.
struct OcamlAtom {
  enum class Kind : u8 {
    kBlock,  // a header and its fields; symbols stand behind the header
    kRaw,    // a table without a header; its symbol stands at its beginning
    kEnd,    // two zero words, data_end between them
  };
  u32 begin = 0;  // offsets in the section
  u32 end = 0;
  Kind kind = Kind::kRaw;
  bool in_ram = false;  // it is written: a root of the collector, or code stores to it
  bool joined = false;  // it may be that the last word before it is its own: no cut between the two
  bool is_empty_block() const { return kind == Kind::kBlock && end - begin == 4; }
};

struct OcamlUnit {
  std::string_view name;  // "camlStdlib__List"
  ObjectId object = kNoObject;
  SectionId section = kNoSection;  // with its data
  u32 begin = 0;                   // data_begin
  u32 data_end = 0;                // the symbol; a zero word follows
  u32 frametable = 0;
  u32 frametable_end = 0;
  std::vector<OcamlAtom> atoms;
  // ELF symbols of empty blocks in RAM: what else has their address means what follows.
  std::vector<u32> empty_roots;
  std::string refusal;  // why it stays as it is; empty: it can be taken apart
  bool is_startup() const;
  bool accepted() const { return refusal.empty(); }
  void refuse(std::string_view why) {
    if (refusal.empty()) refusal = why;
  }
};

struct OcamlLabel {
  u32 offset = 0;
  u32 symbol = 0;  // in the symbol table of the object
};

// A section that holds data of units: one in what ocamlopt writes, many behind `ld -r`.
struct OcamlData {
  ObjectId object = kNoObject;
  SectionId section = kNoSection;
  std::vector<OcamlLabel> labels;       // by offset, then by symbol
  std::vector<Relocation> relocations;  // by offset
  std::vector<u32> units;               // of the program's, by place

  std::span<const OcamlLabel> labels_in(u32 begin, u32 end) const;  // before `end`
  bool has_label(u32 offset) const { return !labels_in(offset, offset + 1).empty(); }
  const Relocation* relocation_at(u32 offset) const;
};

struct OcamlProgram {
  SymbolId segments = kNoSymbol;  // caml_data_segments
  std::vector<OcamlUnit> units;   // in the order of that table
  std::vector<OcamlData> data;
  std::string refusal;  // why nothing of it can be told
};

// Nothing if this is no OCaml program, which is told by one name.
std::optional<OcamlProgram> find_ocaml_units(const Program& program);

// Keeps the block with this place in RAM. False if it is not sure what lies there, or where it
// begins.
bool keep_in_ram(const OcamlData& data, OcamlUnit& unit, u32 offset);

// Where a relocation among the data leads to, if that is a place of the same section.
std::optional<u32> ocaml_target(const Program& program, const OcamlData& data,
                                const Relocation& reference);

}  // namespace fwseal
