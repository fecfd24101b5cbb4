// Where everything lies: the result of layout, which relocation and every writer read.
#pragma once

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
  kData,     // BYTE..QUAD, ASCIZ; item: index into Layout::data
  kVeneers,  // item: index into Layout::veneer_groups
  kGot,      // the global offset table
  kTable,    // bytes made by the linker (build id, attributes, comment); item: index into tables
};

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
  std::string pattern;  // empty: zeroes, or the machine's no-operations in code
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
  i64 addend = 0;
  u64 offset = 0;  // within its group
};
struct VeneerGroup {
  OutputId output = kNoOutput;
  u64 offset = 0;  // within the output section
  u64 size = 0;
  std::vector<Veneer> veneers;
};

// The entry of the global offset table for a symbol (Use::kGotEntry).
struct GotEntry {
  SymbolId symbol = kNoSymbol;     // or, for a local one:
  SectionId section = kNoSection;  // section and value
  u64 value = 0;
  bool thread_local_offset = false;
};

struct Layout {
  std::vector<OutputSection> outputs;
  std::vector<OutputSegment> segments;
  std::vector<RegionUse> regions;
  std::vector<SectionPlace> places;          // per input section
  std::vector<ScriptSymbol> script_symbols;  // per SymbolId; meant if the state is kScript
  std::vector<u64> data;                     // values of BYTE..QUAD, see Chunk::item
  std::vector<std::string> texts;            // of ASCIZ: item - data.size()
  std::vector<std::string> tables;           // of kTable
  std::vector<VeneerGroup> veneer_groups;
  std::vector<GotEntry> got;
  u64 got_address = 0;
  std::vector<EditList> edits;               // per input section; shorter if the rest have none
  u64 entry = 0;
  u64 headers_size = 0;                      // what SIZEOF_HEADERS gave

  OutputId output_named(std::string_view name) const;
};

}  // namespace fwseal
