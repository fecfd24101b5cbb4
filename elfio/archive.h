// Archives: GNU's `ar` format, thin archives included.
//
// ar(5); binutils manual, "ar"; GNU extensions: the symbol index "/" (and "/SYM64/"), the table of
// long names "//", and thin archives, whose magic is "!<thin>\n" and whose members are files of
// their own, named relative to the archive.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "elfio/bytes.h"

namespace fwseal {

struct ArchiveMember {
  std::string_view name;  // without GNU's trailing slash
  u64 header_offset = 0;  // in the archive: the identity and the order of a member
  Bytes contents;         // empty in a thin archive
};

// What the index says: the member at `header_offset` defines `name`.
struct ArchiveSymbol {
  std::string_view name;
  u64 header_offset = 0;
};

bool is_archive(Bytes bytes);

class Archive {
 public:
  // Throws BadInput if the headers, the index or the table of names are malformed.
  explicit Archive(Bytes bytes);

  bool is_thin() const { return is_thin_; }
  bool has_index() const { return has_index_; }
  // In the order of the index.
  const std::vector<ArchiveSymbol>& symbols() const { return symbols_; }
  // Every object member in the order of the file (the index and the table of names are not
  // members).
  std::vector<ArchiveMember> members() const;
  std::optional<ArchiveMember> first() const;
  ArchiveMember member_at(u64 header_offset) const;

 private:
  Bytes bytes_;
  Bytes long_names_;
  std::vector<ArchiveSymbol> symbols_;
  u64 first_member_ = 0;
  bool is_thin_ = false;
  bool has_index_ = false;
};

}  // namespace fwseal
