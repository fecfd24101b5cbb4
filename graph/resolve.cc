// Resolving names.
//
// Problem: to read the files in an order that decides which members of archives are part of the
// program, and to find the one definition of each name.
//
// Terms: a name is wanted if something refers to it and nothing defines it. An archive is searched
// when its turn comes; members that define wanted names are loaded, which may make other names
// wanted. A group is repeated until nothing is wanted that it could give.
//
// Steps, each with its own file and its own essay: input_reader (the order of files),
// archive_search (the order of members), comdat (which of several copies), symbol_merge (what a
// name means after one more object). What is left to do here is what needs all objects: common
// symbols get sections, and the script's names get their state.
//
// Undefined names are no error here: only what is found to be live may need them.
#include "graph/resolve.h"

#include <algorithm>
#include <numeric>

#include "graph/input_reader.h"

namespace fwseal {
namespace {

// The common symbols that are left, in the order of the objects that define them.
std::vector<SymbolId> common_symbols(const Inputs& inputs, const Symbols& symbols) {
  std::vector<SymbolId> result;
  for (u32 k = 0; k < inputs.objects.size(); k++) {
    const ObjectId object{k};
    const Object& owner = inputs.objects[k];
    const u32 count = owner.symbol_count - owner.first_global;
    for (u32 i = 0; i < count; i++) {
      const SymbolId id = symbols.ids[symbols.first[index(object)] + i];
      if (id == kNoSymbol || symbols[id].state != SymbolState::kCommon) continue;
      if (symbols[id].object == object) result.push_back(id);
    }
  }
  return result;
}

// Gives a common symbol a section of its own, so that each can be kept or dropped by itself.
void define_common(Symbol& symbol, std::vector<InputSection>& sections) {
  const bool thread_local_storage = symbol.type == STT_TLS;
  InputSection& section = sections.emplace_back();
  section.name = thread_local_storage ? ".tcommon" : "COMMON";
  section.size = symbol.size;
  section.flags = SHF_ALLOC | SHF_WRITE | (thread_local_storage ? u64{SHF_TLS} : 0);
  section.type = SHT_NOBITS;
  section.alignment = static_cast<u32>(symbol.value);
  section.object = symbol.object;
  symbol.state = SymbolState::kDefined;
  symbol.section = SectionId{static_cast<u32>(sections.size() - 1)};
  symbol.value = 0;
}

void define_commons(const ResolveOptions& options, Inputs& inputs, Symbols& symbols) {
  std::vector<SymbolId> commons = common_symbols(inputs, symbols);
  const auto alignment = [&](SymbolId id) { return symbols[id].value; };
  if (options.sort_common_descending)
    std::ranges::stable_sort(commons, std::greater(), alignment);
  else if (options.sort_common_ascending)
    std::ranges::stable_sort(commons, std::less(), alignment);
  for (SymbolId id : commons)
    if (symbols[id].state == SymbolState::kCommon) define_common(symbols[id], inputs.sections);
}

}  // namespace

Location Inputs::location(SectionId section, u64 offset) const {
  const Object& object = object_of(section);
  return {object.file, object.member, sections[index(section)].name, offset, 0};
}

Symbols resolve(const std::vector<InputFile>& files, const ResolveOptions& options,
                const ReadInputScript& read_script, Inputs& inputs, Diag& diag) {
  Symbols symbols;
  InputReader reader(options, read_script, inputs, symbols, diag);
  reader.read(files);
  reader.merge().finish();
  reader.warn_users();

  inputs.read_objects = static_cast<u32>(inputs.objects.size());
  inputs.read_sections = static_cast<u32>(inputs.sections.size());
  if (options.define_common) define_commons(options, inputs, symbols);
  return symbols;
}

}  // namespace fwseal
