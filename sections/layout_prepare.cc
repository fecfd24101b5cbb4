// What can be known of output sections and regions before any address.
#include <elf.h>

#include <algorithm>

#include "sections/layout_pass.h"

namespace fwseal {
namespace {

// AAELF32, "Section Attribute Flags": SHF_ARM_PURECODE.
constexpr u64 kPureCode = 0x2000'0000;

// SHF_GNU_RETAIN of binutils 2.36; older elf.h do not have it.
constexpr u64 kRetain = 1 << 21;

// The kinds of sections that a region's attributes speak of; ld manual, "MEMORY Command".
enum Attribute : u32 { kReadOnly = 1, kData = 2, kCode = 4, kAlloc = 8, kLoad = 16 };

void parse_attributes(std::string_view text, RegionState& region) {
  bool inverted = false;
  for (const char c : text) {
    u32 bit = 0;
    switch (c) {
      case '!': inverted = !inverted; continue;
      case 'r': case 'R': bit = kReadOnly; break;
      case 'w': case 'W': bit = kData; break;
      case 'x': case 'X': bit = kCode; break;
      case 'a': case 'A': bit = kAlloc; break;
      case 'i': case 'I': case 'l': case 'L': bit = kLoad; break;
      default: break;
    }
    (inverted ? region.not_attributes : region.attributes) |= bit;
  }
}

// Trivial assignments to the location counter do not make a section worth keeping: `. = 0`,
// `. = .`, `. = . + 0`, and `. = ALIGN(. != 0 ? x : 1)`, which is for sections that may be empty.
bool keeps_section(const Assignment& assignment) {
  if (assignment.symbol != ".") return false;
  const Expr& value = *assignment.value;
  const auto is_number = [](const Expr& expr, u64 number) {
    return expr.kind == ExprKind::kNumber && expr.number == number;
  };
  const auto is_dot = [](const Expr& expr) {
    return expr.kind == ExprKind::kName && expr.name == ".";
  };
  if (is_number(value, 0) || is_dot(value)) return false;
  if (value.kind == ExprKind::kBinary && value.op == Op::kAdd)
    return !(is_dot(*value.operands[0]) && is_number(*value.operands[1], 0));
  if (value.kind == ExprKind::kFunction && value.function == Function::kAlign &&
      value.operands.size() == 1 && value.operands[0]->kind == ExprKind::kTernary) {
    const Expr& choice = *value.operands[0];
    const Expr& condition = *choice.operands[0];
    return !(condition.kind == ExprKind::kBinary && condition.op == Op::kNotEqual &&
             is_dot(*condition.operands[0]) && is_number(*condition.operands[1], 0) &&
             is_number(*choice.operands[2], 1));
  }
  return true;
}

void take_input(OutputDraft& draft, const InputSection& section, bool first, bool relocatable) {
  constexpr u64 kMergeFlags = SHF_MERGE | SHF_STRINGS;
  // What speaks to the linker must reach the next one.
  const u64 for_linker = relocatable ? u64{SHF_EXCLUDE | kRetain} : 0;
  const u64 kept_flags = SHF_WRITE | SHF_ALLOC | SHF_EXECINSTR | SHF_TLS | SHF_LINK_ORDER | kPureCode |
                    for_linker;
  if (first) {
    draft.type = section.type;
    draft.flags = section.flags & (kept_flags | kMergeFlags);
    draft.entry_size = section.entry_size;
  } else {
    if (draft.type != section.type) {
      // Sections without bytes join any kind; two kinds of bytes are just bytes.
      if (draft.type == SHT_NOBITS) draft.type = section.type;
      else if (section.type != SHT_NOBITS) draft.type = SHT_PROGBITS;
    }
    const bool same_merge = ((draft.flags ^ section.flags) & kMergeFlags) == 0 &&
                            draft.entry_size == section.entry_size;
    // Code that is never read as data stays so only if all of it is.
    if (!section.has(kPureCode)) draft.flags &= ~kPureCode;
    draft.flags |= section.flags & (kept_flags & ~kPureCode & ~u64{SHF_LINK_ORDER});
    if (!same_merge) {
      draft.flags &= ~kMergeFlags;
      draft.entry_size = 0;
    }
  }
}

void apply_script_type(OutputDraft& draft, const OutputDescription& description) {
  switch (description.type) {
    case OutputType::kDefault: break;
    case OutputType::kNoload: draft.type = SHT_NOBITS; break;
    case OutputType::kReadonly: draft.flags &= ~u64{SHF_WRITE}; break;
    case OutputType::kCopy:
    case OutputType::kInfo:
    case OutputType::kDsect:
    case OutputType::kOverlay: draft.flags &= ~u64{SHF_ALLOC}; break;
  }
}

void prepare_output(LayoutState& state, u32 number, Diag& diag) {
  const ArrangedOutput& output = state.world.arrangement.outputs[number];
  OutputDraft& draft = state.drafts[number];
  bool first = true;
  std::optional<u64> subalignment;
  Evaluator evaluator(state.world, diag, false);
  if (output.description != nullptr && output.description->subalignment != nullptr)
    subalignment = evaluator.number(*output.description->subalignment, {});
  for (const ArrangedItem& item : output.items) {
    if (const auto* list = std::get_if<SectionList>(&item)) {
      for (const SectionId id : list->sections) {
        const InputSection& section = state.world.program.inputs[id];
        take_input(draft, section, first, state.options.relocatable);
        first = false;
        draft.input_alignment =
            std::max({draft.input_alignment, u64{section.alignment}, subalignment.value_or(1)});
        draft.has_input_bytes = draft.has_input_bytes || size_of(state, id) != 0;
      }
    } else if (const auto* assignment = std::get_if<const Assignment*>(&item)) {
      draft.has_dot_assignment = draft.has_dot_assignment || keeps_section(**assignment);
    } else if (std::holds_alternative<const DataStatement*>(item)) {
      draft.has_data = true;
    }
  }
  if (draft.has_data) {
    if (draft.type == SHT_NULL || draft.type == SHT_NOBITS) draft.type = SHT_PROGBITS;
    draft.flags |= first ? u64{SHF_ALLOC | SHF_WRITE} : u64{SHF_ALLOC};
    draft.flags &= ~u64{SHF_MERGE | SHF_STRINGS};
    draft.entry_size = 0;
  } else if (first && draft.has_dot_assignment) {
    // Room without contents, such as a stack.
    draft.type = SHT_NOBITS;
    draft.flags = SHF_ALLOC | SHF_WRITE;
  }
  if (draft.type == SHT_NULL) draft.type = SHT_PROGBITS;
  if (output.description != nullptr) {
    apply_script_type(draft, *output.description);
    if (output.description->explicit_type != nullptr)
      draft.type = static_cast<u32>(evaluator.number(*output.description->explicit_type, {}));
  }
  // An object keeps its empty sections: symbols may be defined in them.
  const bool has_input = state.options.relocatable ? !first : draft.has_input_bytes;
  state.world.outputs[number].exists = !output.skipped && !output.discards &&
                                       (has_input || draft.has_dot_assignment || draft.has_data);
}

}  // namespace

u64 size_of(const LayoutState& state, SectionId id) {
  if (const MergedBlob* blob = state.world.merged->blob(id))
    return blob->place == id ? blob->bytes.size() : 0;
  const u64 size = state.world.program.inputs[id].size;
  if (index(id) >= state.edits.size()) return size;
  return size + static_cast<u64>(state.edits[index(id)].growth());
}

void prepare_outputs(LayoutState& state, Diag& diag) {
  const auto count = static_cast<u32>(state.world.arrangement.outputs.size());
  state.drafts.resize(count);
  state.world.outputs.resize(count);
  for (u32 i = 0; i < count; i++) prepare_output(state, i, diag);
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
      diag.error(alias.place.location(),
                 cat("memory region `", alias.region, "' for alias `", alias.alias,
                     "' does not exist"));
    else if (!world.region_names.try_emplace(alias.alias, found->second).second)
      diag.error(alias.place.location(), cat("redefinition of memory region alias `", alias.alias,
                                             "'"));
  }
}

}  // namespace fwseal
