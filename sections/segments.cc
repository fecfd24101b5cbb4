// Which sections are loaded as one segment?
//
// With PHDRS, the script says it (script_segments.cc). Without, sections are taken in the order of
// their load addresses, and a new PT_LOAD begins where one segment could not describe both
// neighbours, or where it would cost: another distance between load address and address, another
// memory region, a page of the file to skip, a change from read-only to writable memory on another
// page, and bytes after zeroes. These are GNU ld's rules, as its output shows them; with three
// differences:
//
// - Bytes after NOBITS always begin a segment. GNU ld stores the NOBITS section as zeroes if both
//   lie on one page, so that a NOLOAD section would take room in the file.
// - Empty sections and .tbss are in no PT_LOAD: they have no byte to load.
// - With a MEMORY command, the ELF header and the program headers are loaded only if the script
//   makes room for them by SIZEOF_HEADERS. GNU ld loads them wherever the first section happens not
//   to begin a page: below a vector table at 0x08000100 it overwrites what stands at 0x08000000.
//
// Layout gives NOBITS sections a load address equal to their address. So they get a segment of
// their own whenever the bytes before them are loaded elsewhere, and no loader clears flash: QEMU
// zero-fills at the physical address.
#include "sections/segments.h"

#include <algorithm>
#include <tuple>

#include "sections/segment_draft.h"

namespace fwseal {
namespace {

// Not before binutils 2.41 in elf.h's namesake: sections that may be executed but not read (AAELF32
// 2023Q3, "Section Attribute Flags").
constexpr u64 kArmPurecode = 0x2000'0000;

bool is_code(const OutputSection& section) { return (section.flags & SHF_EXECINSTR) != 0; }
bool is_writable(const OutputSection& section) { return (section.flags & SHF_WRITE) != 0; }
bool is_loaded_note(const OutputSection& section) {
  return section.type == SHT_NOTE && section.loaded() && section.size != 0;
}
bool is_unwind_index(const OutputSection& section) {
  return section.name == ".ARM.exidx" && section.loaded() && section.size != 0;
}

// What is known of the PT_LOAD that is being filled.
struct Run {
  const OutputSection* last = nullptr;
  u64 end = 0;  // load address behind it
  bool writable = false;
  bool executable = false;
};

bool begins_segment(const Run& run, const OutputSection& next, const SegmentOptions& options) {
  const OutputSection& last = *run.last;
  if (last.lma - last.vma != next.lma - next.vma) return true;
  if (next.lma < run.end) return true;
  if (!last.has_bytes() && next.has_bytes()) return true;
  if (last.region != next.region) return true;
  if (options.separate_code && run.executable != is_code(next)) return true;
  const u64 page = std::max<u64>(options.max_page_size, 1);
  const bool same_page = (run.end - 1) / page == next.lma / page;
  if (options.paged && same_page) return false;
  if (align_up(run.end, page) + page <= next.lma) return true;
  return options.paged && !run.writable && is_writable(next);
}

SegmentDraft new_segment(u32 type) {
  SegmentDraft draft;
  draft.segment.type = type;
  return draft;
}

void add_load_segments(const SegmentOptions& options, const Layout& layout,
                       std::vector<SegmentDraft>& drafts) {
  std::vector<OutputId> sections;
  for (u32 i = 0; i < layout.outputs.size(); i++) {
    const OutputSection& section = layout.outputs[i];
    if (section.allocated() && loaded_size(section) != 0) sections.push_back(OutputId{i});
  }
  sort_by_load_address(layout, sections);
  Run run;
  for (OutputId id : sections) {
    const OutputSection& section = layout.outputs[index(id)];
    if (run.last == nullptr || begins_segment(run, section, options)) {
      drafts.push_back(new_segment(PT_LOAD));
      run = {};
    }
    drafts.back().segment.sections.push_back(id);
    run.last = &section;
    run.end = section.lma + section.size;
    run.writable |= is_writable(section);
    run.executable |= is_code(section);
  }
}

// One PT_NOTE for each run of notes that a reader can walk over: equally aligned and adjacent.
void add_note_segments(const Layout& layout, std::vector<SegmentDraft>& drafts) {
  const OutputSection* last = nullptr;
  for (u32 i = 0; i < layout.outputs.size(); i++) {
    const OutputSection& section = layout.outputs[i];
    if (!is_loaded_note(section)) {
      if (section.size != 0) last = nullptr;
      continue;
    }
    const bool adjacent = last != nullptr && last->alignment == section.alignment &&
                          align_up(last->lma + last->size, section.alignment) == section.lma;
    if (!adjacent) drafts.push_back(new_segment(PT_NOTE));
    drafts.back().segment.sections.push_back(OutputId{i});
    last = &section;
  }
}

void add_tls_segment(const Layout& layout, std::vector<SegmentDraft>& drafts, Diag& diag) {
  SegmentDraft draft = new_segment(PT_TLS);
  draft.flags = PF_R;
  std::vector<OutputId>& sections = draft.segment.sections;
  for (u32 i = 0; i < layout.outputs.size(); i++)
    if ((layout.outputs[i].flags & SHF_TLS) != 0 && layout.outputs[i].allocated())
      sections.push_back(OutputId{i});
  if (sections.empty()) return;
  for (u64 i = 1; i < sections.size(); i++)
    for (u32 between = index(sections[i - 1]) + 1; between < index(sections[i]); between++)
      if (layout.outputs[between].allocated() && layout.outputs[between].size != 0)
        diag.error({}, cat("thread-local sections ", layout.outputs[index(sections[i - 1])].name,
                           " and ", layout.outputs[index(sections[i])].name, " are not adjacent: ",
                           layout.outputs[between].name, " stands between them"));
  drafts.push_back(std::move(draft));
}

void add_stack_segment(const SegmentOptions& options, std::vector<SegmentDraft>& drafts) {
  if (!options.stack_flags && options.stack_size == 0) return;
  SegmentDraft draft = new_segment(PT_GNU_STACK);
  draft.flags = options.stack_flags.value_or(PF_R | PF_W);
  draft.segment.memory_size = options.stack_size;
  draft.segment.alignment = 16;
  drafts.push_back(std::move(draft));
}

// EHABI 2023Q3, "Object file representation" of the exception-handling table index: PT_ARM_EXIDX
// locates it. GNU ld lists it first.
void add_unwind_segment(const Layout& layout, std::vector<SegmentDraft>& drafts) {
  for (const SegmentDraft& draft : drafts)
    if (draft.segment.type == PT_ARM_EXIDX) return;
  for (u32 i = 0; i < layout.outputs.size(); i++) {
    if (!is_unwind_index(layout.outputs[i])) continue;
    SegmentDraft draft = new_segment(PT_ARM_EXIDX);
    draft.segment.sections.push_back(OutputId{i});
    drafts.insert(drafts.begin(), std::move(draft));
    return;
  }
}

// Are the ELF header and the program headers loaded, right below the first section?
bool loads_headers(const SegmentOptions& options, const SegmentDraft& first, u64 headers,
                   const Layout& layout) {
  if (!options.paged || first.segment.sections.empty()) return false;
  const OutputSection& section = layout.outputs[index(first.segment.sections[0])];
  const u64 page = std::max<u64>(options.max_page_size, 1);
  if (!options.uses_headers_size && section.region) return false;
  if (!options.uses_headers_size && section.lma % page < headers % page) return false;
  if (options.separate_code && is_code(section)) return false;
  // From the start of the file to the first byte behind the headers that is congruent to it.
  const u64 room = headers + (section.vma - headers) % page;
  return section.lma >= room && section.vma >= room && section.alignment <= page;
}

void include_headers(const SegmentOptions& options, const Layout& layout,
                     std::vector<SegmentDraft>& drafts) {
  const u64 headers = kElfHeaderSize + drafts.size() * kProgramHeaderSize;
  for (SegmentDraft& draft : drafts) {
    if (draft.segment.type != PT_LOAD) continue;
    const bool loaded = loads_headers(options, draft, headers, layout);
    draft.segment.includes_file_header = draft.segment.includes_program_headers = loaded;
    return;
  }
}

std::vector<SegmentDraft> drafts_by_address(const SegmentOptions& options, const Layout& layout,
                                            Diag& diag) {
  std::vector<SegmentDraft> drafts;
  add_load_segments(options, layout, drafts);
  add_note_segments(layout, drafts);
  add_tls_segment(layout, drafts, diag);
  add_stack_segment(options, drafts);
  return drafts;
}

void set_flags(const Layout& layout, SegmentDraft& draft) {
  OutputSegment& segment = draft.segment;
  const bool has_headers = segment.includes_file_header || segment.includes_program_headers;
  bool all_pure = !segment.sections.empty() && !has_headers;
  segment.flags = has_headers || !segment.sections.empty() ? PF_R : 0;
  for (OutputId id : segment.sections) {
    const OutputSection& section = layout.outputs[index(id)];
    if (is_code(section)) segment.flags |= PF_X;
    if (is_writable(section)) segment.flags |= PF_W;
    all_pure &= (section.flags & kArmPurecode) != 0;
  }
  if (all_pure) segment.flags = PF_X;
  if (draft.flags) segment.flags = *draft.flags;
}

}  // namespace

void sort_by_load_address(const Layout& layout, std::vector<OutputId>& sections) {
  // Among sections at one address, those without a byte to load come last, and small ones first:
  // then each begins where the one before it ends.
  const auto key = [&](OutputId id) {
    const OutputSection& section = layout.outputs[index(id)];
    const bool at_end = !section.has_bytes() && !is_tbss(section) && section.size != 0;
    return std::tuple(section.lma, section.vma, at_end, section.has_bytes() ? section.size : 0,
                      index(id));
  };
  std::sort(sections.begin(), sections.end(),
            [&](OutputId a, OutputId b) { return key(a) < key(b); });
}

u64 headers_size(const Script& script, const SegmentOptions& options,
                 const std::vector<OutputSection>& outputs) {
  u64 count = script.has_segments ? script.segments.size() : 2;
  bool has_tls = false;
  const OutputSection* last = nullptr;
  for (const OutputSection& section : outputs) {
    if (is_unwind_index(section)) count++;
    has_tls |= section.allocated() && (section.flags & SHF_TLS) != 0;
    const bool note = !script.has_segments && is_loaded_note(section);
    if (note && (last == nullptr || last->alignment != section.alignment)) count++;
    last = note ? &section : nullptr;
  }
  if (!script.has_segments && has_tls) count++;
  if (!script.has_segments && (options.stack_flags || options.stack_size != 0)) count++;
  return kElfHeaderSize + count * kProgramHeaderSize;
}

void plan_segments(const Script& script, const SegmentOptions& options, Layout& layout,
                   Diag& diag) {
  if (options.relocatable) {
    std::vector<SegmentDraft> none;
    assign_file_offsets(none, options, layout, diag);
    return;
  }
  std::vector<SegmentDraft> drafts = script.has_segments
                                         ? drafts_of_script(script, options, layout, diag)
                                         : drafts_by_address(options, layout, diag);
  add_unwind_segment(layout, drafts);
  if (!script.has_segments) include_headers(options, layout, drafts);
  for (SegmentDraft& draft : drafts) set_flags(layout, draft);
  assign_file_offsets(drafts, options, layout, diag);
  layout.segments.clear();
  for (SegmentDraft& draft : drafts) layout.segments.push_back(std::move(draft.segment));
}

}  // namespace fwseal
