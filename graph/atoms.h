// Where input sections are cut into atoms: the smallest runs of bytes that are kept or dropped as
// one.
//
// The first atoms are the sections, by their numbers. Of a section that is cut, this atom stands
// for all of it ("KEEP keeps the section"), and its pieces, which follow behind the sections, hold
// the bytes.
#pragma once

#include <algorithm>
#include <span>
#include <unordered_map>
#include <vector>

#include "elfio/code.h"
#include "graph/graph.h"

namespace fwseal {

constexpr AtomId atom_of(SectionId section) { return AtomId{index(section)}; }

struct Piece {
  SectionId section = kNoSection;
  u32 begin = 0;  // offsets in the section
  u32 end = 0;
};

// Code that needs data which no relocation of it names: "what this piece reaches from the place that
// it knows".
struct DataReach {
  AtomId from{0};
  AtomId to{0};
  SectionId code = kNoSection;
  u32 place = 0;
};

// A piece that is not the beginning of a function but more of it.
struct FunctionPart {
  AtomId part{0};
  AtomId function{0};  // the piece with the beginning
};

class Atoms {
 public:
  // Each section is one atom.
  explicit Atoms(u64 sections) : sections_(static_cast<u32>(sections)) {}

  // Cuts a section at offsets in ascending order, of which the first is 0, and notes which
  // instructions refer from one piece to another.
  void cut(SectionId section, std::span<const u32> starts, u64 size,
           std::vector<CodeReference> crossings);

  u32 count() const { return sections_ + static_cast<u32>(pieces_.size()); }
  bool any_cut() const { return !pieces_.empty(); }
  bool is_cut(SectionId section) const {
    return !ranges_.empty() && ranges_[index(section)].count != 0;
  }
  // Empty if the section is not cut; in order of offset.
  std::span<const Piece> pieces(SectionId section) const;
  AtomId atom_of_piece(SectionId section, u64 number) const {
    return AtomId{sections_ + ranges_[index(section)].first + static_cast<u32>(number)};
  }
  // The atom with the byte at `offset`. What lies behind the end belongs to the last piece.
  AtomId at(SectionId section, u64 offset) const;
  // For atoms that are bytes: the section, and for pieces which part of it.
  bool is_piece(AtomId atom) const { return index(atom) >= sections_ && index(atom) < count(); }
  const Piece& piece(AtomId atom) const { return pieces_[index(atom) - sections_]; }

  // Instructions that refer from one piece of the section to another, in order of place.
  std::span<const CodeReference> crossings(SectionId section) const;

  // By code, from the symbols of sections of data.
  void set_data_reaches(std::vector<DataReach> reaches) { data_reaches_ = std::move(reaches); }
  std::span<const DataReach> data_reaches() const { return data_reaches_; }
  // Sections of data of which code may reach any place from any other: a reference from there does
  // not say which piece is meant, and no piece can be put elsewhere. Sorted.
  void set_anchored(std::vector<SectionId> sections) { anchored_ = std::move(sections); }
  bool is_anchored(SectionId section) const {
    return std::ranges::binary_search(anchored_, section);
  }

  // Pieces of functions that were cut inside, in order. Those of one function follow its beginning.
  void set_parts(std::vector<FunctionPart> parts) { parts_ = std::move(parts); }
  std::span<const FunctionPart> parts() const { return parts_; }
  bool is_part(AtomId atom) const {
    return std::ranges::binary_search(parts_, atom, {}, &FunctionPart::part);
  }
  // Of a part the piece with the beginning of its function; otherwise the atom itself.
  AtomId function_of(AtomId atom) const;
  AtomId function_at(SectionId section, u64 offset) const {
    return function_of(at(section, offset));
  }
  // Is there more of the function that begins with this piece?
  bool has_parts(AtomId atom) const { return is_part(AtomId{index(atom) + 1}); }
  // Where the function ends that the piece is a part of.
  u32 end_of_function(AtomId atom) const {
    while (has_parts(atom)) atom = AtomId{index(atom) + 1};
    return piece(atom).end;
  }

  // Whoever cuts code looks for frame tables (frame_table.h) in all sections; where there are none,
  // nobody needs to look again.
  void set_no_frame_tables() { may_have_frame_tables_ = false; }
  bool may_have_frame_tables() const { return may_have_frame_tables_; }

  // Is any byte of the section live?
  bool any_live(const Reach& live, SectionId section) const;

 private:
  u32 sections_;
  std::vector<Piece> pieces_;
  struct Range {  // of pieces_
    u32 first = 0;
    u32 count = 0;
  };
  std::vector<Range> ranges_;  // per section; empty if none is cut
  std::unordered_map<u32, std::vector<CodeReference>> crossings_;
  std::vector<DataReach> data_reaches_;
  std::vector<SectionId> anchored_;
  std::vector<FunctionPart> parts_;
  bool may_have_frame_tables_ = true;
};

}  // namespace fwseal
