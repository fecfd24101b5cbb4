// Where veneers stand, and which are needed.
//
// The code of an output section is cut into groups of consecutive input sections, small enough that
// every branch in a group reaches the veneers behind it; there the group's veneers stand, one for
// each target and kind. Groups are cut once, on the addresses without veneers. Then rounds of
// layout and of adding what is missing follow: a veneer that was added stays, even if the branch
// that asked for it could do without after all, so the sizes only grow and the rounds end.
//
// A few rounds are enough for any program. But each veneer can push one more target out of reach,
// so that there are as many rounds as branches. Hence a late round also serves the branches that
// are nearly out of reach, each round twice as far as the one before it.
#include "sections/veneer.h"

#include <elf.h>

#include <algorithm>

namespace fwseal {

VeneerTarget veneer_target(const Program& program, ObjectId object, const Relocation& branch,
                           i64 addend) {
  VeneerTarget target{referent(program, object, branch.symbol), 0};
  target.beyond = addend - program.isa.branch_bias(branch.type);
  // Through the symbol of a section it is the addend that says which place is meant; edits may have
  // moved one apart from another.
  if (target.to.symbol == kNoSymbol && target.to.type == STT_SECTION) {
    target.to.value += static_cast<u64>(target.beyond);
    target.beyond = 0;
  }
  return target;
}

VeneerKey veneer_key(const VeneerTarget& target, u8 kind) {
  const Referent& to = target.to;
  const i64 beyond = target.beyond;
  // A global is one target whoever names it; a local is a place in a section.
  if (to.symbol != kNoSymbol) return {index(to.symbol), index(kNoSection), 0, beyond, kind};
  return {index(kNoSymbol), index(to.section), to.value, beyond, kind};
}

void group_code(const Program& program, const std::vector<std::vector<SectionId>>& code_by_output,
                const AddressBook& book, u64 group_size, VeneerPlan& plan) {
  plan.group_of.assign(program.inputs.sections.size(), 0);
  plan.after.assign(program.inputs.sections.size(), 0);
  for (const std::vector<SectionId>& code : code_by_output) {
    for (u64 first = 0; first < code.size();) {
      const u64 start = book.sections[index(code[first])];
      u64 last = first;
      while (last + 1 < code.size()) {
        const InputSection& next = program.inputs[code[last + 1]];
        if (book.sections[index(code[last + 1])] + next.size - start > group_size) break;
        last++;
      }
      plan.groups.emplace_back();
      plan.indices.emplace_back();
      const u32 number = static_cast<u32>(plan.groups.size());
      for (u64 i = first; i <= last; i++) plan.group_of[index(code[i])] = number;
      plan.after[index(code[last])] = number;
      first = last + 1;
    }
  }
}

bool may_need_veneers(const Program& program, const AddressBook& book) {
  if (program.isa.mixes_instruction_sets()) return true;
  u64 low = ~u64{0};
  u64 high = 0;
  const auto include = [&](u64 address) {
    low = std::min(low, address);
    high = std::max(high, address);
  };
  const Inputs& inputs = program.inputs;
  for (u32 s = 0; s < inputs.sections.size(); s++) {
    const InputSection& section = inputs.sections[s];
    if (!section.has(SHF_EXECINSTR) || book.sections[s] == AddressBook::kNowhere) continue;
    include(book.sections[s]);
    include(book.sections[s] + section.size);
  }
  for (u32 i = 0; i < program.symbols.symbols.size(); i++) {
    const Symbol& symbol = program.symbols.symbols[i];
    if (!symbol.referenced) continue;
    if (symbol.state == SymbolState::kAbsolute) include(symbol.value);
    if (symbol.state == SymbolState::kScript) include(book.globals[i].address);
  }
  return low < high && high - low >= program.isa.shortest_branch_reach();
}

namespace {

u64 slack_of(u32 round) {
  constexpr u32 kExactRounds = 16;
  constexpr u32 kMostDoublings = 20;  // longer than any reach
  return round < kExactRounds ? 0 : u64{64} << std::min(round - kExactRounds, kMostDoublings);
}

// The veneer that a branch needs, or would need if its target were farther by `slack`.
std::optional<VeneerShape> shape_for(const Isa& isa, const Relocation& branch, Operands x,
                                     Bytes contents, u64 slack) {
  const auto needed = isa.veneer_for(branch.type, x, contents, branch.offset);
  if (needed || slack == 0) return needed;
  x.S += x.S >= x.P ? slack : u64{0} - slack;
  return isa.veneer_for(branch.type, x, contents, branch.offset);
}

// Adds to its group what a branch needs. True if it was not there yet.
bool add_for_branch(const Program& program, const AddressBook& book, SectionId id,
                    const Relocation& branch, VeneerPlan& plan) {
  const InputSection& section = program.inputs[id];
  const u64 offset = branch.offset;
  const i64 addend = section.has_addends
                         ? branch.addend
                         : program.isa.read_addend(branch.type, section.contents, offset);
  Target target = find_target(program, book, section.object, branch, addend);
  if (target.nowhere) return false;
  target.operands.P = book.address(id, offset);
  const auto shape =
      shape_for(program.isa, branch, target.operands, section.contents, slack_of(plan.rounds));
  if (!shape) return false;
  const u32 number = plan.group_of[index(id)] - 1;
  VeneerGroup& group = plan.groups[number];
  const VeneerTarget leads = veneer_target(program, section.object, branch, addend);
  const Referent& to = leads.to;
  const VeneerKey key = veneer_key(leads, shape->kind);
  const auto next = static_cast<u32>(group.veneers.size());
  if (!plan.indices[number].try_emplace(key, next).second) return false;
  Veneer veneer;
  veneer.shape = *shape;
  veneer.symbol = to.symbol;
  veneer.section = to.symbol == kNoSymbol ? to.section : kNoSection;
  veneer.value = to.value;
  veneer.addend = leads.beyond;
  veneer.offset = align_up(group.size, shape->alignment);
  group.size = veneer.offset + shape->size;
  group.veneers.push_back(veneer);
  return true;
}

// Not what AddressBook::removes says: a copy has no branches, whatever stands for it.
bool is_left_out(const AddressBook& book, SectionId section, u64 offset) {
  const bool edited = index(section) < book.edits->size();
  return (edited && (*book.edits)[index(section)].removes(offset)) ||
         book.folds->is_jump(section, offset);
}

}  // namespace

VeneerIndex index_veneers(const VeneerGroup& group) {
  VeneerIndex result;
  for (u32 i = 0; i < group.veneers.size(); i++) {
    const Veneer& veneer = group.veneers[i];
    const u32 symbol = index(veneer.symbol);
    const bool global = veneer.symbol != kNoSymbol;
    result.emplace(VeneerKey{symbol, global ? index(kNoSection) : index(veneer.section),
                             global ? 0 : veneer.value, veneer.addend, veneer.shape.kind},
                   i);
  }
  return result;
}

bool add_veneers(const Program& program, const AddressBook& book, VeneerPlan& plan) {
  bool added = false;
  plan.rounds++;
  for (u32 s = 0; s < program.inputs.sections.size(); s++) {
    if (plan.group_of[s] == 0 || book.sections[s] == AddressBook::kNowhere) continue;
    const InputSection& section = program.inputs.sections[s];
    const u64 count = relocation_count(section);
    for (u64 i = 0; i < count; i++) {
      const Relocation branch = relocation(section, i);
      const RelocationType* type = program.isa.find(branch.type);
      if (type == nullptr || (type->use != Use::kCall && type->use != Use::kJump)) continue;
      if (is_left_out(book, SectionId{s}, branch.offset)) continue;
      // One that is outside is refused by relocate.
      if (!section.contents.holds(branch.offset, type->size)) continue;
      added |= add_for_branch(program, book, SectionId{s}, branch, plan);
    }
  }
  return added;
}

}  // namespace fwseal
