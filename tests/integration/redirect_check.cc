#include "tests/integration/redirect_check.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>

namespace fwseal {
namespace {

constexpr u64 kOneSide = u64{9} << 22;  // more than any branch reaches
// Steps to try, both ways. The last ones reach to, or just beyond, the ends of the encodings.
constexpr std::array<i64, 23> kSteps{4,        8,        64,       124,      128,     256,
                                     508,      1020,     1024,     2044,     2048,    4092,
                                     4096,     65536,    1048572,  1048576,  4194304, 16777212,
                                     16777216, 16777224, 33554424, 33554428, 33554440};

// What an instruction can say: a distance from where its program counter is taken to be.
struct Reach {
  i64 low = 0;
  i64 high = 0;
  bool from_word = false;        // the program counter is rounded down to a word
  bool rotated_byte = false;     // the distance is a modified immediate of Arm state
  i64 high_without_long_bl = 0;  // what older processors reach; 0: the same
};

// Arm ARM DDI 0406C, "Alphabetical list of instructions".
std::optional<Reach> thumb_reach(u32 first, u32 second) {
  const auto is = [](u32 half, u32 mask, u32 value) { return (half & mask) == value; };
  if (is(first, 0xf800, 0x4800)) return Reach{0, 1020, true};   // LDR (literal) T1
  if (is(first, 0xf800, 0xa000)) return Reach{0, 1020, true};   // ADR T1
  if (is(first, 0xf500, 0xb100)) return Reach{0, 126};          // CBZ, CBNZ
  if (is(first, 0xf800, 0xe000)) return Reach{-2048, 2046};     // B T2
  if (is(first, 0xf000, 0xd000)) return Reach{-256, 254};       // B T1
  if (is(first, 0xf800, 0xf000) && is(second, 0xd000, 0xd000))  // BL
    return Reach{-(1 << 24), (1 << 24) - 2, false, false, (1 << 22) - 2};
  if (is(first, 0xf800, 0xf000) && is(second, 0xd001, 0xc000))  // BLX
    return Reach{-(1 << 24), (1 << 24) - 4, true, false, (1 << 22) - 4};
  if (is(first, 0xf800, 0xf000) && is(second, 0xd000, 0x9000))  // B T4
    return Reach{-(1 << 24), (1 << 24) - 2};
  if (is(first, 0xf800, 0xf000) && is(second, 0xd000, 0x8000))  // B T3
    return Reach{-(1 << 20), (1 << 20) - 2};
  if (is(first, 0xfb5f, 0xf20f)) return Reach{-4095, 4095, true};  // ADR T2, T3
  if (is(first, 0xfe1f, 0xf81f)) return Reach{-4095, 4095, true};  // LDR and others
  if (is(first, 0xfe5f, 0xe85f)) return Reach{-1020, 1020, true};  // LDRD
  if (is(first, 0xfe3f, 0xec1f)) return Reach{-1020, 1020, true};  // VLDR, LDC
  return std::nullopt;
}

std::optional<Reach> arm_reach(u32 code) {
  const auto is = [code](u32 mask, u32 value) { return (code & mask) == value; };
  if (is(0xfe000000, 0xfa000000)) return Reach{-(1 << 25), (1 << 25) - 2};  // BLX
  if (is(0x0e000000, 0x0a000000)) return Reach{-(1 << 25), (1 << 25) - 4};  // B, BL
  if (is(0x0e0f0000, 0x040f0000)) return Reach{-4095, 4095};                // LDR, STR, PLD
  if (is(0x0e4f0090, 0x004f0090)) return Reach{-255, 255};                  // LDRH, LDRD...
  if (is(0x0e0f0000, 0x0c0f0000)) return Reach{-1020, 1020};                // VLDR, LDC
  if (is(0x0fcf0000, 0x028f0000) || is(0x0fcf0000, 0x024f0000))             // ADR
    return Reach{-0xffffffffLL, 0xffffffff, false, true};
  return std::nullopt;
}

// Arm ARM DDI 0406C, "Modified immediate constants in ARM instructions".
bool is_rotated_byte(u32 value) {
  for (int rotation = 0; rotation < 32; rotation += 2)
    if (std::rotl(value, rotation) < 256) return true;
  return false;
}

// One section in the room.
class SectionCheck {
 public:
  SectionCheck(const Isa& isa, const ScannedSection& section, std::span<std::byte> room,
               const std::string& name, std::ostream& out)
      : isa_(isa), section_(section), room_(room), name_(name), out_(out) {
    for (CodeRun run : section.runs)
      runs_.push_back({run.begin + kOneSide, run.end + kOneSide, run.mode});
    for (const u32 offset : section.relocated)
      relocated_.push_back(static_cast<u32>(offset + kOneSide));
  }

  u64 check() {
    for (u64 i = 0; i < runs_.size(); i++) {
      CodeScan scan;
      if (!isa_.scan_code(Bytes(room_), runs_, i, relocated_, scan)) {
        mismatch({}, 0, "is read only where it was");
        continue;
      }
      if (!std::ranges::all_of(scan.references, [&](const CodeReference& reference) {
            return reference.target >= kOneSide &&
                   reference.target <= kOneSide + section_.contents.size();
          }))
        mismatch({}, 0, "leads out of the section");
      for (u64 k = 0; k < scan.references.size(); k++)
        if (scan.references[k].form != CodeReference::kFixed) lead_elsewhere(i, scan, k);
    }
    return mismatches_;
  }

 private:
  void mismatch(const CodeReference& reference, i64 change, std::string_view what) {
    out_ << name_ << ' ' << hex(reference.place - kOneSide) << " leads to "
         << hex(reference.target - kOneSide) << ", by " << change << " more: " << what << '\n';
    mismatches_++;
  }

  void lead_elsewhere(u64 run, const CodeScan& before, u64 number) {
    const CodeReference& reference = before.references[number];
    const std::optional<Reach> reach = reach_of(runs_[run].mode, reference.place);
    if (!reach) return mismatch(reference, 0, "no known instruction");
    const u64 step_count = reach->high > 1 << 20 && !reach->rotated_byte ? kSteps.size() : 16;
    for (u64 i = 0; i < step_count; i++)
      for (const i64 change : {kSteps[i], -kSteps[i]})
        lead_elsewhere(run, before, number, *reach, change);
  }

  void lead_elsewhere(u64 run, const CodeScan& before, u64 number, const Reach& reach, i64 change) {
    const CodeReference& reference = before.references[number];
    const u64 begin = reference.place - 4;
    std::array<std::byte, 12> saved{};  // the instruction, and what is around it
    const auto around = room_.subspan(begin, saved.size());
    std::ranges::copy(around, saved.begin());
    if (const auto fault = isa_.redirect(reference, change, room_, reference.place)) {
      if (!may_refuse(reference, reach, change))
        mismatch(reference, change, cat("refused: ", fault->why));
      if (!std::ranges::equal(around, saved)) mismatch(reference, change, "refused, yet written");
    } else {
      if (!std::ranges::equal(around.first(4), std::span(saved).first(4)) ||
          !std::ranges::equal(around.last(4), std::span(saved).last(4)))
        mismatch(reference, change, "changes what is around the instruction");
      CodeScan after;
      if (!isa_.scan_code(Bytes(room_), runs_, run, relocated_, after))
        mismatch(reference, change, "cannot be read any more");
      else if (!is_moved(before, number, change, after))
        mismatch(reference, change, "now the code says something else");
    }
    std::ranges::copy(saved, around.begin());
  }

  static bool is_moved(const CodeScan& before, u64 number, i64 change, const CodeScan& after) {
    if (before.stops != after.stops || before.references.size() != after.references.size())
      return false;
    for (u64 i = 0; i < before.references.size(); i++) {
      const CodeReference& was = before.references[i];
      const CodeReference& is = after.references[i];
      const i64 target = i64{was.target} + (i == number ? change : 0);
      if (is.place != was.place || is.target != target) return false;
      if (i == number ? is.form == CodeReference::kFixed : is.form != was.form) return false;
    }
    return true;
  }

  std::optional<Reach> reach_of(CodeMode mode, u64 place) const {
    const Bytes code(room_);
    if (mode == CodeMode::kArm) return arm_reach(code.le<u32>(place));
    return thumb_reach(code.le<u16>(place), code.le<u16>(place + 2));
  }

  bool may_refuse(const CodeReference& reference, const Reach& reach, i64 change) const {
    const auto run = std::ranges::find_if(runs_, [&](const CodeRun& r) {
      return reference.place >= r.begin && reference.place < r.end;
    });
    i64 pc = i64{reference.place} + (run->mode == CodeMode::kArm ? 8 : 4);
    if (reach.from_word) pc &= ~i64{3};
    const i64 distance = i64{reference.target} + change - pc;
    if (reach.rotated_byte)
      return !is_rotated_byte(static_cast<u32>(distance < 0 ? -distance : distance));
    if (distance < reach.low || distance > reach.high) return true;
    return reach.high_without_long_bl != 0 &&
           (distance > reach.high_without_long_bl || distance < -reach.high_without_long_bl - 4);
  }

  const Isa& isa_;
  const ScannedSection& section_;
  std::span<std::byte> room_;
  const std::string& name_;
  std::ostream& out_;
  std::vector<CodeRun> runs_;
  std::vector<u32> relocated_;
  u64 mismatches_ = 0;
};

}  // namespace

u64 RedirectCheck::check(const Isa& isa, const ScannedSection& section, const std::string& name,
                         std::ostream& out) {
  const Bytes contents = section.contents;
  room_.resize(std::max<u64>(room_.size(), 2 * kOneSide + contents.size()));
  const auto place = std::span(room_).subspan(kOneSide, contents.size());
  std::ranges::copy(contents.span(), place.begin());
  const u64 mismatches = SectionCheck(isa, section, room_, name, out).check();
  std::ranges::fill(place, std::byte{0});
  return mismatches;
}

}  // namespace fwseal
