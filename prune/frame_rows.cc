// Three numbers in a description depend on what else there is: how far its CIE lies before it,
// where its code begins, and how long that is. The assembler resolved the first and the last by
// itself. The second has a relocation, but through the symbol of a section that was cut its addend
// does not say where the code went (see Isa::distance_from_symbol): only the format does.
//
// Instructions in a description count from where its code begins. Nothing goes from inside of that
// (cut.cc), but all behind a return may, if what a function does is not needed (hollow.h). Of
// caml_program calls may go (ocaml_startup.h): its frame is the same behind each of them, and only
// where it ends its description is about places further on.
#include "prune/frame_rows.h"

#include <algorithm>

#include "elfio/dwarf.h"
#include "graph/frame_table.h"

namespace fwseal {
namespace {

constexpr u64 kWord = 4;

std::string word(u64 value) { return *fixed_of_size(value & 0xffff'ffff, kWord); }

class Follower {
 public:
  Follower(const Program& program, const Atoms& atoms, const Reach& live, Plan& plan)
      : program_(program), atoms_(atoms), live_(live), plan_(plan) {}

  void run() {
    if (!atoms_.may_have_frame_tables()) return;
    const FrameTables tables = read_frame_tables(program_);
    for (const FrameTable& table : tables.tables) {
      if (!plan_.keeps(table.section)) continue;
      const std::span<const FrameRow> rows = tables.rows_of(table);
      for (const FrameRow& row : rows)
        if (row.kind == FrameRow::Kind::kDescription && is_there(table.section, row))
          follow(table.section, row, rows[row.common]);
      finish(table.section);
    }
  }

 private:
  bool is_there(SectionId table, const FrameRow& row) const {
    return live_.live(atoms_.at(table, row.begin)) && !plan_.removes(table, row.begin);
  }

  void follow(SectionId table, const FrameRow& row, const FrameRow& common) {
    if (const EditList* const edits = plan_.edits_of(table)) {
      const u64 place = row.pointer_place();
      const u64 distance = edits->map(place) - edits->map(common.begin);
      if (distance != place - common.begin) overwrites_.push_back({place, word(distance)});
    }
    if (!plan_.keeps(row.code) || plan_.removes(row.code, row.start)) {
      // Of code that is not there, the description is about nothing.
      overwrites_.push_back({row.start_place(), word(0) + word(0)});
      return;
    }
    const EditList* const edits = plan_.edits_of(row.code);
    if (edits == nullptr || row.size == 0) return;
    const u64 start = edits->map(row.start);
    const u64 size = edits->map_end(u64{row.start} + row.size) - start;
    if (!row.by_function) retargets_.push_back({row.start_place(), row.code, start});
    if (size != row.size) overwrites_.push_back({row.size_place(), word(size)});
  }

  void finish(SectionId table) {
    if (!overwrites_.empty()) {
      std::vector<Overwrite>& all = plan_.overwrites[index(table)];
      all.insert(all.end(), overwrites_.begin(), overwrites_.end());
      std::ranges::stable_sort(all, {}, &Overwrite::offset);
    }
    if (!retargets_.empty()) plan_.retargets[index(table)] = retargets_;
    overwrites_.clear();
    retargets_.clear();
  }

  const Program& program_;
  const Atoms& atoms_;
  const Reach& live_;
  Plan& plan_;
  // Of the table at hand.
  std::vector<Overwrite> overwrites_;
  std::vector<Retarget> retargets_;
};

}  // namespace

void follow_in_frame_tables(const Program& program, const Atoms& atoms, const Reach& live,
                            Plan& plan) {
  if (atoms.any_cut()) Follower(program, atoms, live, plan).run();
}

}  // namespace fwseal
