// One case for each rule by which a constructor is followed: without the rule, it would be taken
// for one that does nothing, or not as much.
#include "prune/effect.h"
#include "tests/unit/prune/linked_object.h"

namespace fwseal {
namespace {

// Code, as GNU as 2.40 encodes it, and what it does. The words behind it, L and L+4, are the
// addresses of x and y.
struct EffectRule {
  const char* source;
  std::vector<u16> code;
  const char* effect;
};

std::string effect_of_rule(const EffectRule& rule) {
  ElfBuilder elf;
  const u32 literals = static_cast<u32>(2 * rule.code.size());
  std::vector<u16> halves = rule.code;
  halves.insert(halves.end(), 4, 0);
  const CodeSection f = add_code(elf, "f", halfwords(halves), literals);
  elf.relocate(f.section, literals, R_ARM_ABS32, elf.define("x", elf.bss(".bss.x", 4)));
  elf.relocate(f.section, literals + 4, R_ARM_ABS32, elf.define("y", elf.bss(".bss.y", 4)));
  const LinkedObject object(elf);
  const Atoms atoms(object.program().inputs.sections.size());
  EffectSearch search(object.program(), atoms, object.plain());
  const Effect effect = effect_of(search, {object.section(f.section), 0, true});
  if (!effect.proven) return effect.reason.substr(0, effect.reason.find(" at a.o"));
  std::string text = "writes";
  for (const AtomId written : effect.writes) text += " " + object.name(SectionId{index(written)});
  return text;
}

void check(const std::vector<EffectRule>& rules) {
  for (const EffectRule& rule : rules) EXPECT_EQ(effect_of_rule(rule), rule.effect) << rule.source;
}

constexpr const char* kWritesAnywhere = "it writes to an address that is not known";
constexpr const char* kJumpsAnywhere = "it jumps to a place that is not known";
constexpr const char* kLosesStack = "its stack pointer is not followed";
constexpr const char* kLeavesFrame = "it reaches outside its stack frame";
constexpr const char* kLeavesObject = "it reaches past the bounds of .bss.x";

TEST(EffectRules, TakesEachWay) {
  check({
      {"ldr r3, L; cmp r0, #0; beq 1f; str r0, [r3]; 1: bx lr",
       {0x4b02, 0x2800, 0xd000, 0x6018, 0x4770, 0xbf00},
       "writes .bss.x"},
      {"ldr r3, L; movs r2, #0; cmp r2, #0; it ls; strls r2, [r3]; bx lr",
       {0x4b02, 0x2200, 0x2a00, 0xbf98, 0x601a, 0x4770},
       "writes .bss.x"},
      {"ldr r3, L; cmp r0, #0; it eq; streq r0, [r3]; bx lr",
       {0x4b02, 0x2800, 0xbf08, 0x6018, 0x4770, 0xbf00},
       "writes .bss.x"},
      {"b 2f; 1: nop; 2: nop; b 1b", {0xe000, 0xbf00, 0xbf00, 0xe7fc}, "it has a loop"},
      {"ldr r3, L; cbz r0, 1f; mov r3, r1; 1: str r0, [r3]; bx lr",
       {0x4b02, 0xb100, 0x460b, 0x6018, 0x4770, 0xbf00},
       kWritesAnywhere},
      {"ldr r3, L; push {r3}; cbz r0, 1f; str r1, [sp]; 1: ldr r2, [sp]; add sp, #4; str r0, [r2]; "
       "bx lr",
       {0x4b03, 0xb408, 0xb100, 0x9100, 0x9a00, 0xb001, 0x6010, 0x4770},
       kWritesAnywhere},
      {"movs r2, #0; cmp r2, #0; cbz r0, 1f; cmp r2, #1; 1: it ne; strne r0, [r1]; bx lr",
       {0x2200, 0x2a00, 0xb100, 0x2a01, 0xbf18, 0x6008, 0x4770, 0xbf00},
       kWritesAnywhere},
      {"movs r2, #0; tst r0, #1; it ne; strne r0, [r1]; bx lr",
       {0x2200, 0xf010, 0x0f01, 0xbf18, 0x6008, 0x4770},
       kWritesAnywhere},
      {"movs r2, #0; it eq; moveq r2, #1; it eq; streq r0, [r1]; bx lr",
       {0x2200, 0xbf08, 0x2201, 0xbf08, 0x6008, 0x4770},
       kWritesAnywhere},
      {"movs r2, #1; cmp r2, #1; movs r2, #1; it ne; strne r0, [r1]; bx lr",
       {0x2201, 0x2a01, 0x2201, 0xbf18, 0x6008, 0x4770},
       kWritesAnywhere},
      {"push {lr}; cbz r0, 1f; bl 3f; str r0, [r1]; pop {pc}; 1: bl 3f; pop {pc}; 3: b 4f; nop; 4: "
       "bx lr",
       {0xb500, 0xb118, 0xf000, 0xf805, 0x6008, 0xbd00, 0xf000, 0xf801, 0xbd00, 0xe000, 0xbf00,
        0x4770},
       kWritesAnywhere},
      {"push {lr}; bl 1f; pop {pc}; 1: add lr, lr, #4; bx lr",
       {0xb500, 0xf000, 0xf801, 0xbd00, 0xf10e, 0x0e04, 0x4770, 0xbf00},
       kJumpsAnywhere},
      {"push {lr}; bl 1f; pop {pc}; 1: mov r1, lr; bl 2f; bx r1; 2: bx r1",
       {0xb500, 0xf000, 0xf801, 0xbd00, 0x4671, 0xf000, 0xf801, 0x4708, 0x4708, 0xbf00},
       kJumpsAnywhere},
  });
}

TEST(EffectRules, KnowsWhatRegistersHold) {
  check({
      {"ldr r3, L; movs r1, #1; add r3, r3, r1, lsl #2; strb r0, [r3]; bx lr",
       {0x4b02, 0x2101, 0xeb03, 0x0381, 0x7018, 0x4770},
       kWritesAnywhere},
      {"ldr r3, L; add r3, r0; str r1, [r3]; bx lr",
       {0x4b01, 0x4403, 0x6019, 0x4770},
       kWritesAnywhere},
      {"ldr r3, L; movt r3, #0; cmp r3, #0; it ne; strne r0, [r1]; bx lr",
       {0x4b03, 0xf2c0, 0x0300, 0x2b00, 0xbf18, 0x6008, 0x4770, 0xbf00},
       kWritesAnywhere},
      {"ldr r3, L; umull r3, r0, r1, r2; str r0, [r3]; bx lr",
       {0x4b02, 0xfba1, 0x3002, 0x6018, 0x4770, 0xbf00},
       kWritesAnywhere},
      {"movs r1, #1; movs r2, #1; cmp r2, r1, lsl #1; it ne; strne r0, [r0]; bx lr",
       {0x2101, 0x2201, 0xebb2, 0x0f41, 0xbf18, 0x6000, 0x4770, 0xbf00},
       kWritesAnywhere},
      {"ldr r3, L; umull r0, r3, r1, r2; str r0, [r3]; bx lr",
       {0x4b02, 0xfba1, 0x0302, 0x6018, 0x4770, 0xbf00},
       kWritesAnywhere},
      {"ldr r3, L; ldr r2, L+4; subs r2, r2, r3; it ne; strne r0, [r1]; bx lr",
       {0x4b02, 0x4a03, 0x1ad2, 0xbf18, 0x6008, 0x4770},
       kWritesAnywhere},
      {"ldr r3, L; ldr r0, [r3]; ldr r2, [r3]; subs r2, r2, r0; it ne; strne r0, [r1]; bx lr",
       {0x4b03, 0x6818, 0x681a, 0x1a12, 0xbf18, 0x6008, 0x4770, 0xbf00},
       kWritesAnywhere},
  });
}

TEST(EffectRules, StaysInsideOfObjects) {
  check({
      {"ldr r3, L; str r0, [r3], #4; str r0, [r3]; bx lr",
       {0x4b02, 0xf843, 0x0b04, 0x6018, 0x4770, 0xbf00},
       kLeavesObject},
      {"ldr r3, L; ldr r2, [r3], #4; str r0, [r3]; bx lr",
       {0x4b02, 0xf853, 0x2b04, 0x6018, 0x4770, 0xbf00},
       kLeavesObject},
      {"ldr r3, L; strd r0, r1, [r3]; bx lr", {0x4b01, 0xe9c3, 0x0100, 0x4770}, kLeavesObject},
      {"ldr r3, L; str r0, [r3, #-4]; bx lr", {0x4b01, 0xf843, 0x0c04, 0x4770}, kLeavesObject},
      {"ldr r3, L; ldr r0, [r3, #4]; bx lr", {0x4b01, 0x6858, 0x4770, 0xbf00}, kLeavesObject},
  });
}

TEST(EffectRules, KnowsItsFrame) {
  check({
      {"mov r2, sp; mov sp, r0; mov sp, r2; bx lr", {0x466a, 0x4685, 0x4695, 0x4770}, kLosesStack},
      {"add sp, #4; sub sp, #4; bx lr", {0xb001, 0xb081, 0x4770, 0xbf00}, kLosesStack},
      {"sub sp, sp, #8192; add sp, sp, #8192; bx lr",
       {0xf5ad, 0x5d00, 0xf50d, 0x5d00, 0x4770, 0xbf00},
       kLosesStack},
      {"str r0, [sp, #-4]; bx lr", {0xf84d, 0x0c04, 0x4770, 0xbf00}, kLeavesFrame},
      {"ldr r0, [sp]; bx lr", {0x9800, 0x4770}, kLeavesFrame},
      {"ldr r3, L; push {r0, r1}; ldrd r0, r3, [sp]; add sp, #8; str r0, [r3]; bx lr",
       {0x4b03, 0xb403, 0xe9dd, 0x0300, 0xb002, 0x6018, 0x4770, 0xbf00},
       kWritesAnywhere},
      {"ldr r3, L; push {r0}; strb r3, [sp]; ldr r2, [sp]; add sp, #4; str r0, [r2]; bx lr",
       {0x4b03, 0xb401, 0xf88d, 0x3000, 0x9a00, 0xb001, 0x6010, 0x4770},
       kWritesAnywhere},
      {"mov r2, #256; push {r2}; ldrb r2, [sp]; add sp, #4; cmp r2, #0; it eq; streq r0, [r1]; bx "
       "lr",
       {0xf44f, 0x7280, 0xb404, 0xf89d, 0x2000, 0xb001, 0x2a00, 0xbf08, 0x6008, 0x4770},
       kWritesAnywhere},
  });
}

}  // namespace
}  // namespace fwseal
