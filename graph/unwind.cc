// Reading and cutting unwind tables.
//
// A table that is not exactly what assemblers write is not cut: it stays as long as anything of the
// code stays that it describes. So does a section of descriptions if anything but rows refers to
// it, or if a symbol marks a place in it, which may be one that somebody counts from.
//
// The assembler notes which of the ABI's personality routines a table needs with R_ARM_NONE, once
// in a table, at the first row that does (EHABI32 2023Q3, "Personality routine exception-table
// entries"). It stands for all rows.
#include "graph/unwind.h"

#include <elf.h>

#include <algorithm>
#include <map>
#include <optional>

namespace fwseal {
namespace {

constexpr u32 kCantUnwind = 1;
constexpr u32 kInline = 0x8000'0000;
constexpr u64 kMostMarkers = 8;  // they stand for each row; the ABI has three routines

class Reader {
 public:
  explicit Reader(const Program& program) : program_(program), inputs_(program.inputs) {
    result_.is_table.resize(inputs_.sections.size());
    result_.is_description.resize(inputs_.sections.size());
  }

  UnwindTables run() {
    for (u32 i = 0; i < inputs_.sections.size(); i++)
      if (is_unwind_table(inputs_.sections[i])) read(SectionId{i});
    return std::move(result_);
  }

 private:
  void read(SectionId id) {
    const InputSection& section = inputs_[id];
    const SectionId code = inputs_.object_of(id).section(section.link);
    if (section.excluded || inputs_[code].excluded) return;
    result_.is_table[index(id)] = true;
    UnwindTable table{id, code, static_cast<u32>(result_.rows.size()), 0};
    if (read_rows(section, code)) {
      table.row_count = static_cast<u32>(rows_.size());
      result_.rows.insert(result_.rows.end(), rows_.begin(), rows_.end());
      for (const UnwindRow& row : rows_)
        if (row.description != kNoSection) result_.is_description[index(row.description)] = true;
    }
    result_.tables.push_back(table);
  }

  bool read_rows(const InputSection& section, SectionId code) {
    if (section.size == 0 || section.size % kUnwindRowSize != 0 ||
        section.contents.size() != section.size || section.alignment > kUnwindRowSize)
      return false;
    rows_.assign(section.size / kUnwindRowSize, {});
    has_start_.assign(rows_.size(), false);
    u64 markers = 0;
    for (u64 i = 0; i < relocation_count(section); i++) {
      const Relocation reference = relocation(section, i);
      const RelocationType* const type = program_.isa.find(reference.type);
      if (type == nullptr || reference.offset >= section.size) return false;
      if (type->use == Use::kNone) {
        if (++markers > kMostMarkers) return false;
      } else if (reference.type != R_ARM_PREL31 || !read_word(section, reference, code)) {
        return false;
      }
    }
    return are_plain(section);
  }

  bool read_word(const InputSection& section, const Relocation& reference, SectionId code) {
    const Referent to = referent(program_, section.object, reference.symbol);
    if (to.section == kNoSection || reference.offset % 4 != 0) return false;
    const i64 addend =
        section.has_addends
            ? reference.addend
            : program_.isa.read_addend(reference.type, section.contents, reference.offset);
    const u64 base = to.type == STT_FUNC ? to.value & ~u64{1} : to.value;
    const u64 place = base + static_cast<u64>(addend);
    if (place > inputs_[to.section].size) return false;
    const u64 number = reference.offset / kUnwindRowSize;
    UnwindRow& row = rows_[number];
    if (reference.offset % kUnwindRowSize == 0) {
      if (to.section != code || has_start_[number]) return false;
      row.start = place;
      has_start_[number] = true;
    } else {
      if (row.description != kNoSection) return false;
      row.description = to.section;
      row.place = place;
    }
    return true;
  }

  bool are_plain(const InputSection& section) const {
    for (u64 i = 0; i < rows_.size(); i++) {
      const u32 word = section.contents.le<u32>(i * kUnwindRowSize + 4);
      const bool says =
          rows_[i].description != kNoSection || word == kCantUnwind || (word & kInline) != 0;
      if (!says || !has_start_[i] || (i != 0 && rows_[i].start < rows_[i - 1].start)) return false;
    }
    return true;
  }

  const Program& program_;
  const Inputs& inputs_;
  UnwindTables result_;
  std::vector<UnwindRow> rows_;  // of the table at hand
  std::vector<bool> has_start_;
};

class DescriptionCutter {
 public:
  DescriptionCutter(const Program& program, const UnwindTables& tables, Atoms& atoms)
      : program_(program), inputs_(program.inputs), tables_(tables), atoms_(atoms) {
    for (const UnwindTable& table : tables.tables)
      for (const UnwindRow& row : tables.rows_of(table))
        if (row.description != kNoSection && is_plain(row.description))
          starts_[row.description].push_back(static_cast<u32>(row.place));
  }

  void run() {
    for (auto& [section, starts] : starts_) {
      std::ranges::sort(starts);
      starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
    }
    std::erase_if(starts_, [&](const auto& one) { return !can_be_cut(one.first, one.second); });
    if (starts_.empty()) return;
    drop_others_target();
    for (const auto& [section, starts] : starts_)
      atoms_.cut(section, starts, inputs_[section].size, {});
  }

 private:
  bool is_plain(SectionId id) const {
    const InputSection& section = inputs_[id];
    return !section.excluded && section.type == SHT_PROGBITS && section.has(SHF_ALLOC) &&
           !section.has(SHF_EXECINSTR | SHF_WRITE | SHF_MERGE | SHF_TLS);
  }

  bool can_be_cut(SectionId id, const std::vector<u32>& starts) const {
    const InputSection& section = inputs_[id];
    const auto fits = [&](u32 start) { return start % 4 == 0 && start < section.size; };
    return starts.size() > 1 && starts[0] == 0 && section.size % 4 == 0 && section.alignment <= 4 &&
           std::ranges::all_of(starts, fits);
  }

  // Of an object with such a section, all references and symbols are looked at.
  void drop_others_target() {
    std::vector<ObjectId> objects;
    for (const auto& [section, starts] : starts_)
      if (const ObjectId object = inputs_[section].object;
          objects.empty() || objects.back() != object)
        objects.push_back(object);
    for (const ObjectId id : objects) {
      const Object& object = inputs_.objects[index(id)];
      for (u32 i = 1; i < object.symbol_count; i++) {
        const ElfSymbol symbol = object.nameless_symbol(i);
        if (symbol.section == SHN_UNDEF || symbol.section >= object.section_count) continue;
        const SectionId section = object.section(symbol.section);
        const bool says_nothing =
            symbol.type == STT_SECTION || object.symbol(i).name.starts_with('$');
        if (!says_nothing) starts_.erase(section);
      }
      for (u32 i = 0; i < object.section_count; i++) look_at_references(object.section(i));
    }
  }

  void look_at_references(SectionId id) {
    const InputSection& section = inputs_[id];
    if (section.excluded || !section.has(SHF_ALLOC)) return;
    const bool has_plain_rows = is_plain_table(id);
    for (u64 i = 0; i < relocation_count(section); i++) {
      const Relocation reference = relocation(section, i);
      const Referent to = referent(program_, section.object, reference.symbol);
      const auto found = starts_.find(to.section);
      if (found != starts_.end() && !has_plain_rows) starts_.erase(found);
    }
  }

  bool is_plain_table(SectionId id) const {
    const auto table = std::ranges::lower_bound(tables_.tables, id, {}, &UnwindTable::section);
    return table != tables_.tables.end() && table->section == id && table->row_count != 0;
  }

  const Program& program_;
  const Inputs& inputs_;
  const UnwindTables& tables_;
  Atoms& atoms_;
  std::map<SectionId, std::vector<u32>> starts_;  // of the descriptions, by their section
};

}  // namespace

bool is_unwind_table(const InputSection& section) {
  return section.type == SHT_ARM_EXIDX && section.has(SHF_LINK_ORDER) && section.link != 0 &&
         section.has(SHF_ALLOC);
}

UnwindTables read_unwind_tables(const Program& program) { return Reader(program).run(); }

void cut_unwind_tables(const Program& program, Atoms& atoms) {
  const UnwindTables tables = read_unwind_tables(program);
  std::vector<u32> starts;
  for (const UnwindTable& table : tables.tables) {
    if (table.row_count < 2) continue;
    starts.clear();
    for (u32 i = 0; i < table.row_count; i++)
      starts.push_back(i * static_cast<u32>(kUnwindRowSize));
    atoms.cut(table.section, starts, program.inputs[table.section].size, {});
  }
  DescriptionCutter(program, tables, atoms).run();
}

}  // namespace fwseal
