// --build-id: a note that says which image this is, made of the image itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "elfio/diag.h"
#include "sections/image.h"
#include "sections/layout.h"

namespace fwseal {

struct BuildIdStyle {
  enum class Kind : u8 { kSha1, kMd5, kGiven };
  Kind kind = Kind::kSha1;
  std::string given;  // kGiven: the bytes
};

// What follows "--build-id=": "" (sha1), "sha1", "md5", "0x<hex digits>"; "none" gives nothing.
// Anything else is reported: "uuid", for one, would make every link of the same inputs differ.
std::optional<BuildIdStyle> parse_build_id(std::string_view text, Diag& diag);

// The contents of .note.gnu.build-id, with zeroes where the id will be unless it is given.
std::string build_id_note(const BuildIdStyle& style);

// Digests the whole ELF file and stores the id into the note, there and in the image. `note` is the
// input section that holds it; if the script discarded it, nothing happens.
void fill_build_id(const Layout& layout, SectionId note, const BuildIdStyle& style,
                   std::string& elf, Image& image);

}  // namespace fwseal
