// Of what several objects bring along in copies, which copy is taken?
#pragma once

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
  static constexpr u32 kEnd = 0xffff'ffff;

  // A copy that was taken: a group, or a linkonce section.
  struct Taken {
    std::string_view section_name;        // of a linkonce section
    SectionId only_section = kNoSection;  // that one, or the only member of the group
    ObjectId object = kNoObject;
    u32 next = kEnd;  // another one of the same key

    bool is_group() const { return section_name.empty(); }
  };

  bool take_group(const Inputs& inputs, const Object& object, ObjectId id, const Group& group);
  bool take_linkonce(const Inputs& inputs, SectionId section);
  void enter(std::string_view key, Taken taken);
  template <typename Predicate>
  const Taken* find(std::string_view key, Predicate matches) const;

  std::unordered_map<std::string_view, u32> first_;  // by signature, or by the end of a name
  std::vector<Taken> taken_;
};

}  // namespace fwseal
