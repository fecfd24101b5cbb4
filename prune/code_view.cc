#include "prune/code_view.h"

#include <algorithm>
#include <tuple>

namespace fwseal {
namespace {

constexpr u64 kWidest = 8;  // bytes that one relocation changes, at most

std::optional<CodeMode> mode_named(std::string_view name) {
  if (name.size() < 2 || name[0] != '$' || (name.size() > 2 && name[2] != '.')) return std::nullopt;
  switch (name[1]) {
    case 'a':
      return CodeMode::kArm;
    case 't':
      return CodeMode::kThumb;
    case 'd':
      return CodeMode::kData;
    default:
      return std::nullopt;
  }
}

}  // namespace

const std::vector<CodeView::Mark>& CodeView::marks_of(ObjectId id) {
  const auto [place, added] = marks_.try_emplace(index(id));
  std::vector<Mark>& marks = place->second;
  if (!added) return marks;
  const Object& object = program_.inputs.objects[index(id)];
  for (u32 i = 1; i < object.first_global; i++) {
    const ElfSymbol symbol = object.symbol(i);
    if (const auto mode = mode_named(symbol.name))
      marks.push_back({symbol.section, symbol.value, *mode});
  }
  std::stable_sort(marks.begin(), marks.end(), [](const Mark& a, const Mark& b) {
    return std::tie(a.section, a.offset) < std::tie(b.section, b.offset);
  });
  return marks;
}

CodeMode CodeView::mode_at(SectionId section, u64 offset) {
  const ObjectId id = program_.inputs[section].object;
  const u32 elf_index = program_.inputs[section].elf_index;
  const std::vector<Mark>& marks = marks_of(id);
  auto mark = std::upper_bound(marks.begin(), marks.end(), std::tie(elf_index, offset),
                               [](const auto& place, const Mark& candidate) {
                                 return place < std::tie(candidate.section, candidate.offset);
                               });
  if (mark == marks.begin()) return CodeMode::kData;
  --mark;
  return mark->section == elf_index ? mark->mode : CodeMode::kData;
}

const std::vector<Relocation>& CodeView::relocations_of(SectionId id) {
  const auto [place, added] = relocations_.try_emplace(index(id));
  std::vector<Relocation>& list = place->second;
  if (!added) return list;
  const InputSection& section = program_.inputs[id];
  const u64 count = relocation_count(section);
  for (u64 i = 0; i < count; i++) {
    const Relocation entry = relocation(section, i);
    const RelocationType* const type = program_.isa.find(entry.type);
    const bool only_marks =
        type != nullptr && (type->use == Use::kMarker || type->use == Use::kNone);
    if (!only_marks) list.push_back(entry);
  }
  // Two at one place clash, so more say nothing more. The widest ones touch all that any touches.
  const auto is_before = [&](const Relocation& a, const Relocation& b) {
    return a.offset != b.offset ? a.offset < b.offset : width(a) > width(b);
  };
  std::stable_sort(list.begin(), list.end(), is_before);
  u64 kept = 0;
  for (const Relocation& entry : list)
    if (kept < 2 || list[kept - 2].offset != entry.offset) list[kept++] = entry;
  list.resize(kept);
  return list;
}

// How many bytes it changes.
u64 CodeView::width(const Relocation& relocation) const {
  const RelocationType* const type = program_.isa.find(relocation.type);
  return type != nullptr ? type->size : kWidest;
}

CodeView::Fixup CodeView::fixup(SectionId section, u64 offset, u64 size) {
  const std::vector<Relocation>& list = relocations_of(section);
  const u64 first = offset < kWidest ? 0 : offset - kWidest;
  auto entry = std::lower_bound(
      list.begin(), list.end(), first,
      [](const Relocation& candidate, u64 place) { return candidate.offset < place; });
  Fixup result;
  for (; entry != list.end() && entry->offset < offset + size; ++entry) {
    if (entry->offset + width(*entry) <= offset) continue;
    const bool known = program_.isa.find(entry->type) != nullptr;
    result.clash = result.clash || !known || entry->offset != offset || result.relocation;
    result.relocation = *entry;
  }
  return result;
}

Value CodeView::constant(SectionId section, u64 offset) {
  const Fixup there = fixup(section, offset, 4);
  if (there.clash) return {};
  if (!there.relocation) return number(program_.inputs[section].contents.le<u32>(offset));
  const u32 type = there.relocation->type;
  const bool is_address = type == R_ARM_ABS32 || type == R_ARM_TARGET1;
  return is_address ? value_of(*there.relocation, section) : Value{};
}

Value CodeView::value_of(const Relocation& relocation, SectionId place) const {
  const Referent to = referent(program_, program_.inputs[place].object, relocation.symbol);
  const i64 addend = addend_of(relocation, place);
  if (to.undefined && to.weak && addend == 0) return number(0);
  if (to.section == kNoSection || program_.inputs[to.section].excluded) return {};
  return address(to.section, static_cast<i64>(to.value) + addend);
}

i64 CodeView::addend_of(const Relocation& relocation, SectionId place) const {
  const InputSection& section = program_.inputs[place];
  if (section.has_addends) return relocation.addend;
  return program_.isa.read_addend(relocation.type, section.contents, relocation.offset);
}

}  // namespace fwseal
