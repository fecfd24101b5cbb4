// The symbol table of the image, as GNU ld writes it: a section symbol for each output section; for
// each object its STT_FILE and the local symbols whose section is in the image; then, under an
// STT_FILE without a name, what the linker made (hidden symbols of the script, veneers, mapping
// symbols); then the global symbols.
//
// An object without STT_FILE gets one with the name of the file, so that debuggers do not take its
// locals for those of the object before it.
#include "sections/output_symbols.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <map>

#include "sections/veneer.h"

namespace fwseal {
namespace {

// AAELF32 2023Q3, "Mapping symbols": "$a", "$t", "$d", also with a suffix that begins with a dot.
bool is_mapping(std::string_view name) {
  if (name.size() < 2 || name[0] != '$') return false;
  if (name[1] != 'a' && name[1] != 'd' && name[1] != 't') return false;
  return name.size() == 2 || name[2] == '.';
}

// Labels that a compiler made for itself.
bool is_temporary(std::string_view name) {
  return name.starts_with(".L") || name.starts_with("..") || name.starts_with("_.L_");
}

std::string_view file_name(std::string_view path) {
  return path.substr(path.find_last_of('/') + 1);  // npos + 1 is 0
}

// Not Bytes::c_string: the name of a local symbol may be one that no pass before had to read.
std::string_view name_of(const Object& object, const Elf32_Sym& symbol) {
  const std::string_view names = object.string_table.text();
  if (symbol.st_name >= names.size()) return {};
  const std::string_view rest = names.substr(symbol.st_name);
  return rest.substr(0, rest.find('\0'));
}

u8 info(u8 binding, u8 type) { return static_cast<u8>(ELF32_ST_INFO(binding, type)); }

// The mapping symbols of an object with edited sections, to find the next one behind an offset.
struct Mark {
  u32 section = 0;  // ELF section index
  u64 offset = 0;
  auto operator<=>(const Mark&) const = default;
};

// Where a symbol of an input section is in the image.
struct SymbolValue {
  u64 address = 0;
  u64 size = 0;
  OutputId output = kNoOutput;  // kNoOutput: absolute
};

class SymbolWriter {
 public:
  SymbolWriter(const Program& program, const MergedStrings& merged, const Layout& layout,
               const SymbolOptions& options)
      : program_(program),
        merged_(merged),
        layout_(layout),
        options_(options),
        discard_(options.discard),
        is_arm_(program.isa.machine() == EM_ARM) {
    if (options.for_relocations) {
      table_.indices.emplace(program);
      uses_.emplace(program, layout, *table_.indices);
    }
    for (const OutputSegment& segment : layout.segments)
      if (segment.type == PT_TLS) tls_start_ = segment.vma;
  }

  SymbolTable write();

 private:
  void reserve();
  void add_section_symbols();
  void add_locals(ObjectId object_id);
  bool is_used(ObjectId object, u32 symbol) const;
  void add_undefined_local(ObjectId object, u32 symbol, std::string_view name);
  bool keeps(std::string_view name, SectionId section) const;
  bool vanishes(std::string_view name, SectionId section, const Elf32_Sym& symbol,
                const Object& object, u32 elf_index);
  void find_marks(const Object& object);
  u32 section_of(const Object& object, const Elf32_Sym& symbol, u32 symbol_index) const;
  const EditList* edits_of(SectionId section) const;
  bool is_removed(const Symbol& symbol) const;
  SymbolValue value_in(SectionId section, u64 value, u64 size, u8 type) const;

  void add_linker_made();
  void add_veneer(const VeneerGroup& group, const Veneer& veneer);
  void find_functions(ObjectId id);
  std::string target_name(const Veneer& veneer);
  u32 veneer_name(const Veneer& veneer);
  void add_data_marks(const OutputSection& output, OutputId id);

  void add_script_symbol(const Symbol& symbol, const ScriptSymbol& script, u8 binding);
  void add_defined(const Symbol& symbol);
  void add_unplaced(const Symbol& symbol, u16 section, u64 value, u64 size);
  bool is_wanted(u64 symbol) const;
  void add_globals();

  u32 next_index() const { return static_cast<u32>(table_.entries.size()); }
  void note_index(u64 symbol) {
    if (table_.indices) table_.indices->globals[symbol] = next_index();
  }

  u32 name_offset(std::string_view name);
  void add(std::string_view name, const SymbolValue& value, u8 info, u8 other);
  void add_file(std::string_view name) {
    add(name, {}, fwseal::info(STB_LOCAL, STT_FILE), STV_DEFAULT);
  }
  void add_mark(std::string_view name, u64 address, OutputId output) {
    add(name, {address, 0, output}, fwseal::info(STB_LOCAL, STT_NOTYPE), STV_DEFAULT);
  }

  const Program& program_;
  const MergedStrings& merged_;
  const Layout& layout_;
  const SymbolOptions& options_;
  const Discard discard_;
  const bool is_arm_;
  SymbolTable table_;
  std::optional<SymbolUses> uses_;  // of relocations, if they stay
  u64 tls_start_ = 0;
  u32 mark_names_[3] = {};  // offsets of "$a", "$d", "$t", which every object repeats
  std::map<VeneerKey, u32> veneer_names_;  // their offsets, by target
  // Of the object that was asked about last, by ELF section index and value with the Thumb bit.
  std::map<std::pair<u32, u32>, std::string_view> functions_;
  ObjectId functions_of_ = kNoObject;
  std::vector<Mark> marks_;
  bool marks_found_ = false;  // of the object that is being written
};

void SymbolWriter::reserve() {
  u64 locals = layout_.outputs.size();
  for (const Object& object : program_.inputs.objects) locals += object.first_global;
  table_.entries.reserve(1 + locals + program_.symbols.symbols.size());
  table_.names.reserve(program_.symbols.symbols.size() * 24);
}

u32 SymbolWriter::name_offset(std::string_view name) {
  if (name.empty()) return 0;
  const bool is_mark = name.size() == 2 && is_mapping(name);
  u32* const known = is_mark ? &mark_names_[name[1] == 'a' ? 0 : name[1] == 'd' ? 1 : 2] : nullptr;
  if (known != nullptr && *known != 0) return *known;
  const u32 offset = static_cast<u32>(table_.names.size());
  table_.names += name;
  table_.names += '\0';
  if (known != nullptr) *known = offset;
  return offset;
}

void SymbolWriter::add(std::string_view name, const SymbolValue& value, u8 info, u8 other) {
  Elf32_Sym symbol = {};
  symbol.st_name = name_offset(name);
  symbol.st_value = static_cast<u32>(value.address);
  symbol.st_size = static_cast<u32>(value.size);
  symbol.st_info = info;
  symbol.st_other = other;
  symbol.st_shndx = SHN_ABS;
  if (value.output != kNoOutput) {
    const u32 header = index(value.output) + 1;
    symbol.st_shndx = static_cast<u16>(header < SHN_LORESERVE ? header : SHN_XINDEX);
    if (header >= SHN_LORESERVE) {
      table_.extended_indices.resize(table_.entries.size());
      table_.extended_indices.push_back(header);
    }
  }
  table_.entries.push_back(symbol);
}

void SymbolWriter::add_section_symbols() {
  for (u32 i = 0; i < layout_.outputs.size(); i++)
    add({}, {layout_.outputs[i].vma, 0, OutputId{i}}, info(STB_LOCAL, STT_SECTION), STV_DEFAULT);
}

const EditList* SymbolWriter::edits_of(SectionId section) const {
  if (index(section) >= layout_.edits.size()) return nullptr;
  const EditList& edits = layout_.edits[index(section)];
  return edits.empty() ? nullptr : &edits;
}

// The section must be in the image. `value` is st_value: with the Thumb bit of a function.
SymbolValue SymbolWriter::value_in(SectionId input, u64 value, u64 size, u8 type) const {
  const bool is_function = type == STT_FUNC || type == STT_GNU_IFUNC;
  const u64 thumb = is_arm_ && is_function ? value & 1 : 0;
  const Folds::Place at = layout_.folds.resolve(input, value - thumb);
  const SectionId section = at.section;
  const SectionPlace& place = layout_.places[index(section)];
  u64 offset = at.offset;
  if (layout_.folds.find(input, value - thumb) != nullptr) {
    if (const EditList* edits = edits_of(section)) offset = edits->map(offset);
    offset += at.beyond;
  } else if (merged_.merged(section)) {
    offset = merged_.map(section, offset);
  } else if (const EditList* edits = edits_of(section)) {
    // Not where the byte behind it went: there may be new ones in between.
    const u64 last = offset + size - 1;
    const u64 end =
        size == 0 || edits->removes(last) ? edits->map(offset + size) : edits->map(last) + 1;
    offset = edits->map(offset);
    size = end - offset;
  }
  u64 address = layout_.outputs[index(place.output)].vma + place.offset + offset;
  // gABI, "Thread-Local Storage": an offset in the thread's block.
  if (type == STT_TLS) address -= tls_start_;
  return {address + thumb, size, place.output};
}

bool SymbolWriter::keeps(std::string_view name, SectionId section) const {
  if (options_.retained) return options_.retains(name);
  if (discard_ == Discard::kNone || is_mapping(name)) return true;
  if (discard_ == Discard::kLocals) return false;
  if (!is_temporary(name)) return true;
  return discard_ == Discard::kMergedTemporaries &&
         (section == kNoSection || !program_.inputs[section].has(SHF_MERGE));
}

void SymbolWriter::find_marks(const Object& object) {
  if (marks_found_) return;
  marks_found_ = true;
  marks_.clear();
  for (u32 i = 1; i < object.first_global; i++) {
    Elf32_Sym symbol;
    std::memcpy(&symbol, object.symbol_table.data() + u64{i} * sizeof symbol, sizeof symbol);
    if (is_mapping(name_of(object, symbol)))
      marks_.push_back({section_of(object, symbol, i), symbol.st_value});
  }
  std::sort(marks_.begin(), marks_.end());
}

// Did edits take away all that the symbol stands for? Of a mapping symbol that is everything up to
// the next one: left in place, it would compete with that one for the bytes behind the edit.
bool SymbolWriter::vanishes(std::string_view name, SectionId section, const Elf32_Sym& symbol,
                            const Object& object, u32 elf_index) {
  // What stands for a copy has marks of its own.
  if (layout_.folds.find(section, symbol.st_value) != nullptr) return is_mapping(name);
  const EditList* const edits = edits_of(section);
  if (edits == nullptr) return false;
  u64 start = symbol.st_value;
  if (is_arm_ && ELF32_ST_TYPE(symbol.st_info) == STT_FUNC) start &= ~u64{1};
  if (merged_.merged(section)) return edits->removes(start);
  u64 end = start + symbol.st_size;
  if (is_mapping(name)) {
    find_marks(object);
    const auto next = std::upper_bound(marks_.begin(), marks_.end(), Mark{elf_index, start});
    const bool is_last = next == marks_.end() || next->section != elf_index;
    end = is_last ? program_.inputs[section].size : next->offset;
  }
  return end > start && edits->map(start) == edits->map(end);
}

u32 SymbolWriter::section_of(const Object& object, const Elf32_Sym& symbol,
                             u32 symbol_index) const {
  if (symbol.st_shndx != SHN_XINDEX) return symbol.st_shndx;
  const u64 offset = u64{symbol_index} * sizeof(u32);
  if (object.extended_indices.size() < offset + sizeof(u32)) return SHN_UNDEF;
  return object.extended_indices.le<u32>(offset);
}

bool SymbolWriter::is_used(ObjectId object, u32 symbol) const {
  return uses_ && uses_->locals[table_.indices->first_local[index(object)] + symbol];
}

// It gives its name to a section group; gABI 4.1, "Section Groups": the symbol may be undefined.
void SymbolWriter::add_undefined_local(ObjectId object, u32 symbol, std::string_view name) {
  table_.indices->local(object, symbol) = next_index();
  add(name, {}, info(STB_LOCAL, STT_NOTYPE), STV_DEFAULT);
  table_.entries.back().st_shndx = SHN_UNDEF;
}

void SymbolWriter::add_locals(ObjectId object_id) {
  const Object& object = program_.inputs.objects[index(object_id)];
  // The STT_FILE waits for the first local symbol: without one it would say nothing.
  std::string_view file = file_name(object.member.empty() ? object.file : object.member);
  bool file_is_due = true;
  marks_found_ = false;
  for (u32 i = 1; i < object.first_global; i++) {
    Elf32_Sym symbol;
    std::memcpy(&symbol, object.symbol_table.data() + u64{i} * sizeof symbol, sizeof symbol);
    const u8 type = ELF32_ST_TYPE(symbol.st_info);
    if (type == STT_SECTION) continue;
    if (symbol.st_shndx == SHN_UNDEF) {
      if (is_used(object_id, i)) add_undefined_local(object_id, i, name_of(object, symbol));
      continue;
    }
    if (type == STT_FILE) {
      file = name_of(object, symbol);
      file_is_due = true;
      continue;
    }
    SectionId id = kNoSection;
    u32 elf_index = SHN_ABS;
    if (symbol.st_shndx != SHN_ABS) {
      elf_index = section_of(object, symbol, i);
      if (symbol.st_shndx == SHN_COMMON || elf_index >= object.section_count) continue;
      id = object.section(elf_index);
      if (layout_.place_of(id, symbol.st_value).output == kNoOutput) continue;
    }
    const std::string_view name = name_of(object, symbol);
    if (!keeps(name, id) && !is_used(object_id, i)) continue;
    SymbolValue value{symbol.st_value, symbol.st_size, kNoOutput};
    if (id != kNoSection) {
      if (vanishes(name, id, symbol, object, elf_index)) continue;
      value = value_in(id, symbol.st_value, symbol.st_size, type);
    }
    if (file_is_due) add_file(file);
    file_is_due = false;
    if (table_.indices) table_.indices->local(object_id, i) = next_index();
    add(name, value, info(STB_LOCAL, type), STV_DEFAULT);
  }
}

void SymbolWriter::add_script_symbol(const Symbol& symbol, const ScriptSymbol& script, u8 binding) {
  const bool is_function = script.thumb_function;
  const u64 value = is_function ? script.value | 1 : script.value;
  const u8 type = is_function ? u8{STT_FUNC} : script.type;
  const u8 visibility = binding == STB_LOCAL ? u8{STV_DEFAULT} : symbol.visibility;
  add(symbol.name, {value, 0, script.output}, info(binding, type), visibility);
}

// The local functions of an object, for the names of their veneers.
void SymbolWriter::find_functions(ObjectId id) {
  if (functions_of_ == id) return;
  functions_of_ = id;
  functions_.clear();
  const Object& object = program_.inputs.objects[index(id)];
  for (u32 i = 1; i < object.first_global; i++) {
    Elf32_Sym symbol;
    std::memcpy(&symbol, object.symbol_table.data() + u64{i} * sizeof symbol, sizeof symbol);
    if (ELF32_ST_TYPE(symbol.st_info) == STT_FUNC)
      functions_.try_emplace({section_of(object, symbol, i), symbol.st_value | 1},
                             name_of(object, symbol));
  }
}

// A target without a name of its own is called by its place.
std::string SymbolWriter::target_name(const Veneer& veneer) {
  if (veneer.symbol != kNoSymbol) return std::string(program_.symbols[veneer.symbol].name);
  if (veneer.section == kNoSection) return hex(veneer.value);
  const InputSection& section = program_.inputs[veneer.section];
  find_functions(section.object);
  const auto found = functions_.find({section.elf_index, veneer.value | 1});
  if (found != functions_.end()) return std::string(found->second);
  return cat(section.name, "+", hex(veneer.value));
}

// As GNU ld names it: __memcpy_veneer. A target may have many veneers, and a long name.
u32 SymbolWriter::veneer_name(const Veneer& veneer) {
  const VeneerKey target{index(veneer.symbol), index(veneer.section), veneer.value, 0, 0};
  const auto [known, added] = veneer_names_.try_emplace(target, 0);
  if (added) known->second = name_offset(cat("__", target_name(veneer), "_veneer"));
  return known->second;
}

void SymbolWriter::add_veneer(const VeneerGroup& group, const Veneer& veneer) {
  const u64 start = layout_.outputs[index(group.output)].vma + group.offset + veneer.offset;
  const u64 thumb = veneer.shape.entry_is_thumb ? 1 : 0;
  add({}, {start + thumb, veneer.shape.size, group.output}, info(STB_LOCAL, STT_FUNC), STV_DEFAULT);
  table_.entries.back().st_name = veneer_name(veneer);
  for (const VeneerMark& mark : program_.isa.veneer_marks(veneer.shape))
    add_mark(mark.name, start + mark.offset, group.output);
}

// Data statements of the script between code have no mapping symbol from an object.
void SymbolWriter::add_data_marks(const OutputSection& output, OutputId id) {
  if (!is_arm_ || (output.flags & SHF_EXECINSTR) == 0) return;
  const Chunk* last = nullptr;
  for (const Chunk& chunk : output.chunks) {
    const bool is_data = chunk.kind == ChunkKind::kData;
    const bool continues = last != nullptr && last->kind == chunk.kind;
    if (is_data && !continues && chunk.size != 0) add_mark("$d", output.vma + chunk.offset, id);
    last = &chunk;
  }
}

void SymbolWriter::add_linker_made() {
  if (options_.retained) return;
  add_file({});
  const u64 before = table_.entries.size();
  const auto& symbols = program_.symbols.symbols;
  for (const auto& [id, script] : layout_.script_symbols) {
    if (!script.defined || !script.hidden) continue;
    note_index(index(id));
    add_script_symbol(symbols[index(id)], script, STB_LOCAL);
  }
  for (const VeneerGroup& group : layout_.veneer_groups)
    for (const Veneer& veneer : group.veneers) add_veneer(group, veneer);
  for (u32 i = 0; i < layout_.outputs.size(); i++) add_data_marks(layout_.outputs[i], OutputId{i});
  if (table_.entries.size() == before) table_.entries.pop_back();
}

// Is it in what edits took away? Then nothing that is left refers to it.
bool SymbolWriter::is_removed(const Symbol& symbol) const {
  const EditList* const edits = edits_of(symbol.section);
  if (edits == nullptr) return false;
  const bool is_thumb = is_arm_ && symbol.type == STT_FUNC && (symbol.value & 1) != 0;
  if (layout_.folds.find(symbol.section, symbol.value) != nullptr) return false;
  return edits->removes_symbol(symbol.value - (is_thumb ? 1 : 0));
}

void SymbolWriter::add_defined(const Symbol& symbol) {
  add(symbol.name, value_in(symbol.section, symbol.value, symbol.size, symbol.type),
      info(symbol.binding, symbol.type), symbol.visibility);
}

// An undefined or common symbol, which only an object may have; but a weak one that is nowhere also
// stands in the relocations of an executable.
void SymbolWriter::add_unplaced(const Symbol& symbol, u16 section, u64 value, u64 size) {
  add(symbol.name, {value, size, kNoOutput}, info(symbol.binding, symbol.type), symbol.visibility);
  table_.entries.back().st_shndx = section;
}

// What an option asked for, such as -u, has no reference in any object.
bool SymbolWriter::is_wanted(u64 symbol) const {
  if (!uses_) return false;
  return options_.all_undefined || uses_->globals[symbol] ||
         program_.symbols.symbols[symbol].first_reference == kNoObject;
}

void SymbolWriter::add_globals() {
  const auto& symbols = program_.symbols.symbols;
  for (u64 i = 0; i < symbols.size(); i++) {
    const Symbol& symbol = symbols[i];
    if (!options_.retains(symbol.name) && !(uses_ && uses_->globals[i])) continue;
    const u32 before = next_index();
    switch (symbol.state) {
      case SymbolState::kDefined:
        if (layout_.place_of(symbol.section, symbol.value).output != kNoOutput &&
            !is_removed(symbol))
          add_defined(symbol);
        break;
      case SymbolState::kAbsolute:
        add(symbol.name, {symbol.value, symbol.size, kNoOutput}, info(symbol.binding, symbol.type),
            symbol.visibility);
        break;
      case SymbolState::kScript: {
        const ScriptSymbol& script = layout_.script_symbols.at(SymbolId{static_cast<u32>(i)});
        if (script.defined && !script.hidden) add_script_symbol(symbol, script, STB_GLOBAL);
        break;
      }
      case SymbolState::kUndefined:
        // A sealed image refers to nothing outside itself.
        if (is_wanted(i)) add_unplaced(symbol, SHN_UNDEF, 0, 0);
        break;
      case SymbolState::kCommon:
        // gABI, "Symbol Table": st_value holds the alignment.
        if (uses_) add_unplaced(symbol, SHN_COMMON, symbol.value, symbol.size);
        break;
      case SymbolState::kUnseen:
        break;
    }
    if (table_.indices && next_index() != before) table_.indices->globals[i] = before;
  }
}

SymbolTable SymbolWriter::write() {
  reserve();
  table_.names += '\0';
  table_.entries.push_back({});
  add_section_symbols();
  for (u32 i = 0; i < program_.inputs.read_objects; i++)
    if (!program_.inputs.objects[i].symbols_only) add_locals(ObjectId{i});
  add_linker_made();
  table_.local_count = static_cast<u32>(table_.entries.size());
  add_globals();
  if (!table_.extended_indices.empty()) table_.extended_indices.resize(table_.entries.size());
  return std::move(table_);
}

}  // namespace

SymbolTable output_symbols(const Program& program, const MergedStrings& merged,
                           const Layout& layout, const SymbolOptions& options) {
  return SymbolWriter(program, merged, layout, options).write();
}

}  // namespace fwseal
