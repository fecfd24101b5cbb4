// Build attributes: what an object says it needs of the processor and of the procedure call
// standard, and whether objects can be combined.
//
// Addenda32 2023Q3, "Build Attributes". Attributes of a section or symbol are deprecated and
// ignored, as their "Formal syntax" allows.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "elfio/bytes.h"
#include "elfio/diag.h"
#include "elfio/isa_arm.h"

namespace fwseal {

struct ArmAttribute {
  u32 number = 0;    // of a numeric tag; the flag of Tag_compatibility
  std::string text;  // of a tag with a string

  bool operator==(const ArmAttribute&) const = default;
};

// The attributes of a whole file. A tag that is not listed has the value 0 or "".
struct ArmAttributes {
  bool present = false;                  // there was a section at all
  std::map<u32, ArmAttribute> tags;      // of the vendor "aeabi"
  std::map<u32, ArmAttribute> gnu_tags;  // of the vendor "gnu"

  u32 number(u32 tag) const;
  std::string_view text(u32 tag) const;
};

// Reads a section of type SHT_ARM_ATTRIBUTES. Throws BadInput if it is malformed. An unknown format
// version says nothing to us.
ArmAttributes read_arm_attributes(Bytes section);

struct ArmMergeOptions {
  bool warn_wchar_size = true;  // --no-wchar-size-warning
  bool warn_enum_size = true;   // --no-enum-size-warning
  bool report = true;           // --no-warn-mismatch: merge what can be merged and say nothing
};

// Combines the attributes of all objects, in the order of the link, by GNU ld's rules.
class ArmAttributesMerger {
 public:
  explicit ArmAttributesMerger(ArmMergeOptions options = {}) : options_(options) {}

  // An object without attributes agrees with every other.
  void add(const ArmAttributes& object, const Location& where, Diag& diag);

  const ArmAttributes& result() const { return out_; }
  // The section of the image; empty if no object had one.
  std::string bytes() const;
  ArmFeatures features() const;

 private:
  friend class ArmAttributesMerge;

  ArmMergeOptions options_;
  ArmAttributes out_;
  // For each tag the object that its value came from, for messages.
  std::map<u32, std::string> origins_;
  std::string first_;      // the first object with attributes
  std::set<u32> unknown_;  // tags that have been reported
};

}  // namespace fwseal
