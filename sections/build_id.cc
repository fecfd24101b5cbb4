// An ELF note of type NT_GNU_BUILD_ID, name "GNU" (gABI 4.1, "Note Section"). The digest is taken
// with zeroes in the place of the id, so it can be checked again.
#include "sections/build_id.h"

#include <openssl/evp.h>

#include <cassert>
#include <cstring>

namespace fwseal {
namespace {

constexpr u64 kHeaderSize = 16;  // three words and "GNU\0"

u64 id_size(const BuildIdStyle& style) {
  switch (style.kind) {
    case BuildIdStyle::Kind::kSha1:
      return 20;
    case BuildIdStyle::Kind::kMd5:
      return 16;
    case BuildIdStyle::Kind::kGiven:
      return style.given.size();
  }
  return 0;
}

void append_word(std::string& text, u32 word) {
  char bytes[sizeof word];
  std::memcpy(bytes, &word, sizeof word);
  text.append(bytes, sizeof word);
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The ld manual's "0xhexstring": between two digits of a byte may stand '-' or ':'.
std::optional<std::string> hex_bytes(std::string_view text) {
  std::string bytes;
  int high = -1;
  for (char c : text) {
    if ((c == '-' || c == ':') && high < 0) continue;
    const int digit = hex_digit(c);
    if (digit < 0) return std::nullopt;
    if (high >= 0) bytes.push_back(static_cast<char>(high * 16 + digit));
    high = high >= 0 ? -1 : digit;
  }
  if (high >= 0 || bytes.empty()) return std::nullopt;
  return bytes;
}

std::string digest(const EVP_MD* method, std::string_view bytes) {
  std::string result(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  const int done =
      EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(result.data()), &size,
                 method, nullptr);
  if (done != 1) return {};
  result.resize(size);
  return result;
}

std::string id_of(const BuildIdStyle& style, std::string_view elf) {
  if (style.kind == BuildIdStyle::Kind::kGiven) return style.given;
  std::string id = digest(style.kind == BuildIdStyle::Kind::kMd5 ? EVP_md5() : EVP_sha1(), elf);
  // A libcrypto that was told to refuse MD5 and SHA-1 (FIPS) still has SHA-256.
  if (id.empty()) id = digest(EVP_sha256(), elf);
  assert(id.size() >= id_size(style));
  id.resize(id_size(style));
  return id;
}

}  // namespace

std::optional<BuildIdStyle> parse_build_id(std::string_view text, Diag& diag) {
  using Kind = BuildIdStyle::Kind;
  if (text.empty() || text == "sha1") return BuildIdStyle{Kind::kSha1, {}};
  if (text == "md5") return BuildIdStyle{Kind::kMd5, {}};
  if (text == "none") return std::nullopt;
  if (text.starts_with("0x") || text.starts_with("0X"))
    if (auto bytes = hex_bytes(text.substr(2))) return BuildIdStyle{Kind::kGiven, *bytes};
  diag.error({}, cat("--build-id=", text, " is not one of sha1, md5, none, 0x<hex digits>"));
  return std::nullopt;
}

std::string build_id_note(const BuildIdStyle& style) {
  std::string note;
  append_word(note, 4);  // size of "GNU\0"
  append_word(note, static_cast<u32>(id_size(style)));
  append_word(note, NT_GNU_BUILD_ID);
  note.append("GNU", 4);
  note +=
      style.kind == BuildIdStyle::Kind::kGiven ? style.given : std::string(id_size(style), '\0');
  note.resize(align_up(note.size(), 4), '\0');
  return note;
}

void fill_build_id(const Layout& layout, SectionId note, const BuildIdStyle& style,
                   std::string& elf, Image& image) {
  const SectionPlace& place = layout.places[index(note)];
  if (place.output == kNoOutput) return;
  const OutputSection& output = layout.outputs[index(place.output)];
  std::vector<std::byte>& contents = image.contents[index(place.output)];
  if (!output.has_bytes()) return;
  const std::string id = id_of(style, elf);
  const u64 offset = place.offset + kHeaderSize;
  assert(output.file_offset + offset + id.size() <= elf.size());
  assert(offset + id.size() <= contents.size());
  std::memcpy(elf.data() + output.file_offset + offset, id.data(), id.size());
  std::memcpy(contents.data() + offset, id.data(), id.size());
}

}  // namespace fwseal
