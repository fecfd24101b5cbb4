#include "prune/poison.h"

#include <algorithm>

#include "graph/code_runs.h"
#include "graph/frame_table.h"
#include "graph/initialiser_list.h"
#include "graph/unwind.h"
#include "prune/dead_pieces.h"
#include "prune/leftover.h"
#include "prune/strings.h"

namespace fwseal {
namespace {

using namespace std::string_view_literals;

// What no program runs through, and what no program takes for its data.
std::string_view poison_of(CodeMode mode) {
  switch (mode) {
    case CodeMode::kThumb:
      return "\xde\xde";  // UDF
    case CodeMode::kArm:
      return "\xf0\x00\xf0\xe7"sv;  // UDF
    case CodeMode::kData:
      return "\xee";
  }
  return "\xee";
}

class Poisoner {
 public:
  Poisoner(const Program& program, Plan& plan) : inputs_(program.inputs), plan_(plan) {}

  void add(SectionId id, u64 begin, u64 end) {
    const InputSection& section = inputs_[id];
    if (section.type == SHT_NOBITS || begin == end) return;
    std::string bytes(end - begin, '\xee');
    if (section.has(SHF_EXECINSTR)) {
      for (const CodeRun& run : runs_of(section)) {
        const std::string_view pattern = poison_of(run.mode);
        for (u64 at = std::max(run.begin, begin); at < std::min(run.end, end); at++)
          bytes[at - begin] = pattern[(at - run.begin) % pattern.size()];
      }
    }
    plan_.overwrites[index(id)].push_back({begin, std::move(bytes)});
  }

 private:
  // Sections come object by object.
  const std::vector<CodeRun>& runs_of(const InputSection& section) {
    if (object_ != section.object) {
      object_ = section.object;
      runs_ = code_runs(inputs_, inputs_.objects[index(object_)]);
    }
    return runs_[section.elf_index];
  }

  const Inputs& inputs_;
  Plan& plan_;
  ObjectId object_ = kNoObject;
  CodeRuns runs_;
};

bool can_be_poisoned(const InputSection& section) {
  const bool plain = section.type == SHT_PROGBITS || section.type == SHT_NOBITS;
  return plain && section.has(SHF_ALLOC) && !section.has(SHF_TLS) && !section.has(SHF_LINK_ORDER) &&
         !section.has(SHF_MERGE) && !is_initialiser_list(section) && !is_leftover(section);
}

}  // namespace

void poison_dead(const Program& program, const Atoms& atoms, const Reach& live,
                 std::span<const HollowFunction> hollow, std::span<const Gap> gaps, Poison what,
                 Plan& plan) {
  Poisoner poisoner(program, plan);
  if (atoms.any_cut()) plan.edits.resize(program.inputs.sections.size());
  remove_gaps(program, gaps, plan);
  for (const HollowFunction& function : hollow) {
    plan.overwrites[index(function.section)].push_back({function.begin, function.stub});
    poisoner.add(function.section, function.begin + function.stub.size(), function.end);
  }
  for (u32 s = 0; s < program.inputs.read_sections; s++) {
    const SectionId id{s};
    const InputSection& section = program.inputs[id];
    if (section.excluded) continue;
    if (!plan.kept[s]) {
      if (what == Poison::kPieces || !can_be_poisoned(section)) continue;
      plan.kept[s] = true;
      poisoner.add(id, 0, section.size);
      continue;
    }
    // Who reads these goes from row to row.
    if (is_unwind_table(section) || is_frame_table(section) || is_initialiser_list(section)) {
      if (atoms.is_cut(id)) remove_dead_pieces(program, atoms, live, id, plan.edits[s]);
      continue;
    }
    const std::span<const Piece> pieces = atoms.pieces(id);
    for (u64 i = 0; i < pieces.size(); i++)
      if (!live.live(atoms.atom_of_piece(id, i))) poisoner.add(id, pieces[i].begin, pieces[i].end);
  }
}

}  // namespace fwseal
