// Layouts built by hand, for the tests of what comes after layout.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sections/image.h"

namespace fwseal {

// One output section of a sample: its contents are `bytes`, or `size` zeroed bytes of NOBITS.
struct SampleSection {
  std::string name = {};
  u64 vma = 0;
  u64 lma = 0;
  u64 flags = SHF_ALLOC;
  std::string bytes = {};
  u64 nobits = 0;
  std::optional<u32> region = {};
  std::optional<u32> load_region = {};
};

struct Sample {
  Layout layout;
  Image image;

  explicit Sample(const std::vector<SampleSection>& sections) {
    for (const SampleSection& section : sections) add(section);
  }

  void add(const SampleSection& section) {
    OutputSection output;
    output.name = section.name;
    output.type = section.nobits != 0 ? SHT_NOBITS : SHT_PROGBITS;
    output.flags = section.flags;
    output.vma = section.vma;
    output.lma = section.lma;
    output.size = section.nobits != 0 ? section.nobits : section.bytes.size();
    output.region = section.region;
    output.load_region = section.load_region;
    layout.outputs.push_back(output);
    std::vector<std::byte> contents;
    for (const char c : section.bytes) contents.push_back(static_cast<std::byte>(c));
    image.contents.push_back(contents);
  }
};

}  // namespace fwseal
