#include "sections/output_relocations.h"

#include "sections/relocate.h"

namespace fwseal {
namespace {

class Collector {
 public:
  Collector(const Program& program, const MergedStrings& merged, const Layout& layout,
            const SymbolIndices& symbols, bool relocatable)
      : program_(program),
        merged_(merged),
        layout_(layout),
        symbols_(symbols),
        relocatable_(relocatable) {}

  RelocationTable table(OutputId target, bool has_addends) const {
    RelocationTable result{target, has_addends, {}};
    const OutputSection& output = layout_.outputs[index(target)];
    for (const Chunk& chunk : output.chunks)
      if (chunk.kind == ChunkKind::kInput && program_.inputs[chunk.section].has_addends == has_addends)
        add_section(chunk, output, result);
    return result;
  }

 private:
  const EditList* edits_of(SectionId id) const {
    return index(id) < layout_.edits.size() ? &layout_.edits[index(id)] : nullptr;
  }

  void add_section(const Chunk& chunk, const OutputSection& output, RelocationTable& table) const {
    const InputSection& section = program_.inputs[chunk.section];
    const EditList* const edits = edits_of(chunk.section);
    const bool reversed = runs_reversed(section.name, output.name);
    const u64 start = chunk.offset + (relocatable_ ? 0 : output.vma);
    const u64 count = relocation_count(section);
    for (u64 i = 0; i < count; i++) {
      Relocation reference = relocation(section, i);
      if (edits != nullptr && edits->removes(reference.offset)) continue;
      if (edits != nullptr) reference.offset = edits->map(reference.offset);
      if (reversed) reference.offset = reversed_offset(reference.offset, chunk.size);
      reference.offset += start;
      add(section.object, reference, table);
    }
  }

  void add(ObjectId object, const Relocation& reference, RelocationTable& table) const {
    const Referent to = referent(program_, object, reference.symbol);
    u32 symbol = symbols_.of(program_, object, reference.symbol);
    i64 addend = reference.addend;
    if (to.section != kNoSection) {
      const SectionPlace& place = layout_.places[index(to.section)];
      // relocate() has put a tombstone there.
      if (place.output == kNoOutput) return;
      if (to.type == STT_SECTION || symbol == 0) {
        symbol = section_symbol(place.output);
        addend = moved(to, place, addend);
      }
    }
    table.entries.push_back({static_cast<u32>(reference.offset),
                             static_cast<u32>(ELF32_R_INFO(symbol, reference.type)),
                             static_cast<i32>(addend)});
  }

  // The addend that leads from the start of the output section to where `to` and `addend` led.
  i64 moved(const Referent& to, const SectionPlace& place, i64 addend) const {
    const i64 start = static_cast<i64>(place.offset);
    if (merged_.merged(to.section)) {
      const u64 offset = static_cast<u64>(static_cast<i64>(to.value) + addend);
      return start + static_cast<i64>(merged_.map(to.section, offset));
    }
    u64 offset = to.value;
    if (const EditList* const edits = edits_of(to.section)) offset = edits->map(offset);
    return start + static_cast<i64>(offset) + addend;
  }

  const Program& program_;
  const MergedStrings& merged_;
  const Layout& layout_;
  const SymbolIndices& symbols_;
  const bool relocatable_;
};

}  // namespace

RelocationForms relocation_forms(const Program& program, const OutputSection& output) {
  RelocationForms forms;
  for (const Chunk& chunk : output.chunks) {
    if (chunk.kind != ChunkKind::kInput) continue;
    const InputSection& section = program.inputs[chunk.section];
    if (section.relocations.empty()) continue;
    (section.has_addends ? forms.rela : forms.rel) = true;
  }
  return forms;
}

std::string RelocationTable::name(const Layout& layout) const {
  return cat(has_addends ? ".rela" : ".rel", layout.outputs[index(target)].name);
}

std::string RelocationTable::bytes() const {
  const u64 size = has_addends ? sizeof(Elf32_Rela) : sizeof(Elf32_Rel);
  std::string result;
  result.reserve(entries.size() * size);
  // An Elf32_Rel is the beginning of an Elf32_Rela.
  for (const Elf32_Rela& entry : entries)
    result.append(reinterpret_cast<const char*>(&entry), size);
  return result;
}

std::vector<RelocationTable> output_relocations(const Program& program, const MergedStrings& merged,
                                                const Layout& layout, const SymbolIndices& symbols,
                                                bool relocatable) {
  const Collector collector(program, merged, layout, symbols, relocatable);
  std::vector<RelocationTable> tables;
  for (u32 i = 0; i < layout.outputs.size(); i++) {
    const RelocationForms forms = relocation_forms(program, layout.outputs[i]);
    if (forms.rel) tables.push_back(collector.table(OutputId{i}, false));
    if (forms.rela) tables.push_back(collector.table(OutputId{i}, true));
  }
  return tables;
}

}  // namespace fwseal
