// From an arrangement to addresses.
//
// A linker script is a program that may look forward: the address of one section may depend on the
// size of a later one, on a symbol defined further down, or on the length of veneers that the
// addresses themselves make necessary. So the script is walked again and again, each walk with the
// values that the one before it left, until a walk changes nothing. Then a last walk says what is
// wrong. The rounds end: veneers are only ever added, unwind tables depend only on the order of the
// code, and a script whose values chase each other is given up after kMaxPasses walks.
#include "sections/lay_out.h"

#include <algorithm>
#include <cassert>

#include "sections/address_book.h"
#include "sections/exidx.h"
#include "sections/layout_pass.h"
#include "sections/layout_result.h"
#include "sections/veneer.h"

namespace fwseal {
namespace {

constexpr u32 kMaxPasses = 64;

// What must stand still between two walks.
struct Snapshot {
  std::vector<u64> numbers;
  bool operator==(const Snapshot&) const = default;
};

Snapshot snapshot(const ScriptWorld& world) {
  Snapshot result;
  result.numbers.reserve(world.outputs.size() * 3);
  for (const OutputState& output : world.outputs)
    result.numbers.insert(result.numbers.end(), {output.vma, output.lma, output.size});
  for (const auto& [id, symbol] : world.symbols)
    if (symbol.defined)
      result.numbers.insert(result.numbers.end(),
                            {symbol.number, static_cast<u64>(i64{symbol.section})});
  return result;
}

Location place_of_assignment(const Script& script, std::string_view symbol) {
  Location place;
  const auto look_at = [&](const auto& statement) {
    if (const auto* assignment = std::get_if<Assignment>(&statement))
      if (assignment->symbol == symbol) place = assignment->place.location();
  };
  for (const Statement& statement : script.statements) {
    look_at(statement);
    if (const auto* output = std::get_if<OutputDescription>(&statement))
      for (const SectionStatement& inner : output->statements) look_at(inner);
  }
  return place;
}

class Driver {
 public:
  Driver(const Program& program, const Plan& plan, const MergedStrings& merged,
         const Script& script, const Arrangement& arrangement, const LayoutOptions& options,
         Diag& diag)
      : program_(program),
        arrangement_(arrangement),
        state_{ScriptWorld{program, arrangement_}, plan, script, options},
        options_(options),
        diag_(diag) {
    ScriptWorld& world = state_.world;
    world.segment_starts = options.segment_starts;
    world.merged = &merged;
    world.edits = &state_.edits;
    world.folds = &plan.folds;
    state_.edits = plan.edits;
    world.sane_expressions = script.sane_expressions;
    world.headers_size = options.headers_size;
    world.max_page_size = options.max_page_size;
    world.common_page_size = options.common_page_size;
    for (u32 i = 0; i < program.symbols.symbols.size(); i++)
      if (program.symbols.symbols[i].state == SymbolState::kScript) world.symbols[SymbolId{i}] = {};
    world.places.resize(program.inputs.sections.size());
  }

  Layout run() {
    prepare_regions(state_, diag_);
    prepare_outputs(state_, diag_);
    mark();
    settle();
    save_page();
    unwinds_ = has_unwind_tables();
    if (unwinds_) {
      edit_tables();
      settle();
    }
    settle_veneers();
    state_.world.pass++;
    run_layout_pass(state_, true, diag_);
    Layout layout = finish_layout(std::move(state_));
    layout.unwind_ends = std::move(unwind_ends_);
    layout.veneer_group_of = std::move(veneers_.group_of);
    return layout;
  }

 private:
  // Which output sections there are, is decided once.
  void mark() {
    state_.marking = true;
    state_.world.pass++;
    run_layout_pass(state_, false, diag_);
    state_.marking = false;
    drop_empty_outputs(state_);
    state_.edition++;
  }

  // GNU ld takes the second form of DATA_SEGMENT_ALIGN if what the data needs of its first and last
  // page fits into one (ld 2.40, ldlang.c, lang_size_segment).
  void save_page() {
    DataSegment& segment = state_.world.data_segment;
    if (!segment.has_end || segment.common_page_size == 0) return;
    const u64 mask = segment.common_page_size - 1;
    const u64 first = (u64{0} - segment.start) & mask;
    const u64 last = segment.end & mask;
    if (first == 0 || last == 0 || (segment.start & ~mask) == (segment.end & ~mask)) return;
    if (first + last > segment.common_page_size) return;
    segment.saves_page = true;
    settle();
  }

  // Does nothing any more once a script was given up.
  void settle() {
    if (gave_up_) return;
    ScriptWorld& world = state_.world;
    Snapshot before = snapshot(world);
    for (u32 i = 0; i < kMaxPasses; i++) {
      world.pass++;
      run_layout_pass(state_, false, diag_);
      Snapshot after = snapshot(world);
      if (after == before) return;
      before = std::move(after);
    }
    gave_up_ = true;
    report_unsettled();
  }

  // Names the first thing that one more walk changes.
  void report_unsettled() {
    ScriptWorld& world = state_.world;
    const std::vector<OutputState> outputs = world.outputs;
    const std::map<SymbolId, ScriptValue> symbols = world.symbols;
    world.pass++;
    run_layout_pass(state_, false, diag_);
    const auto give_up = [&](const Location& where, const std::string& what) {
      diag_.error(where, cat("the linker script does not settle: after ", kMaxPasses, " walks ",
                             what, " still changes"));
    };
    for (const auto& [id, symbol] : symbols) {
      if (symbol.number == world.symbols.at(id).number) continue;
      const std::string_view name = program_.symbols[id].name;
      return give_up(place_of_assignment(state_.script, name), cat("symbol `", name, "'"));
    }
    for (u64 i = 0; i < outputs.size(); i++) {
      const OutputState& now = world.outputs[i];
      if (outputs[i].vma == now.vma && outputs[i].lma == now.lma && outputs[i].size == now.size)
        continue;
      const ArrangedOutput& output = arrangement_.outputs[i];
      const OutputDescription* const description = output.description;
      return give_up(description != nullptr ? description->place.location() : Location{},
                     cat("section `", output.name, "'"));
    }
    give_up({}, "a symbol");
  }

  bool has_unwind_tables() const {
    const auto& sections = program_.inputs.sections;
    for (u64 s = 0; s < sections.size(); s++)
      if (sections[s].type == SHT_ARM_EXIDX && state_.world.places[s].output != kNoOutput)
        return true;
    return false;
  }

  void edit_tables() {
    const std::vector<u64> addresses =
        options_.relocatable ? addresses_apart() : section_addresses(state_.world);
    order_by_described(addresses);
    UnwindEdits edits = edit_unwind_tables(program_, state_.plan.edits, addresses,
                                           {options_.merge_exidx_entries, options_.relocatable});
    state_.edits = std::move(edits.edits);
    unwind_ends_ = std::move(edits.ends);
    state_.edition++;
  }

  // In an object every section begins at 0.
  std::vector<u64> addresses_apart() const {
    const std::vector<SectionPlace>& places = state_.world.places;
    std::vector<u64> addresses(places.size(), AddressBook::kNowhere);
    for (u64 i = 0; i < places.size(); i++)
      if (places[i].output != kNoOutput)
        addresses[i] = address_apart(index(places[i].output), places[i].offset);
    return addresses;
  }

  // Sections with SHF_LINK_ORDER stand in the order of what they describe (gABI, "sh_flags").
  void order_by_described(const std::vector<u64>& addresses) {
    const Inputs& inputs = program_.inputs;
    const auto described = [&](SectionId id) {
      return addresses[index(inputs.object_of(id).section(inputs[id].link))];
    };
    for (ArrangedOutput& output : arrangement_.outputs) {
      for (ArrangedItem& item : output.items) {
        auto* list = std::get_if<SectionList>(&item);
        if (list == nullptr) continue;
        const bool ordered =
            !list->sections.empty() &&
            std::all_of(list->sections.begin(), list->sections.end(), [&](SectionId id) {
              return inputs[id].has(SHF_LINK_ORDER) && inputs[id].link != 0;
            });
        if (!ordered) continue;
        std::stable_sort(list->sections.begin(), list->sections.end(),
                         [&](SectionId a, SectionId b) { return described(a) < described(b); });
      }
    }
  }

  void settle_veneers() {
    if (options_.relocatable) return;
    AddressBook book = address_book(state_.world);
    if (!may_need_veneers(program_, book)) return;
    const u64 group_size = options_.veneer_group_size != 0 ? options_.veneer_group_size
                                                           : program_.isa.veneer_group_size();
    group_code(program_, code_by_output(), book, group_size, veneers_);
    while (!gave_up_ && add_veneers(program_, book, veneers_)) {
      state_.veneers_after = veneers_.after;
      state_.veneer_groups = veneers_.groups;
      state_.edition++;
      settle();
      if (unwinds_) edit_tables();
      book = address_book(state_.world);
    }
    if (state_.veneer_groups.empty()) veneers_.group_of.clear();
  }

  std::vector<std::vector<SectionId>> code_by_output() const {
    std::vector<std::vector<SectionId>> code(state_.drafts.size());
    for (u64 i = 0; i < state_.drafts.size(); i++) {
      if (!state_.world.outputs[i].exists) continue;
      for (const Chunk& chunk : state_.drafts[i].chunks)
        if (chunk.kind == ChunkKind::kInput && program_.inputs[chunk.section].has(SHF_EXECINSTR))
          code[i].push_back(chunk.section);
    }
    return code;
  }

  const Program& program_;
  Arrangement arrangement_;
  LayoutState state_;
  const LayoutOptions& options_;
  Diag& diag_;
  VeneerPlan veneers_;
  std::vector<UnwindEnd> unwind_ends_;
  bool unwinds_ = false;  // there are unwind tables
  bool gave_up_ = false;  // the script never settles
};

}  // namespace

Layout lay_out(const Program& program, const Plan& plan, const MergedStrings& merged,
               const Script& script, const Arrangement& arrangement, const LayoutOptions& options,
               Diag& diag) {
  Layout layout = Driver(program, plan, merged, script, arrangement, options, diag).run();
  set_entry(program, merged, options, layout, diag);
  return layout;
}

}  // namespace fwseal
