// Where each byte of a section with OCaml data goes.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "graph/ocaml_units.h"

namespace fwseal {

// One of the sections that come out.
struct OcamlPart {
  static constexpr u32 kNoUnit = ~u32{0};
  enum class Kind : u8 { kRest, kConstants, kRam, kFrametable, kTable };
  Kind kind = Kind::kRest;
  u32 unit = kNoUnit;
  std::string_view table;  // kTable: its symbol
  std::string contents;
  std::vector<u32> starts;  // kConstants: where it may be cut
};

// A run of bytes that stay together.
struct OcamlRange {
  u32 begin = 0;
  u32 end = 0;
  u32 part = 0;
  u32 to = 0;         // where in the part
  u32 constants = 0;  // of a unit's data: its part with the constants
  u32 aside = 0;      // and how many of them come before this
};

class OcamlDataMap {
 public:
  // Of the units those that are accepted are taken apart.
  OcamlDataMap(const OcamlProgram& ocaml, const Program& program, const OcamlData& data);

  const OcamlData& data() const { return data_; }
  // The first is what remains of the section.
  std::vector<OcamlPart>& parts() { return parts_; }
  const std::vector<OcamlPart>& parts() const { return parts_; }

  struct Place {
    u32 part = 0;
    u32 offset = 0;
    bool operator==(const Place&) const = default;
  };
  // Of a byte. Nothing if it is left out.
  std::optional<Place> of_byte(u32 offset) const;
  // Of a symbol that stands at `offset`.
  Place of_symbol(u32 symbol, u32 offset) const;
  // Of what is referred to by the symbol of the section and a distance: said by another symbol,
  // with what is to be added to it. Symbol 0: still by that of the section. Nothing if it cannot be
  // told what is meant.
  struct Target {
    u32 symbol = 0;
    u32 distance = 0;
  };
  std::optional<Target> of_target(u64 offset) const;
  // Does what a symbol at `offset` stands for hold the place that is so far from it, too?
  bool are_together(u32 offset, i64 distance) const;
  // Which unit's data or tables are there? Nothing if none, or one that was refused.
  std::optional<u32> unit_at(u32 offset) const;

 private:
  void add_rest(u32 begin, u32 end);
  void add_unit(u32 number);
  void add_range(u32 begin, u32 end, u32 part, u32 constants, u32 aside);
  u32 new_part(OcamlPart::Kind kind, u32 unit, std::string_view table = {});
  std::string_view table_at(const OcamlUnit& unit, const OcamlAtom& atom) const;
  const OcamlRange* range_at(u32 offset) const;
  bool is_empty_root(u32 symbol) const;
  bool is_in_ram(const OcamlRange& range) const;
  bool is_own(const OcamlLabel& label) const;

  const OcamlProgram& ocaml_;
  const Program& program_;
  const OcamlData& data_;
  Bytes contents_;
  std::vector<OcamlPart> parts_;
  std::vector<OcamlRange> ranges_;  // in order; what is left out is in none
  std::vector<u32> empty_roots_;    // sorted
  std::vector<u32> empty_places_;   // where these stand, sorted
};

// Of all sections with units that are taken apart, by section.
using OcamlMaps = std::map<u32, OcamlDataMap>;
OcamlMaps ocaml_maps(const OcamlProgram& ocaml, const Program& program);

// The symbols that a unit gets: where its part in RAM begins and ends.
inline constexpr std::string_view kOcamlRamBegin = "__ram_begin";
inline constexpr std::string_view kOcamlRamEnd = "__ram_end";

}  // namespace fwseal
