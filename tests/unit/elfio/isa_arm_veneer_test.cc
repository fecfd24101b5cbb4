#include "elfio/isa_arm_veneer.h"

#include <gtest/gtest.h>

#include <bit>
#include <map>

#include "tests/unit/elfio/isa_arm_place.h"

namespace fwseal {
namespace {

constexpr u32 kThmCall = 10, kArmCall = 28, kArmJump = 29, kThmJump24 = 30, kThmJump19 = 51;
constexpr u32 kBl = arm::thumb32(0xf000, 0xd000), kBw = arm::thumb32(0xf000, 0x9000),
              kBeqW = arm::thumb32(0xf000, 0x8000), kArmBl = 0xeb000000, kArmB = 0xea000000;
constexpr u64 kFar = 0x40000000;

struct Machine {
  const char* name;
  ArmFeatures features;
  bool has_arm;
};
const Machine kMachines[] = {
    {"v4t", arm_features(2, 0, 1), true},          {"v5t", arm_features(3, 0, 1), true},
    {"v6", arm_features(6, 0, 1), true},           {"v6t2", arm_features(8, 0, 3), true},
    {"v7-A", arm_features(10, 'A', 3), true},      {"v6-M", arm_features(11, 'M', 1), false},
    {"v7-M", arm_features(10, 'M', 2), false},     {"v8-M.base", arm_features(16, 'M', 3), false},
    {"v8-M.main", arm_features(17, 'M', 3), false}};

// A processor that knows the instructions of veneers, each from its encoding in the Arm ARM.
class Processor {
 public:
  Processor(Bytes code, u64 address, bool thumb)
      : code_(code), address_(address), pc_(static_cast<u32>(address)), thumb_(thumb) {
    for (u32 i = 0; i < 15; i++) registers_[i] = 0x1111 * (i + 1);
    registers_[13] = 0x20001000;
  }

  void run() {
    while (pc_ - address_ < code_.size()) thumb_ ? thumb_step() : arm_step();
  }
  u32 pc() const { return pc_; }
  bool thumb() const { return thumb_; }
  // Everything but ip, and the stack pointer is back.
  void expect_untouched() const {
    for (u32 i = 0; i < 15; i++) {
      if (i == 12) continue;
      EXPECT_EQ(i == 13 ? 0x20001000 : 0x1111 * (i + 1), registers_[i]) << "r" << i;
    }
  }

 private:
  u32 word(u32 address) const { return code_.le<u32>(address - address_); }
  u32 half(u32 address) const { return code_.le<u16>(address - address_); }
  void exchange(u32 target) {
    thumb_ = target & 1;
    pc_ = target & ~1u;
    EXPECT_TRUE(thumb_ || pc_ % 4 == 0);
  }

  void arm_step() {
    const u32 insn = word(pc_), pc = pc_ + 8;
    pc_ += 4;
    switch (insn) {
      case 0xe51ff004:  // ldr pc, [pc, #-4]
        return exchange(word(pc - 4));
      case 0xe59fc000:  // ldr ip, [pc]
        registers_[12] = word(pc);
        return;
      case 0xe59fc004:  // ldr ip, [pc, #4]
        registers_[12] = word(pc + 4);
        return;
      case 0xe08fc00c:  // add ip, pc, ip
        registers_[12] += pc;
        return;
      case 0xe08ff00c:  // add pc, pc, ip: no switch before Armv7
      case 0xe08cf00f:
        pc_ = pc + registers_[12];
        return;
      case 0xe12fff1c:  // bx ip
        return exchange(registers_[12]);
      default:
        ASSERT_EQ(0xeau, insn >> 24) << hex(insn);
        pc_ = pc + static_cast<u32>(arm::read_arm_branch24(insn));
    }
  }

  void thumb_step() {
    const u32 insn = half(pc_), pc = pc_ + 4;
    pc_ += 2;
    switch (insn) {
      case 0x4778:  // bx pc
        return exchange(pc & ~3u);
      case 0xb401:  // push {r0}
        registers_[13] -= 4;
        stack_[0] = registers_[0];
        return;
      case 0xb403:  // push {r0, r1}
        registers_[13] -= 8;
        stack_[0] = registers_[0];
        stack_[1] = registers_[1];
        return;
      case 0x9001:  // str r0, [sp, #4]
        stack_[1] = registers_[0];
        return;
      case 0xbc01:  // pop {r0}
        registers_[13] += 4;
        registers_[0] = stack_[0];
        return;
      case 0xbd01:  // pop {r0, pc}
        registers_[13] += 8;
        registers_[0] = stack_[0];
        return exchange(stack_[1]);
      case 0x4801:  // ldr r0, [pc, #4]
        registers_[0] = word((pc & ~3u) + 4);
        return;
      case 0x4802:  // ldr r0, [pc, #8]
        registers_[0] = word((pc & ~3u) + 8);
        return;
      case 0x46fc:  // mov ip, pc
        registers_[12] = pc;
        return;
      case 0x4484:  // add ip, r0
        registers_[12] += registers_[0];
        return;
      case 0x4760:  // bx ip
        return exchange(registers_[12]);
      case 0xf85f:  // ldr.w pc, [pc, #-0]
        ASSERT_EQ(0xf000u, half(pc_));
        return exchange(word(pc & ~3u));
      default: {
        const u32 wide = insn << 16 | half(pc_);
        pc_ += 2;
        const u32 imm = static_cast<u32>(arm::read_thumb_mov16(wide)) & 0xffff;
        if ((wide & 0xfbf08f00) == 0xf2400c00)  // movw ip
          registers_[12] = imm;
        else if ((wide & 0xfbf08f00) == 0xf2c00c00)  // movt ip
          registers_[12] = (registers_[12] & 0xffff) | imm << 16;
        else
          FAIL() << hex(wide);
      }
    }
  }

  Bytes code_;
  u64 address_;
  u32 registers_[15] = {};
  u32 stack_[2] = {};
  u32 pc_;
  bool thumb_;
};

struct Site {
  u32 type, insn;
  bool from_thumb;
};

std::optional<VeneerShape> shape(const Isa& isa, const Site& site, const Operands& x) {
  std::byte memory[4];
  arm::store(arm::codec_of(arm::find_arm_relocation(site.type)->field), memory, 0, site.insn);
  return isa.veneer_for(site.type, x, Bytes(memory), 0);
}

std::vector<Site> sites_of(const Machine& machine) {
  std::vector<Site> sites = {{kThmCall, kBl, true}};
  if (machine.features.has_movw) sites.push_back({kThmJump24, kBw, true});
  if (machine.features.has_thumb2) sites.push_back({kThmJump19, kBeqW, true});
  if (machine.has_arm) {
    sites.push_back({kArmCall, kArmBl, false});
    sites.push_back({kArmJump, kArmB, false});
    sites.push_back({kArmJump, 0x0b000000, false});
    sites.push_back({1, kArmBl, false});
    sites.push_back({27, kArmB, false});
  }
  return sites;
}

// The branch of `site` at P, redirected to a veneer at V, and the veneer: do they lead to the
// target in its state?
void expect_arrival(const Isa& isa, const Machine& machine, const Site& site, const Operands& x,
                    u64 V) {
  const auto needed = shape(isa, site, x);
  if (!needed) return;
  std::vector<std::byte> code(needed->size);
  Operands target = x;
  target.S = x.S + static_cast<u64>(x.A - isa.branch_bias(site.type));
  target.P = V;
  isa.write_veneer(*needed, target, code);
  Processor processor(Bytes(code), V, needed->entry_is_thumb);
  processor.run();
  processor.expect_untouched();
  const bool to_thumb = machine.has_arm ? (x.is_function ? x.T != 0 : site.from_thumb) : true;
  EXPECT_EQ(target.S, processor.pc()) << machine.name << " " << site.type;
  EXPECT_EQ(to_thumb, processor.thumb()) << machine.name << " " << site.type;

  Operands redirected = to_function(V, isa.branch_bias(site.type), x.P, needed->entry_is_thumb);
  Place place(site.insn, isa, site.type);
  const auto fault = place.apply(redirected);
  EXPECT_FALSE(fault.has_value()) << machine.name << " " << site.type << (fault ? fault->why : "");
}

TEST(IsaArmVeneer, LeadsToTheTargetInItsState) {
  u32 tried = 0;
  for (const Machine& machine : kMachines)
    for (const ArmOptions& options :
         {ArmOptions{}, ArmOptions{.fix_arm1176 = false}, ArmOptions{.pic_veneer = true},
          ArmOptions{.fix_arm1176 = false, .pic_veneer = true}}) {
      const auto isa = make_isa_arm(machine.features, options);
      for (const Site& site : sites_of(machine))
        for (u64 distance : {u64{0x200}, kFar, 0x100000000 - kFar, u64{0x500000}})
          for (u32 kind = 0; kind < 3; kind++)
            for (i64 extra : {0, 8}) {  // a branch past the symbol
              const u64 P = 0x8000;
              const u64 S = (P + distance) & 0xffffffff;
              const i64 A = isa->branch_bias(site.type) + extra;
              Operands x = kind == 0 ? to_label(S, A, P) : to_function(S, A, P, kind == 1);
              expect_arrival(*isa, machine, site, x, P + 0x40);
              tried++;
            }
    }
  EXPECT_GT(tried, 3000u);
}

// The short form is chosen before it is known where the veneer lies: it must arrive from every
// place that the branch to it reaches.
TEST(IsaArmVeneer, TheShortFormArrivesFromEveryPlace) {
  const Machine& v4t = kMachines[0];
  const auto isa = make_isa_arm(v4t.features, {});
  const Site bl{kThmCall, kBl, true};
  const u64 P = 0x40000000;
  u32 near = 0, far = 0;
  for (i64 sign : {-1, 1})
    for (i64 distance = (1 << 25) - (1 << 22) - 128; distance < (1 << 25) + 128; distance += 4) {
      const u64 S = P + static_cast<u64>(sign * distance);
      const Operands x = to_function(S, -4, P, false);
      shape(*isa, bl, x)->size == 8 ? near++ : far++;
      if (distance % 0x1000 > 256) continue;
      expect_arrival(*isa, v4t, bl, x, P + (1 << 22));
      expect_arrival(*isa, v4t, bl, x, P - (1 << 22) + 4);
    }
  EXPECT_GT(near, 0u);
  EXPECT_GT(far, 1'000'000u);
}

// What is in reach needs none, what is not does: both limits, in every form.
TEST(IsaArmVeneer, IsMadeExactlyWhereABranchFails) {
  for (const Machine& machine : kMachines) {
    const auto isa = make_isa_arm(machine.features, {});
    for (const Site& site : sites_of(machine))
      for (u32 bits = 19; bits <= 26; bits++)
        for (i64 sign : {-1, 1})
          for (i64 near = -16; near <= 16; near += 2)
            for (u32 kind = 0; kind < 3; kind++) {
              const u64 P = 0x40000000;
              const u64 S = P + static_cast<u64>(sign * (i64{1} << bits) + near);
              if ((kind == 2 || !site.from_thumb) && S % 4 != 0) continue;
              const i64 A = isa->branch_bias(site.type);
              const Operands x = kind == 0 ? to_label(S, A, P) : to_function(S, A, P, kind == 1);
              Place place(site.insn, *isa, site.type);
              const bool reached = !place.apply(x).has_value();
              EXPECT_EQ(!reached, shape(*isa, site, x).has_value())
                  << machine.name << " " << site.type << " " << hex(S);
            }
  }
}

u32 size_of(const ArmFeatures& features, const Site& site, u64 distance, bool thumb,
            const ArmOptions& options = {}) {
  const auto isa = make_isa_arm(features, options);
  const auto found =
      shape(*isa, site, to_function(0x8000 + distance, isa->branch_bias(site.type), 0x8000, thumb));
  return found ? found->size : 0;
}

// GNU ld 2.40's sizes, measured: 8 or 16 where there are two numbers below, the second is its.
TEST(IsaArmVeneer, IsNoLargerThanThatOfGnuLd) {
  const Site bl{kThmCall, kBl, true}, bw{kThmJump24, kBw, true}, arm{kArmCall, kArmBl, false};
  const ArmFeatures v4t = kMachines[0].features, v6 = kMachines[2].features,
                    v7a = kMachines[4].features, v6m = kMachines[5].features,
                    v7m = kMachines[6].features, v8mb = kMachines[7].features;
  EXPECT_EQ(8u, size_of(v4t, arm, kFar, false));
  EXPECT_EQ(12u, size_of(v4t, arm, 0x200, true));
  EXPECT_EQ(8u, size_of(v6, arm, 0x200, true));  // 12
  EXPECT_EQ(8u, size_of(v4t, bl, 0x200, false));
  EXPECT_EQ(12u, size_of(v4t, bl, kFar, false));
  EXPECT_EQ(8u, size_of(v4t, bl, 0x1000000, false));  // 12
  EXPECT_EQ(16u, size_of(v4t, bl, kFar, true));
  EXPECT_EQ(8u, size_of(v7a, bl, kFar, true));
  EXPECT_EQ(8u, size_of(v7a, bl, kFar, false));
  EXPECT_EQ(0u, size_of(v7a, bl, 0x200, false));
  EXPECT_EQ(8u, size_of(v7a, bw, kFar, true));   // 16
  EXPECT_EQ(8u, size_of(v7a, bw, kFar, false));  // 12
  EXPECT_EQ(12u, size_of(v6m, bl, kFar, true));  // 16
  EXPECT_EQ(8u, size_of(v7m, bl, kFar, true));
  EXPECT_EQ(10u, size_of(v8mb, bl, kFar, true));  // 16
  const ArmOptions pic{.pic_veneer = true};
  EXPECT_EQ(12u, size_of(v7a, arm, kFar, false, pic));
  EXPECT_EQ(16u, size_of(v7a, arm, kFar, true, pic));
  EXPECT_EQ(16u, size_of(v4t, bl, kFar, false, pic));
  EXPECT_EQ(20u, size_of(v4t, bl, kFar, true, pic));
  EXPECT_EQ(16u, size_of(v7m, bl, kFar, true, pic));
}

TEST(IsaArmVeneer, MarksWhatIsArmThumbAndData) {
  const auto marks = [](const ArmFeatures& features, const Site& site, u64 distance, bool thumb) {
    const auto isa = make_isa_arm(features, {});
    const Operands x = to_function(0x8000 + distance, isa->branch_bias(site.type), 0x8000, thumb);
    std::string text;
    for (const VeneerMark& mark : isa->veneer_marks(*shape(*isa, site, x)))
      text += cat(mark.name, mark.offset, " ");
    return text;
  };
  const Site bl{kThmCall, kBl, true}, arm{kArmCall, kArmBl, false};
  EXPECT_EQ("$a0 $d4 ", marks(kMachines[4].features, bl, kFar, true));
  EXPECT_EQ("$a0 $d8 ", marks(kMachines[0].features, arm, kFar, true));
  EXPECT_EQ("$t0 $a4 $d12 ", marks(kMachines[0].features, bl, kFar, true));
  EXPECT_EQ("$t0 $a4 $d8 ", marks(kMachines[0].features, bl, kFar, false));
  EXPECT_EQ("$t0 $a4 ", marks(kMachines[0].features, bl, 0x200, false));
  EXPECT_EQ("$t0 $d8 ", marks(kMachines[5].features, bl, kFar, true));
  EXPECT_EQ("$t0 $d4 ", marks(kMachines[6].features, bl, kFar, true));
  EXPECT_EQ("$t0 ", marks(kMachines[7].features, bl, kFar, true));
}

TEST(IsaArmVeneer, IsNotForShortBranchesOrNobody) {
  const auto isa = make_isa_arm(kMachines[4].features, {});
  EXPECT_FALSE(shape(*isa, {102, 0xe7fe, true}, to_function(kFar, -4, 0, true)).has_value());
  EXPECT_FALSE(shape(*isa, {2, 0, false}, to_function(kFar, 0, 0, true)).has_value());
  Operands nobody = to_label(0, -4, kFar);
  nobody.weak_undefined = true;
  EXPECT_FALSE(shape(*isa, {kThmCall, kBl, true}, nobody).has_value());
}

// A Thumb and an Arm caller of one label need different ones; of one function they share.
TEST(IsaArmVeneer, IsSharedByWhatEntersItAlike) {
  const auto isa = make_isa_arm(kMachines[4].features, {});
  const Site bl{kThmCall, kBl, true}, arm{kArmCall, kArmBl, false};
  EXPECT_NE(shape(*isa, bl, to_label(kFar, -4, 0))->kind,
            shape(*isa, arm, to_label(kFar, -8, 0))->kind);
  for (bool thumb : {false, true})
    EXPECT_EQ(shape(*isa, bl, to_function(kFar, -4, 0, thumb))->kind,
              shape(*isa, arm, to_function(kFar, -8, 0, thumb))->kind);
}

// However the code lies, a branch between two places that are as near as promised needs no veneer.
TEST(IsaArmVeneer, ReachIsWhatItSays) {
  for (const Machine& machine : kMachines) {
    const auto isa = make_isa_arm(machine.features, {});
    const u64 reach = isa->shortest_branch_reach();
    for (const Site& site : sites_of(machine))
      for (u64 S : {u64{0x40000000} + reach, u64{0x40000000} - reach}) {
        const bool thumb = site.from_thumb;
        const Operands x = to_function(S, isa->branch_bias(site.type), 0x40000000, thumb);
        EXPECT_FALSE(shape(*isa, site, x).has_value()) << machine.name << " " << site.type;
      }
    EXPECT_EQ(4'170'000u, isa->veneer_group_size());
  }
}

}  // namespace
}  // namespace fwseal
