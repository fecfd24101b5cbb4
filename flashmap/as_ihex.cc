// Intel, "Hexadecimal Object File Format Specification", revision A, 1988. A record is
//
//     :  length (1)  offset (2)  type (1)  data (length)  checksum (1)  CR LF
//
// in upper-case hexadecimal; all its bytes add up to 0 modulo 256. An offset has 16 bits, so
// records of their own give the base that later offsets are added to: type 02 a paragraph number
// (the base is 16 times that: below 1 MiB), type 04 the upper half of a 32-bit address. Types 03
// and 05 give the entry in the same two ways.
//
// The specification leaves a choice below 1 MiB. We choose as GNU objcopy does, so that the two
// files can be compared: 02 and 03 there, 04 and 05 above, never back, and a 02 record of 0 before
// the first 04, because some readers add both bases. Sections are not joined: a section begins a
// new record.
#include "flashmap/as_ihex.h"

#include <algorithm>
#include <array>

#include "flashmap/load.h"

namespace fwseal {

namespace {

// Spec: "Data Record" and the following headings.
enum class RecordType : u8 {
  kData = 0,
  kEnd = 1,
  kSegmentAddress = 2,
  kSegmentStart = 3,
  kLinearAddress = 4,
  kLinearStart = 5,
};

constexpr u64 kRecordBytes = 16;
constexpr u64 kWindow = 0x1'0000;         // what a 16-bit offset reaches
constexpr u64 kSegmentedEnd = 0x10'0000;  // 02 and 03 reach up to here

class HexWriter {
 public:
  void write(u64 lma, std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      if (lma < base() || lma - base() >= kWindow) move_base(lma);
      const u64 offset = lma - base();
      const u64 count = std::min({u64{bytes.size()}, kRecordBytes, kWindow - offset});
      record(RecordType::kData, static_cast<u16>(offset), bytes.first(count));
      bytes = bytes.subspan(count);
      lma += count;
    }
  }

  void start(u64 entry) {
    if (entry == 0) return;
    if (entry < kSegmentedEnd)
      record(RecordType::kSegmentStart, 0, big_endian((entry & 0xf'0000) << 12 | (entry & 0xffff)));
    else
      record(RecordType::kLinearStart, 0, big_endian(entry));
  }

  std::string finish() {
    record(RecordType::kEnd, 0, {});
    return std::move(text_);
  }

 private:
  u64 base() const { return segment_ + linear_; }

  void move_base(u64 lma) {
    if (linear_ == 0 && lma < kSegmentedEnd) {
      segment_ = lma & 0xf'0000;
      record(RecordType::kSegmentAddress, 0, upper_half(segment_ << 12));
      return;
    }
    if (segment_ != 0) record(RecordType::kSegmentAddress, 0, upper_half(0));
    segment_ = 0;
    linear_ = lma & 0xffff'0000;
    record(RecordType::kLinearAddress, 0, upper_half(linear_));
  }

  std::span<const std::byte> big_endian(u64 value) {
    for (u64 i = 0; i < 4; i++) field_[i] = static_cast<std::byte>(value >> (24 - 8 * i));
    return field_;
  }
  std::span<const std::byte> upper_half(u64 value) { return big_endian(value).first(2); }

  void record(RecordType type, u16 offset, std::span<const std::byte> data) {
    u32 sum = 0;
    const auto put = [&](u32 byte) {
      constexpr std::string_view kDigits = "0123456789ABCDEF";
      text_ += kDigits[byte >> 4 & 15];
      text_ += kDigits[byte & 15];
      sum += byte;
    };
    text_ += ':';
    put(static_cast<u32>(data.size()));
    put(offset >> 8u);
    put(offset & 0xffu);
    put(static_cast<u32>(type));
    for (const std::byte byte : data) put(std::to_integer<u32>(byte));
    put(-sum & 0xff);
    text_ += "\r\n";
  }

  std::string text_;
  std::array<std::byte, 4> field_{};
  u64 segment_ = 0;
  u64 linear_ = 0;
};

}  // namespace

std::string as_ihex(const Layout& layout, const Image& image, std::string_view file, Diag& diag) {
  const std::vector<LoadRun> runs = load_runs(layout, image);
  if (!load_is_sound(layout, runs, file, diag)) return {};
  HexWriter hex;
  for (const LoadRun& run : runs) hex.write(run.lma, run.bytes);
  hex.start(layout.entry);
  return hex.finish();
}

}  // namespace fwseal
