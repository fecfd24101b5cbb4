#include "elfio/arm_attributes.h"

#include <gtest/gtest.h>

#include <sstream>
#include <vector>

#include "elfio/arm_attributes_tags.h"

namespace fwseal {
namespace {

using namespace arm;

Bytes bytes_of(const std::string& text) { return Bytes(std::as_bytes(std::span(text))); }

std::string little_endian(u64 value) {
  std::string text;
  for (u32 i = 0; i < 4; i++) text += static_cast<char>(value >> 8 * i & 0xff);
  return text;
}

// A section with one file scope of one vendor.
std::string section(const std::string& attributes, const std::string& vendor = "aeabi") {
  const std::string scope = '\x01' + little_endian(5 + attributes.size()) + attributes;
  return "A" + little_endian(4 + vendor.size() + 1 + scope.size()) + vendor + '\0' + scope;
}

ArmAttributes object(std::initializer_list<std::pair<u32, u32>> numbers,
                     std::initializer_list<std::pair<u32, const char*>> texts = {}) {
  ArmAttributes attributes;
  attributes.present = true;
  for (const auto& [tag, number] : numbers) attributes.tags[tag].number = number;
  for (const auto& [tag, text] : texts) attributes.tags[tag].text = text;
  return attributes;
}

// Objects a.o, b.o, ... linked in this order.
struct Link {
  explicit Link(const std::vector<ArmAttributes>& objects, ArmMergeOptions options = {})
      : merger(options) {
    std::ostringstream out;
    Diag diag(out);
    const char* const names[] = {"a.o", "b.o", "c.o"};
    for (std::size_t i = 0; i < objects.size(); i++)
      merger.add(objects[i], Location{names[i], {}, {}, 0, 0}, diag);
    said = out.str();
    errors = diag.errors();
  }
  u32 number(u32 tag) const { return merger.result().number(tag); }
  std::string text(u32 tag) const { return std::string(merger.result().text(tag)); }

  ArmAttributesMerger merger;
  std::string said;
  int errors = 0;
};

u32 merged(u32 tag, u32 a, u32 b) {
  const Link link({object({{tag, a}}), object({{tag, b}})});
  EXPECT_EQ("", link.said) << tag << ": " << a << ", " << b;
  return link.number(tag);
}

// What arm-none-eabi-as 2.40 writes for -mcpu=cortex-m4.
const std::string kCortexM4 =
    section(std::string("\x05"
                        "Cortex-M4\0\x06\x0d\x07M\x09\x02",
                        17));

TEST(ArmAttributes, AreReadAsTheAssemblerWritesThem) {
  const ArmAttributes read = read_arm_attributes(bytes_of(kCortexM4));
  EXPECT_TRUE(read.present);
  EXPECT_EQ("Cortex-M4", read.text(kTagCpuName));
  EXPECT_EQ(13u, read.number(kTagCpuArch));
  EXPECT_EQ(u32{'M'}, read.number(kTagCpuArchProfile));
  EXPECT_EQ(2u, read.number(kTagThumbIsaUse));
  EXPECT_EQ(0u, read.number(kTagFpArch));
}

TEST(ArmAttributes, AreWrittenAsTheyWereRead) {
  const Link link({read_arm_attributes(bytes_of(kCortexM4))});
  EXPECT_EQ(kCortexM4, link.merger.bytes());
  const std::string long_numbers =
      section(std::string("\x20\x80\x01gnu\0\x2c\xff\xff\xff\xff\x0f\x41\x06\x0b\0", 17));
  EXPECT_EQ(long_numbers, Link({read_arm_attributes(bytes_of(long_numbers))}).merger.bytes());
  const std::string gnu = section("\x04\x01", "gnu");
  EXPECT_EQ(gnu, Link({read_arm_attributes(bytes_of(gnu))}).merger.bytes());
}

TEST(ArmAttributes, DefaultsAreNotWritten) {
  EXPECT_EQ("", Link({object({{kTagCpuArch, 0}}, {{kTagCpuName, ""}})}).merger.bytes());
  EXPECT_EQ("", Link({}).merger.bytes());
}

// Addenda32, "Conformance tag" and "No defaults tag": first and second.
TEST(ArmAttributes, ConformanceAndNodefaultsComeFirst) {
  const Link link({object({{kTagCpuArch, 10}, {kTagNodefaults, 0}}, {{kTagConformance, "2.09"}})});
  EXPECT_EQ(section(std::string("\x43"
                                "2.09\0\x40\0\x06\x0a",
                                10)),
            link.merger.bytes());
}

// What only a later object has is written too, even if its rule leaves the default at first.
TEST(ArmAttributes, TagsOfLaterObjectsArePresent) {
  const Link link({object({{kTagCpuArch, 10}}), object({{kTagCpuArch, 10}, {kTagNodefaults, 0}})});
  EXPECT_EQ(section(std::string("\x40\0\x06\x0a", 4)), link.merger.bytes());
  const Link dsp({object({{kTagCpuArch, 1}}), object({{kTagCpuArch, 3}, {kTagDspExtension, 1}}),
                  object({{kTagCpuArch, 5}})});
  EXPECT_EQ(1u, dsp.number(kTagDspExtension));
}

TEST(ArmAttributes, WhatIsNotForTheWholeFileIsIgnored) {
  const std::string scoped = std::string("\x02\x09\0\0\0\x01\0\x06\x0a", 9);
  const std::string text = "A" + little_endian(10 + scoped.size()) + "aeabi" + '\0' + scoped;
  EXPECT_TRUE(read_arm_attributes(bytes_of(text)).tags.empty());
  EXPECT_TRUE(read_arm_attributes(bytes_of(section("\x06\x0a", "ARM"))).tags.empty());
}

TEST(ArmAttributes, AnotherFormatSaysNothing) {
  std::string other = kCortexM4;
  other[0] = 'B';
  EXPECT_FALSE(read_arm_attributes(bytes_of(other)).present);
  EXPECT_FALSE(read_arm_attributes({}).present);
}

TEST(ArmAttributes, EveryPrefixIsReadOrRefused) {
  u32 refused = 0;
  for (std::size_t size = 0; size < kCortexM4.size(); size++) {
    try {
      read_arm_attributes(bytes_of(kCortexM4.substr(0, size)));
    } catch (const BadInput&) {
      refused++;
    }
  }
  EXPECT_EQ(kCortexM4.size() - 5, refused) << "all but those that end before a length";
}

TEST(ArmAttributes, EveryByteCanBeAnything) {
  for (std::size_t i = 0; i < kCortexM4.size(); i++)
    for (u32 value = 0; value < 256; value++) {
      std::string broken = kCortexM4;
      broken[i] = static_cast<char>(value);
      try {
        const Link link({read_arm_attributes(bytes_of(broken)), object({{kTagCpuArch, 13}})});
        (void)link.merger.bytes();
        (void)link.merger.features();
      } catch (const BadInput&) {
      }
    }
}

TEST(ArmAttributes, MalformedSectionsAreRefused) {
  for (const std::string& bad :
       {"A" + little_endian(4), "A" + little_endian(5) + "aeabi" + '\0', section("\x06"),
        section("\x05no end"), section("\x06\x80"), section("\x06\xff\xff\xff\xff\x7f"),
        section("\x06\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"),
        "A" + little_endian(15) + "aeabi" + '\0' + '\x01' + little_endian(4),
        "A" + little_endian(15) + "aeabi" + '\0' + '\x01' + little_endian(99)})
    EXPECT_THROW(read_arm_attributes(bytes_of(bad)), BadInput) << bad;
}

TEST(ArmAttributes, AnObjectWithoutThemAgreesWithEverything) {
  const Link link(
      {ArmAttributes{}, object({{kTagCpuArch, 13}, {kTagCpuArchProfile, 'M'}}), ArmAttributes{}});
  EXPECT_EQ("", link.said);
  EXPECT_EQ(13u, link.number(kTagCpuArch));
}

TEST(ArmAttributes, ArchitecturesCombine) {
  struct Row {
    u32 a, b, both;
  };
  for (const Row& row :
       {Row{0, 5, 5},      {2, 4, 4},         {6, 7, 7},    {7, 8, 10},        {6, 8, 8},
        {7, 9, 7},         {8, 9, 10},        {6, 9, 9},    {9, 10, 10},       {1, 11, kNoArch},
        {2, 11, 9},        {7, 11, 7},        {8, 11, 10},  {10, 11, 10},      {11, 12, 12},
        {4, 12, 9},        {1, 13, kNoArch},  {10, 13, 13}, {11, 13, 13},      {0, 14, 14},
        {13, 14, 14},      {14, 15, 14},      {13, 15, 15}, {11, 16, 16},      {12, 16, 16},
        {10, 16, kNoArch}, {13, 16, kNoArch}, {10, 17, 17}, {13, 17, 17},      {16, 17, 17},
        {9, 17, kNoArch},  {14, 17, kNoArch}, {17, 21, 21}, {14, 21, kNoArch}, {14, 22, 22},
        {21, 22, 22},      {2, 23, 2},        {11, 23, 11}, {0, 23, kNoArch},  {15, 23, kNoArch}}) {
    EXPECT_EQ(row.both, combine_arch(row.a, row.b)) << row.a << " " << row.b;
    EXPECT_EQ(row.both, combine_arch(row.b, row.a)) << row.a << " " << row.b;
  }
  for (u32 arch = 0; arch <= kArchV9; arch++) EXPECT_EQ(arch, combine_arch(arch, arch));
}

TEST(ArmAttributes, ArchitecturesConflict) {
  const Link link({object({{kTagCpuArch, 16}}), object({{kTagCpuArch, 6}})});
  EXPECT_EQ(
      "fwseal: error: b.o: is for architecture ARM v6, which cannot be combined with ARM "
      "v8-M.baseline of a.o\n",
      link.said);
  EXPECT_EQ(1, Link({object({{kTagCpuArch, 99}}), object({{kTagCpuArch, 6}})}).errors);
}

TEST(ArmAttributes, TheNameGoesWithTheArchitecture) {
  const ArmAttributes m3 = object({{kTagCpuArch, 10}}, {{kTagCpuName, "cortex-m3"}});
  const ArmAttributes m4 = object({{kTagCpuArch, 13}}, {{kTagCpuName, "cortex-m4"}});
  EXPECT_EQ("cortex-m4", Link({m3, m4}).text(kTagCpuName));
  EXPECT_EQ("cortex-m4", Link({m4, m3}).text(kTagCpuName));
  EXPECT_EQ("ARM v7", Link({object({{kTagCpuArch, 8}}, {{kTagCpuName, "x"}}),
                            object({{kTagCpuArch, 9}}, {{kTagCpuName, "y"}})})
                          .text(kTagCpuName));
  EXPECT_EQ("ARM v7E-M", Link({m3, object({{kTagCpuArch, 13}})}).text(kTagCpuName));
}

TEST(ArmAttributes, AlsoCompatibleWithGivesTheCommonSubset) {
  const ArmAttributes both = object({{kTagCpuArch, 2}}, {{kTagAlsoCompatibleWith, "\x06\x0b"}});
  const Link same({both, both});
  EXPECT_EQ(2u, same.number(kTagCpuArch));
  EXPECT_EQ("\x06\x0b", same.text(kTagAlsoCompatibleWith));
  const Link m({both, object({{kTagCpuArch, 11}})});
  EXPECT_EQ(11u, m.number(kTagCpuArch));
  EXPECT_EQ("", m.text(kTagAlsoCompatibleWith));
  EXPECT_EQ(2u, Link({both, object({{kTagCpuArch, 2}})}).number(kTagCpuArch));
}

TEST(ArmAttributes, ProfilesCombine) {
  const auto profile = [](u32 a, u32 b) { return merged(kTagCpuArchProfile, a, b); };
  EXPECT_EQ(u32{'A'}, profile('S', 'A'));
  EXPECT_EQ(u32{'R'}, profile('R', 'S'));
  EXPECT_EQ(u32{'M'}, profile(0, 'M'));
  EXPECT_EQ(u32{'M'}, profile('M', 0));
  const Link link({object({{kTagCpuArchProfile, 'M'}}), object({{kTagCpuArchProfile, 'A'}})});
  EXPECT_EQ("fwseal: error: b.o: is for architecture profile A, a.o for profile M\n", link.said);
  EXPECT_EQ(
      1, Link({object({{kTagCpuArchProfile, 'S'}}), object({{kTagCpuArchProfile, 'M'}})}).errors);
}

TEST(ArmAttributes, MostTagsTakeTheLargest) {
  for (u32 tag : {8, 9, 11, 12, 19, 21, 22, 23, 34, 36, 42, 48, 50, 52, 66, 74, 76}) {
    EXPECT_EQ(2u, merged(tag, 1, 2)) << tag;
    EXPECT_EQ(2u, merged(tag, 2, 0)) << tag;
  }
  for (u32 tag : {16, 25}) {
    EXPECT_EQ(1u, merged(tag, 1, 2)) << tag;
    EXPECT_EQ(0u, merged(tag, 2, 0)) << tag;
  }
  for (u32 tag : {17, 20, 24}) {
    EXPECT_EQ(1u, merged(tag, 1, 2)) << tag;
    EXPECT_EQ(1u, merged(tag, 2, 1)) << tag;
    EXPECT_EQ(2u, merged(tag, 0, 2)) << tag;
    EXPECT_EQ(4u, merged(tag, 1, 4)) << tag;
    EXPECT_EQ(4u, merged(tag, 4, 1)) << tag;
  }
  for (u32 tag : {30, 31}) EXPECT_EQ(1u, merged(tag, 1, 2)) << tag;
}

TEST(ArmAttributes, FloatingPointUnitsCombine) {
  for (u32 value = 0; value <= 8; value++) EXPECT_EQ(value, merged(kTagFpArch, value, value));
  EXPECT_EQ(5u, merged(kTagFpArch, 3, 6));  // 32 registers and version 4
  EXPECT_EQ(7u, merged(kTagFpArch, 5, 8));
  EXPECT_EQ(4u, merged(kTagFpArch, 2, 4));
  EXPECT_EQ(9u, merged(kTagFpArch, 9, 4));
  const Link single({object({{kTagFpArch, 6}, {kTagHardFpUse, 1}}), object({{kTagFpArch, 6}})});
  EXPECT_EQ(0u, single.number(kTagHardFpUse));
  const Link none({object({{kTagHardFpUse, 3}}), object({{kTagFpArch, 6}, {kTagHardFpUse, 1}})});
  EXPECT_EQ(1u, none.number(kTagHardFpUse));
}

TEST(ArmAttributes, FloatAbisConflict) {
  const ArmAttributes hard = object({{kTagFpNumberModel, 3}, {kTagVfpArgs, 1}});
  const ArmAttributes soft = object({{kTagFpNumberModel, 3}});
  const Link link({soft, hard});
  EXPECT_EQ(
      "fwseal: error: b.o: passes floating-point arguments in VFP registers, a.o does not; compile "
      "both with the same -mfloat-abi\n",
      link.said);
  EXPECT_EQ(
      "fwseal: error: b.o: passes floating-point arguments in core registers, a.o in VFP "
      "registers; compile both with the same -mfloat-abi\n",
      Link({hard, soft}).said);
  // No floating point, or code for both.
  EXPECT_EQ("", Link({object({}), hard}).said);
  EXPECT_EQ("", Link({hard, object({})}).said);
  EXPECT_EQ(1u, Link({object({}), hard}).number(kTagVfpArgs));
  const ArmAttributes any = object({{kTagFpNumberModel, 3}, {kTagVfpArgs, 3}});
  EXPECT_EQ(1u, Link({any, hard}).number(kTagVfpArgs));
  EXPECT_EQ(1u, Link({hard, any}).number(kTagVfpArgs));
  EXPECT_EQ("", Link({hard, any}).said);
  EXPECT_EQ("", Link({any, hard}).said);
  EXPECT_EQ(1, Link({any, hard, soft}).errors);
  EXPECT_EQ("", Link({soft, hard}, {.report = false}).said);
}

TEST(ArmAttributes, SizesOfTypesOnlyWarn) {
  const std::vector<ArmAttributes> wchars = {object({{kTagWcharSize, 4}}),
                                             object({{kTagWcharSize, 2}})};
  const Link wchar(wchars);
  EXPECT_EQ(0, wchar.errors);
  EXPECT_EQ(
      "fwseal: warning: b.o: has a wchar_t of 2 bytes, a.o of 4; values of that type cannot be "
      "exchanged (--no-wchar-size-warning)\n",
      wchar.said);
  EXPECT_EQ(4u, wchar.number(kTagWcharSize));
  EXPECT_EQ("", Link(wchars, {.warn_wchar_size = false}).said);
  EXPECT_EQ(2u, merged(kTagWcharSize, 0, 2));
  EXPECT_EQ(2u, merged(kTagWcharSize, 2, 0));

  const std::vector<ArmAttributes> enums = {object({{kTagEnumSize, 1}}),
                                            object({{kTagEnumSize, 2}})};
  EXPECT_EQ(
      "fwseal: warning: b.o: has 32-bit enums, a.o variable-size ones; values of such a type "
      "cannot be exchanged (--no-enum-size-warning)\n",
      Link(enums).said);
  EXPECT_EQ("", Link(enums, {.warn_enum_size = false}).said);
  EXPECT_EQ(2u, merged(kTagEnumSize, 3, 2));
  EXPECT_EQ(2u, merged(kTagEnumSize, 2, 3));
  EXPECT_EQ(1u, merged(kTagEnumSize, 1, 0));
}

TEST(ArmAttributes, CallStandardsConflict) {
  EXPECT_EQ("fwseal: error: b.o: uses r9 otherwise (2) than a.o (1)\n",
            Link({object({{kTagPcsR9Use, 1}}), object({{kTagPcsR9Use, 2}})}).said);
  EXPECT_EQ(2u, merged(kTagPcsR9Use, 3, 2));
  EXPECT_EQ(2u, merged(kTagPcsR9Use, 2, 3));
  EXPECT_EQ(1, Link({object({}), object({{kTagPcsRwData, 2}})}).errors);
  EXPECT_EQ(
      0,
      Link({object({{kTagPcsR9Use, 1}}), object({{kTagPcsR9Use, 1}, {kTagPcsRwData, 2}})}).errors);
  EXPECT_EQ("fwseal: error: b.o: and a.o disagree on passing arguments in iWMMXt registers\n",
            Link({object({{kTagWmmxArgs, 1}}), object({})}).said);
  EXPECT_EQ(1, Link({object({{kTagFp16Format, 1}}), object({{kTagFp16Format, 2}})}).errors);
  EXPECT_EQ(2u, merged(kTagFp16Format, 0, 2));
  EXPECT_EQ("fwseal: warning: b.o: is for another platform configuration (2) than a.o (1)\n",
            Link({object({{kTagPcsConfig, 1}}), object({{kTagPcsConfig, 2}})}).said);
}

TEST(ArmAttributes, DivisionAndDsp) {
  const auto div = [](u32 a, u32 b, u32 arch) {
    return Link({object({{kTagCpuArch, arch}, {kTagDivUse, a}}),
                 object({{kTagCpuArch, arch}, {kTagDivUse, b}})})
        .number(kTagDivUse);
  };
  EXPECT_EQ(1u, div(0, 1, 6)) << "nobody divides";
  EXPECT_EQ(0u, div(0, 1, 13)) << "the first may";
  EXPECT_EQ(0u, div(1, 0, 13)) << "the second may";
  EXPECT_EQ(1u, div(1, 0, 6));
  EXPECT_EQ(2u, div(1, 2, 10));
  EXPECT_EQ(2u, div(2, 1, 10));
  const auto dsp = [](u32 arch, u32 profile, u32 first, u32 second) {
    return Link({object({{kTagCpuArch, arch},
                         {kTagCpuArchProfile, profile},
                         {kTagDspExtension, first}}),
                 object({{kTagCpuArch, arch},
                         {kTagCpuArchProfile, profile},
                         {kTagDspExtension, second}})})
        .number(kTagDspExtension);
  };
  EXPECT_EQ(1u, dsp(17, 'M', 0, 1));
  EXPECT_EQ(1u, dsp(17, 'M', 1, 0));
  EXPECT_EQ(0u, dsp(17, 'M', 0, 0));
  EXPECT_EQ(0u, dsp(13, 'M', 0, 1)) << "Armv7E-M has it";
}

TEST(ArmAttributes, VirtualizationAndMultiprocessing) {
  EXPECT_EQ(3u, merged(kTagVirtualizationUse, 1, 2));
  EXPECT_EQ(2u, merged(kTagVirtualizationUse, 0, 2));
  EXPECT_EQ(
      1, Link({object({{kTagVirtualizationUse, 1}}), object({{kTagVirtualizationUse, 9}})}).errors);
  const Link old({object({{kTagMpExtensionUseLegacy, 1}})});
  EXPECT_EQ(1u, old.number(kTagMpExtensionUse));
  EXPECT_EQ(0u, old.number(kTagMpExtensionUseLegacy));
  const ArmAttributes twice = object({{kTagMpExtensionUse, 1}, {kTagMpExtensionUseLegacy, 2}});
  EXPECT_EQ(1, Link({twice}).errors);
}

TEST(ArmAttributes, ClaimsMustBeShared) {
  const ArmAttributes claim = object({}, {{kTagConformance, "2.09"}});
  EXPECT_EQ("2.09", Link({claim, claim}).text(kTagConformance));
  EXPECT_EQ("", Link({claim, object({})}).text(kTagConformance));
  EXPECT_EQ("", Link({object({}), claim}).text(kTagConformance));
}

TEST(ArmAttributes, CompatibilityNamesAToolchain) {
  ArmAttributes other = object({});
  other.tags[kTagCompatibility] = {1, "other"};
  ArmAttributes gnu = object({});
  gnu.tags[kTagCompatibility] = {1, "gnu"};
  EXPECT_EQ(
      "fwseal: error: b.o: must be linked by the tools of 'other', says its Tag_compatibility\n",
      Link({object({}), other}).said);
  EXPECT_EQ("", Link({gnu, gnu}).said);
  EXPECT_EQ(1, Link({gnu, object({})}).errors);
}

// Addenda32, "Coding extensibility and compatibility".
TEST(ArmAttributes, UnknownTagsAreToldOnce) {
  const Link mandatory({object({}), object({{40, 1}}), object({{40, 1}})});
  EXPECT_EQ("fwseal: error: b.o: unknown build attribute 40, which a linker must understand\n",
            mandatory.said);
  const Link optional({object({{78, 1}}), object({}), object({{78, 1}})});
  EXPECT_EQ("fwseal: warning: b.o: unknown build attribute 78, of a.o\n", optional.said);
  EXPECT_EQ(0u, optional.number(78));
  EXPECT_EQ(1u, Link({object({{78, 1}}), object({{78, 1}})}).number(78));
  EXPECT_EQ(1, Link({object({{130, 1}}), object({})}).errors) << "130 is 2 modulo 128";
}

TEST(ArmAttributes, FeaturesAreThoseOfTheResult) {
  const Link link({object({{kTagCpuArch, 10},
                           {kTagCpuArchProfile, 'M'},
                           {kTagThumbIsaUse, 2},
                           {kTagFpNumberModel, 3},
                           {kTagVfpArgs, 1}})});
  const ArmFeatures features = link.merger.features();
  EXPECT_TRUE(features.is_m_profile && features.has_thumb2 && features.hard_float_abi);
  EXPECT_FALSE(Link({}).merger.features().hard_float_abi);
}

}  // namespace
}  // namespace fwseal
