// Build attributes to and from the bytes of their section.
#include "elfio/arm_attributes.h"

#include "elfio/arm_attributes_tags.h"

namespace fwseal {
namespace {

using namespace arm;

constexpr std::string_view kAeabi = "aeabi";
constexpr std::string_view kGnu = "gnu";

// What follows a tag. Addenda32 2023Q3, "Coding extensibility and compatibility"; the vendor "gnu"
// keeps the rule for tags above 32 for all of its own.
struct Shape {
  bool number = false;
  bool text = false;
};
Shape shape_of(u32 tag, bool gnu) {
  if (tag == kTagCompatibility) return {true, true};
  const bool text =
      tag > kTagCompatibility || gnu ? tag % 2 != 0 : tag == kTagCpuRawName || tag == kTagCpuName;
  return {!text, text};
}

class Reader {
 public:
  explicit Reader(Bytes bytes) : bytes_(bytes) {}

  bool at_end() const { return position_ == bytes_.size(); }
  u64 left() const { return bytes_.size() - position_; }
  u64 position() const { return position_; }

  u32 word() {
    const u32 value = bytes_.le<u32>(position_);
    position_ += 4;
    return value;
  }
  u32 uleb128() {
    u64 value = 0;
    for (u32 shift = 0;; shift += 7) {
      const u8 byte = bytes_.le<u8>(position_++);
      if (shift < 32) value |= u64{byte & 0x7fu} << shift;
      if (value > 0xffffffff || (shift >= 32 && (byte & 0x7f) != 0))
        throw BadInput(cat("attribute at ", hex(position_ - 1), " does not fit into 32 bits"));
      if (!(byte & 0x80)) return static_cast<u32>(value);
    }
  }
  std::string_view c_string() {
    const std::string_view text = bytes_.c_string(position_);
    position_ += text.size() + 1;
    return text;
  }
  Bytes take(u64 size) {
    const Bytes taken = bytes_.sub(position_, size);
    position_ += size;
    return taken;
  }

 private:
  Bytes bytes_;
  u64 position_ = 0;
};

void read_file_attributes(Bytes bytes, bool gnu, std::map<u32, ArmAttribute>& tags) {
  for (Reader reader(bytes); !reader.at_end();) {
    const u32 tag = reader.uleb128();
    const Shape shape = shape_of(tag, gnu);
    ArmAttribute attribute;
    if (shape.number) attribute.number = reader.uleb128();
    if (shape.text) attribute.text = reader.c_string();
    tags[tag] = std::move(attribute);
  }
}

// A part whose size, at `start`, counts from `start` on and includes everything before the cursor.
Bytes take_rest(Reader& reader, u64 start, u32 size) {
  const u64 header = reader.position() - start;
  if (size < header) throw BadInput(cat("attributes at ", hex(start), " have size ", size));
  return reader.take(size - header);
}

void read_vendor(Bytes bytes, bool gnu, std::map<u32, ArmAttribute>& tags) {
  for (Reader reader(bytes); !reader.at_end();) {
    const u64 start = reader.position();
    const u32 scope = reader.uleb128();
    const u32 size = reader.word();
    const Bytes attributes = take_rest(reader, start, size);
    if (scope == kTagFile) read_file_attributes(attributes, gnu, tags);
  }
}

void append_uleb128(std::string& out, u32 value) {
  do {
    const u32 bits = value & 0x7f;
    value >>= 7;
    out += static_cast<char>(value != 0 ? bits | 0x80 : bits);
  } while (value != 0);
}

void append_word(std::string& out, u64 value) {
  for (u32 i = 0; i < 4; i++) out += static_cast<char>(value >> 8 * i & 0xff);
}

// A value that is the default need not be said. Tag_nodefaults has no value, it only stands there.
void append_attribute(std::string& out, u32 tag, const ArmAttribute& attribute, bool gnu) {
  const Shape shape = shape_of(tag, gnu);
  const bool is_default = (!shape.number || attribute.number == 0) && attribute.text.empty();
  if (is_default && (gnu || tag != kTagNodefaults)) return;
  append_uleb128(out, tag);
  if (shape.number) append_uleb128(out, attribute.number);
  if (shape.text) (out += attribute.text) += '\0';
}

// Tag_conformance comes first and Tag_nodefaults second, if they are there (Addenda32 2023Q3,
// "Conformance tag", "No defaults tag").
std::string attributes_in_order(const std::map<u32, ArmAttribute>& tags, bool gnu) {
  std::string out;
  const auto is_leading = [&](u32 tag) {
    return !gnu && (tag == kTagConformance || tag == kTagNodefaults);
  };
  for (u32 tag : {kTagConformance, kTagNodefaults})
    if (const auto found = tags.find(tag); !gnu && found != tags.end())
      append_attribute(out, tag, found->second, gnu);
  for (const auto& [tag, attribute] : tags)
    if (!is_leading(tag)) append_attribute(out, tag, attribute, gnu);
  return out;
}

void append_vendor(std::string& out, std::string_view vendor,
                   const std::map<u32, ArmAttribute>& tags) {
  const std::string attributes = attributes_in_order(tags, vendor == kGnu);
  if (attributes.empty()) return;
  const u64 file_size = 1 + 4 + attributes.size();
  append_word(out, 4 + vendor.size() + 1 + file_size);
  (out += vendor) += '\0';
  out += static_cast<char>(kTagFile);
  append_word(out, file_size);
  out += attributes;
}

}  // namespace

u32 ArmAttributes::number(u32 tag) const {
  const auto found = tags.find(tag);
  return found == tags.end() ? 0 : found->second.number;
}

std::string_view ArmAttributes::text(u32 tag) const {
  const auto found = tags.find(tag);
  return found == tags.end() ? std::string_view() : found->second.text;
}

ArmAttributes read_arm_attributes(Bytes section) {
  ArmAttributes attributes;
  if (section.empty() || section.le<u8>(0) != 'A') return attributes;
  attributes.present = true;
  // A rest too short for a length is padding, and so is a length of 0: GNU ld reads both as the
  // end.
  for (Reader reader(section.sub(1, section.size() - 1)); reader.left() >= 4;) {
    const u64 start = reader.position();
    const u32 size = reader.word();
    if (size == 0) break;
    const std::string_view vendor = reader.c_string();
    const Bytes contents = take_rest(reader, start, size);
    if (vendor == kAeabi) read_vendor(contents, false, attributes.tags);
    if (vendor == kGnu) read_vendor(contents, true, attributes.gnu_tags);
  }
  return attributes;
}

std::string ArmAttributesMerger::bytes() const {
  std::string vendors;
  append_vendor(vendors, kAeabi, out_.tags);
  append_vendor(vendors, kGnu, out_.gnu_tags);
  return vendors.empty() ? vendors : "A" + vendors;
}

ArmFeatures ArmAttributesMerger::features() const {
  ArmFeatures features = arm_features(out_.number(kTagCpuArch), out_.number(kTagCpuArchProfile),
                                      out_.number(kTagThumbIsaUse));
  features.hard_float_abi = out_.number(kTagVfpArgs) == 1;
  return features;
}

}  // namespace fwseal
