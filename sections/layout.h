// Where everything lies: the result of layout, which relocation and every writer read.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "elfio/isa.h"
#include "graph/program.h"
#include "prune/plan.h"
#include "sections/script.h"

namespace fwseal {

// Index of an output section in Layout::outputs, in the order of the section header table.
enum class OutputId : u32 {};
inline constexpr OutputId kNoOutput{0xffff'ffff};
constexpr u32 index(OutputId id) { return static_cast<u32>(id); }

enum class ChunkKind : u8 {
  kInput,    // an input section, with its edits
  kMerged,   // a blob of merged strings; item: its index
  kData,     // BYTE..QUAD: item is an index into Layout::data; ASCIZ: see kTextItem
  kVeneers,  // item: index into Layout::veneer_groups
};
// In Chunk::item of kData: the rest is an index into Layout::texts.
inline constexpr u32 kTextItem = 0x8000'0000;

// A run of an output section. Between chunks lie gaps, which are filled.
struct Chunk {
  ChunkKind kind = ChunkKind::kInput;
  SectionId section = kNoSection;  // kInput; kMerged: the section it stands for
  u32 item = 0;
  u64 offset = 0;  // within the output section
  u64 size = 0;
};

// From this offset on, gaps are filled with this pattern (repeated from the start of each gap).
struct Fill {
  u64 offset = 0;
  // Both empty: zeroes, or the machine's no-operations in code.
  std::string_view literal;  // the script's; a copy for each gap could be any amount of memory
  std::string value;         // four bytes

  std::string_view pattern() const { return literal.empty() ? std::string_view(value) : literal; }
};

struct OutputSection {
  std::string name;
  u32 type = SHT_PROGBITS;
  u64 flags = 0;  // SHF_*
  u64 vma = 0;
  u64 lma = 0;
  u64 size = 0;
  u32 alignment = 1;
  u32 entry_size = 0;
  u32 link_to = 0;  // sh_link: OutputId + 1 of the section that an SHF_LINK_ORDER section describes
  u64 file_offset = 0;           // set by write_elf's planning, not by layout
  std::vector<Chunk> chunks;     // in order of offset
  std::vector<Fill> fills;       // in order of offset
  std::optional<u32> region;       // index into Layout::regions
  std::optional<u32> load_region;  // where LMA space was taken, if it is another than `region`
  // NOLOAD: it has addresses and no bytes in the file. COPY, INFO, DSECT, OVERLAY types: not
  // allocated, though symbols inside have addresses.
  OutputType script_type = OutputType::kDefault;
  const OutputDescription* description = nullptr;  // nullptr: an orphan

  bool allocated() const { return (flags & SHF_ALLOC) != 0; }
  bool has_bytes() const { return type != SHT_NOBITS; }
  bool loaded() const { return allocated() && has_bytes(); }
};

struct OutputSegment {
  std::string name;  // of a PHDRS command, or empty
  u32 type = PT_LOAD;
  u32 flags = 0;  // PF_*
  u64 vma = 0;
  u64 lma = 0;
  u64 memory_size = 0;
  u64 file_size = 0;
  u64 file_offset = 0;
  u64 alignment = 4;
  bool includes_file_header = false;
  bool includes_program_headers = false;
  std::vector<OutputId> sections;  // in order of address
};

// A memory region and how full it is.
struct RegionUse {
  std::string name;
  u64 origin = 0;
  u64 length = 0;
  u64 used = 0;      // bytes from origin to the end of the last byte taken, as GNU ld counts
  u64 overflow = 0;  // bytes past the end
  std::string overflowing = {};  // the first output section that did not fit, or empty
};

// Where an input section went.
struct SectionPlace {
  OutputId output = kNoOutput;  // kNoOutput: it is not in the image
  u64 offset = 0;               // within the output section
};

// The value of a symbol that the script defines.
struct ScriptSymbol {
  u64 value = 0;                // an address, or a number
  OutputId output = kNoOutput;  // kNoOutput: absolute
  bool defined = false;         // an unneeded PROVIDE is not
  bool hidden = false;
  bool thumb_function = false;  // an alias of a Thumb function: bit 0 belongs to its address
  u8 type = STT_NOTYPE;
};

// A veneer for every branch to the same target near enough to it.
struct Veneer {
  VeneerShape shape;
  SymbolId symbol = kNoSymbol;     // of the target; or, for a local one:
  SectionId section = kNoSection;  // section and offset
  u64 value = 0;
  i64 addend = 0;  // bytes beyond the symbol; 0 but for branches into the middle of something
  u64 offset = 0;  // within its group
};
struct VeneerGroup {
  OutputId output = kNoOutput;
  u64 offset = 0;  // within the output section
  u64 size = 0;
  std::vector<Veneer> veneers;
};

// A row that edits appended to an unwind table: behind the code of `text` nothing can be unwound.
struct UnwindEnd {
  SectionId table = kNoSection;
  SectionId text = kNoSection;
};

// A section group in the output of -r, whose list of members is an output section.
struct OutputGroup {
  ObjectId object = kNoObject;  // that it comes from, and its number there
  u32 number = 0;
  std::vector<OutputId> members;
};

struct Layout {
  std::vector<OutputSection> outputs;
  std::vector<OutputGroup> groups;           // the i-th one is outputs[i]
  std::vector<OutputSegment> segments;
  std::vector<RegionUse> regions;
  std::vector<SectionPlace> places;          // per input section
  std::map<SymbolId, ScriptSymbol> script_symbols;  // all whose state is kScript
  std::vector<u64> data;                     // values of BYTE..QUAD, see Chunk::item
  std::vector<std::string> texts;            // of ASCIZ, without the NUL that follows
  std::vector<VeneerGroup> veneer_groups;
  std::vector<u32> veneer_group_of;          // per input section: the group that serves it + 1, or
                                             // 0; shorter if the rest have none
  std::vector<EditList> edits;               // per input section; shorter if the rest have none
  Folds folds;                               // copies that others stand for
  std::vector<UnwindEnd> unwind_ends;
  u64 entry = 0;  // with the Thumb bit
  u64 headers_size = 0;                      // what SIZEOF_HEADERS gave

  OutputId output_named(std::string_view name) const;
  // The place of the section that holds a byte of the input, or what stands for it.
  const SectionPlace& place_of(SectionId section, u64 offset) const {
    return places[index(folds.resolve(section, offset).section)];
  }
};

}  // namespace fwseal
