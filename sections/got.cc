#include "sections/got.h"

namespace fwseal {
namespace {

GotPlan::Key key_of(const Referent& to, bool thread_local_offset) {
  if (to.symbol != kNoSymbol) return {index(to.symbol), 0, 0, thread_local_offset};
  return {index(kNoSymbol), index(to.section), to.value, thread_local_offset};
}

}  // namespace

GotPlan GotPlan::collect(const Program& program, const Plan& plan) {
  GotPlan got;
  for (u32 s = 0; s < program.inputs.sections.size(); s++) {
    const InputSection& section = program.inputs.sections[s];
    if (!plan.kept[s] || section.relocations.empty()) continue;
    const u64 count = relocation_count(section);
    for (u64 i = 0; i < count; i++) {
      const Relocation reference = relocation(section, i);
      const RelocationType* type = program.isa.find(reference.type);
      if (type == nullptr) continue;
      const bool thread_local_offset = type->use == Use::kTlsGotEntry;
      got.needed_ = got.needed_ || type->use == Use::kGotBase;
      if (type->use != Use::kGotEntry && !thread_local_offset) continue;
      got.needed_ = true;
      const Referent to = referent(program, section.object, reference.symbol);
      const auto number = static_cast<u32>(got.entries_.size());
      if (got.index_.try_emplace(key_of(to, thread_local_offset), number).second)
        got.entries_.push_back({section.object, reference.symbol, thread_local_offset});
    }
  }
  return got;
}

u32 GotPlan::entry_for(const Referent& to, bool thread_local_offset) const {
  return index_.at(key_of(to, thread_local_offset));
}

}  // namespace fwseal
