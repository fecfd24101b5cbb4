// A program header while it is planned: which sections it holds and what the script fixed, before
// anything has an offset in the file. Shared by the files that plan_segments is made of.
#pragma once

#include <optional>
#include <vector>

#include "sections/segments.h"

namespace fwseal {

inline constexpr u64 kElfHeaderSize = sizeof(Elf32_Ehdr);
inline constexpr u64 kProgramHeaderSize = sizeof(Elf32_Phdr);

struct SegmentDraft {
  OutputSegment segment;
  std::optional<u32> flags;         // fixed; otherwise those of its sections
  std::optional<u64> load_address;  // AT of PHDRS
};

// Zero-initialised thread-local storage has an address but takes no memory there: each thread's
// copy lies elsewhere (gABI, "Thread-Local Storage").
inline bool is_tbss(const OutputSection& section) {
  return (section.flags & SHF_TLS) != 0 && !section.has_bytes();
}
// The memory that a section takes in a PT_LOAD segment.
inline u64 loaded_size(const OutputSection& section) { return is_tbss(section) ? 0 : section.size; }

// Sorts by load address, as the sections of a segment must stand.
void sort_by_load_address(const Layout& layout, std::vector<OutputId>& sections);

// The segments of PHDRS. ld manual, "PHDRS Command".
std::vector<SegmentDraft> drafts_of_script(const Script& script, const SegmentOptions& options,
                                           const Layout& layout, Diag& diag);

// Gives every output section its place in the file and every segment its range of file and memory.
void assign_file_offsets(std::vector<SegmentDraft>& drafts, const SegmentOptions& options,
                         Layout& layout, Diag& diag);

}  // namespace fwseal
