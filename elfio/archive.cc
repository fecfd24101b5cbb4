// Archives: GNU's `ar` format.
//
// An archive is a magic, then members, each a header of 60 characters and its contents, padded to
// an even offset. GNU puts the index ("/", or "/SYM64/" when offsets need 64 bits) and the table of
// long names ("//") before all other members. In a thin archive only these have contents.
//
// Also read are the names of the BSD form, "#1/<length>", which stand before the contents. Its
// index, "__.SYMDEF", is not: such an archive counts as one without index.
#include "elfio/archive.h"

#include <algorithm>
#include <charconv>

namespace fwseal {
namespace {

constexpr std::string_view kMagic = "!<arch>\n";
constexpr std::string_view kThinMagic = "!<thin>\n";

// ar(5): where the fields of a member header are. All are text, padded with blanks.
constexpr u64 kHeaderSize = 60;
constexpr u64 kNameSize = 16;
constexpr u64 kSizeField = 48;
constexpr u64 kSizeSize = 10;
constexpr u64 kEndField = 58;
constexpr std::string_view kHeaderEnd = "`\n";

std::string_view trimmed(std::string_view text) {
  const u64 end = text.find_last_not_of(' ');
  return end == std::string_view::npos ? std::string_view() : text.substr(0, end + 1);
}

std::optional<u64> number(std::string_view text) {
  u64 value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

struct Header {
  std::string_view name;  // the field, without padding
  u64 contents = 0;       // file offset
  u64 size = 0;

  bool is_index() const { return name == "/" || name == "/SYM64/"; }
  bool is_long_names() const { return name == "//"; }
  bool has_long_name() const { return name.size() > 1 && name[0] == '/' && number_follows(); }
  // A thin archive stores these; every other member is a file of its own.
  bool is_stored_in_thin() const { return is_index() || is_long_names(); }

 private:
  bool number_follows() const { return name[1] >= '0' && name[1] <= '9'; }
};

Header read_header(Bytes archive, u64 offset) {
  if (offset > archive.size() || archive.size() - offset < kHeaderSize)
    throw BadInput(cat("archive member header at ", hex(offset), " ends past the end of the file (",
                       hex(archive.size()), ")"));
  const std::string_view text = archive.sub(offset, kHeaderSize).text();
  const auto size = number(trimmed(text.substr(kSizeField, kSizeSize)));
  if (text.substr(kEndField) != kHeaderEnd || !size)
    throw BadInput(cat("archive has no member header at ", hex(offset)));
  return {trimmed(text.substr(0, kNameSize)), offset + kHeaderSize, *size};
}

Bytes contents_of(Bytes archive, const Header& header) {
  if (header.size > archive.size() - header.contents)
    throw BadInput(cat("archive member at ", hex(header.contents - kHeaderSize), " (", header.size,
                       " bytes) ends past the end of the file (", hex(archive.size()), ")"));
  return archive.sub(header.contents, header.size);
}

u64 big_endian(Bytes bytes, u64 offset, u64 size) {
  const std::span<const std::byte> digits = bytes.sub(offset, size).span();
  u64 value = 0;
  for (std::byte digit : digits) value = value << 8 | std::to_integer<u64>(digit);
  return value;
}

// The index: a count, as many offsets of member headers, as many names. `width` is the size of the
// numbers: 4, or 8 in "/SYM64/".
std::vector<ArchiveSymbol> read_index(Bytes index, u64 width, u64 archive_size) {
  std::vector<ArchiveSymbol> symbols;
  if (index.empty()) return symbols;
  const u64 count = big_endian(index, 0, width);
  if (count > index.size() / (width + 1))  // each symbol has an offset and at least a NUL
    throw BadInput(
        cat("archive index of ", index.size(), " bytes cannot hold ", count, " symbols"));
  symbols.reserve(count);
  u64 name_offset = width * (count + 1);
  for (u64 i = 0; i < count; i++) {
    const u64 header_offset = big_endian(index, width * (i + 1), width);
    if (header_offset > archive_size)
      throw BadInput(cat("archive index names a member at ", hex(header_offset),
                         ", past the end of the file (", hex(archive_size), ")"));
    const std::string_view name = index.c_string(name_offset);
    symbols.push_back({name, header_offset});
    name_offset += name.size() + 1;
  }
  return symbols;
}

// A name in the table ends with "/\n"; a path in it may contain slashes.
std::string_view long_name(Bytes long_names, std::string_view field) {
  const auto offset = number(field.substr(1));
  if (!offset && field.find(':') != std::string_view::npos)
    throw BadInput(cat("archive member '", field,
                       "' lies in an archive inside a thin archive; add its members instead"));
  if (!offset || *offset >= long_names.size())
    throw BadInput(cat("archive member name '", field, "' is not in the table of long names"));
  // One name may be that of any number of members, so it must not take long to find its end.
  constexpr u64 kLongest = 4096;  // of a path, on all hosts that we know
  const std::string_view rest = long_names.text().substr(*offset, kLongest + 1);
  const u64 end = rest.find('\n');
  if (end == std::string_view::npos)
    throw BadInput(cat("long name at ", *offset, " of the archive has ",
                       rest.size() > kLongest ? "more than 4096 characters" : "no end"));
  std::string_view name = rest.substr(0, end);
  if (name.ends_with('/')) name.remove_suffix(1);
  return name;
}

}  // namespace

bool is_archive(Bytes bytes) {
  return bytes.text().starts_with(kMagic) || bytes.text().starts_with(kThinMagic);
}

Archive::Archive(Bytes bytes) : bytes_(bytes) {
  if (!is_archive(bytes)) throw BadInput("is not an archive");
  is_thin_ = bytes.text().starts_with(kThinMagic);
  for (first_member_ = kMagic.size(); first_member_ < bytes.size();) {
    const Header header = read_header(bytes, first_member_);
    if (header.is_index()) {
      const u64 width = header.name == "/" ? 4 : 8;
      symbols_ = read_index(contents_of(bytes, header), width, bytes.size());
      has_index_ = true;
    } else if (header.is_long_names()) {
      long_names_ = contents_of(bytes, header);
    } else {
      break;
    }
    first_member_ = align_up(header.contents + header.size, 2);
  }
}

ArchiveMember Archive::member_at(u64 header_offset) const {
  const Header header = read_header(bytes_, header_offset);
  ArchiveMember member{header.name, header_offset, {}};
  if (!is_thin_) member.contents = contents_of(bytes_, header);
  if (header.has_long_name()) {
    member.name = long_name(long_names_, header.name);
  } else if (header.name.starts_with("#1/") && !is_thin_) {
    const auto length = number(header.name.substr(3));
    if (!length || *length > member.contents.size())
      throw BadInput(cat("archive member at ", hex(header_offset), " has a malformed name"));
    member.name = member.contents.sub(0, *length).text();
    member.name = member.name.substr(0, member.name.find('\0'));  // padded with NULs
    member.contents = member.contents.sub(*length, member.contents.size() - *length);
  } else if (header.name.ends_with('/')) {
    member.name.remove_suffix(1);
  }
  return member;
}

std::optional<ArchiveMember> Archive::first() const {
  if (first_member_ >= bytes_.size()) return std::nullopt;
  return member_at(first_member_);
}

std::vector<ArchiveMember> Archive::members() const {
  std::vector<ArchiveMember> members;
  for (u64 offset = first_member_; offset < bytes_.size();) {
    const Header header = read_header(bytes_, offset);
    const bool stored = !is_thin_ || header.is_stored_in_thin();
    if (!header.is_stored_in_thin()) {
      members.push_back(member_at(offset));
      if (members.back().name.starts_with("__.SYMDEF")) members.pop_back();
    }
    offset = align_up(header.contents + (stored ? header.size : 0), 2);
  }
  return members;
}

}  // namespace fwseal
