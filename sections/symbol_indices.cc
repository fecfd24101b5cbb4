#include "sections/symbol_indices.h"

namespace fwseal {

SymbolIndices::SymbolIndices(const Program& program) : globals(program.symbols.symbols.size()) {
  u32 count = 0;
  for (const Object& object : program.inputs.objects) {
    first_local.push_back(count);
    count += object.first_global;
  }
  locals.resize(count);
}

u32 SymbolIndices::of(const Program& program, ObjectId object, u32 symbol) const {
  if (const SymbolId id = program.symbols.of(program.inputs, object, symbol); id != kNoSymbol)
    return globals[index(id)];
  // A global symbol without an id is one of a --just-symbols file, which has no relocations.
  if (symbol >= program.inputs.objects[index(object)].first_global) return 0;
  return local(object, symbol);
}

SymbolUses::SymbolUses(const Program& program, const Layout& layout, const SymbolIndices& indices)
    : locals(indices.locals.size()), globals(indices.globals.size()) {
  const auto use = [&](ObjectId object, u32 symbol) {
    if (const SymbolId id = program.symbols.of(program.inputs, object, symbol); id != kNoSymbol)
      globals[index(id)] = true;
    else if (symbol < program.inputs.objects[index(object)].first_global)
      locals[indices.first_local[index(object)] + symbol] = true;
  };
  for (const OutputSection& output : layout.outputs) {
    for (const Chunk& chunk : output.chunks) {
      if (chunk.kind != ChunkKind::kInput) continue;
      const InputSection& section = program.inputs[chunk.section];
      const u64 count = relocation_count(section);
      for (u64 i = 0; i < count; i++) use(section.object, relocation(section, i).symbol);
    }
  }
  for (const OutputGroup& group : layout.groups)
    use(group.object, program.inputs.objects[index(group.object)].groups[group.number].symbol);
}

}  // namespace fwseal
