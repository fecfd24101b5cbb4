// Of what several objects bring along in copies, which copy is taken?
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "graph/resolve.h"

namespace fwseal {

// COMDAT groups and sections named .gnu.linkonce.*: the first copy that is read is taken.
class ComdatTable {
 public:
  // Enters the groups and linkonce sections of an object that was just read. Sections whose copy
  // was taken from elsewhere become excluded. Says of each section of the object whether it is one
  // of these; empty if none is.
  std::vector<bool> add_object(Inputs& inputs, ObjectId id);

 private:
  // What two copies must agree on.
  struct Definition {
    std::string_view name;
    u8 binding;
    u8 type;
    u8 visibility;

    auto operator<=>(const Definition&) const = default;
  };
  // A copy that was taken: a group with its only member, if it has but one; or a linkonce section.
  struct Taken {
    SectionId section = kNoSection;
    ObjectId object = kNoObject;
  };

  bool take_group(const Inputs& inputs, const Object& object, ObjectId id, const Group& group);
  bool take_linkonce(const Inputs& inputs, SectionId section);
  bool are_copies(const Inputs& inputs, SectionId a, SectionId b);
  const std::vector<Definition>& definitions(const Inputs& inputs, SectionId section);

  std::unordered_map<std::string_view, Taken> groups_;                        // by signature
  std::unordered_map<std::string_view, Taken> linkonce_;                      // by name
  std::unordered_map<std::string_view, std::vector<SectionId>> linkonce_of_;  // by end of the name
  // Of the objects that were asked about, what each section defines.
  std::unordered_map<u32, std::unordered_map<u32, std::vector<Definition>>> definitions_;
};

}  // namespace fwseal
