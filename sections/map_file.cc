// What stands where. The memory map follows the script: each output section with its statements,
// and behind an input section description the sections that it took, each with the global symbols
// in it. What the script did not ask for by a statement (orphans, veneers) stands where it lies.
//
// Every byte of an output section has a line: an input section, data, or "*fill*".
#include "sections/map_file.h"

#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "sections/lay_out.h"
#include "sections/map_text.h"
#include "sections/script_text.h"

namespace fwseal {
namespace {

// GNU ld's name for the file of sections that it made itself.
constexpr std::string_view kLinkerFile = "linker stubs";

class MapWriter {
 public:
  MapWriter(const Program& program, const Script& script, const Matcher& matcher,
            const MergedStrings& merged, const Layout& layout, const MapOptions& options)
      : program_(program),
        inputs_(program.inputs),
        script_(script),
        matcher_(matcher),
        merged_(merged),
        layout_(layout),
        options_(options) {}

  std::string write();

 private:
  struct DefinedSymbol {
    SectionId section;
    u64 offset = 0;  // in the image's section
    u32 symbol = 0;
    bool operator<(const DefinedSymbol& other) const {
      return std::tuple(index(section), offset, symbol) <
             std::tuple(index(other.section), other.offset, other.symbol);
    }
  };

  void collect_symbols();
  void add_extractions();
  void add_discarded();
  void add_folded();
  void add_memory_configuration();
  void add_loads();
  void add_statements();
  void add_assignment(const Assignment& assignment);
  void add_absent_output(const OutputDescription& description);

  void add_output(const OutputSection& output);
  void add_output_header(const OutputSection& output);
  u64 statement_of(const OutputSection& output, const Chunk& chunk);
  void add_chunks_through(const OutputSection& output, u64 statement);
  void add_chunk(const OutputSection& output, const Chunk& chunk);
  void add_gap(const OutputSection& output, u64 start, u64 end);
  void add_section(std::string_view name, u64 address, u64 size, std::string_view file);
  void add_input(SectionId section, u64 address, u64 size);
  void add_merged(const Chunk& chunk, u64 address);
  void add_symbols(SectionId section, u64 address);
  void add_data(const OutputSection& output, const Chunk& chunk);

  const Program& program_;
  const Inputs& inputs_;
  const Script& script_;
  const Matcher& matcher_;
  const MergedStrings& merged_;
  const Layout& layout_;
  const MapOptions& options_;
  Demangler names_{options_.demangle};
  MapText text_;
  std::vector<DefinedSymbol> symbols_;  // those in the image, by section and address
  std::vector<Matcher::Match> matches_;
  u64 next_chunk_ = 0;   // of the output section that is being written
  u64 next_offset_ = 0;  // behind the chunk before it
  u64 next_fill_ = 0;    // behind the one that fills the gap
};

void MapWriter::collect_symbols() {
  const auto& symbols = program_.symbols.symbols;
  for (u32 i = 0; i < symbols.size(); i++) {
    const Symbol& symbol = symbols[i];
    if (symbol.state != SymbolState::kDefined) continue;
    const u32 section = index(symbol.section);
    // Of a copy, it is said what stands for it.
    if (layout_.folds.find(symbol.section, symbol.value) != nullptr) continue;
    if (layout_.places[section].output == kNoOutput) continue;
    const bool is_function = symbol.type == STT_FUNC && program_.isa.machine() == EM_ARM;
    u64 offset = is_function ? symbol.value & ~u64{1} : symbol.value;
    if (merged_.merged(symbol.section))
      offset = merged_.map(symbol.section, offset);
    else if (section < layout_.edits.size())
      offset = layout_.edits[section].map(offset);
    symbols_.push_back({symbol.section, offset, i});
  }
  std::sort(symbols_.begin(), symbols_.end());
}

void MapWriter::add_extractions() {
  if (program_.symbols.extractions.empty()) return;
  text_.line("Archive member included to satisfy reference by file (symbol)\n");
  for (const Extraction& extraction : program_.symbols.extractions) {
    text_.name(file_text(inputs_.objects[index(extraction.member)]), 30);
    if (extraction.referrer != kNoObject)
      text_.add(file_text(inputs_.objects[index(extraction.referrer)]) + " ");
    text_.line(extraction.symbol == kNoSymbol
                   ? "(--whole-archive)"
                   : cat("(", names_.name(program_.symbols[extraction.symbol].name), ")"));
  }
}

// Tables of the object file are not content, and attributes are merged, not discarded.
bool can_be_discarded(const InputSection& section) {
  switch (section.type) {
    case SHT_NULL:
    case SHT_SYMTAB:
    case SHT_STRTAB:
    case SHT_RELA:
    case SHT_REL:
    case SHT_GROUP:
    case SHT_SYMTAB_SHNDX:
    case SHT_ARM_ATTRIBUTES:
      return false;
    default:
      return true;
  }
}

void MapWriter::add_discarded() {
  if (!options_.discarded) return;
  bool any = false;
  for (u32 k = 0; k < inputs_.read_objects; k++) {
    const Object& object = inputs_.objects[k];
    if (object.symbols_only) continue;
    const std::string file = file_text(object);
    for (u32 i = 1; i < object.section_count; i++) {
      const SectionId section = object.section(i);
      if (layout_.places[index(section)].output != kNoOutput) continue;
      if (!layout_.folds.of(section).empty()) continue;
      if (!can_be_discarded(inputs_[section])) continue;
      if (!any) text_.line("\nDiscarded input sections\n");
      any = true;
      add_section(inputs_[section].name, 0, inputs_[section].size, file);
    }
  }
}

// Where copies are now. GNU ld has no such list, and only a link that folds has one here.
void MapWriter::add_folded() {
  if (layout_.folds.all().empty()) return;
  text_.line("\nFolded input sections\n");
  const auto text = [&](SectionId section, u64 begin) {
    return cat(inputs_[section].name, begin == 0 ? "" : cat("+", hex(begin)));
  };
  for (const Fold& fold : layout_.folds.all()) {
    const u64 address =
        address_of(layout_, merged_, fold.section, fold.begin).value_or(0);
    const u64 size = std::min(fold.end, inputs_[fold.section].size) - fold.begin;
    add_section(text(fold.section, fold.begin), address, size,
                file_text(inputs_.object_of(fold.section)));
    text_.blanks(kMapNameColumn);
    text_.line(cat(fold.proof == Fold::Proof::kJump ? "jumps to " : "is ",
                   text(fold.into, fold.into_begin), " of ",
                   file_text(inputs_.object_of(fold.into))));
  }
}

// GNU ld's letters, in its order.
std::string attributes_text(std::string_view attributes) {
  std::string taken;
  std::string refused;
  bool inverted = false;
  for (char c : attributes) {
    if (c == '!') inverted = !inverted;
    std::string& target = inverted ? refused : taken;
    if (std::string_view("aArRwWxXiIlL").find(c) != std::string_view::npos)
      target += static_cast<char>(c | 0x20);
  }
  const auto ordered = [](const std::string& letters) {
    std::string text;
    for (char c : std::string_view("axrwl"))
      if (letters.find(c) != std::string::npos || (c == 'l' && letters.find('i') != letters.npos))
        text += c;
    return text;
  };
  return ordered(taken) + (refused.empty() ? "" : "!" + ordered(refused));
}

void MapWriter::add_memory_configuration() {
  text_.line("\nMemory Configuration\n");
  text_.line("Name             Origin             Length             Attributes");
  const auto add = [&](std::string_view name, u64 origin, u64 length, std::string attributes) {
    text_.add(name);
    text_.blanks(name.size() < 16 ? 17 - name.size() : 1);
    text_.address(origin);
    text_.blanks(9);
    text_.address(length);
    if (!attributes.empty()) text_.add("         " + attributes);
    text_.line("");
  };
  for (const RegionUse& region : layout_.regions) {
    std::string attributes;
    for (const MemoryRegion& description : script_.regions)
      if (description.name == region.name) attributes = attributes_text(description.attributes);
    if (region.name != "*default*") add(region.name, region.origin, region.length, attributes);
  }
  add("*default*", 0, 0xffff'ffff, {});
}

void MapWriter::add_loads() {
  std::string_view last;
  for (u32 i = 0; i < inputs_.read_objects; i++) {
    const std::string_view file = inputs_.objects[i].file;
    if (file != last) text_.line(cat("LOAD ", file));
    last = file;
  }
}

void MapWriter::add_assignment(const Assignment& assignment) {
  text_.blanks(kMapNameColumn);
  const SymbolId id = program_.symbols.find(assignment.symbol);
  const auto found = layout_.script_symbols.find(id);
  const bool known = found != layout_.script_symbols.end() && found->second.defined;
  const bool provides =
      assignment.how == Assign::kProvide || assignment.how == Assign::kProvideHidden;
  if (known) {
    text_.address(found->second.value);
    text_.blanks(24);
  } else if (provides) {
    text_.add("[!provide]                        ");
  } else {
    text_.blanks(34);  // the location counter at this place is not recorded
  }
  text_.line(text_of(assignment));
}

void MapWriter::add_section(std::string_view name, u64 address, u64 size, std::string_view file) {
  text_.name(cat(" ", name));
  text_.address(address);
  text_.size(size);
  text_.line(cat(" ", file));
}

void MapWriter::add_symbols(SectionId section, u64 address) {
  auto symbol = std::lower_bound(symbols_.begin(), symbols_.end(), DefinedSymbol{section, 0, 0});
  for (; symbol != symbols_.end() && symbol->section == section; ++symbol) {
    text_.blanks(kMapNameColumn);
    text_.address(address + symbol->offset);
    text_.blanks(16);
    text_.line(names_.name(program_.symbols.symbols[symbol->symbol].name));
  }
}

void MapWriter::add_input(SectionId section, u64 address, u64 size) {
  const InputSection& input = inputs_[section];
  add_section(input.name, address, size, file_text(inputs_.object_of(section)));
  if (size == input.size) return;
  text_.blanks(kMapNameColumn + 10);
  text_.size(input.size);
  text_.line(" (size before relaxing)");
}

// The bytes of a blob are listed with the first section that has pieces in it, as GNU ld does.
void MapWriter::add_merged(const Chunk& chunk, u64 address) {
  bool first = true;
  for (SectionId section : merged_.blobs[chunk.item].sections) {
    if (layout_.places[index(section)].output == kNoOutput) continue;
    add_input(section, first ? address : address + chunk.size, first ? chunk.size : 0);
    add_symbols(section, address);
    first = false;
  }
  if (first) add_section(inputs_[chunk.section].name, address, chunk.size, kLinkerFile);
}

void MapWriter::add_data(const OutputSection& output, const Chunk& chunk) {
  text_.blanks(kMapNameColumn);
  text_.address(output.vma + chunk.offset);
  text_.size(chunk.size);
  if ((chunk.item & kTextItem) != 0) return text_.line(" ASCIZ");
  const char* const name = chunk.size == 1   ? "BYTE"
                           : chunk.size == 2 ? "SHORT"
                           : chunk.size == 4 ? "LONG"
                                             : "QUAD";
  text_.line(cat(" ", name, " ", hex(layout_.data[chunk.item])));
}

void MapWriter::add_gap(const OutputSection& output, u64 start, u64 end) {
  if (start >= end) return;
  text_.name(" *fill*");
  text_.address(output.vma + start);
  text_.size(end - start);
  text_.add(" ");
  // Gaps come in order of their places, as fills do. A long pattern is not said at each of them.
  constexpr u64 kShown = 16;
  const std::vector<Fill>& fills = output.fills;
  while (next_fill_ < fills.size() && fills[next_fill_].offset <= start) next_fill_++;
  const std::string_view pattern =
      next_fill_ == 0 ? std::string_view() : fills[next_fill_ - 1].pattern();
  for (char c : pattern.substr(0, kShown)) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    const u8 byte = static_cast<u8>(c);
    text_.add(std::string{kDigits[byte >> 4], kDigits[byte & 15]});
  }
  text_.line("");
}

void MapWriter::add_chunk(const OutputSection& output, const Chunk& chunk) {
  add_gap(output, next_offset_, chunk.offset);
  next_offset_ = std::max(next_offset_, chunk.offset + chunk.size);
  const u64 address = output.vma + chunk.offset;
  switch (chunk.kind) {
    case ChunkKind::kInput:
      add_input(chunk.section, address, chunk.size);
      add_symbols(chunk.section, address);
      break;
    case ChunkKind::kMerged:
      add_merged(chunk, address);
      break;
    case ChunkKind::kData:
      add_data(output, chunk);
      break;
    case ChunkKind::kVeneers:
      add_section(output.name + ".__stub", address, chunk.size, kLinkerFile);
      break;
  }
}

// The number of the statement that took the chunk, 0 if none did: then it goes where it stands.
u64 MapWriter::statement_of(const OutputSection& output, const Chunk& chunk) {
  if (chunk.kind != ChunkKind::kInput && chunk.kind != ChunkKind::kMerged) return 0;
  matches_.clear();
  matcher_.matches(inputs_, chunk.section, matches_);
  const auto& statements = output.description->statements;
  for (const Matcher::Match& match : matches_) {
    const PatternUse& use = matcher_.uses()[match.use];
    if (use.statement >= statements.size()) continue;
    if (std::get_if<InputDescription>(&statements[use.statement]) == use.description)
      return use.statement;
  }
  return 0;
}

// The chunks up to those of this statement: what later ones took waits. A data statement made one.
void MapWriter::add_chunks_through(const OutputSection& output, u64 statement) {
  const bool is_data =
      std::holds_alternative<DataStatement>(output.description->statements[statement]);
  while (next_chunk_ < output.chunks.size()) {
    const Chunk& chunk = output.chunks[next_chunk_];
    if (chunk.kind == ChunkKind::kData && !is_data) return;
    if (statement_of(output, chunk) > statement) return;
    add_chunk(output, chunk);
    next_chunk_++;
    if (chunk.kind == ChunkKind::kData) return;
  }
}

void MapWriter::add_output_header(const OutputSection& output) {
  text_.line("");
  text_.name(output.name);
  text_.address(output.vma);
  text_.size(output.size);
  if (output.vma != output.lma) {
    text_.add(" load address ");
    text_.address(output.lma);
  }
  text_.line("");
}

void MapWriter::add_output(const OutputSection& output) {
  add_output_header(output);
  next_chunk_ = next_offset_ = next_fill_ = 0;
  if (output.description != nullptr) {
    const auto& statements = output.description->statements;
    for (u64 i = 0; i < statements.size(); i++) {
      if (const auto* assignment = std::get_if<Assignment>(&statements[i]))
        add_assignment(*assignment);
      else if (const auto* input = std::get_if<InputDescription>(&statements[i]))
        text_.line(" " + text_of(*input));
      add_chunks_through(output, i);
    }
  }
  for (; next_chunk_ < output.chunks.size(); next_chunk_++)
    add_chunk(output, output.chunks[next_chunk_]);
  add_gap(output, next_offset_, output.size);
}

// An output section without contents, or /DISCARD/.
void MapWriter::add_absent_output(const OutputDescription& description) {
  text_.line("\n" + description.name);
  for (const SectionStatement& statement : description.statements)
    if (const auto* assignment = std::get_if<Assignment>(&statement))
      add_assignment(*assignment);
    else if (const auto* input = std::get_if<InputDescription>(&statement))
      text_.line(" " + text_of(*input));
}

void MapWriter::add_statements() {
  std::vector<bool> written(layout_.outputs.size());
  std::unordered_map<const OutputDescription*, u64> output_of;
  for (u64 i = 0; i < layout_.outputs.size(); i++)
    if (layout_.outputs[i].description != nullptr)
      output_of.emplace(layout_.outputs[i].description, i);
  const auto add_orphans_from = [&](u64 first) {
    for (u64 i = first; i < layout_.outputs.size(); i++) {
      if (layout_.outputs[i].description != nullptr || !layout_.outputs[i].allocated()) return;
      if (!written[i]) add_output(layout_.outputs[i]);
      written[i] = true;
    }
  };
  add_orphans_from(0);
  for (const Statement& statement : script_.statements) {
    if (const auto* assignment = std::get_if<Assignment>(&statement)) add_assignment(*assignment);
    const auto* description = std::get_if<OutputDescription>(&statement);
    if (description == nullptr) continue;
    const auto found = output_of.find(description);
    if (found == output_of.end()) {
      add_absent_output(*description);
      continue;
    }
    add_output(layout_.outputs[found->second]);
    written[found->second] = true;
    add_orphans_from(found->second + 1);
  }
  for (u64 i = 0; i < layout_.outputs.size(); i++)
    if (!written[i]) add_output(layout_.outputs[i]);
}

std::string MapWriter::write() {
  collect_symbols();
  add_extractions();
  add_discarded();
  add_folded();
  add_memory_configuration();
  text_.line("\nLinker script and memory map\n");
  add_loads();
  add_statements();
  text_.line(cat("OUTPUT(", options_.output_name, " ", options_.output_format, ")"));
  text_.line(cat("LOAD ", kLinkerFile));
  return text_.take();
}

}  // namespace

std::string map_file(const Program& program, const Script& script, const Matcher& matcher,
                     const MergedStrings& merged, const Layout& layout, const MapOptions& options) {
  return MapWriter(program, script, matcher, merged, layout, options).write();
}

}  // namespace fwseal
