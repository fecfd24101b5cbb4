#include "graph/ocaml_world.h"

namespace fwseal {

const OcamlTarget& OcamlWorld::target(SectionId section, u64 place) const {
  static constexpr OcamlTarget kOther;
  const auto found = targets.find(key(section, place));
  return found == targets.end() ? kOther : found->second;
}

void OcamlWorld::resolve() {
  for (OcamlFunction& function : functions)
    for (OcamlStep& step : function.steps) {
      if (step.kind == OcamlStep::Kind::kAddress)
        step.to = &target(function.section, step.literal);
      else if (step.kind == OcamlStep::Kind::kCall || step.kind == OcamlStep::Kind::kTailCall)
        step.to = &target(function.section, step.place);
    }
}

}  // namespace fwseal
