// .startof.X and .sizeof.X: the address and the size of the output section X, for programs that
// have no symbol of a script for them. As in GNU ld they are local symbols of the image.
#include "graph/clauses.h"
#include "graph/section_bounds.h"
#include "sections/layout_walk.h"

namespace fwseal {

void Walk::define_measure(SymbolId id, ScriptValue& value) {
  const Symbol& symbol = world_.program.symbols[id];
  const std::string_view name = measured_output(symbol.name);
  const std::optional<u32> output = world_.output_named(name);
  value = ScriptValue{};
  if (!output || !world_.outputs[*output].exists) {
    if (report_ && symbol.binding != STB_WEAK) report_unmeasured(id, name);
    return;
  }
  const bool is_size = symbol.name.starts_with(".sizeof.");
  value.number = is_size ? world_.outputs[*output].size : 0;
  value.section = is_size ? kAbsoluteAddress : static_cast<i32>(*output);
  value.hidden = true;
  value.defined = true;
  value.pass = world_.pass;
}

// Whether there is an output section is only known now, when undefined symbols have been reported
// already. So all references are searched once more, for the first one from something live.
void Walk::report_unmeasured(SymbolId symbol, std::string_view output) {
  const Program& program = world_.program;
  for (u32 i = 0; i < program.inputs.sections.size(); i++) {
    const InputSection& section = program.inputs.sections[i];
    if (!state_.plan.kept[i] || is_debug_section(section)) continue;
    for (u64 k = 0; k < relocation_count(section); k++) {
      const Relocation reference = relocation(section, k);
      if (referent(program, section.object, reference.symbol).symbol != symbol) continue;
      return diag_.error(program.inputs.location(SectionId{i}, reference.offset),
                         cat("undefined reference to `", program.symbols[symbol].name,
                             "': the image has no output section `", output, "'"));
    }
  }
}

}  // namespace fwseal
