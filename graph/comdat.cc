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
#include <compare>

namespace fwseal {
namespace {

constexpr std::string_view kLinkonce = ".gnu.linkonce";

// What two copies must agree on.
struct Definition {
  std::string_view name;
  u8 binding;
  u8 type;
  u8 visibility;

  auto operator<=>(const Definition&) const = default;
};

std::vector<Definition> definitions(const Inputs& inputs, SectionId section) {
  const Object& object = inputs.object_of(section);
  const u32 elf_index = index(section) - index(object.first_section);
  std::vector<Definition> result;
  for (u32 i = 0; i < object.symbol_count; i++) {
    const ElfSymbol symbol = object.symbol(i);
    if (symbol.section == elf_index && symbol.type != STT_SECTION)
      result.push_back({symbol.name, symbol.binding, symbol.type, symbol.visibility});
  }
  std::ranges::sort(result);
  return result;
}

bool are_copies(const Inputs& inputs, SectionId a, SectionId b) {
  if (a == kNoSection || b == kNoSection || inputs[a].type != inputs[b].type) return false;
  const std::vector<Definition> of_a = definitions(inputs, a);
  return !of_a.empty() && of_a == definitions(inputs, b);
}

// The member of a group that has one, its relocations aside.
SectionId only_member(const Inputs& inputs, const Object& object, const Group& group) {
  SectionId only = kNoSection;
  for (u32 member : group.members) {
    const InputSection& section = inputs[object.section(member)];
    if (section.type == SHT_REL || section.type == SHT_RELA) continue;
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

template <typename Predicate>
const ComdatTable::Taken* ComdatTable::find(std::string_view key, Predicate matches) const {
  const auto found = first_.find(key);
  if (found == first_.end()) return nullptr;
  for (u32 i = found->second; i != kEnd; i = taken_[i].next)
    if (matches(taken_[i])) return &taken_[i];
  return nullptr;
}

void ComdatTable::enter(std::string_view key, Taken taken) {
  const auto [first, added] = first_.try_emplace(key, kEnd);
  taken.next = first->second;
  first->second = static_cast<u32>(taken_.size());
  taken_.push_back(taken);
}

bool ComdatTable::take_group(const Inputs& inputs, const Object& object, ObjectId id,
                             const Group& group) {
  if (find(group.signature, [](const Taken& taken) { return taken.is_group(); })) return false;
  const SectionId only = only_member(inputs, object, group);
  const bool is_copy = find(group.signature, [&](const Taken& taken) {
    return !taken.is_group() && are_copies(inputs, taken.only_section, only);
  });
  enter(group.signature, {{}, only, id});
  return !is_copy;
}

bool ComdatTable::take_linkonce(const Inputs& inputs, SectionId section) {
  const std::string_view name = inputs[section].name;
  const std::string_view key = linkonce_key(name);
  const ObjectId object = inputs[section].object;
  if (find(key, [&](const Taken& taken) { return taken.section_name == name; })) return false;
  bool is_copy = find(key, [&](const Taken& taken) {
    return taken.is_group() && are_copies(inputs, taken.only_section, section);
  });
  if (name.starts_with(".gnu.linkonce.r."))
    is_copy |=
        find(key, [&](const Taken& taken) {
          return taken.section_name.starts_with(".gnu.linkonce.t.") && taken.object != object;
        }) != nullptr;
  enter(key, {name, section, object});
  return !is_copy;
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
