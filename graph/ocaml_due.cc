#include "graph/ocaml_due.h"

namespace fwseal {

OcamlDue::OcamlDue(const OcamlWorld& world)
    : callers_(world.functions.size()), is_due_(world.functions.size(), true) {
  for (u32 i = 0; i < world.functions.size(); i++)
    for (const OcamlStep& step : world.functions[i].steps) {
      if (step.kind != OcamlStep::Kind::kCall && step.kind != OcamlStep::Kind::kTailCall) continue;
      if (step.to->kind == OcamlTarget::Kind::kFunction) callers_[step.to->index].push_back(i);
    }
}

}  // namespace fwseal
