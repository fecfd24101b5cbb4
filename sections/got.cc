#include "sections/got.h"

#include <algorithm>
#include <bitset>

namespace fwseal {
namespace {

GotPlan::Key key_of(const Referent& to, bool thread_local_offset) {
  if (to.symbol != kNoSymbol) return {index(to.symbol), 0, 0, thread_local_offset};
  return {index(kNoSymbol), index(to.section), to.value, thread_local_offset};
}

bool concerns_got(const RelocationType& type) {
  return type.use == Use::kGotEntry || type.use == Use::kTlsGotEntry || type.use == Use::kGotBase;
}

// Per object: has it a relocation that concerns the GOT? In firmware hardly one has.
std::vector<bool> users_of_got(const Program& program) {
  const std::vector<Object>& objects = program.inputs.objects;
  std::bitset<256> types;
  for (u32 type = 0; type < types.size(); type++)
    if (const RelocationType* row = program.isa.find(type)) types[type] = concerns_got(*row);
  std::vector<bool> users(objects.size());
  for (u64 i = 0; i < objects.size(); i++) users[i] = (objects[i].relocation_types & types).any();
  return users;
}

}  // namespace

GotPlan GotPlan::collect(const Program& program, const Plan& plan) {
  GotPlan got;
  const std::vector<bool> users = users_of_got(program);
  if (std::ranges::find(users, true) == users.end()) return got;
  for (u32 s = 0; s < program.inputs.sections.size(); s++)
    if (plan.kept[s] && users[index(program.inputs.sections[s].object)])
      got.add_section(program, plan, SectionId{s});
  return got;
}

void GotPlan::add_section(const Program& program, const Plan& plan, SectionId id) {
  const InputSection& section = program.inputs[id];
  const u64 count = relocation_count(section);
  for (u64 i = 0; i < count; i++) {
    const Relocation reference = relocation(section, i);
    const RelocationType* type = program.isa.find(reference.type);
    if (type == nullptr || !concerns_got(*type) || plan.removes(id, reference.offset)) continue;
    needed_ = true;
    if (type->use == Use::kGotBase) continue;
    const bool thread_local_offset = type->use == Use::kTlsGotEntry;
    const Referent to = referent(program, section.object, reference.symbol);
    const auto number = static_cast<u32>(entries_.size());
    if (index_.try_emplace(key_of(to, thread_local_offset), number).second)
      entries_.push_back({section.object, reference.symbol, thread_local_offset});
  }
}

u32 GotPlan::entry_for(const Referent& to, bool thread_local_offset) const {
  return index_.at(key_of(to, thread_local_offset));
}

}  // namespace fwseal
