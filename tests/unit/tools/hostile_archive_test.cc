// Whole links of broken archives: each ends in an image or in messages.
#include <gtest/gtest.h>

#include <cstring>

#include "tests/unit/elf_builder.h"
#include "tests/unit/tools/hostile.h"

namespace fwseal {
namespace {

TEST(HostileArchive, EveryPrefixOfAnArchive) {
  const std::string good = good_archive();
  for (u64 size = 8; size < good.size(); size++) {
    SCOPED_TRACE(size);
    const Outcome outcome = link({{"object.o", good_object()}, {"x.a", good.substr(0, size)}});
    EXPECT_FALSE(outcome.image);
    EXPECT_TRUE(outcome.says("x.a") || outcome.says("undefined reference to `helper'"))
        << outcome.messages;
  }
}

TEST(HostileArchive, EveryByteOfAnArchiveButItsMembers) {
  const std::string good = good_archive();
  const std::string object = good_object();
  for (u64 at = 0; at < good.size(); at++) {
    if (at > 300 && at < good.size() - helper_object().size() - 60) continue;  // a member
    for (const char hostile : {'\0', '0', '9', ' ', '/', '\xff'}) {
      std::string bytes = good;
      bytes[at] = hostile;
      SCOPED_TRACE(cat("byte ", at, " is ", static_cast<int>(hostile)));
      link({{"object.o", object}, {"x.a", bytes}});
    }
  }
}

TEST(HostileArchive, ArchiveIndexIntoTheMiddle) {
  const std::string object = good_object();
  const std::string good = good_archive();
  for (u32 offset = 0; offset < good.size(); offset += 1) {
    std::string bytes = good;
    // The second entry of the index: big-endian, behind magic, header, count and first offset.
    for (u64 i = 0; i < 4; i++) bytes[8 + 60 + 8 + i] = static_cast<char>(offset >> (24 - 8 * i));
    SCOPED_TRACE(offset);
    const Outcome outcome = link({{"object.o", object}, {"x.a", bytes}});
    EXPECT_TRUE(outcome.image || outcome.says("x.a") || outcome.says("`helper'"))
        << outcome.messages;
  }
}

TEST(HostileArchive, ThinArchivesOfOddThings) {
  for (const std::string member : {"x.a", "object.o", "script.ld", "/dev/zero", "/dev", "missing",
                                   "", "../../../etc", "empty"}) {
    for (const ArchiveKind kind : {ArchiveKind::kThin}) {
      const std::string archive = build_archive({{member, "", {"helper"}}}, kind);
      SCOPED_TRACE(member);
      const Outcome outcome = link({{"object.o", good_object()}, {"x.a", archive}, {"empty", ""}});
      EXPECT_FALSE(outcome.image);
      EXPECT_TRUE(outcome.says("x.a")) << outcome.messages;
    }
  }
}

TEST(HostileArchive, ArchivesInArchives) {
  const std::string inner = good_archive();
  const std::string outer = build_archive({{"x.a", inner, {"helper"}}});
  EXPECT_TRUE(link({{"object.o", good_object()}, {"x.a", outer}})
                  .says("x.a(x.a): member in archive is not an object"));
}

}  // namespace
}  // namespace fwseal
