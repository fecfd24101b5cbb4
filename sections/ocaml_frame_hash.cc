// The index of a descriptor is made of its address, so this comes after all that moves code. A
// return address is that of the instruction before it and 2 more: behind a call that does not
// return may stand what went elsewhere.
#include "sections/ocaml_frame_hash.h"

#include <cstring>
#include <unordered_set>

#include "sections/address_book.h"

namespace fwseal {
namespace {

class Filler {
 public:
  Filler(const Program& program, const MergedStrings& merged, const Layout& layout,
         const SealedFrames& sealed, Image& image, Diag& diag)
      : program_(program),
        layout_(layout),
        sealed_(sealed),
        image_(image),
        diag_(diag),
        book_(address_book(program, layout, merged)) {}

  void run() {
    std::vector<u32> addresses;
    std::unordered_set<u32> seen;
    for (const PooledFrame& frame : sealed_.frames) {
      const u64 call = book_.address(frame.code, frame.call);
      if (call == AddressBook::kNowhere) return error(frame, "is not in the image");
      addresses.push_back(static_cast<u32>(call + 2) | (frame.is_thumb ? 1u : 0u));
      if (!seen.insert(addresses.back()).second)
        return error(frame, "has the address of another one, of another frame");
      put(sealed_.pool, frame.offset, addresses.back());
    }
    const std::vector<u32> table = hash_frames(sealed_.frames, addresses, sealed_.slots);
    for (u64 i = 0; i < table.size(); i++)
      if (table[i] != kFreeSlot)
        put(sealed_.table, 4 * i, book_.sections[index(sealed_.pool)] + table[i]);
    put(sealed_.hash.section, sealed_.hash.offset, book_.sections[index(sealed_.table)]);
    put(sealed_.mask.section, sealed_.mask.offset, sealed_.slots - 1);
  }

 private:
  void error(const PooledFrame& frame, std::string_view why) {
    diag_.error(program_.inputs.location(frame.code, frame.call),
                cat("the call, which OCaml's collector must find, ", why));
  }

  // At an offset of the input section.
  void put(SectionId section, u64 offset, u64 value) {
    if (section == kNoSection) return;
    const SectionPlace& place = layout_.places[index(section)];
    const bool is_there = place.output != kNoOutput &&
                          layout_.outputs[index(place.output)].has_bytes() &&
                          book_.sections[index(section)] != AddressBook::kNowhere;
    if (!is_there) {
      if (!complained_)
        diag_.error(program_.inputs.location(section),
                    "what OCaml's frames are found with has no bytes in the image; the script must "
                    "place .data.* and .rodata.*");
      complained_ = true;
      return;
    }
    std::vector<std::byte>& bytes = image_.contents[index(place.output)];
    const u64 at = book_.address(section, offset) - layout_.outputs[index(place.output)].vma;
    const u32 word = static_cast<u32>(value);
    if (at <= bytes.size() && bytes.size() - at >= sizeof word)
      std::memcpy(bytes.data() + at, &word, sizeof word);
  }

  const Program& program_;
  const Layout& layout_;
  const SealedFrames& sealed_;
  Image& image_;
  Diag& diag_;
  const AddressBook book_;
  bool complained_ = false;
};

}  // namespace

void fill_frame_hash(const Program& program, const MergedStrings& merged, const Layout& layout,
                     const SealedFrames& sealed, Image& image, Diag& diag) {
  if (sealed.any()) Filler(program, merged, layout, sealed, image, diag).run();
}

}  // namespace fwseal
