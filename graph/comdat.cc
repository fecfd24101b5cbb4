// Copies of one thing: an inline function, a template's instance, a vtable.
//
// A compiler puts them into a COMDAT group, named by a signature (gABI, "Section Groups"), or, in
// its older form, into sections named .gnu.linkonce.<kind>.<name>. Of each signature the first
// group is taken, and of each section name the first section. As GNU ld does (2.40, by its
// behaviour):
// - A group of one section and a linkonce section whose name ends in the group's signature are
//   copies of each other if both define the same symbols, so that old and new libraries mix.
// - .gnu.linkonce.r.F is what .gnu.linkonce.t.F reads; it goes if that was taken from elsewhere.
#include "graph/comdat.h"

#include <algorithm>

namespace fwseal {
namespace {

constexpr std::string_view kLinkonce = ".gnu.linkonce";

// The member of a group that has one, its relocations aside.
SectionId only_member(const Inputs& inputs, const Object& object, const Group& group) {
  SectionId only = kNoSection;
  for (u32 member : group.members) {
    const InputSection& section = inputs[object.section(member)];
    if (section.type == SHT_NULL) continue;  // the relocations of another member
    if (only != kNoSection) return kNoSection;
    only = object.section(member);
  }
  return only;
}

// ".gnu.linkonce.t.name" is kept under "name", which may have dots itself.
std::string_view linkonce_key(std::string_view name) {
  const u64 dot = name.size() > kLinkonce.size() && name[kLinkonce.size()] == '.'
                      ? name.find('.', kLinkonce.size() + 1)
                      : std::string_view::npos;
  return dot == std::string_view::npos ? name : name.substr(dot + 1);
}

}  // namespace

// All sections of an object at once, for there may be as many as symbols.
const std::vector<ComdatTable::Definition>& ComdatTable::definitions(const Inputs& inputs,
                                                                     SectionId section) {
  const Object& object = inputs.object_of(section);
  const auto [known, added] = definitions_.try_emplace(index(inputs[section].object));
  auto& by_section = known->second;
  if (added) {
    for (u32 i = 0; i < object.symbol_count; i++) {
      const ElfSymbol symbol = object.symbol(i);
      if (symbol.type != STT_SECTION)
        by_section[symbol.section].push_back(
            {symbol.name, symbol.binding, symbol.type, symbol.visibility});
    }
    for (auto& [number, list] : by_section) std::ranges::sort(list);
  }
  return by_section[inputs[section].elf_index];
}

bool ComdatTable::are_copies(const Inputs& inputs, SectionId a, SectionId b) {
  if (a == kNoSection || b == kNoSection || inputs[a].type != inputs[b].type) return false;
  const std::vector<Definition>& of_a = definitions(inputs, a);
  return !of_a.empty() && of_a == definitions(inputs, b);
}

bool ComdatTable::take_group(const Inputs& inputs, const Object& object, ObjectId id,
                             const Group& group) {
  const SectionId only = only_member(inputs, object, group);
  if (!groups_.try_emplace(group.signature, Taken{only, id}).second) return false;
  const auto old = linkonce_of_.find(group.signature);
  return old == linkonce_of_.end() || std::ranges::none_of(old->second, [&](SectionId section) {
           return are_copies(inputs, section, only);
         });
}

bool ComdatTable::take_linkonce(const Inputs& inputs, SectionId section) {
  const std::string_view name = inputs[section].name;
  const std::string_view key = linkonce_key(name);
  const ObjectId object = inputs[section].object;
  if (!linkonce_.try_emplace(name, Taken{section, object}).second) return false;
  linkonce_of_[key].push_back(section);
  const auto group = groups_.find(key);
  if (group != groups_.end() && are_copies(inputs, group->second.section, section)) return false;
  if (!name.starts_with(".gnu.linkonce.r.")) return true;
  const auto code = linkonce_.find(cat(".gnu.linkonce.t.", key));
  return code == linkonce_.end() || code->second.object == object;
}

std::vector<bool> ComdatTable::add_object(Inputs& inputs, ObjectId id) {
  const Object& object = inputs.objects[index(id)];
  std::vector<bool> discarded;
  const auto discard = [&](u32 elf_index) {
    discarded.resize(object.section_count);
    discarded[elf_index] = true;
    inputs.sections[index(object.section(elf_index))].excluded = true;
  };
  std::vector<bool> grouped;
  for (const Group& group : object.groups) {
    grouped.resize(object.section_count);
    for (u32 member : group.members) grouped[member] = true;
    if (!group.comdat || take_group(inputs, object, id, group)) continue;
    for (u32 member : group.members) discard(member);
  }
  for (u32 i = 1; i < object.section_count; i++) {
    const std::string_view name = inputs[object.section(i)].name;
    if (name.size() < 2 || name[1] != 'g' || !name.starts_with(kLinkonce)) continue;
    if (i < grouped.size() && grouped[i]) continue;
    if (!take_linkonce(inputs, object.section(i))) discard(i);
  }
  return discarded;
}

}  // namespace fwseal
