#include "prune/ocaml_tables.h"

#include <random>

#include "tests/unit/ocaml_world.h"
#include "tests/unit/prune/linked_object.h"

namespace fwseal {
namespace {

// What the runtime sees of a descriptor.
struct Seen {
  u16 frame_size = 0;
  std::string live;
  std::string allocations;
  std::string backtrace;  // "7 A.f a.ml; "
  u64 end = 0;
  bool operator==(const Seen& other) const {
    return frame_size == other.frame_size && live == other.live &&
           allocations == other.allocations && backtrace == other.backtrace;
  }
};

// As runtime/caml/stack.h and backtrace_nat.c read it.
Seen look(const std::string& pool, u64 at) {
  const Bytes bytes = bytes_of(pool);
  Seen seen;
  seen.frame_size = bytes.le<u16>(at + 4);
  const u64 live = bytes.le<u16>(at + 6);
  seen.live = bytes.sub(at + 8, 2 * live).text();
  u64 p = at + 8 + 2 * live;
  u64 debug = 1;
  if (seen.frame_size != 0xffff && (seen.frame_size & 2) != 0) {
    debug = bytes.le<u8>(p);
    seen.allocations = bytes.sub(p + 1, debug).text();
    p += 1 + debug;
  }
  p = align_up(p, 4);
  if (seen.frame_size != 0xffff && (seen.frame_size & 1) != 0) {
    for (u64 i = 0; i < debug; i++, p += 4) {
      const u32 offset = bytes.le<u32>(p);
      if (offset == 0) seen.backtrace += "none; ";
      for (u64 info = p + offset; offset != 0; info += 8) {
        const u64 name = info + (bytes.le<u32>(info) & kFrameNameMask);
        const u64 file = name + bytes.le<u32>(name);
        seen.backtrace += cat(bytes.le<u32>(info + 4), ' ', bytes.c_string(name + 4), ' ',
                              bytes.c_string(file), "; ");
        if ((bytes.le<u32>(info) & 1) == 0) break;
      }
    }
  }
  seen.end = p;
  return seen;
}

class OcamlPoolTest : public testing::Test {
 protected:
  OcamlPoolTest() { world_.finish(); }

  FramePool pool(bool keeps_debug, bool only_f = false) {
    const LinkedObject object(world_.elf);
    const OcamlFrametables tables = read_ocaml_frametables(object.program());
    EXPECT_TRUE(tables.usable());
    const SectionId f = object.section(world_.f);
    return pool_frames(tables, keeps_debug,
                       [&](SectionId code, u64) { return !only_f || code == f; });
  }

  OcamlWorld world_;
};

TEST_F(OcamlPoolTest, KeepsAllThatTheRuntimeReads) {
  const FramePool all = pool(true);
  ASSERT_EQ(all.frames.size(), 6u);
  EXPECT_EQ(all.left_out, 0u);
  const Seen allocates = look(all.bytes, all.frames[1].offset);
  EXPECT_EQ(allocates.frame_size, 19);
  EXPECT_EQ(allocates.live, std::string("\x08\0", 2));
  EXPECT_EQ(allocates.allocations, std::string("\x02\0", 2));
  EXPECT_EQ(allocates.backtrace, "7 A.f a.ml; none; ");
  EXPECT_EQ(look(all.bytes, all.frames[2].offset).backtrace, "8 A.g a.ml; 9 B.h b.ml; ");
  EXPECT_EQ(look(all.bytes, all.frames[5].offset).frame_size, 0xffff);
  for (const PooledFrame& frame : all.frames) EXPECT_EQ(frame.offset % 4, 0u);
}

TEST_F(OcamlPoolTest, DropsNothingButDebuginfo) {
  const FramePool with = pool(true);
  const FramePool without = pool(false);
  EXPECT_EQ(without.debug_bytes, 0u);
  EXPECT_EQ(with.bytes.size() - with.debug_bytes, without.bytes.size());
  u64 end = 0;
  for (u64 i = 0; i < with.frames.size(); i++) {
    EXPECT_EQ(without.frames[i].offset, end);  // one behind the other
    Seen expected = look(with.bytes, with.frames[i].offset);
    expected.backtrace.clear();
    if (expected.frame_size != 0xffff) expected.frame_size &= 0xfffe;
    const Seen found = look(without.bytes, without.frames[i].offset);
    EXPECT_EQ(found, expected) << i;
    end = found.end;
  }
  EXPECT_EQ(end, without.bytes.size());
}

TEST_F(OcamlPoolTest, LeavesOutWhatIsDeadAndItsNames) {
  const FramePool some = pool(true, true);
  EXPECT_EQ(some.frames.size(), 3u);
  EXPECT_EQ(some.left_out, 3u);
  EXPECT_LT(some.bytes.size(), pool(true).bytes.size());
}

TEST_F(OcamlPoolTest, HasEqualNamesOnce) {
  const std::string bytes = pool(true).bytes;
  const auto first = bytes.find("a.ml");
  EXPECT_NE(first, bytes.npos);
  EXPECT_EQ(bytes.find("a.ml", first + 1), bytes.npos);
}

TEST(OcamlHash, HasTheFewestSlotsThatAreEnough) {
  EXPECT_EQ(frame_hash_slots(0), 4u);
  EXPECT_EQ(frame_hash_slots(3), 4u);
  EXPECT_EQ(frame_hash_slots(4), 8u);
  EXPECT_EQ(frame_hash_slots(6), 8u);
  EXPECT_EQ(frame_hash_slots(7), 16u);
  EXPECT_EQ(frame_hash_slots(5057), 8192u);
  EXPECT_EQ(frame_hash_slots(8506), 16384u);
}

// As the runtime looks a return address up: no descriptor may be missing, and a look-up of what is
// not there must end.
TEST(OcamlHash, FindsEveryDescriptor) {
  std::mt19937 random(1);
  for (u32 count = 0; count < 60; count++) {
    const u32 slots = frame_hash_slots(count);
    std::vector<PooledFrame> frames;
    std::vector<u32> addresses;
    // Close to each other, or with one and the same index, also the last one.
    const u32 spread = count % 3 == 0 ? 2 : count % 3 == 1 ? 8 * slots : 20;
    for (u32 i = 0; i < count; i++) {
      frames.push_back({12 * i, SectionId{0}, 0, true});
      const u32 last = addresses.empty() ? 0x4000'0000 + 8 * (slots - 1) : addresses.back() - 1;
      addresses.push_back((last + spread * (1 + static_cast<u32>(random() % 2))) | 1);
    }
    const std::vector<u32> table = hash_frames(frames, addresses, slots);
    ASSERT_EQ(table.size(), slots);
    for (u32 i = 0; i < count; i++) {
      u32 at = (addresses[i] >> 3) & (slots - 1);
      while (table[at] != kFreeSlot && table[at] != frames[i].offset) at = (at + 1) & (slots - 1);
      EXPECT_EQ(table[at], frames[i].offset);
    }
    EXPECT_GT(std::ranges::count(table, kFreeSlot), 0);
  }
}

}  // namespace
}  // namespace fwseal
