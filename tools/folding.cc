#include "tools/folding.h"

#include <algorithm>

#include "prune/fold.h"
#include "prune/fold_uses.h"
#include "sections/plain_memory.h"

namespace fwseal {
namespace {

// `. = ALIGN(8)` and the like leave no gap that counts.
bool may_leave_gap(const ArrangedItem& item) {
  constexpr u64 kSmall = 0x10000;
  const auto* const assignment = std::get_if<const Assignment*>(&item);
  if (assignment == nullptr || (*assignment)->symbol != ".") return false;
  const Expr& value = *(*assignment)->value;
  const bool aligns = value.kind == ExprKind::kFunction && value.function == Function::kAlign &&
                      value.operands.size() == 1 && value.operands[0]->kind == ExprKind::kNumber &&
                      value.operands[0]->number <= kSmall;
  return !aligns;
}

// From one end of it to the other, at most.
u64 length_of(const Inputs& inputs, const ArrangedOutput& output) {
  u64 length = 0;
  for (const ArrangedItem& item : output.items) {
    if (may_leave_gap(item)) return ~u64{0};
    length += 16;  // a number, or an alignment
    const auto* const list = std::get_if<SectionList>(&item);
    if (list == nullptr) continue;
    for (const SectionId id : list->sections) length += inputs[id].size + inputs[id].alignment;
  }
  return length;
}

u64 longest_code(const Inputs& inputs, const Arrangement& arrangement) {
  u64 longest = 0;
  for (const ArrangedOutput& output : arrangement.outputs) {
    const bool has_code = std::ranges::any_of(output.items, [&](const ArrangedItem& item) {
      const auto* const list = std::get_if<SectionList>(&item);
      return list != nullptr && std::ranges::any_of(list->sections, [&](SectionId id) {
               return inputs[id].has(SHF_EXECINSTR);
             });
    });
    if (has_code) longest = std::max(longest, length_of(inputs, output));
  }
  return longest;
}

std::string place_text(const Inputs& inputs, SectionId section, u64 offset) {
  const std::string inside = offset == 0 ? "" : cat("+", hex(offset));
  return cat("'", inputs[section].name, inside, "' in file '",
             inputs.object_of(section).location().text(), "'");
}

std::string_view describe(Fold::Proof proof) {
  switch (proof) {
    case Fold::Proof::kOnlyCalled:
      return "they are equal, and nothing takes its address";
    case Fold::Proof::kUnnamed:
      return "they are equal, and only the compiler knows of it";
    case Fold::Proof::kJump:
      return "they are equal; a jump is left, since its address is taken";
    case Fold::Proof::kAssumed:
      return "they are equal, and fold = \"all\" says that nobody compares their addresses";
  }
  return {};
}

}  // namespace

bool folds(const Options& options) {
  return options.fold != FoldMode::kNone && prunes_proven(options) && !options.emit_relocations &&
         options.poison == Poison::kNothing;
}

void fold_copies(const Program& program, const Atoms& atoms, const Liveness& liveness,
                 const MergedStrings& merged, const Matcher& matcher, const OcamlSections& ocaml,
                 std::span<const PooledFrame> frames, const Options& options, Plan& plan,
                 Arrangement& arrangement) {
  if (!folds(options)) return;
  const std::vector<bool> plain = plain_memory(program.inputs, matcher, [&](SectionId id) {
    const InputSection& section = program.inputs[id];
    // A value of OCaml must lie between the ends of its unit, which are constants themselves; and
    // programs do compare addresses of constants (==).
    return plan.keeps(id) && !section.has(SHF_WRITE | SHF_MERGE) && section.size != 0 &&
           !ocaml.holds(id);
  });
  std::vector<bool> named = liveness.named;
  for (const PooledFrame& frame : frames) named[index(atoms.at(frame.code, frame.call))] = true;
  const FoldWorld world{program, atoms, liveness.live, merged, plan, arrangement.output_of, plain};
  std::vector<Fold> found =
      find_folds(world, named, longest_code(program.inputs, arrangement),
                 {options.fold == FoldMode::kAll});
  if (found.empty()) return;
  leave_out_folded(program, atoms, liveness.live, std::move(found), plan);
  for (ArrangedOutput& output : arrangement.outputs)
    for (ArrangedItem& item : output.items)
      if (auto* const list = std::get_if<SectionList>(&item))
        std::erase_if(list->sections, [&](SectionId id) { return !plan.keeps(id); });
}

void print_folded(const Program& program, const Plan& plan, Diag& diag) {
  for (const Fold& fold : plan.folds.all()) {
    const u64 end = std::min(fold.end, program.inputs[fold.section].size);
    const u64 left = fold.proof == Fold::Proof::kJump ? Folds::kJumpSize : 0;
    diag.note({}, cat("folding ", place_text(program.inputs, fold.section, fold.begin), " into ",
                      place_text(program.inputs, fold.into, fold.into_begin), ": ",
                      end - fold.begin - left, " bytes, ", describe(fold.proof)));
  }
}

std::vector<RemovalRule> fold_rules(const Program& program, const Atoms& atoms, const Plan& plan) {
  std::vector<RemovalRule> rules;
  for (const Fold& fold : plan.folds.all())
    rules.push_back({atoms.at(fold.section, fold.begin),
                     cat("folded into ", place_text(program.inputs, fold.into, fold.into_begin),
                         ": ", describe(fold.proof))});
  return rules;
}

void add_fold_assumption(const Plan& plan, Record& record) {
  const auto assumed = std::ranges::count(plan.folds.all(), Fold::Proof::kAssumed, &Fold::proof);
  if (assumed == 0) return;
  record.assumptions.push_back(cat("prune fold `all': nobody compares the addresses of the ",
                                   assumed, " functions and constants that were folded"));
}

}  // namespace fwseal
