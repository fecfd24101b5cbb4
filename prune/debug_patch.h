// What becomes of debugging information about code that edits moved: which bytes of its sections
// change, and where relocations lead.
//
// A relocation of debugging information names a place by what stood there. That is not enough at
// the edges of what was taken out: the end of a function is the beginning of the next one, which
// may be gone; and the beginning of a unit is where its first function was, dead or not. What an
// address is for decides where it leads (Lead). All that is found about the sections of an object
// is collected here first, so that nothing is changed if some of it turns out to be malformed.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "elfio/dwarf.h"
#include "graph/program.h"
#include "prune/plan.h"

namespace fwseal {

// A place in the input.
struct CodePlace {
  SectionId section = kNoSection;
  u64 offset = 0;
};
struct CodeRange {
  SectionId section = kNoSection;
  u64 begin = 0;
  u64 end = 0;
};
// What is left of a range, in the section as edits leave it.
struct Remains {
  u64 begin = 0;
  u64 end = 0;
};

enum class Lead : u8 {
  kEdge,   // the beginning or end of something of which bytes are left, or a base for distances
  kDead,   // a tombstone, unless it is an edge of something else too
  kPoint,  // nothing but this place; others know better
};

class DebugSection {
 public:
  DebugSection(const Program& program, SectionId id);

  SectionId id() const { return id_; }
  Bytes bytes() const { return bytes_; }
  // What the relocation at this place of the section names; nothing if there is none.
  std::optional<CodePlace> target(u64 place);

  void overwrite(u64 place, std::string bytes);
  void lead(u64 place, Lead lead, CodePlace to);  // to.offset: as edits leave the section
  void replace(Edit edit) { edits_.push_back(std::move(edit)); }

 private:
  friend class DebugPatch;
  struct Entry {  // of the relocation table
    u32 place = 0;
    u32 number = 0;
  };
  struct Wish {
    u64 place = 0;
    Lead lead = Lead::kEdge;
    CodePlace to;
  };
  std::optional<CodePlace> resolve(const Relocation& reference) const;
  std::vector<Retarget> retargets(const Plan& plan);
  std::vector<Overwrite> overwrites();

  const Program& program_;
  SectionId id_;
  Bytes bytes_;
  std::vector<Entry> entries_;  // in order of place
  u64 next_ = 0;                // of entries_, probably
  std::vector<Overwrite> overwrites_;
  std::vector<Wish> wishes_;
  std::vector<Edit> edits_;  // in order
};

// An address in debugging information.
struct DebugAddress {
  DebugSection* holder = nullptr;
  u64 place = 0;  // of its relocation
  std::optional<CodePlace> names;
  // If it is given by its number in .debug_addr: where that stands.
  DebugSection* index_holder = nullptr;
  DwarfValue index;
};

// A number in debugging information.
struct DebugNumber {
  DebugSection* holder = nullptr;
  DwarfValue value;
};

class DebugPatch {
 public:
  DebugPatch(const Program& program, const Plan& plan, ObjectId object)
      : program_(program), plan_(plan), object_(object) {}

  // Throws BadInput for what is no debugging information of the object: a table that is said to be
  // in code must not change code.
  DebugSection& section(SectionId id);
  // The first section of the object with this name, or nullptr.
  DebugSection* named(std::string_view name);
  std::string_view name(SectionId id) const { return program_.inputs[id].name; }

  bool moves(const std::optional<CodePlace>& place) const {
    return place && edits(place->section) != nullptr;
  }
  // Of a section that moves.
  u64 map(const CodePlace& place) const { return edits(place.section)->map(place.offset); }
  u64 map_end(const CodePlace& place) const { return edits(place.section)->map_end(place.offset); }
  bool removes(const CodePlace& place) const { return plan_.removes(place.section, place.offset); }
  // Nothing if all of it is gone.
  std::optional<Remains> remains(const CodeRange& range) const;

  // Two addresses, or an address and a length, that bound a range.
  void follow_range(const DebugAddress& begin, const DebugAddress& end);
  void follow_range(const DebugAddress& begin, const DebugNumber& length);
  // An address from which others are counted.
  void follow_base(const DebugAddress& base);
  // An address within `scope`, or at its end.
  void follow_point(const DebugAddress& point, const CodeRange& scope);

  // Stores another number in the bytes of one. Throws BadInput if there are not enough of them.
  void change(const DebugNumber& number, u64 to);

  // Throws BadInput, and changes nothing then, if what was found is contradictory.
  void commit(Plan& plan);

 private:
  const EditList* edits(SectionId section) const { return plan_.edits_of(section); }

  const Program& program_;
  const Plan& plan_;
  const ObjectId object_;
  std::map<u32, DebugSection> sections_;
};

}  // namespace fwseal
