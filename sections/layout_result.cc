#include "sections/layout_result.h"

#include <elf.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "sections/address_book.h"
#include "sections/output_relocations.h"
#include "sections/symbol_home.h"

namespace fwseal {
namespace {

constexpr u32 kDropped = 0xffff'ffff;

OutputSection finish_output(LayoutState& state, u32 number) {
  const ArrangedOutput& arranged = state.world.arrangement.outputs[number];
  const OutputState& place = state.world.outputs[number];
  OutputDraft& draft = state.drafts[number];
  OutputSection output;
  output.name = arranged.name;
  output.type = draft.type;
  output.flags = draft.flags;
  output.vma = place.vma;
  output.lma = place.lma;
  output.size = place.size;
  // No more than its address has: a script can put it where it would not stand by itself.
  const u64 alignment = place.alignment | place.vma;
  output.alignment = static_cast<u32>(alignment & (u64{0} - alignment));
  output.entry_size = draft.kind.final_entry_size();
  output.chunks = std::move(draft.chunks);
  output.fills = std::move(draft.fills);
  output.description = arranged.description;
  if (arranged.description != nullptr) output.script_type = arranged.description->type;
  const auto region_of = [&](std::string_view name) -> std::optional<u32> {
    const auto found = state.world.region_names.find(name);
    if (name.empty() || found == state.world.region_names.end()) return std::nullopt;
    return found->second - 1;  // [0] is the default region, which no one reports
  };
  output.region = region_of(arranged.region);
  output.load_region = region_of(arranged.load_region);
  return output;
}

RegionUse use_of(const RegionState& region) {
  RegionUse use{region.name, region.origin, region.length, 0, 0, std::string(region.overflowing)};
  if (region.current > region.origin) use.used = region.current - region.origin;
  if (use.used > use.length) use.overflow = use.used - use.length;
  return use;
}

// What was relative to an output section that is left out, and what the script set between output
// sections, is relative to a neighbour.
void finish_symbols(const LayoutState& state, const SymbolHomes& homes,
                    const std::vector<u32>& number, Layout& layout) {
  const ScriptWorld& world = state.world;
  const std::map<SymbolId, u32> homes_of_places = homes.of_places();
  for (const auto& [id, from] : world.symbols) {
    ScriptSymbol& to = layout.script_symbols[id];
    if (!from.defined) continue;
    to.defined = true;
    to.hidden = from.hidden;
    u32 home = SymbolHomes::kNone;
    if (from.section >= 0) home = static_cast<u32>(from.section);
    else if (const auto place = homes_of_places.find(id); place != homes_of_places.end())
      home = place->second;
    if (home != SymbolHomes::kNone && number[home] == kDropped)
      home = homes.beside(home, world.absolute({from.number, from.section, true}));
    if (home != SymbolHomes::kNone) to.output = OutputId{number[home]};
    const AddressBook::Global global = script_global(world, from);
    to.value = global.address & 0xffff'ffff;
    to.thumb_function = global.thumb;
    to.type = global.type;
  }
}

// sh_link of an unwind table and the like: the output section of what its first section describes.
void finish_links(const Inputs& inputs, Layout& layout) {
  for (OutputSection& output : layout.outputs) {
    if ((output.flags & SHF_LINK_ORDER) == 0 || output.chunks.empty()) continue;
    const SectionId first = output.chunks.front().section;
    if (first == kNoSection || inputs[first].link == 0) continue;
    const SectionId described = inputs.object_of(first).section(inputs[first].link);
    const OutputId to = layout.places[index(described)].output;
    if (to != kNoOutput) output.link_to = index(to) + 1;
  }
}

bool is_placed(const ScriptWorld& world, SectionId section) {
  const SectionPlace& place = world.places[index(section)];
  return place.output != kNoOutput && world.outputs[index(place.output)].exists;
}

// The groups that still have a member. Their lists come first: "the section header table entry for
// a group section must appear before the entries of its members" (gABI 4.1, "Section Groups").
void begin_groups(const ScriptWorld& world, Layout& layout) {
  const Inputs& inputs = world.program.inputs;
  for (u32 k = 0; k < inputs.read_objects; k++) {
    const Object& object = inputs.objects[k];
    for (u32 i = 0; i < object.groups.size(); i++) {
      const Group& group = object.groups[i];
      const bool has_member =
          std::any_of(group.members.begin(), group.members.end(),
                      [&](u32 member) { return is_placed(world, object.section(member)); });
      if (!has_member) continue;
      layout.groups.push_back({ObjectId{k}, i, {}});
      OutputSection& list = layout.outputs.emplace_back();
      list.name = inputs[object.section(group.section)].name;
      list.type = SHT_GROUP;
      list.alignment = list.entry_size = sizeof(u32);
    }
  }
}

// Once every section has its number: who is a member, and where the lists are, as a symbol may be
// defined in one (GNU as does so for a signature that is no symbol of the program).
void finish_groups(const Program& program, Layout& layout) {
  std::vector<u32> last_group(layout.outputs.size(), kDropped);  // that took it as a member
  for (u32 i = 0; i < layout.groups.size(); i++) {
    OutputGroup& to = layout.groups[i];
    const Object& object = program.inputs.objects[index(to.object)];
    const Group& from = object.groups[to.number];
    u64 entries = 1;  // flags
    for (const u32 member : from.members) {
      const OutputId output = layout.places[index(object.section(member))].output;
      if (output == kNoOutput) continue;
      if (std::exchange(last_group[index(output)], i) == i) continue;
      to.members.push_back(output);
      OutputSection& section = layout.outputs[index(output)];
      section.flags |= SHF_GROUP;
      const RelocationForms forms = relocation_forms(program, section);
      entries += 1 + (forms.rel ? 1 : 0) + (forms.rela ? 1 : 0);
    }
    layout.outputs[i].size = entries * sizeof(u32);
    layout.places[index(object.section(from.section))] = {OutputId{i}, 0};
  }
}

// Empty sections in output sections that are left out still have addresses: a symbol in one of them
// may mark the end of something. They count from a neighbour, as in GNU ld.
std::vector<SectionPlace> finish_places(ScriptWorld& world, const SymbolHomes& homes,
                                        const std::vector<u32>& number, const Layout& layout) {
  std::vector<SectionPlace> places = std::move(world.places);
  for (SectionPlace& place : places) {
    if (place.output == kNoOutput) continue;
    const u32 arranged = index(place.output);
    if (number[arranged] != kDropped) {
      place.output = OutputId{number[arranged]};
      continue;
    }
    const u64 address = world.outputs[arranged].vma + place.offset;
    const u32 home = homes.beside(arranged, address);
    if (home == SymbolHomes::kNone)
      place = {};
    else
      place = {OutputId{number[home]}, address - layout.outputs[number[home]].vma};
  }
  return places;
}

}  // namespace

OutputId Layout::output_named(std::string_view name) const {
  for (u32 i = 0; i < outputs.size(); i++)
    if (outputs[i].name == name) return OutputId{i};
  return kNoOutput;
}

Layout finish_layout(LayoutState&& state) {
  ScriptWorld& world = state.world;
  Layout layout;
  if (state.options.keep_groups) begin_groups(world, layout);
  std::vector<u32> number(state.drafts.size(), kDropped);
  for (const ArrangedStatement& statement : world.arrangement.order) {
    const u32* arranged = std::get_if<u32>(&statement);
    if (arranged == nullptr || !world.outputs[*arranged].exists) continue;
    number[*arranged] = static_cast<u32>(layout.outputs.size());
    layout.outputs.push_back(finish_output(state, *arranged));
  }
  const SymbolHomes homes(state);
  layout.places = finish_places(world, homes, number, layout);
  for (u64 i = 1; i < world.regions.size(); i++) layout.regions.push_back(use_of(world.regions[i]));
  layout.data = std::move(state.data);
  layout.texts = std::move(state.texts);
  layout.edits = std::move(state.edits);
  layout.folds = state.plan.folds;
  layout.veneer_groups = std::move(state.veneer_groups);
  for (VeneerGroup& group : layout.veneer_groups)
    if (group.output != kNoOutput) group.output = OutputId{number[index(group.output)]};
  layout.headers_size = world.headers_size;
  finish_symbols(state, homes, number, layout);
  finish_links(world.program.inputs, layout);
  finish_groups(world.program, layout);
  return layout;
}

void set_entry(const Program& program, const MergedStrings& merged, const LayoutOptions& options,
               Layout& layout, Diag& diag) {
  const auto address_named = [&](const std::string& name) -> std::optional<u64> {
    const SymbolId id = program.symbols.find(name);
    if (id == kNoSymbol) return std::nullopt;
    const Symbol& symbol = program.symbols[id];
    if (symbol.state == SymbolState::kScript) {
      const ScriptSymbol& of_script = layout.script_symbols.at(id);
      return of_script.value | (of_script.thumb_function ? 1 : 0);
    }
    if (symbol.state == SymbolState::kAbsolute) return symbol.value;
    if (symbol.state != SymbolState::kDefined) return std::nullopt;
    const u64 thumb = symbol.type == STT_FUNC ? symbol.value & 1 : 0;
    const auto address = address_of(layout, merged, symbol.section, symbol.value - thumb);
    if (!address) return std::nullopt;
    return *address | thumb;
  };
  const std::optional<std::string>& named = options.entry ? options.entry : options.entry_default;
  if (const auto found = address_named(named.value_or("_start"))) {
    layout.entry = *found | (options.entry_is_thumb ? 1 : 0);
    return;
  }
  if (named) {
    u64 number = 0;
    const bool is_hex = named->starts_with("0x") || named->starts_with("0X");
    const char* const begin = named->data() + (is_hex ? 2 : 0);
    const char* const end = named->data() + named->size();
    const auto [stop, error] = std::from_chars(begin, end, number, is_hex ? 16 : 10);
    if (error == std::errc() && stop == end && begin != end) {
      layout.entry = number | (options.entry_is_thumb ? 1 : 0);
      return;
    }
  }
  if (options.relocatable) return;
  // The first byte of .text, if there is one; GNU ld says so too.
  const OutputId text = layout.output_named(".text");
  if (text != kNoOutput) layout.entry = layout.outputs[index(text)].vma;
  if (named)
    diag.warning({}, cat("cannot find entry symbol ", named.value_or("_start"), "; defaulting to ",
                         hex(layout.entry)));
}

void report_overflow(const Layout& layout, Diag& diag) {
  for (const RegionUse& region : layout.regions) {
    if (region.overflowing.empty()) continue;
    diag.error(
        {}, cat("section `", region.overflowing, "' will not fit in region `", region.name, "'"));
    if (region.overflow != 0)
      diag.error({}, cat("region `", region.name, "' overflowed by ", region.overflow, " bytes"));
  }
}

std::optional<u64> address_of(const Layout& layout, const MergedStrings& merged, SectionId input,
                              u64 input_offset) {
  const auto [section, offset, beyond] = layout.folds.resolve(input, input_offset);
  const SectionPlace& place = layout.places[index(section)];
  if (place.output == kNoOutput) return std::nullopt;
  u64 inside = offset;
  if (merged.merged(section))
    inside = merged.map(section, offset);
  else if (index(section) < layout.edits.size())
    inside = layout.edits[index(section)].map(offset);
  return layout.outputs[index(place.output)].vma + place.offset + inside + beyond;
}

}  // namespace fwseal
