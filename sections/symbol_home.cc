// ld manual, "The Section of an Expression", does not say it: GNU ld makes a symbol that is set to
// the location counter between output sections relative to a neighbour, so that it moves with the
// image. These are its rules (ld 2.40, ldlang.c, section_for_dot; bfd/linker.c,
// _bfd_nearby_section).
#include "sections/symbol_home.h"

namespace fwseal {
namespace {

// `end`, `_end`, `__end`
bool is_end(std::string_view symbol) {
  const std::size_t start = symbol.find_first_not_of('_');
  return start != std::string_view::npos && symbol.substr(start) == "end";
}

}  // namespace

SymbolHomes::SymbolHomes(const LayoutState& state) : state_(state) {
  const Arrangement& arrangement = state.world.arrangement;
  rank_.resize(arrangement.outputs.size());
  after_end_.resize(arrangement.outputs.size());
  bool seen_end = false;
  const auto look_at = [&](const Assignment& assignment) {
    seen_end = seen_end || is_end(assignment.symbol);
  };
  for (const ArrangedStatement& statement : arrangement.order) {
    next_rank_.push_back(static_cast<u32>(ranked_.size()));
    if (const auto* assignment = std::get_if<const Assignment*>(&statement)) look_at(**assignment);
    const u32* output = std::get_if<u32>(&statement);
    if (output == nullptr) continue;
    rank_[*output] = static_cast<u32>(ranked_.size());
    after_end_[*output] = seen_end;
    ranked_.push_back(*output);
    for (const ArrangedItem& item : arrangement.outputs[*output].items)
      if (const auto* assignment = std::get_if<const Assignment*>(&item)) look_at(**assignment);
  }
  previous_.assign(ranked_.size(), kNone);
  next_.assign(ranked_.size(), kNone);
  for (u64 i = 1; i < ranked_.size(); i++)
    previous_[i] = exists(ranked_[i - 1]) ? ranked_[i - 1] : previous_[i - 1];
  for (u64 i = ranked_.size(); i-- > 0;)
    next_[i] = exists(ranked_[i]) ? ranked_[i] : i + 1 < ranked_.size() ? next_[i + 1] : kNone;
  find_homes();
}

// By rank: what before() and the search for the next output section would find.
void SymbolHomes::find_homes() {
  u32 home = kNone;
  for (const u32 output : ranked_) {
    if (exists(output) && holds_places(output)) home = output;
    homes_.push_back(home);
    if (first_home_ == kNone) first_home_ = home;
  }
  stops_.assign(ranked_.size() + 1, static_cast<u32>(ranked_.size()));
  for (u64 rank = ranked_.size(); rank-- > 0;) {
    const bool stops = after_end_[ranked_[rank]] || exists(ranked_[rank]);
    stops_[rank] = stops ? static_cast<u32>(rank) : stops_[rank + 1];
  }
}

// The last output section up to this rank that can hold places, or kNone.
u32 SymbolHomes::before(i64 rank) const {
  return rank < 0 ? kNone : homes_[static_cast<u64>(rank)];
}

// A place belongs to the output section before it, unless the location counter was set in between:
// then what comes next begins there. Behind `_end` nothing begins any more.
u32 SymbolHomes::home_of_place(u64 position, u32 current, bool prefers_next) const {
  if (current == kNone || prefers_next) {
    const u64 rank = stops_[next_rank_[position]];
    const bool is_last = rank == ranked_.size();
    if (current == kNone || is_last || !after_end_[ranked_[rank]])
      return before(static_cast<i64>(is_last ? rank - 1 : rank));
  }
  const u32 home = before(rank_[current]);
  return home != kNone ? home : first_home_;
}

std::map<SymbolId, u32> SymbolHomes::of_places() const {
  const ScriptWorld& world = state_.world;
  std::map<SymbolId, u32> homes;
  u32 current = kNone;
  bool prefers_next = false;
  const auto& order = world.arrangement.order;
  for (u64 i = 0; i < order.size(); i++) {
    if (const u32* output = std::get_if<u32>(&order[i])) {
      const bool counts = exists(*output) || state_.drafts[*output].sets_symbol;
      if (!counts || (kinds(*output) & kAllocKind) == 0) continue;
      current = *output;
      prefers_next = false;
    } else if (const auto* statement = std::get_if<const Assignment*>(&order[i])) {
      const Assignment& assignment = **statement;
      if (assignment.symbol == ".") {
        prefers_next = true;
        continue;
      }
      const SymbolId id = world.program.symbols.find(assignment.symbol);
      const auto found = world.symbols.find(id);
      if (found == world.symbols.end()) continue;
      const ScriptValue& value = found->second;
      if (value.defined && value.is_place && value.assignment == &assignment)
        homes[id] = home_of_place(i, current, prefers_next);
    }
  }
  return homes;
}

u32 SymbolHomes::beside(u32 left_out, u64 address) const {
  const u32 previous = previous_[rank_[left_out]];
  const u32 next = next_[rank_[left_out]];
  if (previous == kNone || next == kNone) return previous == kNone ? next : previous;
  const u32 own = kinds(left_out);
  const u32 differ = kinds(previous) ^ kinds(next);
  const auto next_differs = [&](u32 mask) { return ((kinds(next) ^ own) & mask) != 0; };
  const bool only_previous_loads =
      (kinds(previous) & kLoadKind) != 0 && (kinds(next) & kLoadKind) == 0;
  bool takes_previous = false;
  if ((differ & (kAllocKind | kThreadKind | kLoadKind)) != 0)
    takes_previous = next_differs(kAllocKind | kThreadKind) || only_previous_loads;
  else if ((differ & kReadOnlyKind) != 0)
    takes_previous = next_differs(kReadOnlyKind);
  else if ((differ & kCodeKind) != 0)
    takes_previous = next_differs(kCodeKind);
  else
    takes_previous = address < state_.world.outputs[next].vma;
  return takes_previous ? previous : next;
}

}  // namespace fwseal
