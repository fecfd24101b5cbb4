#include "prune/debug_patch.h"

#include <algorithm>

namespace fwseal {

DebugSection::DebugSection(const Program& program, SectionId id)
    : program_(program), id_(id), bytes_(program.inputs[id].contents) {
  const InputSection& section = program.inputs[id];
  const u64 count = relocation_count(section);
  entries_.reserve(count);
  for (u32 i = 0; i < count; i++)
    entries_.push_back({static_cast<u32>(relocation(section, i).offset), i});
  if (!std::ranges::is_sorted(entries_, {}, &Entry::place))
    std::ranges::stable_sort(entries_, {}, &Entry::place);
}

std::optional<CodePlace> DebugSection::target(u64 place) {
  // Sections are read from their beginning on, as relocations are sorted.
  if (next_ >= entries_.size() || entries_[next_].place != place) {
    const auto found = std::ranges::lower_bound(entries_, place, {}, &Entry::place);
    next_ = static_cast<u64>(found - entries_.begin());
    if (found == entries_.end() || found->place != place) return std::nullopt;
  }
  return resolve(relocation(program_.inputs[id_], entries_[next_++].number));
}

std::optional<CodePlace> DebugSection::resolve(const Relocation& reference) const {
  const InputSection& section = program_.inputs[id_];
  const RelocationType* const type = program_.isa.find(reference.type);
  if (type == nullptr || type->use != Use::kAddress) return std::nullopt;
  const i64 addend = section.has_addends
                         ? reference.addend
                         : program_.isa.read_addend(reference.type, bytes_, reference.offset);
  const std::optional<i64> distance = program_.isa.distance_from_symbol(reference.type, addend);
  const Referent to = referent(program_, section.object, reference.symbol);
  if (!distance || to.section == kNoSection) return CodePlace{};
  const u64 thumb = to.type == STT_FUNC ? to.value & 1 : 0;
  return CodePlace{to.section, to.value - thumb + static_cast<u64>(*distance)};
}

void DebugSection::overwrite(u64 place, std::string bytes) {
  if (bytes_.sub(place, bytes.size()).text() != bytes)
    overwrites_.push_back({place, std::move(bytes)});
}

void DebugSection::lead(u64 place, Lead lead, CodePlace to) {
  wishes_.push_back({place, lead, to});
}

std::vector<Retarget> DebugSection::retargets(const Plan& plan) {
  std::ranges::stable_sort(wishes_, [](const Wish& a, const Wish& b) {
    return a.place != b.place ? a.place < b.place : a.lead < b.lead;
  });
  std::vector<Retarget> result;
  for (u64 i = 0; i < wishes_.size();) {
    const Wish& wish = wishes_[i];
    for (const u64 place = wish.place; i < wishes_.size() && wishes_[i].place == place; i++)
      if (wish.lead == Lead::kEdge && wishes_[i].lead == Lead::kEdge &&
          wishes_[i].to.offset != wish.to.offset)
        throw BadInput(cat("the address at ", hex(place), " is used in two ways"));
    const CodePlace names = target(wish.place).value_or(CodePlace{});
    const bool dead = plan.removes(names.section, names.offset);
    if (wish.lead == Lead::kDead) {
      if (!dead) result.push_back({wish.place, kNoSection, 0});
    } else if (dead || plan.edits[index(names.section)].map(names.offset) != wish.to.offset) {
      result.push_back({wish.place, wish.to.section, wish.to.offset});
    }
  }
  return result;
}

std::vector<Overwrite> DebugSection::overwrites() {
  std::ranges::stable_sort(overwrites_, {}, &Overwrite::offset);
  std::vector<Overwrite> result;
  for (Overwrite& next : overwrites_) {
    if (!result.empty() && next.offset < result.back().offset + result.back().bytes.size()) {
      if (next.offset == result.back().offset && next.bytes == result.back().bytes) continue;
      throw BadInput(cat("the bytes at ", hex(next.offset), " are used in two ways"));
    }
    result.push_back(std::move(next));
  }
  return result;
}

// ---- All sections

DebugSection& DebugPatch::section(SectionId id) {
  const InputSection& candidate = program_.inputs[id];
  if (candidate.object != object_ || candidate.has(SHF_ALLOC))
    throw BadInput(cat("section ", candidate.name, " is no debugging information of this object"));
  return sections_.try_emplace(index(id), program_, id).first->second;
}

DebugSection* DebugPatch::named(std::string_view name) {
  const u32 first = index(program_.inputs.objects[index(object_)].first_section);
  for (u32 s = first; s < program_.inputs.sections.size(); s++) {
    const InputSection& candidate = program_.inputs.sections[s];
    if (candidate.object != object_) break;
    if (candidate.name == name && !candidate.excluded) return &section(SectionId{s});
  }
  return nullptr;
}

std::optional<Remains> DebugPatch::remains(const CodeRange& range) const {
  if (range.begin == range.end) {
    if (removes({range.section, range.begin})) return std::nullopt;
    const u64 place = map({range.section, range.begin});
    return Remains{place, place};
  }
  const u64 begin = map({range.section, range.begin});
  const u64 end = map_end({range.section, range.end});
  return begin < end ? std::optional(Remains{begin, end}) : std::nullopt;
}

void DebugPatch::follow_range(const DebugAddress& begin, const DebugAddress& end) {
  if (!moves(begin.names)) {
    if (moves(end.names)) throw BadInput(cat("a range ends at ", hex(end.place), " elsewhere"));
    return;
  }
  const SectionId code = begin.names->section;
  if (!end.names || end.names->section != code || end.names->offset < begin.names->offset)
    throw BadInput(cat("the range at ", hex(begin.place), " has no end"));
  if (begin.names->offset == end.names->offset) return;
  const auto left = remains({code, begin.names->offset, end.names->offset});
  const auto lead = [&](const DebugAddress& address, u64 to) {
    address.holder->lead(address.place, left ? Lead::kEdge : Lead::kDead, {code, to});
  };
  lead(begin, left ? left->begin : 0);
  lead(end, left ? left->end : 0);
  // The address may be the base of what is alive.
  if (!left && begin.index_holder != nullptr && end.index_holder != nullptr)
    change({end.index_holder, end.index}, begin.index.number);
}

void DebugPatch::follow_range(const DebugAddress& begin, const DebugNumber& length) {
  if (!moves(begin.names) || length.value.number == 0) return;
  const CodePlace from = *begin.names;
  if (length.value.number > 0xffff'ffff)
    throw BadInput(cat("the range at ", hex(begin.place), " is too long"));
  const auto left = remains({from.section, from.offset, from.offset + length.value.number});
  begin.holder->lead(begin.place, left ? Lead::kEdge : Lead::kDead,
                     {from.section, left ? left->begin : 0});
  if (left)
    change(length, left->end - left->begin);
  else if (begin.index_holder != nullptr)
    change(length, 0);
}

void DebugPatch::follow_base(const DebugAddress& base) {
  if (moves(base.names))
    base.holder->lead(base.place, Lead::kEdge, {base.names->section, map(*base.names)});
}

void DebugPatch::follow_point(const DebugAddress& point, const CodeRange& scope) {
  if (!moves(point.names) || point.names->section != scope.section) return;
  const CodePlace& to = *point.names;
  if (to.offset != scope.end || to.offset == 0 || removes({to.section, to.offset - 1})) return;
  point.holder->lead(point.place, Lead::kPoint, {to.section, map_end(to)});
}

void DebugPatch::change(const DebugNumber& number, u64 to) {
  const DwarfValue& value = number.value;
  if (value.number == to) return;
  std::optional<std::string> bytes;
  switch (value.kind) {
    case DwarfClass::kFixed:
    case DwarfClass::kAddressIndexFixed:
      bytes = fixed_of_size(to, value.size);
      break;
    case DwarfClass::kSleb:  // the same for what is not negative, in no more bytes than it had
      if (to > value.number) break;
      [[fallthrough]];
    case DwarfClass::kUleb:
    case DwarfClass::kAddressIndex:
      bytes = uleb_of_size(to, value.size);
      break;
    default:
      break;
  }
  if (!bytes) throw BadInput(cat("the number at ", hex(value.place), " cannot become ", hex(to)));
  number.holder->overwrite(value.place, std::move(*bytes));
}

void DebugPatch::commit(Plan& plan) {
  struct Found {
    std::vector<Overwrite> overwrites;
    std::vector<Retarget> retargets;
  };
  std::map<u32, Found> found;
  for (auto& [id, section] : sections_) found[id] = {section.overwrites(), section.retargets(plan)};
  for (auto& [id, what] : found) {
    if (!what.overwrites.empty()) plan.overwrites[id] = std::move(what.overwrites);
    if (!what.retargets.empty()) plan.retargets[id] = std::move(what.retargets);
    for (Edit& edit : sections_.at(id).edits_) plan.edits[id].add(std::move(edit));
  }
}

}  // namespace fwseal
