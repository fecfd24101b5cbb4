// A program of hand-made objects and a layout that puts each input section into the output section
// of the same name, for tests of what is written about them.
#pragma once

#include <deque>
#include <memory>
#include <sstream>
#include <utility>

#include "sections/image.h"
#include "sections/layout.h"
#include "sections/segments.h"
#include "tests/unit/elf_builder.h"

namespace fwseal {

// A machine without relocations. A veneer of kind 1 is Thumb code and then data.
class TestIsa : public Isa {
 public:
  u16 machine() const override { return EM_ARM; }
  const RelocationType* find(u32) const override { return nullptr; }
  i64 read_addend(u32, Bytes, u64) const override { return 0; }
  std::optional<RelocationFault> write_addend(u32, i64, std::span<std::byte>, u64) const override {
    return {};
  }
  std::optional<RelocationFault> apply(u32, const Operands&, std::span<std::byte>,
                                       u64) const override {
    return {};
  }
  std::optional<VeneerShape> veneer_for(u32, const Operands&, Bytes, u64) const override {
    return {};
  }
  void write_veneer(const VeneerShape&, const Operands&, std::span<std::byte>) const override {}
  std::vector<VeneerMark> veneer_marks(const VeneerShape&) const override {
    return {{"$t", 0}, {"$d", 4}};
  }
  u64 shortest_branch_reach() const override { return 1 << 20; }
  u64 veneer_group_size() const override { return 1 << 20; }
  bool mixes_instruction_sets() const override { return true; }
};

struct SmallProgram {
  Inputs inputs;
  Symbols symbols;
  TestIsa isa;
  Layout layout;
  MergedStrings merged;
  Image image;
  std::deque<std::string> files;

  Program program() const { return {inputs, symbols, isa}; }

  ObjectId add(const ElfBuilder& elf, std::string_view file, std::string_view member = {}) {
    const ObjectId id{static_cast<u32>(inputs.objects.size())};
    const std::string& bytes = files.emplace_back(elf.build());
    Object object = read_object(bytes_of(bytes), {}, id, inputs.sections, inputs.arena);
    object.file = file;
    object.member = member;
    inputs.objects.push_back(std::move(object));
    inputs.read_objects = static_cast<u32>(inputs.objects.size());
    inputs.read_sections = static_cast<u32>(inputs.sections.size());
    resolve(id);
    layout.places.resize(inputs.sections.size());
    return id;
  }

  // Puts an input section at the end of an output section, which is made if there is none.
  void place(ObjectId object, u32 elf_index, std::string_view output, u64 vma, u64 lma) {
    const SectionId section = inputs.objects[index(object)].section(elf_index);
    const InputSection& input = inputs[section];
    OutputSection& target = find_or_add(output, input, vma, lma);
    target.size = align_up(target.size, input.alignment);
    layout.places[index(section)] = {id_of(target), target.size};
    target.chunks.push_back({ChunkKind::kInput, section, 0, target.size, input.size});
    target.size += input.size;
  }
  void place(ObjectId object, u32 elf_index, std::string_view output, u64 vma) {
    place(object, elf_index, output, vma, vma);
  }

  // A symbol of the script.
  void define(std::string_view name, ScriptSymbol value) {
    const SymbolId id = symbols.add(name);
    symbols[id].state = SymbolState::kScript;
    layout.script_symbols[id] = value;
  }

  // Contents, segments and file offsets.
  void finish(const SegmentOptions& options = {}) {
    image.contents.clear();
    for (const OutputSection& output : layout.outputs) {
      std::vector<std::byte> contents(output.has_bytes() ? output.size : 0);
      for (const Chunk& chunk : output.chunks) {
        if (chunk.kind != ChunkKind::kInput || !output.has_bytes()) continue;
        const Bytes bytes = inputs[chunk.section].contents;
        std::copy_n(bytes.data(), std::min(bytes.size(), chunk.size),
                    contents.begin() + static_cast<i64>(chunk.offset));
      }
      image.contents.push_back(std::move(contents));
    }
    std::ostringstream said;
    Diag diag(said);
    plan_segments({}, options, layout, diag);
  }

 private:
  OutputId id_of(const OutputSection& output) const {
    return OutputId{static_cast<u32>(&output - layout.outputs.data())};
  }

  OutputSection& find_or_add(std::string_view name, const InputSection& input, u64 vma, u64 lma) {
    for (OutputSection& output : layout.outputs)
      if (output.name == name) return output;
    OutputSection& output = layout.outputs.emplace_back();
    output.name = name;
    output.type = input.type;
    output.flags = input.flags;
    output.vma = vma;
    output.lma = lma;
    output.alignment = input.alignment;
    return output;
  }

  // The first definition wins; enough for these tests.
  void resolve(ObjectId id) {
    const Object& object = inputs.objects[index(id)];
    symbols.first.push_back(static_cast<u32>(symbols.ids.size()));
    for (u32 i = object.first_global; i < object.symbol_count; i++) {
      const ElfSymbol elf = object.symbol(i);
      const SymbolId symbol_id = symbols.add(elf.name);
      symbols.ids.push_back(symbol_id);
      Symbol& symbol = symbols[symbol_id];
      if (elf.section == SHN_UNDEF || symbol.state >= SymbolState::kDefined) {
        if (symbol.state == SymbolState::kUnseen) symbol.state = SymbolState::kUndefined;
        continue;
      }
      symbol.state = elf.section == SHN_ABS ? SymbolState::kAbsolute : SymbolState::kDefined;
      if (elf.section != SHN_ABS) symbol.section = object.section(elf.section);
      symbol.object = id;
      symbol.value = elf.value;
      symbol.size = elf.size;
      symbol.binding = elf.binding;
      symbol.type = elf.type;
      symbol.visibility = elf.visibility;
    }
  }
};

}  // namespace fwseal
