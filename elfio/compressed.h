// Compressed sections: SHF_COMPRESSED with zlib, and the older form of GNU tools, ".zdebug_x".
//
// gABI 4.1, "Section Compression"; binutils manual, "objcopy", --compress-debug-sections=zlib-gnu.
#pragma once

#include <string>
#include <string_view>

#include "elfio/bytes.h"

namespace fwseal {

struct Uncompressed {
  std::string bytes;
  u64 alignment = 1;  // as declared; the caller checks it
};

// The contents of a section with SHF_COMPRESSED. At most `budget` bytes are made. Throws BadInput
// if the method is not zlib, if more is declared, or if the data are not what is declared.
Uncompressed uncompress_section(Bytes contents, u64 budget);

// Is this the older form: a name ".zdebug_x", and contents that begin with "ZLIB"?
bool is_zdebug(std::string_view name, Bytes contents);
// The same for that form, which does not change the alignment of a section.
std::string uncompress_zdebug(Bytes contents, u64 budget);

// The bytes as a gzip file (RFC 1952) that gunzip expands: without name and time, so that the same
// bytes always give the same file.
std::string gzip(std::string_view bytes);
// The bytes of a gzip file of one member. Throws BadInput if it is damaged, or holds more than
// `limit` bytes.
std::string gunzip(Bytes file, u64 limit);

}  // namespace fwseal
