#include "sections/output_relocations.h"

#include <algorithm>
#include <map>

#include "sections/exidx.h"
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
        relocatable_(relocatable) {
    for (const UnwindEnd& end : layout.unwind_ends) unwind_end_of_[index(end.table)] = end.text;
  }

  RelocationTable table(OutputId target, bool has_addends) const {
    RelocationTable result{target, has_addends, {}};
    const OutputSection& output = layout_.outputs[index(target)];
    for (const Chunk& chunk : output.chunks)
      if (chunk.kind == ChunkKind::kInput &&
          program_.inputs[chunk.section].has_addends == has_addends)
        add_section(chunk, output, result);
    // Compilers leave them in the order in which they were decided; GNU ld sorts as well. Several
    // at one place are steps of one relocation, whose order has a meaning.
    std::stable_sort(
        result.entries.begin(), result.entries.end(),
        [](const Elf32_Rela& a, const Elf32_Rela& b) { return a.r_offset < b.r_offset; });
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
    add_unwind_end(chunk, start, table);
  }

  // The last row of a table, if it is one that we made (exidx.cc).
  void add_unwind_end(const Chunk& chunk, u64 start, RelocationTable& table) const {
    const auto found = unwind_end_of_.find(index(chunk.section));
    if (found == unwind_end_of_.end()) return;
    const SectionPlace& text = layout_.places[index(found->second)];
    const u64 text_end = text.offset + program_.inputs[found->second].size;
    table.entries.push_back({static_cast<u32>(start + chunk.size - kUnwindRowSize),
                             ELF32_R_INFO(section_symbol(text.output), R_ARM_PREL31),
                             static_cast<i32>(text_end)});
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
  std::map<u32, SectionId> unwind_end_of_;  // by table
};

}  // namespace

RelocationForms relocation_forms(const Program& program, const OutputSection& output) {
  RelocationForms forms;
  for (const Chunk& chunk : output.chunks) {
    if (chunk.kind != ChunkKind::kInput) continue;
    const InputSection& section = program.inputs[chunk.section];
    // A row may be added to an unwind table, and that needs a relocation.
    const bool is_unwind_table = section.type == SHT_ARM_EXIDX && section.size != 0;
    if (section.relocations.empty() && !is_unwind_table) continue;
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
