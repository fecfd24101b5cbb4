// Where an output section begins, and where it is loaded.
//
// The VMA is the script's, or follows the region (ld manual, "Output Section Address"). The LMA
// comes from AT(), from AT>, or keeps the distance to the VMA that the section before it in the
// same region had ("Output Section LMA"). An output section that is left out because it is empty
// moves nothing, but for its address expression, which sets the location counter all the same.
//
// Where we differ from GNU ld on purpose: a section without bytes to load has its LMA at its VMA,
// unless the script gives an LMA for this very section. GNU ld would load .bss behind .data, and an
// ELF loader that clears memory at the LMA then clears flash.
#include <elf.h>

#include <algorithm>
#include <bit>

#include "sections/layout_walk.h"

namespace fwseal {

void Walk::place_output(u32 number) {
  const ArrangedOutput& output = arrangement_.outputs[number];
  if (output.skipped || output.discards) return;
  Current current;
  current.number = number;
  current.output = &output;
  current.description = output.description;
  current.draft = &state_.drafts[number];
  current.place = &world_.outputs[number];
  OutputState& place = *current.place;
  OutputDraft& draft = *current.draft;
  current.address = explicit_address(output, draft);
  if (current.address) dot_ = *current.address;
  if (!place.made) return leave_alignment(output);

  current.left_out = !place.exists && !draft.sets_symbol;
  current.region = region_of(current);
  current.own_alignment = alignment_of(output.description, number);
  place.alignment =
      std::max({current.own_alignment, draft.input_alignment, left_alignment_of(output)});
  if (place.exists && draft.kind.has_input && output.description != nullptr &&
      output.description->subalignment != nullptr)
    place.alignment = std::max(place.alignment, checked_alignment(*output.description->subalignment,
                                                                  *output.description, number));
  current.alignment = current.address ? current.own_alignment : place.alignment;
  const u64 before = dot_;
  const u64 base = current.address ? *current.address : world_.regions[current.region].current;
  const u64 start = align_up(base, current.alignment) & kAddressMask;
  current.moved = start - base;
  if (current.moved != 0 && (current.address || state_.options.warn_section_align) && place.exists)
    warning(place_of(output.description),
            cat("start of section ", output.name, " changed by ", current.moved));
  place.vma = start;
  place.placed = true;
  if (output.description != nullptr && output.description->overlay_first)
    overlay_base_ = overlay_end_ = start;
  dot_ = start;
  fill_output(number);
  if (current.left_out) place.size = 0;
  draft.type = draft.kind.final_type();
  draft.flags = draft.kind.final_flags();

  current.dot = dot_ = current.left_out ? before : start;
  place_load_address(current);
  note_last(current);
  if (current.left_out) return leave_alignment(output);
  check_address_space(current);
  if (!draft.kind.is_tbss() || state_.options.relocatable) dot_ += place.size;
  if (output.description != nullptr && output.description->overlay != 0)
    follow_overlay(*output.description, place);
  symbol_dot_ = dot_;
  advance_regions(current);
}

// Of tables of which nothing is left.
void Walk::leave_alignment(const ArrangedOutput& output) {
  const u64 alignment = left_alignment_of(output);
  dot_ = align_up(dot_, alignment) & kAddressMask;
  symbol_dot_ = align_up(symbol_dot_, alignment) & kAddressMask;
}

u64 Walk::left_alignment_of(const ArrangedOutput& output) {
  u64 alignment = 1;
  for (const ArrangedItem& item : output.items)
    if (const auto* const list = std::get_if<SectionList>(&item))
      alignment = std::max<u64>(alignment, list->left_alignment);
  return alignment;
}

// All members begin where the first one does; what follows begins behind the longest.
void Walk::follow_overlay(const OutputDescription& description, const OutputState& place) {
  overlay_end_ = std::max(overlay_end_, overlay_base_ + place.size);
  if (description.overlay_last) dot_ = overlay_end_;
}

void Walk::check_address_space(const Current& current) {
  const OutputState& place = *current.place;
  // sh_size has 32 bits, so one that takes all of the address space is one byte too long.
  if (place.size <= kAddressMask && place.size <= kAddressMask + 1 - place.vma) return;
  error(place_of(current.description),
        cat("section `", current.output->name, "' at ", hex(place.vma), " with ", place.size,
            " bytes ends past the end of the 32-bit address space"));
}

std::optional<u64> Walk::explicit_address(const ArrangedOutput& output, const OutputDraft& draft) {
  if (state_.options.relocatable) return 0;
  if (const auto found = state_.options.section_starts.find(output.name);
      found != state_.options.section_starts.end())
    return found->second;
  const OutputDescription* const description = output.description;
  // An orphan without an address in memory.
  if (description == nullptr && (draft.kind.kinds & (kAllocKind | kLoadKind)) == 0) return 0;
  if (is_overlay_follower(description)) return overlay_base_;
  if (description == nullptr || description->address == nullptr) return std::nullopt;
  const Value value = evaluator_.evaluate(*description->address, {std::nullopt, dot_});
  if (!value.valid) {
    if (!state_.marking)
      error(description->place,
            cat("non constant or forward reference address expression for section ", output.name));
    return dot_;
  }
  return world_.absolute(value) & kAddressMask;
}

u32 Walk::region_of(const Current& current) {
  const OutputDraft& draft = *current.draft;
  if (draft.region != 0 || current.address) return draft.region;
  const u32 region = region_by_attributes(draft.kind);
  if (region != 0 || world_.regions.size() == 1 || state_.options.relocatable) return region;
  if (!current.place->exists || !draft.kind.allocated() || draft.kind.is_tbss()) return region;
  // The ld manual makes this an error; arm-none-eabi-ld 2.40 says nothing and links.
  warning(place_of(current.description),
          cat("no memory region specified for loadable section `", current.output->name, "'"));
  return region;
}

// The region whose attributes take a section that names none; ld manual, "MEMORY Command".
u32 Walk::region_by_attributes(const OutputKind& kind) {
  u32 kinds = kind.kinds;
  if ((kinds & (kAllocKind | kReadOnlyKind | kCodeKind)) == kAllocKind) kinds |= kDataKind;
  const auto [known, added] = region_of_kinds_.try_emplace(kinds, 0);
  for (u32 i = 1; added && known->second == 0 && i < world_.regions.size(); i++)
    if ((world_.regions[i].attributes & kinds) != 0 &&
        (world_.regions[i].not_attributes & kinds) == 0)
      known->second = i;
  return known->second;
}

// ALIGN of the output section, at least 1.
u64 Walk::alignment_of(const OutputDescription* description, u32 number) {
  if (description == nullptr) return 1;
  if (description->alignment == nullptr) return 1;
  return checked_alignment(*description->alignment, *description, number);
}

// Of ALIGN or SUBALIGN. sh_addralign has 32 bits.
u64 Walk::checked_alignment(const Expr& expr, const OutputDescription& description, u32 number) {
  const u64 alignment = evaluator_.number(expr, {std::nullopt, dot_});
  if (alignment == 0) return 1;
  if (std::has_single_bit(alignment) && alignment <= kAddressMask) return alignment;
  error(description.place,
        cat("alignment ", hex(alignment), " of section ", arrangement_.outputs[number].name,
            " is not a power of two below 4 GiB"));
  return 1;
}

void Walk::place_load_address(const Current& current) {
  const OutputDraft& draft = *current.draft;
  OutputState& place = *current.place;
  const OutputDescription* const description = current.description;
  place.lma = place.vma;
  if (state_.options.relocatable) return;
  if (description != nullptr && description->load_address != nullptr) {
    place.lma =
        evaluator_.number(*description->load_address, {std::nullopt, place.vma}) & kAddressMask;
    return;
  }
  if (draft.load_region) {
    // The padding in front of the VMA is repeated only on request (ALIGN_WITH_INPUT), the alignment
    // that the script asked for always.
    if (!draft.kind.loads() && !draft.own_load_region) return;
    u64 lma = world_.regions[*draft.load_region].current;
    if (description != nullptr && description->align_with_input)
      lma += current.moved;
    else
      lma = align_up(
          lma, *draft.load_region != current.region ? current.own_alignment : current.alignment);
    place.lma = lma & kAddressMask;
    return;
  }
  const RegionState& home = world_.regions[current.region];
  if (home.last_output && draft.kind.allocated() && draft.kind.loads())
    place.lma = distance_lma(current, world_.outputs[*home.last_output]);
}

u64 Walk::distance_lma(const Current& current, const OutputState& last) {
  const OutputState& place = *current.place;
  if (current.dot < last.vma && place.size != 0 && current.dot + place.size <= last.vma) {
    if (last.vma != last.lma)
      warning(place_of(current.description),
              cat("dot moved backwards before `", current.output->name, "'"));
    return place.vma;
  }
  const u64 lma = is_overlay_follower(current.description) ? last.lma + last.size
                                                           : place.vma + last.lma - last.vma;
  return align_up(lma, current.alignment) & kAddressMask;
}

// The sections behind this one in its region keep its distance from VMA to LMA.
void Walk::note_last(const Current& current) {
  const OutputDraft& draft = *current.draft;
  const OutputState& place = *current.place;
  if (draft.load_region || state_.options.relocatable) return;
  RegionState& home = world_.regions[current.region];
  const bool moved = place.vma != place.lma;
  const bool has_place =
      draft.kind.allocated() && !draft.kind.is_tbss() && (draft.kind.loads() || moved);
  const bool counts =
      place.size != 0 ||
      (home.last_output ? current.dot >= world_.outputs[*home.last_output].vma : moved);
  const bool begins_overlay = current.description != nullptr && current.description->overlay_first;
  if ((has_place && counts) || begins_overlay) home.last_output = current.number;
}

void Walk::advance_regions(const Current& current) {
  const OutputDraft& draft = *current.draft;
  const OutputState& place = *current.place;
  if ((draft.kind.kinds & (kAllocKind | kLoadKind)) == 0 || state_.options.relocatable) return;
  if (current.output->outside_regions) return;
  take(current.region, dot_, place.vma, current, current.address.has_value());
  if (!draft.load_region || *draft.load_region == current.region) return;
  const bool padded = current.description != nullptr && current.description->align_with_input;
  if (!draft.kind.loads() && !(padded && draft.own_load_region)) return;
  const u64 size = draft.kind.is_tbss() ? 0 : place.size;
  take(*draft.load_region, place.lma + size, place.lma, current, false);
}

void Walk::take(u32 number, u64 end, u64 start, const Current& current, bool by_address) {
  RegionState& region = world_.regions[number];
  region.current = end;
  const bool inside = end >= region.origin && end - region.origin <= region.length;
  if (inside || (end == region.origin + region.length && start != 0)) return;
  if (by_address)
    error(place_of(current.description),
          cat("address ", hex(end), " of section `", current.output->name,
              "' is not within region `", region.name, "'"));
  else if (region.overflowing.empty())
    region.overflowing = current.output->name;
}

}  // namespace fwseal
