// Reading and cutting frame tables.
//
// A table is plain if every byte in it is understood: all records are whole, all numbers in them
// have a size and a meaning that is known, and each relocation stands where a pointer does. All
// others stay whole, as any section of data does. So does a table if something else than its own
// distances refers to a place in it, or could: whoever reads from there on means the records that
// are there now.
//
// What is not looked for, since assemblers do not write it: records in the 64-bit format, pointers
// of other sizes than an address, relative to anything but themselves, or padded
// (DW_EH_PE_aligned).
#include "graph/frame_table.h"

#include <elf.h>

#include <algorithm>
#include <optional>

#include "elfio/dwarf.h"

namespace fwseal {
namespace {

#ifndef SHF_GNU_RETAIN
constexpr u64 SHF_GNU_RETAIN = 1 << 21;  // binutils 2.36; older elf.h do not have it
#endif

constexpr u32 kWord = 4;  // records consist of words, or a gap would be a word of zeroes: the end
constexpr u32 kFirstReservedLength = 0xffff'fff0;  // 0xffffffff: the 64-bit format

// LSB Core 5.0, "DWARF Exception Header Encoding".
constexpr u8 kFormat = 0x0f;    // the numbers below are of these bits
constexpr u8 kAbsolute = 0x00;  // as wide as an address
constexpr u8 kUnsigned4 = 0x03;
constexpr u8 kSigned4 = 0x0b;
constexpr u8 kApplication = 0x70;  // and these of those
constexpr u8 kRelative = 0x10;     // to the place of the pointer
constexpr u8 kIndirect = 0x80;
constexpr u8 kOmitted = 0xff;

bool is_word(u8 encoding) {
  const u8 format = encoding & kFormat;
  const u8 application = encoding & kApplication;
  return (format == kAbsolute || format == kUnsigned4 || format == kSigned4) &&
         (application == 0 || application == kRelative);
}

// Of a CIE, what its FDEs depend on.
struct Common {
  u32 row = 0;
  bool has_data = false;  // "z": the size of the augmentation data stands before them
  bool has_language_data = false;
  u8 start_encoding = kAbsolute;
};

class TableReader {
 public:
  TableReader(const Program& program, SectionId id)
      : program_(program), id_(id), section_(program.inputs[id]) {}

  // The rows; nothing if it is not plain.
  std::optional<std::vector<FrameRow>> run() {
    constexpr u64 kOdd =
        SHF_WRITE | SHF_EXECINSTR | SHF_MERGE | SHF_TLS | SHF_LINK_ORDER | SHF_GNU_RETAIN;
    if (section_.type != SHT_PROGBITS || section_.has(kOdd) || section_.alignment > kWord ||
        section_.contents.size() != section_.size || section_.size >= kFirstReservedLength)
      return std::nullopt;
    const u64 count = relocation_count(section_);
    for (u64 i = 0; i < count; i++) relocations_.push_back(relocation(section_, i));
    std::ranges::stable_sort(relocations_, {}, &Relocation::offset);
    try {
      for (u64 at = 0; at < section_.size; at = rows_.back().end)
        if (!read(static_cast<u32>(at))) return std::nullopt;
    } catch (const BadInput&) {
      return std::nullopt;
    }
    if (next_ != relocations_.size()) return std::nullopt;
    return std::move(rows_);
  }

 private:
  bool read(u32 at) {
    FrameRow row;
    row.begin = at;
    const u32 length = section_.contents.le<u32>(at);
    if (length % kWord != 0 || length >= kFirstReservedLength) return false;
    const Bytes record = section_.contents.sub(at, u64{kWord} + length);
    row.end = at + static_cast<u32>(record.size());
    const bool is_known = length == 0                  ? true
                          : record.le<u32>(kWord) == 0 ? read_common(record, row)
                                                       : read_description(record, row);
    rows_.push_back(row);
    return is_known;
  }

  bool read_common(Bytes record, FrameRow& row) {
    row.kind = FrameRow::Kind::kCommon;
    Common common;
    common.row = static_cast<u32>(rows_.size());
    DwarfCursor cursor(record, u64{2} * kWord);
    const u8 version = cursor.byte();
    const std::string_view augmentation = cursor.c_string();
    cursor.uleb();  // factors of the code's and of the stack's distances
    cursor.sleb();
    if (version == 1)
      cursor.byte();  // where the return address is
    else if (version == 3)
      cursor.uleb();
    else
      return false;
    if (!augmentation.empty() && !read_augmentation(augmentation, row.begin, cursor, common))
      return false;
    commons_.push_back(common);
    return true;
  }

  bool read_augmentation(std::string_view text, u32 begin, DwarfCursor& cursor, Common& common) {
    if (text[0] != 'z') return false;
    common.has_data = true;
    const u64 size = cursor.uleb();
    const u64 data = cursor.at();
    for (u64 i = 1; i < text.size(); i++) {
      if (text.find(text[i]) != i) return false;
      if (!read_letter(text[i], begin, cursor, common)) return false;
    }
    return cursor.at() - data == size;
  }

  bool read_letter(char letter, u32 begin, DwarfCursor& cursor, Common& common) {
    switch (letter) {
      case 'R':
        common.start_encoding = cursor.byte();
        return is_word(common.start_encoding) && (common.start_encoding & kIndirect) == 0;
      case 'P':
        return is_word(cursor.byte()) && read_pointer(begin, cursor);
      case 'L': {
        const u8 encoding = cursor.byte();
        common.has_language_data = encoding != kOmitted;
        return encoding == kOmitted || is_word(encoding);
      }
      case 'S':  // the frame of a signal
      case 'B':  // return addresses are signed with key B
        return true;
      default:
        return false;
    }
  }

  // A pointer that a relocation makes, or none.
  bool read_pointer(u32 begin, DwarfCursor& cursor) {
    const u64 place = begin + cursor.at();
    const u64 value = cursor.fixed(kWord);
    return take_relocation(place) != nullptr || value == 0;
  }

  bool read_description(Bytes record, FrameRow& row) {
    row.kind = FrameRow::Kind::kDescription;
    const u32 back = record.le<u32>(kWord);
    const u32 place = row.pointer_place() - back;  // if that wraps, no CIE before it
    const auto common = std::ranges::lower_bound(
        commons_, place, {}, [&](const Common& one) { return rows_[one.row].begin; });
    if (common == commons_.end() || rows_[common->row].begin != place) return false;
    row.common = common->row;
    const Relocation* const start = take_relocation(row.start_place());
    row.size = record.le<u32>(row.size_place() - row.begin);
    if (start == nullptr || !read_start(*start, common->start_encoding, row)) return false;
    if (!common->has_data) return true;
    DwarfCursor cursor(record, row.size_place() - row.begin + kWord);
    const u64 size = cursor.uleb();
    if (size != (common->has_language_data ? kWord : 0)) return false;
    return !common->has_language_data || read_pointer(row.begin, cursor);
  }

  // Relative to its own place, R_ARM_REL32 leads to S + A whatever the place is.
  bool read_start(const Relocation& entry, u8 encoding, FrameRow& row) const {
    const bool is_relative = (encoding & kApplication) == kRelative;
    if (entry.type != (is_relative ? R_ARM_REL32 : R_ARM_ABS32)) return false;
    const i64 addend = section_.has_addends
                           ? entry.addend
                           : program_.isa.read_addend(entry.type, section_.contents, entry.offset);
    const Referent to = referent(program_, section_.object, entry.symbol);
    if (to.section == kNoSection) return false;
    const InputSection& code = program_.inputs[to.section];
    if (code.object != section_.object || !code.has(SHF_EXECINSTR)) return false;
    row.by_function = to.type == STT_FUNC;
    if (row.by_function && addend != 0) return false;
    const u64 base = row.by_function ? to.value & ~u64{1} : to.value;
    const u64 start = base + static_cast<u64>(addend);
    if (start % 2 != 0 || start > code.size || row.size > code.size - start) return false;
    row.code = to.section;
    row.start = static_cast<u32>(start);
    return true;
  }

  // Places are asked for in ascending order. One that nobody asks for is in the way of all others.
  const Relocation* take_relocation(u64 place) {
    if (next_ == relocations_.size() || relocations_[next_].offset != place) return nullptr;
    const RelocationType* const type = program_.isa.find(relocations_[next_].type);
    const bool stores = type != nullptr && type->size == kWord && type->use != Use::kNone &&
                        type->use != Use::kMarker && type->use != Use::kDynamic;
    return stores ? &relocations_[next_++] : nullptr;
  }

  const Program& program_;
  const SectionId id_;
  const InputSection& section_;
  std::vector<Relocation> relocations_;  // by place
  u64 next_ = 0;                         // of these
  std::vector<FrameRow> rows_;
  std::vector<Common> commons_;
};

// Of each object with tables, all references and symbols are looked at.
class Reader {
 public:
  explicit Reader(const Program& program) : program_(program), inputs_(program.inputs) {}

  FrameTables run() {
    for (u32 i = 0; i < inputs_.sections.size(); i++)
      if (!inputs_.sections[i].excluded && is_frame_table(inputs_.sections[i])) read(SectionId{i});
    ObjectId last = kNoObject;
    for (const FrameTable& table : result_.tables) {
      const ObjectId object = inputs_[table.section].object;
      if (object == last || table.row_count == 0) continue;
      look_at_object(object);
      last = object;
    }
    return std::move(result_);
  }

 private:
  void read(SectionId id) {
    FrameTable table{id, false, static_cast<u32>(result_.rows.size()), 0};
    if (const auto rows = TableReader(program_, id).run()) {
      table.is_plain = true;
      table.row_count = static_cast<u32>(rows->size());
      result_.rows.insert(result_.rows.end(), rows->begin(), rows->end());
    }
    result_.tables.push_back(table);
  }

  void look_at_object(ObjectId id) {
    const Object& object = inputs_.objects[index(id)];
    for (u32 i = object.first_global; i < object.symbol_count; i++) {
      const ElfSymbol symbol = object.nameless_symbol(i);
      if (symbol.section != SHN_UNDEF && symbol.section < object.section_count)
        refuse(object.section(symbol.section));
    }
    for (u32 i = 0; i < object.section_count; i++) {
      const InputSection& section = inputs_[object.section(i)];
      if (section.excluded || !section.has(SHF_ALLOC)) continue;
      const u64 count = relocation_count(section);
      for (u64 k = 0; k < count; k++)
        refuse(referent(program_, id, relocation(section, k).symbol).section);
    }
  }

  // Somebody could know a place in it. The mark of a beginning in a section without rows is none.
  void refuse(SectionId section) {
    if (section == kNoSection || !is_frame_table(inputs_[section])) return;
    const auto table = std::ranges::lower_bound(result_.tables, section, {}, &FrameTable::section);
    if (table == result_.tables.end() || table->section != section || table->row_count == 0) return;
    table->is_plain = false;
    table->row_count = 0;
  }

  const Program& program_;
  const Inputs& inputs_;
  FrameTables result_;
};

}  // namespace

bool is_frame_table(const InputSection& section) {
  constexpr std::string_view kName = ".eh_frame";
  // The name last: most sections are code, and their names lie all over the input.
  return section.has(SHF_ALLOC) && !section.has(SHF_EXECINSTR) && section.name.starts_with(kName) &&
         (section.name.size() == kName.size() || section.name[kName.size()] == '.');
}

const FrameTable* FrameTables::plain(SectionId section) const {
  const auto table = std::ranges::lower_bound(tables, section, {}, &FrameTable::section);
  const bool found = table != tables.end() && table->section == section && table->is_plain;
  return found ? &*table : nullptr;
}

bool FrameTables::is_start(const FrameTable& table, u64 offset) const {
  const std::span<const FrameRow> all = rows_of(table);
  const auto behind = std::ranges::upper_bound(all, offset, {}, &FrameRow::begin);
  return behind != all.begin() && std::prev(behind)->kind == FrameRow::Kind::kDescription &&
         std::prev(behind)->start_place() == offset;
}

FrameTables read_frame_tables(const Program& program) { return Reader(program).run(); }

void cut_frame_tables(const Program& program, Atoms& atoms) {
  if (!atoms.may_have_frame_tables()) return;
  const FrameTables tables = read_frame_tables(program);
  std::vector<u32> starts;
  for (const FrameTable& table : tables.tables) {
    if (table.row_count < 2) continue;
    starts.clear();
    for (const FrameRow& row : tables.rows_of(table)) starts.push_back(row.begin);
    atoms.cut(table.section, starts, program.inputs[table.section].size, {});
  }
}

}  // namespace fwseal
