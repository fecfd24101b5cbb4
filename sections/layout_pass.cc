// One walk over the script.
//
// Terms: the location counter `dot` is a VMA everywhere; inside an output section a plain number
// assigned to it counts from the section's start. Each region has a `current` VMA, where its next
// section begins, and so has the default region that covers all of memory.
#include "sections/layout_pass.h"

#include <elf.h>

#include <algorithm>

#include "graph/clauses.h"
#include "graph/memory_hints.h"
#include "graph/section_bounds.h"
#include "sections/layout_walk.h"

namespace fwseal {

void Walk::run() {
  state_.data.clear();
  state_.texts.clear();
  for (RegionState& region : world_.regions) {
    region.current = region.origin;
    region.last_output.reset();
    region.overflowing = {};
  }
  world_.data_segment.has_start = world_.data_segment.has_end = false;
  for (const ArrangedStatement& statement : arrangement_.order) {
    if (const u32* output = std::get_if<u32>(&statement))
      place_output(*output);
    else if (const auto* assignment = std::get_if<const Assignment*>(&statement))
      assign(**assignment, std::nullopt);
    else
      check(*std::get<const Assertion*>(statement), std::nullopt);
  }
  define_section_bounds();
}

void Walk::check(const Assertion& assertion, std::optional<u32> output) {
  const u64 dot = output ? dot_ : symbol_dot_;
  const Value value = evaluator_.evaluate(*assertion.condition, {output, dot});
  if (value.valid && value.number == 0)
    error(assertion.place, cat("assertion failed: ", assertion.message));
  if (!output) world_.regions[0].current = dot_;
}

// ---- Symbols and the location counter

// Between output sections every statement, also one that sets no location counter, makes the
// default region go on where the section before ended, in whatever region that was.
void Walk::assign(const Assignment& assignment, std::optional<u32> output) {
  if (assignment.symbol == ".") {
    const bool apart = !output && symbol_dot_ != dot_;
    if (apart)
      symbol_dot_ =
          evaluator_.number(*assignment.value, {std::nullopt, symbol_dot_}) & kAddressMask;
    move_dot(assignment, evaluator_.evaluate(*assignment.value, {output, dot_}), output);
    if (!output && !apart) symbol_dot_ = dot_;
  } else if (wanted(assignment)) {
    const u64 dot = output ? dot_ : symbol_dot_;
    set_symbol(assignment, evaluator_.evaluate(*assignment.value, {output, dot}), output);
  }
  if (!output) world_.regions[0].current = dot_;
}

// Names that an object defines are kScript only if the assignment overrides the object; PROVIDE
// gives way, and one that nobody refers to does nothing.
bool Walk::wanted(const Assignment& assignment) const {
  const SymbolId id = world_.program.symbols.find(assignment.symbol);
  if (id == kNoSymbol || world_.program.symbols[id].state != SymbolState::kScript) return false;
  const bool gives_way =
      assignment.how == Assign::kProvide || assignment.how == Assign::kProvideHidden;
  const Assignment* const first = world_.symbols.at(id).first;
  return !gives_way || first == nullptr || first == &assignment;
}

void Walk::set_symbol(const Assignment& assignment, Value value, std::optional<u32> output) {
  if (output) state_.drafts[*output].sets_symbol = true;
  if (value.section == kPlainNumber)
    value.section = output ? static_cast<i32>(*output) : kAbsoluteAddress;
  const Symbols& symbols = world_.program.symbols;
  ScriptValue& symbol = world_.symbols.at(symbols.find(assignment.symbol));
  SymbolId source = evaluator_.only_symbol();
  if (source != kNoSymbol && symbols[source].state == SymbolState::kScript)
    source = world_.symbols.at(source).alias_of;
  symbol.number = value.valid ? value.number : 0;
  symbol.section = value.section;
  symbol.defined = true;
  symbol.pass = world_.pass;
  // Once hidden, it stays so, whatever is assigned to it later.
  if (assignment.how == Assign::kHidden || assignment.how == Assign::kProvideHidden)
    symbol.hidden = true;
  symbol.alias_of = source;
  symbol.is_place = !output && value.section == kAbsoluteAddress && evaluator_.met_place();
  symbol.assignment = &assignment;
  if (symbol.first == nullptr) symbol.first = &assignment;
}

// A number, or a symbol that the script has set to it in this walk.
bool Walk::is_zero(const Expr& expr) const {
  if (expr.kind == ExprKind::kNumber) return expr.number == 0;
  if (expr.kind != ExprKind::kName || expr.name == ".") return false;
  const SymbolId id = world_.program.symbols.find(expr.name);
  if (id == kNoSymbol || world_.program.symbols[id].state != SymbolState::kScript) return false;
  const ScriptValue& symbol = world_.symbols.at(id);
  return symbol.defined && symbol.pass == world_.pass && symbol.number == 0 &&
         symbol.section == kAbsoluteAddress;
}

// `. = 0`, `. = . + 0` and `. = ALIGN(. != 0 ? x : 1)`: the ways of saying that a section which is
// empty may go.
bool Walk::means_nothing(const Expr& expr) const {
  const auto is_dot = [](const Expr& e) { return e.kind == ExprKind::kName && e.name == "."; };
  const auto is_number = [](const Expr& e, u64 number) {
    return e.kind == ExprKind::kNumber && e.number == number;
  };
  if (is_zero(expr)) return true;
  if (expr.kind == ExprKind::kBinary && expr.op == Op::kAdd)
    return is_dot(*expr.operands[0]) && is_zero(*expr.operands[1]);
  if (expr.kind != ExprKind::kFunction || expr.function != Function::kAlign ||
      expr.operands.size() != 1 || expr.operands[0]->kind != ExprKind::kTernary)
    return false;
  const Expr& choice = *expr.operands[0];
  const Expr& condition = *choice.operands[0];
  return condition.kind == ExprKind::kBinary && condition.op == Op::kNotEqual &&
         is_dot(*condition.operands[0]) && is_number(*condition.operands[1], 0) &&
         is_number(*choice.operands[2], 1);
}

void Walk::note_move(const Assignment& assignment, const Value& value, u32 output, bool moves) {
  OutputDraft& draft = state_.drafts[output];
  const bool nothing = value.valid && value.number == 0 && means_nothing(*assignment.value);
  if (state_.marking && !nothing) draft.keeps_itself = true;
  if (!moves) return;
  const OutputDescription* const description = arrangement_.outputs[output].description;
  draft.kind.add_room(description != nullptr ? description->type : OutputType::kDefault);
}

void Walk::move_dot(const Assignment& assignment, const Value& value, std::optional<u32> output) {
  u64 next = value.valid ? world_.absolute(value) : dot_;
  if (output && value.section == kPlainNumber) next += world_.outputs[*output].vma;
  if (!value.valid) next = dot_;
  if (output) note_move(assignment, value, *output, next > dot_);
  if (!value.valid) {
    error(assignment.place, "invalid assignment to location counter");
  } else if (output && next < dot_) {
    error(assignment.place,
          cat("cannot move location counter backwards (from ", hex(dot_), " to ", hex(next), ")"));
  } else if (output && next > kAddressMask + 1) {
    error(assignment.place, cat("cannot move location counter to ", hex(next),
                                ", past the end of the 32-bit address space"));
  } else if (output) {
    if (next != dot_) restart_fill(*output, next);
    dot_ = next;
  } else {
    dot_ = next & kAddressMask;
  }
}

// Each gap begins with the first byte of the pattern, also if one gap follows another.
void Walk::restart_fill(u32 output, u64 address) {
  std::vector<Fill>& fills = state_.drafts[output].fills;
  if (fills.empty() || fills.back().pattern().size() < 2) return;
  Fill fill = fills.back();
  fill.offset = address - world_.outputs[output].vma;
  fills.push_back(std::move(fill));
}

bool Walk::is_placed(std::string_view name) {
  const auto& sections = world_.program.inputs.sections;
  if (placed_names_.empty())
    for (u64 i = 0; i < sections.size(); i++)
      if (world_.places[i].output != kNoOutput) placed_names_.insert(sections[i].name);
  return placed_names_.contains(name);
}

// __start_X and __stop_X of the output sections X, .startof.X and .sizeof.X.
void Walk::define_section_bounds() {
  for (auto& [id, value] : world_.symbols) {
    const Symbol& symbol = world_.program.symbols[id];
    if (!symbol.is_section_bound) continue;
    if (measured_output(symbol.name).empty())
      define_section_bound(id, value);
    else
      define_measure(id, value);
  }
}

void Walk::define_section_bound(SymbolId id, ScriptValue& value) {
  const Symbol& symbol = world_.program.symbols[id];
  const std::string_view section = bounded_section(symbol.name);
  const auto output = world_.output_named(section);
  if (!output) {
    // Whoever names the symbol keeps the sections, so without one only dead code names it.
    if (report_ && is_placed(section))
      diag_.error({}, cat("undefined reference to `", symbol.name, "': the script puts section `",
                          section, "' into another output section"));
    return;
  }
  value = ScriptValue{};
  value.number = symbol.name.starts_with("__start_") ? 0 : world_.outputs[*output].size;
  value.section = static_cast<i32>(*output);
  value.defined = true;
  value.pass = world_.pass;
}

// ---- Inside an output section

void Walk::fill_output(u32 number) {
  const ArrangedOutput& output = arrangement_.outputs[number];
  const OutputDescription* const description = output.description;
  OutputDraft& draft = state_.drafts[number];
  const u64 start = dot_;
  draft.fills.clear();
  draft.lists.resize(output.items.size());
  next_chunk_ = 0;
  lists_placed_ = false;
  if (description != nullptr && description->fill)
    draft.fills.push_back(fill_from(0, *description->fill));
  std::optional<u64> subalignment;
  if (description != nullptr && description->subalignment != nullptr)
    subalignment = checked_alignment(*description->subalignment, *description, number);
  for (u64 i = 0; i < output.items.size(); i++) {
    const ArrangedItem& item = output.items[i];
    if (const auto* list = std::get_if<SectionList>(&item)) {
      place_list(*list, number, start, draft.lists[i], subalignment);
    } else if (const auto* assignment = std::get_if<const Assignment*>(&item)) {
      assign(**assignment, number);
    } else if (const auto* assertion = std::get_if<const Assertion*>(&item)) {
      check(**assertion, number);
    } else if (const auto* data = std::get_if<const DataStatement*>(&item)) {
      place_data(**data, number, start);
    } else {
      const FillPattern& fill = *std::get<const FillPattern*>(item);
      draft.fills.push_back(fill_from(dot_ - start, fill));
    }
  }
  draft.chunks.resize(next_chunk_);
  if (lists_placed_) place_merged(number);
  world_.outputs[number].size = dot_ - start;
}

// Chunks of the walk before are overwritten one by one, so behind the one that is next they are
// still as they were.
void Walk::put_chunk(u32 number, const Chunk& chunk) {
  std::vector<Chunk>& chunks = state_.drafts[number].chunks;
  if (next_chunk_ < chunks.size())
    chunks[next_chunk_] = chunk;
  else
    chunks.push_back(chunk);
  next_chunk_++;
}

void Walk::place_list(const SectionList& list, u32 number, u64 start, PlacedList& placed,
                      std::optional<u64> subalignment) {
  const bool same = placed.edition == state_.edition && placed.start == dot_ &&
                    placed.offset == dot_ - start && placed.first_chunk == next_chunk_ &&
                    !subalignment;
  if (same) {
    dot_ = placed.end;
    next_chunk_ = placed.end_chunk;
    return;
  }
  lists_placed_ = true;
  placed = {state_.edition, dot_, dot_ - start, 0, next_chunk_, 0};
  const std::span<const SectionId> sections = list.sections;
  for (u64 i = 0; i < sections.size(); i++) {
    prefetch_ahead(world_.program.inputs.sections, sections, i);
    place_input(sections[i], number, start, subalignment);
  }
  if (world_.outputs[number].exists) dot_ = align_up(dot_, list.left_alignment);
  placed.end = dot_;
  placed.end_chunk = next_chunk_;
}

// The pieces of sections that were merged lie in the blob, wherever that stands now.
void Walk::place_merged(u32 number) {
  for (const MergedBlob& blob : world_.merged->blobs) {
    const SectionPlace place = world_.places[index(blob.place)];
    if (place.output != OutputId{number}) continue;
    for (const SectionId section : blob.sections) world_.places[index(section)] = place;
  }
}

void Walk::place_input(SectionId id, u32 number, u64 start, std::optional<u64> subalignment) {
  const MergedBlob* const blob = world_.merged->blob(id);
  if (blob != nullptr && blob->place != id) return;  // see place_merged
  const u64 size = size_of(state_, id);
  const u64 alignment = subalignment.value_or(
      blob != nullptr ? blob->alignment : world_.program.inputs[id].alignment);
  if (world_.outputs[number].exists) dot_ = align_up(dot_, std::max<u64>(alignment, 1));
  world_.places[index(id)] = {OutputId{number}, dot_ - start};
  put_chunk(number,
            {blob != nullptr ? ChunkKind::kMerged : ChunkKind::kInput, id,
             blob != nullptr ? world_.merged->blob_of[index(id)] - 1 : 0, dot_ - start, size});
  dot_ += size;
  if (index(id) < state_.veneers_after.size() && state_.veneers_after[index(id)] != 0)
    place_veneers(state_.veneers_after[index(id)] - 1, number, start);
}

void Walk::place_veneers(u32 number, u32 output, u64 start) {
  VeneerGroup& group = state_.veneer_groups[number];
  if (group.veneers.empty()) return;
  u64 alignment = 4;
  for (const Veneer& veneer : group.veneers)
    alignment = std::max<u64>(alignment, veneer.shape.alignment);
  dot_ = align_up(dot_, alignment);
  group.output = OutputId{output};
  group.offset = dot_ - start;
  put_chunk(output, {ChunkKind::kVeneers, kNoSection, number, group.offset, group.size});
  dot_ += group.size;
}

void Walk::place_data(const DataStatement& data, u32 number, u64 start) {
  u32 item = 0;
  u64 size = data.size;
  if (data.text) {
    item = static_cast<u32>(state_.texts.size());
    state_.texts.push_back(*data.text);
    size = data.text->size() + 1;
  } else {
    item = static_cast<u32>(state_.data.size());
    // Here a number is an absolute address, as outside of output sections.
    u64 value = evaluator_.number(*data.value, {std::nullopt, dot_});
    // QUAD zero-extends an address of a 32-bit machine, SQUAD extends its sign.
    if (data.size == 8 && data.is_signed)
      value = static_cast<u64>(static_cast<i64>(static_cast<i32>(value)));
    state_.data.push_back(value);
  }
  put_chunk(number, {ChunkKind::kData, kNoSection, data.text ? item | kTextItem : item,
                     dot_ - start, size});
  dot_ += size;
}

Fill Walk::fill_from(u64 offset, const FillPattern& pattern) {
  Fill fill{offset, pattern.bytes, {}};
  if (pattern.value == nullptr) return fill;
  const u64 value = evaluator_.number(*pattern.value, {std::nullopt, dot_});
  for (int shift = 24; shift >= 0; shift -= 8)
    fill.value.push_back(static_cast<char>(value >> shift & 0xff));
  return fill;
}

void run_layout_pass(LayoutState& state, bool report, Diag& diag) {
  Walk(state, report, diag).run();
}

}  // namespace fwseal
