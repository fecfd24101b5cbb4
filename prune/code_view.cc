#include "prune/code_view.h"

#include <algorithm>

namespace fwseal {
namespace {

constexpr u64 kWidest = 8;  // bytes that one relocation changes, at most

}  // namespace

CodeMode CodeView::mode_at(SectionId section, u64 offset) {
  const ObjectId id = program_.inputs[section].object;
  const auto [object, added] = runs_.try_emplace(index(id));
  if (added) object->second = code_runs(program_.inputs, program_.inputs.objects[index(id)]);
  const auto runs = object->second.find(program_.inputs[section].elf_index);
  if (runs == object->second.end()) return CodeMode::kData;
  const auto behind = std::ranges::upper_bound(runs->second, offset, {}, &CodeRun::begin);
  return behind == runs->second.begin() ? CodeMode::kData : std::prev(behind)->mode;
}

ArmStep CodeView::step_at(const CodePlace& at) {
  const InputSection& section = program_.inputs[at.section];
  const u64 least = at.is_thumb ? 2 : 4;
  const bool is_code = section.has(SHF_EXECINSTR) && section.has(SHF_ALLOC) && !section.excluded;
  if (!is_code || at.offset % least != 0) fail("it runs something that is not code");
  const u64 room = at.offset < section.contents.size() ? section.contents.size() - at.offset : 0;
  if (room < least) fail("it runs past the end of its section");
  if (mode_at(at.section, at.offset) != (at.is_thumb ? CodeMode::kThumb : CodeMode::kArm))
    fail("it runs into what is not marked as code of its kind");
  if (!at.is_thumb) return decode_arm(section.contents.le<u32>(at.offset));
  const u16 first = section.contents.le<u16>(at.offset);
  if (!is_wide_thumb(first)) return decode_thumb16(first);
  if (room < 4) fail("it runs past the end of its section");
  return decode_thumb32(first, section.contents.le<u16>(at.offset + 2));
}

CodePlace CodeView::branch_target(const CodePlace& at, const Relocation& relocation,
                                  const Referent& to, bool switches) const {
  const RelocationType* const type = program_.isa.find(relocation.type);
  if (type == nullptr || (type->use != Use::kCall && type->use != Use::kJump))
    fail("a relocation that is not followed");
  const ObjectId object = program_.inputs[at.section].object;
  if (to.undefined || to.section == kNoSection)
    fail(cat("it calls ", display_name(program_, object, relocation.symbol),
             ", whose code is not known,"));
  const bool is_function = to.type == STT_FUNC;
  if (switches && !is_function) fail("it calls something that is no function");
  CodePlace place;
  place.section = to.section;
  place.is_thumb = is_function ? (to.value & 1) != 0 : at.is_thumb;
  const i64 bias = program_.isa.branch_bias(relocation.type);
  const i64 addend = addend_of(relocation, at.section) - bias;
  place.offset = (is_function ? to.value & ~u64{1} : to.value) + static_cast<u64>(addend);
  return place;
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
