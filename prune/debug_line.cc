// A row says what line the code from its address on is from, up to the next row. A program makes
// rows by instructions that advance its registers, by what the assembler knew as distances. Rows of
// code that is gone go; from the last row before such a gap to the first behind it, the
// instructions are replaced by such as lead directly from one to the other. Those make an edit, for
// they may need more bytes than there were. What concerns no row stays: a definition of a file
// counts even in dead code.
//
// Two machines run side by side: one executes the program as it is, and one what becomes of it.
// They only differ in the address, and in what is replaced.
#include "prune/debug_line.h"

#include <algorithm>

#include "prune/line_machine.h"

namespace fwseal {
namespace {

class LineFollower {
 public:
  LineFollower(DebugPatch& patch, SectionId lines, u64& at)
      : patch_(patch), lines_(patch.section(lines)), at_(at) {}

  void run() {
    while (at_ < lines_.bytes().size()) {
      const DwarfUnit unit = read_initial_length(lines_.bytes(), at_);
      if (unit.begin != unit.end) follow_program(unit);
      at_ = unit.end;
    }
  }

 private:
  void follow_program(const DwarfUnit& unit) {
    growth_ = 0;
    DwarfCursor cursor(lines_.bytes().sub(0, unit.end), unit.begin);
    header_ = read_line_header(cursor, unit.offset_size);
    cursor = DwarfCursor(cursor.bytes(), header_.program);
    begin_sequence(header_.program);
    while (!cursor.done()) {
      at_ = cursor.at();
      const LineStep step = step_line(header_, cursor, now_);
      switch (step.op) {
        case LineOp::kSet:
          break;
        case LineOp::kOther:
          keep(step);
          break;
        case LineOp::kSetAddress:
          set_address(step);
          break;
        case LineOp::kRow:
          end_row(step);
          break;
        case LineOp::kEnd:
          end_sequence(step);
          break;
      }
    }
    if (skipped_ || !edits_.empty()) throw BadInput("the last sequence has no end");
    if (growth_ == 0) return;
    const u64 length = unit.end - unit.begin + static_cast<u64>(growth_);
    const auto bytes = fixed_of_size(length, unit.offset_size);
    if (!bytes) throw BadInput("a line program becomes too long");
    lines_.overwrite(unit.length_place, *bytes);
  }

  void begin_sequence(u64 place) {
    sequence_ = gap_ = place;
    now_ = then_ = header_.start();
    last_ = 0;
    code_ = CodePlace{};
    moves_ = false;
    address_of_code_.reset();
    rows_ = row_ = 0;
    skipped_ = false;
    others_.clear();
    edits_.clear();
    gap_others_ = 0;
  }

  // From here on rows are about another place. Rows of dead code before it leave nothing behind;
  // neither may what is said about the next row only, as long as that may be a dead one.
  void set_address(const LineStep& step) {
    const CodePlace to = lines_.target(step.operand).value_or(CodePlace{});
    if (to.section != code_.section) row_ = 0;
    code_ = to;
    moves_ = patch_.moves(code_);
    if (moves_ && now_.is_marked()) skipped_ = true;
    if (skipped_)
      replace(step.begin, {});
    else
      then_ = registers_at(then_.address);
    gap_ = step.end;
    gap_others_ = others_.size();
    address_of_code_ = step.operand;
    if (moves_) now_.address = code_.offset;
    last_ = now_.address;
    then_.address = moves_ ? patch_.map(code_) : now_.address;
  }

  void keep(const LineStep& step) {
    others_.emplace_back(lines_.bytes().sub(step.begin, step.end - step.begin).text());
  }

  // The registers as they are, but another address.
  LineRegisters registers_at(u64 address) const {
    LineRegisters result = now_;
    result.address = address;
    return result;
  }

  void end_row(const LineStep& step) {
    const CodePlace place{code_.section, now_.address};
    if (moves_ && patch_.removes(place)) {
      skipped_ = true;
      now_.end_row();
      return;
    }
    const u64 address = moves_ ? patch_.map(place) : now_.address;
    lead_to(address);
    if (skipped_ || address - then_.address != now_.address - last_)
      replace(step.end, line_row(header_, then_, registers_at(address)));
    end_gap(step, address);
    rows_++;
  }

  // The instruction that gave the address names something dead: it names the first row now.
  void lead_to(u64 address) {
    if (!address_of_code_) return;
    if (moves_ && patch_.removes(code_)) {
      lines_.lead(*address_of_code_, Lead::kEdge, {code_.section, address});
      then_.address = address;
    }
    address_of_code_.reset();
  }

  void end_gap(const LineStep& step, u64 address) {
    then_ = registers_at(address);
    row_ = address;
    last_ = now_.address;
    now_.end_row();
    then_.end_row();
    skipped_ = false;
    gap_ = step.end;
    gap_others_ = others_.size();
  }

  void end_sequence(const LineStep& step) {
    if (rows_ == 0 && (skipped_ || moves_)) {
      edits_.clear();
      gap_ = sequence_;
      gap_others_ = 0;
      replace(step.end, {});
    } else {
      const bool names_dead = address_of_code_ && moves_ && patch_.removes(code_);
      const u64 least = names_dead ? row_ : then_.address;
      const u64 address =
          moves_ ? std::max(patch_.map_end({code_.section, now_.address}), least) : now_.address;
      lead_to(address);
      if (skipped_ || address - then_.address != now_.address - last_)
        replace(step.end, line_end(header_, then_.address, address));
    }
    for (Edit& edit : edits_) {
      growth_ += static_cast<i64>(edit.inserted.size()) - static_cast<i64>(edit.removed);
      lines_.replace(std::move(edit));
    }
    begin_sequence(step.end);
  }

  // Instructions since the last row, but for those that concern no row.
  void replace(u64 end, const std::string& bytes) {
    std::string inserted;
    for (u64 i = gap_others_; i < others_.size(); i++) inserted += others_[i];
    edits_.push_back({gap_, end - gap_, inserted + bytes});
  }

  DebugPatch& patch_;
  DebugSection& lines_;
  u64& at_;
  LineHeader header_;
  i64 growth_ = 0;  // of the program

  u64 sequence_ = 0;  // where it begins
  LineRegisters
      now_;  // as the program is; the address is an offset in code_.section, if there is one
  LineRegisters then_;  // as it will be, behind the last row that stays
  u64 last_ = 0;        // now_.address at that row
  CodePlace code_;      // what the address was last set to
  bool moves_ = false;
  std::optional<u64> address_of_code_;  // place of the relocation, until a row follows
  u64 rows_ = 0;                        // that stay
  u64 row_ = 0;                         // the address of the last one of them in code_.section
  u64 gap_ = 0;                         // behind the last row that stays
  bool skipped_ = false;                // since then: something that does not stay
  std::vector<std::string> others_;     // instructions of the sequence that concern no row
  u64 gap_others_ = 0;                  // how many of them before gap_
  std::vector<Edit> edits_;
};

}  // namespace

void follow_in_line_programs(DebugPatch& patch, SectionId lines, u64& at) {
  LineFollower(patch, lines, at).run();
}

}  // namespace fwseal
