// Where do the bytes of each output section stand in the file?
//
// Behind the headers come the PT_LOAD segments in the order of their load addresses, each at the
// next offset that is congruent to its address modulo its alignment (gABI 4.1, "Program Header":
// "loadable process segments must have congruent values for p_vaddr and p_offset, modulo the page
// size"). Within a segment the file mirrors memory. Then the sections that are not loaded. What
// has no bytes takes no room: a NOBITS section stands where the next bytes will.
//
// The other segments describe ranges that the PT_LOADs have placed.
#include <algorithm>
#include <bit>
#include <numeric>

#include "sections/segment_draft.h"

namespace fwseal {
namespace {

// Elf32_Off has 32 bits.
constexpr u64 kMaxFileSize = 0xffff'ffff;
// A few words of script can ask for any number of filler bytes. So many hold the largest flash that
// a microcontroller maps; more is a mistake.
constexpr u64 kMaxFiller = u64{1} << 28;

class FilePlanner {
 public:
  FilePlanner(std::vector<SegmentDraft>& drafts, const SegmentOptions& options, Layout& layout,
              Diag& diag)
      : drafts_(drafts),
        options_(options),
        layout_(layout),
        diag_(diag),
        placed_(layout.outputs.size()),
        next_(headers()) {}

  void place_load_segments();
  void place_other_sections();
  void check_filler() const;
  void describe_other_segments();

 private:
  u64 headers() const { return kElfHeaderSize + drafts_.size() * kProgramHeaderSize; }
  OutputSection& section(OutputId id) { return layout_.outputs[index(id)]; }
  std::string name_of(const OutputSegment& segment) const {
    return segment.name.empty() ? cat("at ", hex(segment.vma)) : segment.name;
  }

  std::vector<u32> load_order() const;
  u64 alignment_of(const OutputSegment& segment) const;
  void place_load_segment(SegmentDraft& draft);
  bool begin_with_headers(SegmentDraft& draft);
  void place_sections(OutputSegment& segment, u64 start);
  void describe_headers(OutputSegment& segment);
  void describe_sections(OutputSegment& segment);

  std::vector<SegmentDraft>& drafts_;
  const SegmentOptions& options_;
  Layout& layout_;
  Diag& diag_;
  std::vector<bool> placed_;
  u64 next_;  // the first file offset that is free
};

std::vector<u32> FilePlanner::load_order() const {
  std::vector<u32> order;
  for (u32 i = 0; i < drafts_.size(); i++)
    if (drafts_[i].segment.type == PT_LOAD) order.push_back(i);
  const auto key = [&](u32 i) {
    const SegmentDraft& draft = drafts_[i];
    const u64 first =
        draft.segment.sections.empty() ? 0 : layout_.outputs[index(draft.segment.sections[0])].lma;
    return std::pair(!draft.segment.includes_file_header, draft.load_address.value_or(first));
  };
  std::stable_sort(order.begin(), order.end(), [&](u32 a, u32 b) { return key(a) < key(b); });
  return order;
}

u64 FilePlanner::alignment_of(const OutputSegment& segment) const {
  u64 alignment = options_.paged && segment.type == PT_LOAD ? options_.max_page_size : 1;
  for (OutputId id : segment.sections)
    alignment = std::max<u64>(alignment, layout_.outputs[index(id)].alignment);
  return std::bit_ceil(std::max<u64>(alignment, 1));
}

void FilePlanner::place_load_segments() {
  for (u32 i : load_order()) place_load_segment(drafts_[i]);
}

void FilePlanner::place_load_segment(SegmentDraft& draft) {
  OutputSegment& segment = draft.segment;
  segment.alignment = alignment_of(segment);
  const bool has_headers = segment.includes_file_header || segment.includes_program_headers;
  if (segment.sections.empty()) {
    segment.alignment = options_.paged ? segment.alignment : 4;
    if (has_headers) begin_with_headers(draft);
    segment.lma = draft.load_address.value_or(0);
    return;
  }
  const OutputSection& first = section(segment.sections[0]);
  const bool has_bytes =
      std::any_of(segment.sections.begin(), segment.sections.end(),
                  [&](OutputId id) { return section(id).has_bytes() && section(id).size != 0; });
  segment.vma = first.vma;
  segment.lma = first.lma;
  if (has_headers) {
    if (!begin_with_headers(draft)) return;
  } else if (has_bytes) {
    segment.file_offset = next_ + ((first.vma - next_) & (segment.alignment - 1));
    next_ = segment.file_offset;
  } else {
    // Congruent although nothing is read there, as loaders check it.
    segment.file_offset = first.vma & (segment.alignment - 1);
  }
  if (draft.load_address) {
    for (OutputId id : segment.sections)
      section(id).lma = *draft.load_address + (section(id).vma - segment.vma);
    segment.lma = *draft.load_address;
  }
  place_sections(segment, segment.file_offset);
}

// Puts the headers at the start of the segment, the first section behind them, where its address
// and its file offset are congruent. False if there is no room (reported).
bool FilePlanner::begin_with_headers(SegmentDraft& draft) {
  OutputSegment& segment = draft.segment;
  segment.file_offset = segment.includes_file_header ? 0 : kElfHeaderSize;
  const u64 end = segment.includes_program_headers ? headers() : kElfHeaderSize;
  segment.file_size = segment.memory_size = end - segment.file_offset;
  if (segment.sections.empty()) return true;
  const u64 start = next_ + ((segment.vma - next_) & (segment.alignment - 1));
  const u64 room = start - segment.file_offset;
  if (segment.vma < room || (!draft.load_address && segment.lma < room)) {
    diag_.error({}, cat("no room for the headers in segment ", name_of(segment), ": they take ",
                        hex(room), " bytes and the first section is at ", hex(segment.vma),
                        "; leave them out of the segment, or begin it at a higher address"));
    return false;
  }
  segment.vma -= room;
  segment.lma -= room;
  next_ = start;
  return true;
}

void FilePlanner::place_sections(OutputSegment& segment, u64 start) {
  for (OutputId id : segment.sections) {
    OutputSection& s = section(id);
    const u64 offset = s.lma - segment.lma;
    if (offset < segment.memory_size || s.lma < segment.lma) {
      diag_.error({}, cat("section ", s.name, " at load address ", hex(s.lma),
                          " overlaps what stands before it in segment ", name_of(segment)));
      return;
    }
    if (s.vma - segment.vma != offset)
      diag_.warning(
          {}, cat("section ", s.name, " is not as far from the start of segment ", name_of(segment),
                  " by its address (", hex(s.vma), ") as by its load address (", hex(s.lma), ")"));
    if (placed_[index(id)])
      diag_.error({}, cat("section ", s.name, " is in two PT_LOAD segments, the second is ",
                          name_of(segment)));
    placed_[index(id)] = true;
    if (offset > kMaxFileSize || s.size > kMaxFileSize - offset) {
      diag_.error({}, cat("section ", s.name, " ends past 4 GiB from the start of its segment"));
      return;
    }
    segment.memory_size = offset + loaded_size(s);
    s.file_offset = s.has_bytes() ? start + offset : std::max(next_, segment.file_offset);
    if (!s.has_bytes()) continue;
    segment.file_size = offset + s.size;
    next_ = start + offset + s.size;
  }
}

void FilePlanner::place_other_sections() {
  for (u64 i = 0; i < layout_.outputs.size(); i++) {
    OutputSection& s = layout_.outputs[i];
    if (placed_[i]) continue;
    const u64 alignment = std::bit_ceil(std::max<u64>(s.alignment, 1));
    // An empty or thread-local section without bytes only names the place where it would stand.
    const bool takes_room = s.has_bytes() && s.size != 0;
    const u64 start =
        s.allocated() ? next_ + ((s.vma - next_) & (alignment - 1)) : align_up(next_, alignment);
    s.file_offset = start;
    if (takes_room) next_ = start + std::min(s.size, kMaxFileSize);
    if (next_ > kMaxFileSize) break;
  }
  if (next_ > kMaxFileSize)
    diag_.error({}, cat("the output file would be larger than 4 GiB (", next_, " bytes)"));
}

// Bytes of the file that neither input nor veneer gives.
void FilePlanner::check_filler() const {
  u64 given = 0;
  const OutputSection* worst = nullptr;
  u64 most = 0;
  for (const OutputSection& s : layout_.outputs) {
    if (!s.has_bytes()) continue;
    u64 filler = s.size;
    for (const Chunk& chunk : s.chunks) filler -= std::min(filler, chunk.size);
    given += s.size - filler;
    if (filler >= most) worst = &s;
    most = std::max(most, filler);
  }
  if (next_ <= given + kMaxFiller || next_ > kMaxFileSize) return;
  const bool inside = worst != nullptr && most > kMaxFiller / 2;
  const Location where = inside && worst->description != nullptr
                             ? worst->description->place.location()
                             : Location{};
  diag_.error(where, cat("the output file would have ", next_ - given, " filler bytes ",
                         inside ? cat("(section ", worst->name, ": ", most, ")")
                                : std::string("between sections"),
                         ", more than ", kMaxFiller,
                         "; make the section NOLOAD, or load all sections near each other"));
}

void FilePlanner::describe_other_segments() {
  for (SegmentDraft& draft : drafts_) {
    OutputSegment& segment = draft.segment;
    if (segment.type == PT_LOAD) continue;
    if (segment.includes_file_header || segment.includes_program_headers)
      describe_headers(segment);
    else if (!segment.sections.empty())
      describe_sections(segment);
    if (draft.load_address) segment.lma = *draft.load_address;
  }
}

// A segment that only says where the headers are: PT_PHDR. It must lie in a PT_LOAD.
void FilePlanner::describe_headers(OutputSegment& segment) {
  segment.file_offset = segment.includes_file_header ? 0 : kElfHeaderSize;
  const u64 end = segment.includes_program_headers ? headers() : kElfHeaderSize;
  segment.file_size = segment.memory_size = end - segment.file_offset;
  for (const SegmentDraft& draft : drafts_) {
    const OutputSegment& load = draft.segment;
    if (load.type != PT_LOAD || load.file_offset > segment.file_offset ||
        load.file_offset + load.file_size < end)
      continue;
    segment.vma = load.vma + (segment.file_offset - load.file_offset);
    segment.lma = load.lma + (segment.file_offset - load.file_offset);
    return;
  }
  if (segment.type == PT_PHDR)
    diag_.error({}, cat("segment ", name_of(segment), " holds the program headers, but no PT_LOAD ",
                        "segment loads them; give one FILEHDR and PHDRS"));
}

void FilePlanner::describe_sections(OutputSegment& segment) {
  const OutputSection& first = section(segment.sections[0]);
  segment.vma = first.vma;
  segment.lma = first.lma;
  segment.file_offset = first.file_offset;
  segment.alignment = alignment_of(segment);
  for (OutputId id : segment.sections) {
    const OutputSection& s = section(id);
    if (s.has_bytes() && s.file_offset >= segment.file_offset)
      segment.file_size = s.file_offset + s.size - segment.file_offset;
    if (s.allocated() && s.vma >= segment.vma)
      segment.memory_size = std::max(segment.memory_size, s.vma + s.size - segment.vma);
  }
}

}  // namespace

void assign_file_offsets(std::vector<SegmentDraft>& drafts, const SegmentOptions& options,
                         Layout& layout, Diag& diag) {
  FilePlanner planner(drafts, options, layout, diag);
  planner.place_load_segments();
  planner.place_other_sections();
  planner.check_filler();
  planner.describe_other_segments();
}

}  // namespace fwseal
