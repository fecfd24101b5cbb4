// Merging: equal pieces become one, and a string that ends another lives in its tail.
//
// A piece is a NUL-terminated string (SHF_STRINGS) or one constant of sh_entsize bytes. It keeps
// the alignment that it had in its section: the section's, or less if its offset was less aligned.
//
// 1. Cut every section into pieces, and number the different ones by a hash table.
// 2. Strings: sort them by their characters read backwards, longer before shorter. Then a string
//    which is the tail of any other is the tail of the one sorted before it, or of that one's host.
// 3. Lay the hosts out, the strictly aligned ones first, each group in order of first occurrence.
//
// Sections of different alignment share a blob, so that a string is found whatever its compiler
// thought of alignment: GNU ld and lld keep those apart.
//
// The multikey quicksort is Bentley and Sedgewick's ("Fast Algorithms for Sorting and Searching
// Strings", 1997): its work is proportional to the characters that tell the strings apart.
#include "prune/strings.h"

#include <elf.h>

#include <algorithm>
#include <cassert>
#include <map>
#include <numeric>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "graph/mergeable.h"
#include "prune/pack.h"

namespace fwseal {
namespace {

// The different pieces of one blob.
struct Piece {
  std::string_view bytes;  // without the terminator
  u32 alignment = 1;
  u32 host = 0;  // the piece whose tail it is; itself if none
  u32 blob_offset = 0;
};

class Merger {
 public:
  Merger(bool strings, u32 unit) : strings_(strings), unit_(unit) {}

  // Adds the live pieces of a section; their blob_offset is the number of the Piece until finish().
  void add(const InputSection& section, const EditList* edits, std::span<const Overwrite> poison,
           std::vector<MergedPiece>& out) {
    for (u64 at = 0; at < section.size;) {
      const MergeableEntry entry = mergeable_entry(section, at);
      std::string_view bytes = section.contents.text().substr(at, entry.size);
      if (!poison.empty() && poison.front().offset == at) {
        bytes = std::string_view(poison.front().bytes).substr(0, entry.size);
        poison = poison.subspan(1);
      }
      if (edits == nullptr || !edits->removes(at)) add_piece(section, at, bytes, out);
      at = entry.next;
    }
  }

  std::string finish() {
    if (strings_) find_tails();
    std::vector<u32> hosts;
    std::vector<UnplacedPiece> unplaced;
    for (u32 i = 0; i < pieces_.size(); i++) {
      const Piece& piece = pieces_[i];
      if (piece.host != i) continue;
      hosts.push_back(i);
      unplaced.push_back({piece.bytes.size() + (strings_ ? unit_ : 0), piece.alignment});
    }
    const std::vector<u64> offsets = pack(unplaced);
    std::string blob;
    for (u64 i = 0; i < hosts.size(); i++) {
      Piece& piece = pieces_[hosts[i]];
      piece.blob_offset = static_cast<u32>(offsets[i]);
      blob.resize(std::max(blob.size(), offsets[i] + unplaced[i].size));
      std::ranges::copy(piece.bytes, blob.begin() + piece.blob_offset);
    }
    for (Piece& piece : pieces_) {
      const Piece& host = pieces_[piece.host];
      piece.blob_offset =
          host.blob_offset + static_cast<u32>(host.bytes.size() - piece.bytes.size());
    }
    return blob;
  }

  u32 blob_offset(u32 piece) const { return pieces_[piece].blob_offset; }

 private:
  void add_piece(const InputSection& section, u64 at, std::string_view bytes,
                 std::vector<MergedPiece>& out) {
    const u32 lowest_bit = static_cast<u32>(at & (~at + 1));
    const u32 alignment = at == 0 ? section.alignment : std::min(section.alignment, lowest_bit);
    const auto [place, added] = numbers_.try_emplace(bytes, static_cast<u32>(pieces_.size()));
    if (added) pieces_.push_back({bytes, alignment, place->second, 0});
    Piece& piece = pieces_[place->second];
    piece.alignment = std::max(piece.alignment, alignment);
    out.push_back({static_cast<u32>(at), place->second, static_cast<u32>(bytes.size())});
  }

  // The unit at `depth` units before the end, or -1 before the beginning.
  int tail_character(u32 piece, u64 depth) const {
    const std::string_view bytes = pieces_[piece].bytes;
    return depth < bytes.size() ? static_cast<unsigned char>(bytes[bytes.size() - 1 - depth]) : -1;
  }

  // With a list of what is left to sort instead of recursion: hostile strings go as deep as there
  // are strings.
  void sort_by_tail(std::span<u32> all) {
    struct Part {
      std::span<u32> pieces;
      u64 depth = 0;
    };
    std::vector<Part> left{{all, 0}};
    while (!left.empty()) {
      const auto [part, depth] = left.back();
      left.pop_back();
      if (part.size() <= 1) continue;
      const int pivot = tail_character(part[part.size() / 2], depth);
      u64 greater = 0;
      u64 less = part.size();
      for (u64 i = 0; i < less;) {
        const int c = tail_character(part[i], depth);
        if (c > pivot)
          std::swap(part[i++], part[greater++]);
        else if (c < pivot)
          std::swap(part[i], part[--less]);
        else
          i++;
      }
      left.push_back({part.first(greater), depth});
      left.push_back({part.subspan(less), depth});
      if (pivot == -1) continue;  // equal strings, of which there is one
      left.push_back({part.subspan(greater, less - greater), depth + 1});
    }
  }

  void find_tails() {
    std::vector<u32> order(pieces_.size());
    std::iota(order.begin(), order.end(), 0);
    sort_by_tail(order);
    u32 host = 0;
    for (u64 i = 0; i < order.size(); i++) {
      Piece& piece = pieces_[order[i]];
      const Piece& longer = pieces_[host];
      const u64 lead = longer.bytes.size() - piece.bytes.size();
      const bool fits = i > 0 && longer.bytes.ends_with(piece.bytes) && lead % unit_ == 0 &&
                        piece.alignment <= longer.alignment && lead % piece.alignment == 0;
      if (fits)
        piece.host = host;
      else
        host = order[i];
    }
  }

  bool strings_;
  u32 unit_;
  std::vector<Piece> pieces_;
  std::unordered_map<std::string_view, u32> numbers_;
};

using Key = std::tuple<u32, u64, u32>;  // group, flags, entry size

}  // namespace

MergedStrings merge_strings(const Inputs& inputs, const Plan& plan,
                            const std::vector<SectionId>& sections, const std::vector<u32>& group) {
  MergedStrings result;
  result.blob_of.assign(inputs.sections.size(), 0);
  std::vector<Merger> mergers;
  std::map<Key, u32> blobs;
  std::vector<std::vector<MergedPiece>> pieces(sections.size());
  for (u64 i = 0; i < sections.size(); i++) {
    const InputSection& section = inputs[sections[i]];
    assert(is_mergeable(section));
    constexpr u64 kRelevant = SHF_MERGE | SHF_STRINGS | SHF_ALLOC;
    const Key key{group[i], section.flags & kRelevant, section.entry_size};
    const auto [place, added] = blobs.try_emplace(key, static_cast<u32>(mergers.size()));
    if (added) {
      mergers.emplace_back(section.has(SHF_STRINGS), section.entry_size);
      result.blobs.emplace_back();
    }
    MergedBlob& blob = result.blobs[place->second];
    blob.alignment = std::max(blob.alignment, section.alignment);
    blob.sections.push_back(sections[i]);
    blob.place = sections[i];  // the last one
    result.blob_of[index(sections[i])] = place->second + 1;
    mergers[place->second].add(section, plan.edits_of(sections[i]), plan.poison_of(sections[i]),
                               pieces[i]);
  }
  for (u64 i = 0; i < mergers.size(); i++) result.blobs[i].bytes = mergers[i].finish();

  std::vector<u32> place_of(inputs.sections.size(), 0);  // index + 1 in `sections`
  for (u64 i = 0; i < sections.size(); i++) place_of[index(sections[i])] = static_cast<u32>(i) + 1;
  result.first_piece.reserve(inputs.sections.size() + 1);
  for (u64 s = 0; s < inputs.sections.size(); s++) {
    result.first_piece.push_back(static_cast<u32>(result.pieces.size()));
    if (place_of[s] == 0) continue;
    const Merger& merger = mergers[result.blob_of[s] - 1];
    for (MergedPiece piece : pieces[place_of[s] - 1]) {
      piece.blob_offset = merger.blob_offset(piece.blob_offset);
      result.pieces.push_back(piece);
    }
  }
  result.first_piece.push_back(static_cast<u32>(result.pieces.size()));
  return result;
}

}  // namespace fwseal
