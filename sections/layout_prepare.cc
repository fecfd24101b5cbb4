// What can be known of output sections and regions before any address.
#include <elf.h>

#include <algorithm>

#include "sections/layout_pass.h"

namespace fwseal {
namespace {

// ld manual, "MEMORY Command".
void parse_attributes(std::string_view text, RegionState& region) {
  bool inverted = false;
  for (const char c : text) {
    u32 bit = 0;
    switch (c) {
      case '!':
        inverted = !inverted;
        continue;
      case 'r':
      case 'R':
        bit = kReadOnlyKind;
        break;
      case 'w':
      case 'W':
        bit = kDataKind;
        break;
      case 'x':
      case 'X':
        bit = kCodeKind;
        break;
      case 'a':
      case 'A':
        bit = kAllocKind;
        break;
      case 'i':
      case 'I':
      case 'l':
      case 'L':
        bit = kLoadKind;
        break;
      default:
        break;
    }
    (inverted ? region.not_attributes : region.attributes) |= bit;
  }
}

void prepare_output(LayoutState& state, u32 number, Diag& diag) {
  const ArrangedOutput& output = state.world.arrangement.outputs[number];
  OutputDraft& draft = state.drafts[number];
  draft.kind = kind_of_output(state.world.program.inputs, output, state.options.relocatable);
  draft.input_alignment = std::max(output.least_alignment, draft.kind.alignment);
  if (output.description != nullptr && output.description->explicit_type != nullptr)
    draft.kind.wanted_type = static_cast<u32>(
        Evaluator(state.world, diag, true).number(*output.description->explicit_type, {}));
  // What follows an overlay begins behind all of it, even if its last member is empty.
  draft.sets_symbol = output.description != nullptr && output.description->overlay_last;
  OutputState& place = state.world.outputs[number];
  place.made = draft.kind.made && !output.skipped && !output.discards;
  place.exists = place.made;
}

// .text is read-only whatever stands in it, or with -N writable.
void set_text_writable(LayoutState& state) {
  const ScriptWorld& world = state.world;
  if (state.options.relocatable) return;
  for (u32 i = 0; i < state.drafts.size(); i++) {
    if (!world.outputs[i].made || world.arrangement.outputs[i].name != ".text") continue;
    u32& kinds = state.drafts[i].kind.kinds;
    kinds = state.options.text_is_writable ? kinds & ~u32{kReadOnlyKind} : kinds | kReadOnlyKind;
    return;
  }
}

// ">REGION", "AT>REGION", and what follows from them. GNU ld takes over the load region of the
// section before if both are in the same region and nothing else says where this one is loaded.
class RegionNames {
 public:
  RegionNames(LayoutState& state, Diag& diag) : state_(state), diag_(diag) {}

  void run() {
    for (const ArrangedStatement& statement : state_.world.arrangement.order)
      if (const u32* number = std::get_if<u32>(&statement)) resolve(*number);
  }

 private:
  void resolve(u32 number) {
    const ArrangedOutput& output = state_.world.arrangement.outputs[number];
    const OutputDescription* const description = output.description;
    OutputDraft& draft = state_.drafts[number];
    draft.region = named(output.region, description);
    if (!output.load_region.empty()) {
      draft.load_region = named(output.load_region, description);
      draft.own_load_region = true;
    } else if (previous_ != nullptr && !has_place(output) && previous_->region == draft.region) {
      draft.load_region = previous_->load_region;
    }
    previous_ = &draft;
  }

  bool has_place(const ArrangedOutput& output) const {
    if (state_.options.section_starts.contains(output.name)) return true;
    const OutputDescription* const description = output.description;
    if (description == nullptr) return false;
    if (description->overlay != 0 && !description->overlay_first) return true;
    return description->address != nullptr || description->load_address != nullptr;
  }

  u32 named(std::string_view name, const OutputDescription* description) {
    if (name.empty() || name == "*default*" || state_.options.relocatable) return 0;
    const auto found = state_.world.region_names.find(name);
    if (found != state_.world.region_names.end()) return found->second;
    // GNU ld only warns, and uses the default region: a typing error then moves code silently.
    diag_.error(description != nullptr ? description->place.location() : Location{},
                cat("memory region `", name, "' not declared"));
    return 0;
  }

  LayoutState& state_;
  Diag& diag_;
  const OutputDraft* previous_ = nullptr;
};

}  // namespace

u64 size_of(const LayoutState& state, SectionId id) {
  if (const MergedBlob* blob = state.world.merged->blob(id))
    return blob->place == id ? blob->bytes.size() : 0;
  const u64 size = state.world.program.inputs[id].size;
  if (index(id) >= state.edits.size()) return size;
  return size + static_cast<u64>(state.edits[index(id)].growth());
}

void prepare_outputs(LayoutState& state, Diag& diag) {
  const auto& outputs = state.world.arrangement.outputs;
  const auto count = static_cast<u32>(outputs.size());
  state.drafts.resize(count);
  state.world.outputs.resize(count);
  for (u32 i = 0; i < count; i++) {
    if (!outputs[i].skipped) state.world.output_names.try_emplace(outputs[i].name, i);
    prepare_output(state, i, diag);
  }
  set_text_writable(state);
  RegionNames(state, diag).run();
}

namespace {

// Does any KEEP name one of its sections?
bool has_keep(const Arrangement& arrangement, const ArrangedOutput& output) {
  for (const ArrangedItem& item : output.items)
    if (const auto* list = std::get_if<SectionList>(&item))
      for (const SectionId id : list->sections)
        if (arrangement.has_keep[index(id)]) return true;
  return false;
}

}  // namespace

void drop_empty_outputs(LayoutState& state) {
  const Arrangement& arrangement = state.world.arrangement;
  for (u32 i = 0; i < state.drafts.size(); i++) {
    const OutputDraft& draft = state.drafts[i];
    OutputState& place = state.world.outputs[i];
    // An object keeps its empty sections: symbols may be defined in them.
    const bool in_object = state.options.relocatable && draft.kind.has_input;
    place.exists =
        place.made && (place.size != 0 || draft.keeps_itself || in_object ||
                       has_keep(arrangement, arrangement.outputs[i]));
  }
}

void prepare_regions(LayoutState& state, Diag& diag) {
  ScriptWorld& world = state.world;
  world.regions.emplace_back();  // the default: all of memory
  world.regions[0].name = "*default*";
  for (const MemoryRegion& region : state.script.regions) {
    const auto number = static_cast<u32>(world.regions.size());
    if (!world.region_names.try_emplace(region.name, number).second) {
      diag.error(region.place.location(), cat("redefinition of memory region `", region.name, "'"));
      continue;
    }
    world.regions.emplace_back();
    world.regions[number].name = region.name;
    parse_attributes(region.attributes, world.regions[number]);
    // One region may be defined by the ORIGIN and LENGTH of those before it.
    Evaluator evaluator(world, diag, true);
    const u64 origin = evaluator.number(*region.origin, {});
    world.regions[number].origin = origin;
    world.regions[number].length = evaluator.number(*region.length, {});
    world.regions[number].current = origin;
  }
  for (const RegionAlias& alias : state.script.aliases) {
    const auto found = world.region_names.find(alias.region);
    if (found == world.region_names.end())
      diag.error(alias.place.location(), cat("memory region `", alias.region, "' for alias `",
                                             alias.alias, "' does not exist"));
    else if (!world.region_names.try_emplace(alias.alias, found->second).second)
      diag.error(alias.place.location(),
                 cat("redefinition of memory region alias `", alias.alias, "'"));
  }
}

}  // namespace fwseal
