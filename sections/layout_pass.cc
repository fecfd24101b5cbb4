// One walk over the script.
//
// Terms: the location counter `dot` is a VMA everywhere; inside an output section a plain number
// assigned to it counts from the section's start. Each region has a `current` VMA, where its next
// section begins, and so has the default region that covers all of memory. The LMA of a section
// comes from AT(), from AT>, or keeps the distance to the VMA that the section before it in the
// same region had (ld manual, "Output Section LMA").
//
// Where we differ from GNU ld on purpose: a section without bytes to load has its LMA at its VMA,
// unless the script gives an LMA for this very section. GNU ld would load .bss behind .data, and an
// ELF loader that clears memory at the LMA then clears flash.
#include "sections/layout_pass.h"

#include <elf.h>

#include <algorithm>
#include <bit>

#include "graph/clauses.h"

namespace fwseal {
namespace {

class Walk {
 public:
  Walk(LayoutState& state, bool report, Diag& diag)
      : state_(state),
        world_(state.world),
        arrangement_(state.world.arrangement),
        report_(report),
        diag_(diag),
        evaluator_(state.world, diag, report) {}

  void run() {
    state_.data.clear();
    state_.texts.clear();
    for (RegionState& region : world_.regions) {
      region.current = region.origin;
      region.last_output.reset();
      region.overflowing = {};
    }
    for (const ArrangedStatement& statement : arrangement_.order) {
      if (const u32* output = std::get_if<u32>(&statement)) place_output(*output);
      else if (const auto* assignment = std::get_if<const Assignment*>(&statement))
        assign(**assignment, std::nullopt);
      else check(*std::get<const Assertion*>(statement), {std::nullopt, dot_});
    }
    define_section_bounds();
  }

 private:
  using Context = EvalContext;

  void error(const ScriptPlace& place, std::string_view what) {
    if (report_) diag_.error(place.location(), what);
  }

  void check(const Assertion& assertion, const Context& context) {
    const Value value = evaluator_.evaluate(*assertion.condition, context);
    if (value.valid && world_.absolute(value) == 0)
      error(assertion.place, cat("assertion failed: ", assertion.message));
  }

  // ---- Symbols and the location counter

  void assign(const Assignment& assignment, std::optional<u32> output) {
    const Context context{output, dot_};
    const bool unneeded = assignment.symbol != "." && !wanted(assignment);
    if (unneeded) return;
    Value value = evaluator_.evaluate(*assignment.value, context);
    if (assignment.symbol == ".") {
      move_dot(assignment, value, output);
      return;
    }
    if (value.section == kPlainNumber)
      value.section = output ? static_cast<i32>(*output) : kAbsoluteAddress;
    ScriptValue& symbol = world_.symbols[index(world_.program.symbols.find(assignment.symbol))];
    symbol.number = value.valid ? value.number : 0;
    symbol.section = value.section;
    symbol.defined = true;
    symbol.pass = world_.pass;
    symbol.hidden = assignment.how == Assign::kHidden || assignment.how == Assign::kProvideHidden;
    symbol.alias_of = value.alias_of;
  }

  // Names that an object defines are kScript only if the assignment overrides the object; PROVIDE
  // gives way, and one that nobody refers to does nothing.
  bool wanted(const Assignment& assignment) const {
    const SymbolId id = world_.program.symbols.find(assignment.symbol);
    return id != kNoSymbol && world_.program.symbols[id].state == SymbolState::kScript;
  }

  void move_dot(const Assignment& assignment, const Value& value, std::optional<u32> output) {
    if (!value.valid) {
      error(assignment.place, "invalid assignment to location counter");
      return;
    }
    u64 next = world_.absolute(value);
    if (output && value.section == kPlainNumber) next += world_.outputs[*output].vma;
    if (output && next < dot_) {
      error(assignment.place, cat("cannot move location counter backwards (from ", hex(dot_),
                                  " to ", hex(next), ")"));
      return;
    }
    if (output && next > address_mask_ + 1) {
      error(assignment.place, cat("cannot move location counter to ", hex(next),
                                  ", past the end of the 32-bit address space"));
      return;
    }
    dot_ = output ? next : next & address_mask_;
    if (!output) world_.regions[0].current = dot_;
  }

  bool is_placed(std::string_view name) const {
    const auto& sections = world_.program.inputs.sections;
    for (u64 i = 0; i < sections.size(); i++)
      if (sections[i].name == name && world_.places[i].output != kNoOutput) return true;
    return false;
  }

  // __start_X and __stop_X of the output sections X.
  void define_section_bounds() {
    for (u32 i = 0; i < world_.symbols.size(); i++) {
      const Symbol& symbol = world_.program.symbols.symbols[i];
      if (!symbol.is_section_bound) continue;
      const std::string_view section = bounded_section(symbol.name);
      const auto output = world_.output_named(section);
      if (!output) {
        // Whoever names the symbol keeps the sections, so without one only dead code names it.
        if (report_ && is_placed(section))
          diag_.error({}, cat("undefined reference to `", symbol.name, "': the script puts section `",
                              section, "' into another output section"));
        continue;
      }
      const bool is_start = symbol.name.starts_with("__start_");
      ScriptValue& value = world_.symbols[i];
      value = {is_start ? 0 : world_.outputs[*output].size, static_cast<i32>(*output), true,
               world_.pass, false, kNoSymbol};
    }
  }

  // ---- Output sections

  std::optional<u32> region_named(const std::string& name, const OutputDescription* description) {
    const auto found = world_.region_names.find(name);
    if (found != world_.region_names.end()) return found->second;
    if (name != "*default*" && report_) {
      const ScriptPlace place = description != nullptr ? description->place : ScriptPlace{};
      // GNU ld only warns, and uses the default region: a typing error then moves code silently.
      error(place, cat("memory region `", name, "' not declared"));
    }
    return std::nullopt;
  }

  // The region whose attributes take a section that names none; ld manual, "MEMORY Command".
  u32 region_by_attributes(const OutputDraft& draft) const {
    enum : u32 { kReadOnly = 1, kData = 2, kCode = 4, kAlloc = 8, kLoad = 16 };
    u32 kinds = 0;
    const bool code = (draft.flags & SHF_EXECINSTR) != 0;
    const bool writable = (draft.flags & SHF_WRITE) != 0;
    const bool alloc = (draft.flags & SHF_ALLOC) != 0;
    const bool load = alloc && draft.type != SHT_NOBITS;
    if (!writable) kinds |= kReadOnly;
    if (code) kinds |= kCode;
    if (alloc) kinds |= kAlloc;
    if (load) kinds |= kLoad;
    if ((load && !code) || (alloc && writable && !code)) kinds |= kData;
    for (u32 i = 1; i < world_.regions.size(); i++)
      if ((world_.regions[i].attributes & kinds) != 0 &&
          (world_.regions[i].not_attributes & kinds) == 0)
        return i;
    return 0;
  }

  void place_output(u32 number) {
    const ArrangedOutput& output = arrangement_.outputs[number];
    if (output.skipped || output.discards) return;
    OutputDraft& draft = state_.drafts[number];
    OutputState& place = world_.outputs[number];
    const OutputDescription* const description = output.description;
    const bool allocated = (draft.flags & SHF_ALLOC) != 0;

    const std::optional<u64> address = explicit_address(output, draft);
    u64 region = 0;
    if (const auto named = output.region.empty() || state_.options.relocatable
                               ? std::nullopt
                               : region_named(output.region, description))
      region = *named;
    else if (!address) region = region_by_attributes(draft);
    u64 base = address ? *address : world_.regions[region].current;
    if (!address && region == 0 && world_.regions.size() > 1 && allocated && place.exists &&
        state_.options.check_sections)
      error(description != nullptr ? description->place : ScriptPlace{},
            cat("no memory region specified for loadable section `", output.name, "'"));
    if (description != nullptr && description->overlay != 0 && !description->overlay_first)
      base = overlay_base_;

    const u64 own_alignment = alignment_of(description, number);
    const u64 alignment = address ? own_alignment : std::max(own_alignment, draft.input_alignment);
    const u64 start = align_up(base, alignment) & address_mask_;
    if (address && start != base && report_ && place.exists)
      diag_.warning(description != nullptr ? description->place.location() : Location{},
                    cat("start of section ", output.name, " changed by ", start - base));
    place.vma = start;
    place.alignment = std::max(own_alignment, draft.input_alignment);
    place.placed = true;
    dot_ = start;
    fill_output(number);

    const u64 moved = start - base;
    place_load_address(number, static_cast<u32>(region), moved, alignment, own_alignment);
    if (description != nullptr && description->overlay != 0) {
      if (description->overlay_first) {
        overlay_base_ = start;
        overlay_end_ = start;
      }
      overlay_end_ = std::max(overlay_end_, start + place.size);
    }
    if (!place.exists) {
      dot_ = start;
      return;
    }
    check_address_space(output, place);
    const bool thread_bss = (draft.flags & SHF_TLS) != 0 && draft.type == SHT_NOBITS;
    dot_ = thread_bss ? start : start + place.size;
    if (description != nullptr && description->overlay_last) dot_ = overlay_end_;
    if (!allocated || state_.options.relocatable) return;
    advance_regions(number, static_cast<u32>(region), dot_);
  }

  void check_address_space(const ArrangedOutput& output, const OutputState& place) {
    if (place.size <= address_mask_ + 1 - place.vma) return;
    error(output.description != nullptr ? output.description->place : ScriptPlace{},
          cat("section `", output.name, "' at ", hex(place.vma), " with ", place.size,
              " bytes ends past the end of the 32-bit address space"));
  }

  std::optional<u64> explicit_address(const ArrangedOutput& output, const OutputDraft& draft) {
    if (state_.options.relocatable) return 0;
    if (const auto found = state_.options.section_starts.find(output.name);
        found != state_.options.section_starts.end())
      return found->second;
    if (output.description == nullptr)
      return (draft.flags & SHF_ALLOC) == 0 ? std::optional<u64>(0) : std::nullopt;
    if (output.description->address == nullptr) return std::nullopt;
    const Value value = evaluator_.evaluate(*output.description->address, {std::nullopt, dot_});
    if (!value.valid)
      error(output.description->place,
            cat("non constant or forward reference address expression for section ", output.name));
    return world_.absolute(value) & address_mask_;
  }

  // ALIGN of the output section, at least 1.
  u64 alignment_of(const OutputDescription* description, u32 number) {
    if (description == nullptr || description->alignment == nullptr) return 1;
    return checked_alignment(*description->alignment, *description, number);
  }

  // Of ALIGN or SUBALIGN. sh_addralign has 32 bits.
  u64 checked_alignment(const Expr& expr, const OutputDescription& description, u32 number) {
    const u64 alignment = evaluator_.number(expr, {std::nullopt, dot_});
    if (alignment == 0) return 1;
    if (std::has_single_bit(alignment) && alignment <= address_mask_) return alignment;
    error(description.place,
          cat("alignment ", hex(alignment), " of section ", arrangement_.outputs[number].name,
              " is not a power of two below 4 GiB"));
    return 1;
  }

  void place_load_address(u32 number, u32 region, u64 moved, u64 alignment, u64 own_alignment) {
    const ArrangedOutput& output = arrangement_.outputs[number];
    const OutputDraft& draft = state_.drafts[number];
    const OutputDescription* const description = output.description;
    OutputState& place = world_.outputs[number];
    const bool allocated = (draft.flags & SHF_ALLOC) != 0;
    RegionState& home = world_.regions[region];
    place.lma = place.vma;
    load_region_.reset();
    if (state_.options.relocatable) return;
    if (description != nullptr && description->load_address != nullptr) {
      place.lma = evaluator_.number(*description->load_address, {std::nullopt, place.vma}) &
                  address_mask_;
    } else if (const auto load = load_region_of(number)) {
      // A region of its own for loading; the padding in front of the VMA is repeated only on
      // request (ALIGN_WITH_INPUT), the alignment that the script asked for always.
      const bool is_explicit = !output.load_region.empty();
      if (!is_explicit && draft.type == SHT_NOBITS) return;
      load_region_ = *load;
      u64 lma = world_.regions[*load].current;
      if (description != nullptr && description->align_with_input) lma += moved;
      else lma = align_up(lma, *load != region ? own_alignment : alignment);
      place.lma = lma & address_mask_;
      return;
    } else if (home.last_output && allocated && draft.type != SHT_NOBITS) {
      const OutputState& last = world_.outputs[*home.last_output];
      const bool backwards =
          place.vma < last.vma && place.size != 0 && place.vma + place.size <= last.vma;
      if (backwards) {
        if (last.vma != last.lma && report_)
          diag_.warning({}, cat("dot moved backwards before `", output.name, "'"));
      } else {
        const bool in_overlay = description != nullptr && description->overlay != 0 &&
                                !description->overlay_first;
        const u64 lma = in_overlay ? last.lma + last.size : place.vma + last.lma - last.vma;
        place.lma = align_up(lma, alignment) & address_mask_;
      }
    }
    const bool counts = place.size != 0 || place.vma != place.lma;
    const bool loads = draft.type != SHT_NOBITS || place.vma != place.lma;
    const bool explicit_first = description != nullptr && description->overlay_first;
    if ((place.exists && allocated && counts && loads) || explicit_first)
      home.last_output = number;
  }

  // AT>; or that of the output section before, if it is in the same region and neither has an LMA
  // or address of its own.
  std::optional<u32> load_region_of(u32 number) {
    const ArrangedOutput& output = arrangement_.outputs[number];
    const OutputDescription* const description = output.description;
    std::optional<u32> load;
    if (!output.load_region.empty()) load = region_named(output.load_region, description);
    else if (previous_load_region_ && previous_region_ == output.region &&
             (description == nullptr || (description->address == nullptr)))
      load = previous_load_region_;
    previous_region_ = output.region;
    previous_load_region_ = load;
    return load;
  }

  void advance_regions(u32 number, u32 region, u64 end) {
    const OutputDraft& draft = state_.drafts[number];
    const OutputState& place = world_.outputs[number];
    const std::string_view name = arrangement_.outputs[number].name;
    take(world_.regions[region], end, name);
    if (!load_region_ || *load_region_ == region || draft.type == SHT_NOBITS) return;
    take(world_.regions[*load_region_], place.lma + (end - place.vma), name);
  }

  static void take(RegionState& region, u64 end, std::string_view name) {
    region.current = end;
    const bool outside = end < region.origin || end - region.origin > region.length;
    if (outside && region.overflowing.empty()) region.overflowing = name;
  }

  // ---- Inside an output section

  void fill_output(u32 number) {
    const ArrangedOutput& output = arrangement_.outputs[number];
    OutputDraft& draft = state_.drafts[number];
    const u64 start = dot_;
    draft.chunks.clear();
    draft.fills.clear();
    if (output.description != nullptr && output.description->fill)
      draft.fills.push_back({0, fill_bytes(*output.description->fill, number)});
    std::optional<u64> subalignment;
    if (output.description != nullptr && output.description->subalignment != nullptr)
      subalignment = checked_alignment(*output.description->subalignment, *output.description,
                                       number);
    for (const ArrangedItem& item : output.items) {
      if (const auto* list = std::get_if<SectionList>(&item)) {
        for (const SectionId section : list->sections)
          place_input(section, number, start, subalignment);
      } else if (const auto* assignment = std::get_if<const Assignment*>(&item)) {
        assign(**assignment, number);
      } else if (const auto* assertion = std::get_if<const Assertion*>(&item)) {
        check(**assertion, {number, dot_});
      } else if (const auto* data = std::get_if<const DataStatement*>(&item)) {
        place_data(**data, number, start);
      } else {
        const FillPattern& fill = *std::get<const FillPattern*>(item);
        draft.fills.push_back({dot_ - start, fill_bytes(fill, number)});
      }
    }
    world_.outputs[number].size = dot_ - start;
  }

  void place_input(SectionId id, u32 number, u64 start, std::optional<u64> subalignment) {
    const InputSection& section = world_.program.inputs[id];
    OutputDraft& draft = state_.drafts[number];
    const u64 size = size_of(state_, id);
    const MergedBlob* const blob = world_.merged->blob(id);
    if (blob != nullptr && blob->place != id) {
      // Its pieces lie in the blob of another section.
      world_.places[index(id)] = world_.places[index(blob->place)];
      return;
    }
    const u64 alignment = blob != nullptr ? blob->alignment : section.alignment;
    dot_ = align_up(dot_, std::max<u64>(subalignment.value_or(alignment), 1));
    world_.places[index(id)] = {OutputId{number}, dot_ - start};
    draft.chunks.push_back(
        {blob != nullptr ? ChunkKind::kMerged : ChunkKind::kInput, id,
         blob != nullptr ? world_.merged->blob_of[index(id)] - 1 : 0, dot_ - start, size});
    dot_ += size;
    if (index(id) < state_.veneers_after.size() && state_.veneers_after[index(id)] != 0)
      place_veneers(state_.veneers_after[index(id)] - 1, number, start);
  }

  void place_veneers(u32 number, u32 output, u64 start) {
    VeneerGroup& group = state_.veneer_groups[number];
    if (group.veneers.empty()) return;
    u64 alignment = 4;
    for (const Veneer& veneer : group.veneers)
      alignment = std::max<u64>(alignment, veneer.shape.alignment);
    dot_ = align_up(dot_, alignment);
    group.output = OutputId{output};
    group.offset = dot_ - start;
    state_.drafts[output].chunks.push_back(
        {ChunkKind::kVeneers, kNoSection, number, group.offset, group.size});
    dot_ += group.size;
  }

  void place_data(const DataStatement& data, u32 number, u64 start) {
    u32 item = 0;
    u64 size = data.size;
    if (data.text) {
      item = static_cast<u32>(state_.texts.size());
      state_.texts.push_back(*data.text);
      size = data.text->size() + 1;
    } else {
      item = static_cast<u32>(state_.data.size());
      u64 value = evaluator_.number(*data.value, {number, dot_});
      // QUAD zero-extends an address of a 32-bit machine, SQUAD extends its sign.
      if (data.size == 8 && data.is_signed)
        value = static_cast<u64>(static_cast<i64>(static_cast<i32>(value)));
      state_.data.push_back(value);
    }
    state_.drafts[number].chunks.push_back({ChunkKind::kData, kNoSection,
                                            data.text ? item | kTextItem : item, dot_ - start,
                                            size});
    dot_ += size;
  }

  std::string fill_bytes(const FillPattern& fill, u32 number) {
    if (fill.value == nullptr) return fill.bytes;
    const u64 value = evaluator_.number(*fill.value, {number, dot_});
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8)
      bytes.push_back(static_cast<char>(value >> shift & 0xff));
    return bytes;
  }

  LayoutState& state_;
  ScriptWorld& world_;
  const Arrangement& arrangement_;
  bool report_;
  Diag& diag_;
  Evaluator evaluator_;
  u64 dot_ = 0;
  u64 overlay_base_ = 0;
  u64 overlay_end_ = 0;
  std::optional<u32> load_region_;  // of the output section at hand, if it is not its own region
  std::string previous_region_;
  std::optional<u32> previous_load_region_;
  static constexpr u64 address_mask_ = 0xffff'ffff;
};

}  // namespace

void run_layout_pass(LayoutState& state, bool report, Diag& diag) { Walk(state, report, diag).run(); }

}  // namespace fwseal
