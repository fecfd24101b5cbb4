// Which places inside of an object's sections can anybody name?
#pragma once

#include <vector>

#include "graph/program.h"

namespace fwseal {

// Where symbols and relocations of an object point to. No other object can name a place of it that
// has no symbol.
class Entrances {
 public:
  Entrances(const Program& program, ObjectId object);

  // Does a symbol other than a mapping symbol stand in [begin, end) of a section of the object, or
  // may a relocation mean a place there?
  bool any_in(SectionId section, u64 begin, u64 end) const;

 private:
  struct Place {
    SectionId section;
    u64 offset;
    auto operator<=>(const Place&) const = default;
  };
  void add_symbols(const Program& program, const Object& object);
  void add_targets(const Program& program, const InputSection& section);

  std::vector<Place> places_;        // in order
  std::vector<SectionId> anywhere_;  // something refers to an unknown place there; in order
};

}  // namespace fwseal
