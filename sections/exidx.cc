// Editing .ARM.exidx.
//
// A row is two words: the start of a function (PREL31, by a relocation) and 1 (EXIDX_CANTUNWIND),
// an unwind description of its own (bit 31 set), or the place of one in .ARM.extab (a relocation).
// A row is good for all code from its function up to the next row's. So
// - a row that says what the row before it says can go: two that cannot be unwound, or two with the
//   same description in them. Two that point to .ARM.extab never say the same for sure;
// - behind the last code that has rows, and in front of code that has none, also at the beginning of
//   a section, a row EXIDX_CANTUNWIND must end the reach of the row before.
// Rows are deleted from the table of their own object, and the ends are appended to the table
// whose last row they end, so that the tables need only be laid out in the order of their code.
#include "sections/exidx.h"

#include <elf.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "sections/address_book.h"

namespace fwseal {
namespace {

constexpr u32 kCantUnwind = 1;

struct Code {
  u64 address = 0;
  SectionId text = kNoSection;
  SectionId table = kNoSection;  // that describes it
};

// All code in the image, in order of address, with its unwind table.
std::vector<Code> code_in_order(const Program& program, const std::vector<u64>& addresses) {
  const Inputs& inputs = program.inputs;
  std::vector<u32> table_of(inputs.sections.size(), 0);  // SectionId + 1
  bool any = false;
  for (u32 s = 0; s < inputs.sections.size(); s++) {
    const InputSection& section = inputs.sections[s];
    if (section.type != SHT_ARM_EXIDX || addresses[s] == AddressBook::kNowhere) continue;
    table_of[index(inputs.object_of(SectionId{s}).section(section.link))] = s + 1;
    any = true;
  }
  std::vector<Code> code;
  if (!any) return code;
  for (u32 s = 0; s < inputs.sections.size(); s++) {
    const InputSection& section = inputs.sections[s];
    const bool is_code = section.has(SHF_ALLOC) && section.has(SHF_EXECINSTR) && section.size != 0;
    if (!is_code || addresses[s] == AddressBook::kNowhere) continue;
    code.push_back({addresses[s], SectionId{s},
                    table_of[s] == 0 ? kNoSection : SectionId{table_of[s] - 1}});
  }
  std::sort(code.begin(), code.end(), [](const Code& a, const Code& b) {
    return a.address != b.address ? a.address < b.address : index(a.text) < index(b.text);
  });
  return code;
}

class Editor {
 public:
  Editor(const Program& program, const std::vector<EditList>& edits, const UnwindOptions& options)
      : program_(program), options_(options) {
    result_.edits = edits;
    result_.edits.resize(program.inputs.sections.size());
  }

  UnwindEdits run(const std::vector<Code>& code) {
    for (const Code& piece : code) {
      // In an object, the reach of a table ends with the section.
      if (options_.object && piece.address >> 32 != last_.address >> 32) last_ = {};
      if (piece.table != kNoSection) {
        drop_rows(piece);
        last_ = piece;
      } else if (last_.table != kNoSection && last_row_ != kCantUnwind) {
        end_reach();
      }
    }
    if (!options_.object && last_.table != kNoSection && last_row_ != kCantUnwind) end_reach();
    return std::move(result_);
  }

 private:
  // Those that say nothing new; what pruning takes out goes as well.
  void drop_rows(const Code& code) {
    const Bytes contents = program_.inputs[code.table].contents;
    const EditList pruned = std::exchange(result_.edits[index(code.table)], {});
    EditList& edits = result_.edits[index(code.table)];
    bool is_first = true;
    for (u64 offset = 0; offset + kUnwindRowSize <= contents.size(); offset += kUnwindRowSize) {
      bool drop = pruned.removes(offset);
      if (!drop) {
        if (std::exchange(is_first, false)) end_reach_before(code, offset);
        const u32 row = contents.le<u32>(offset + 4);
        const bool is_inline = (row & 0x8000'0000) != 0;
        const bool repeats =
            row == last_row_ && (row == kCantUnwind || (options_.merge && is_inline));
        drop = repeats && !options_.object;
        last_row_ = row;
      }
      if (drop) edits.add({offset, kUnwindRowSize, {}});
    }
  }

  // Code in front of the first row of its section.
  void end_reach_before(const Code& code, u64 row) {
    if (options_.object || last_.table == kNoSection || last_row_ == kCantUnwind) return;
    const std::optional<u64> start = start_of(code, row);
    if (start && result_.edits[index(code.text)].map(*start) != 0) end_reach();
  }

  // Where in its section the code of a row begins.
  std::optional<u64> start_of(const Code& code, u64 row) const {
    const InputSection& table = program_.inputs[code.table];
    for (u64 i = 0; i < relocation_count(table); i++) {
      const Relocation start = relocation(table, i);
      if (start.offset != row || start.type != R_ARM_PREL31) continue;
      const Referent to = referent(program_, table.object, start.symbol);
      if (to.section != code.text) return std::nullopt;
      const i64 addend = table.has_addends
                             ? start.addend
                             : program_.isa.read_addend(start.type, table.contents, start.offset);
      return (to.value & ~u64{1}) + static_cast<u64>(addend);
    }
    return std::nullopt;
  }

  void end_reach() {
    result_.edits[index(last_.table)].add(
        {program_.inputs[last_.table].size, 0, std::string(kUnwindRowSize, '\0')});
    result_.ends.push_back({last_.table, last_.text});
    last_row_ = kCantUnwind;
  }

  const Program& program_;
  const UnwindOptions options_;
  UnwindEdits result_;
  Code last_;          // the last code with a table
  u32 last_row_ = 0;   // the second word of the last row; 0 says nothing
};

}  // namespace

std::string unwind_end_row(u64 place, u64 end) {
  std::string row;
  const u32 words[] = {static_cast<u32>(end - place) & 0x7fff'ffff, kCantUnwind};
  for (const u32 word : words)
    for (int shift = 0; shift < 32; shift += 8) row.push_back(static_cast<char>(word >> shift));
  return row;
}

UnwindEdits edit_unwind_tables(const Program& program, const std::vector<EditList>& edits,
                               const std::vector<u64>& addresses, const UnwindOptions& options) {
  const std::vector<Code> code = code_in_order(program, addresses);
  if (code.empty()) return {edits, {}};
  return Editor(program, edits, options).run(code);
}

}  // namespace fwseal
