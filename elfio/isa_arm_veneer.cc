// The forms of a veneer, and which one a branch gets.
//
// A veneer may change ip and the flags and nothing else; an M-profile one may also use two words of
// stack (AAELF32 2023Q3, "Call and Jump relocations"). The forms are those that GNU ld 2.40 uses,
// none is longer than its. Some are shorter, because
// - a load to pc switches state from Armv5T on, also where GNU ld avoids BLX for an erratum;
// - a B.W or B<cond>.W of Thumb-2 can use LDR.W, and need not go through Arm state;
// - Armv6-M returns to the target by the second word of stack;
// - Armv8-M baseline has MOVW and MOVT;
// - the short form's Arm branch reaches 32 MiB, not only what the Thumb branch does.
#include "elfio/isa_arm_veneer.h"

#include <algorithm>
#include <cassert>
#include <iterator>

namespace fwseal::arm {
namespace {

// "Pic" forms hold the distance to their target, the others its address.
enum class Form : u8 {
  kArmLoad,  // Arm, either target from Armv5T on
  kArmV4,    // Arm to Thumb on Armv4T
  kArmPicToArm,
  kArmPicToThumb,
  kThumbLoad,       // Thumb-2, either target
  kThumbMov,        // Armv8-M baseline
  kThumbPush,       // Armv6-M
  kThumbPushPic,    // M-profile
  kThumbToThumb,    // Thumb-1, by way of Arm state
  kThumbToArm,      // Thumb-1
  kThumbToArmNear,  // Thumb-1, target within 32 MiB
  kThumbPicToThumb,
  kThumbPicToArm,
  kCount,
};

enum class Part : u8 {
  kThumb16,    // bits are one halfword
  kArm,        // bits are one word
  kThumb32,    // bits are two halfwords, the first on top
  kArmBranch,  // B to the target
  kThumbMovw,  // bits 0 to 15 of the target
  kThumbMovt,  // bits 16 to 31
  kAddress,    // a word: the target
  kDistance,   // a word: the target minus an offset in the veneer, which are the bits
};

struct Piece {
  Part part = Part::kThumb16;
  u32 bits = 0;
};

constexpr u32 size_of(Part part) { return part == Part::kThumb16 ? 2 : 4; }

constexpr std::string_view mark_of(Part part) {
  switch (part) {
    case Part::kArm:
    case Part::kArmBranch:
      return "$a";
    case Part::kAddress:
    case Part::kDistance:
      return "$d";
    default:
      return "$t";
  }
}

constexpr Piece kBxPc{Part::kThumb16, 0x4778};    // bx pc: Arm state at the next multiple of 4
constexpr Piece kFiller{Part::kThumb16, 0xe7fd};  // b .-2: never reached
constexpr Piece kBxIp{Part::kThumb16, 0x4760};
constexpr Piece kArmBxIp{Part::kArm, 0xe12fff1c};
constexpr Piece kPushR0{Part::kThumb16, 0xb401};
constexpr Piece kPopR0{Part::kThumb16, 0xbc01};
constexpr Piece kAddress{Part::kAddress, 0};

constexpr Piece kArmLoad[] = {{Part::kArm, 0xe51ff004},  // ldr pc, [pc, #-4]
                              kAddress};
constexpr Piece kArmV4[] = {{Part::kArm, 0xe59fc000},  // ldr ip, [pc]
                            kArmBxIp,
                            kAddress};
constexpr Piece kArmPicToArm[] = {{Part::kArm, 0xe59fc000},  // ldr ip, [pc]
                                  {Part::kArm, 0xe08ff00c},  // add pc, pc, ip
                                  {Part::kDistance, 12}};
// An ADD to pc may switch state only from Armv7 on, so here ip takes the detour through BX.
constexpr Piece kArmPicToThumb[] = {{Part::kArm, 0xe59fc004},  // ldr ip, [pc, #4]
                                    {Part::kArm, 0xe08fc00c},  // add ip, pc, ip
                                    kArmBxIp,
                                    {Part::kDistance, 12}};
constexpr Piece kThumbLoad[] = {{Part::kThumb32, 0xf85ff000},  // ldr.w pc, [pc, #-0]
                                kAddress};
constexpr Piece kThumbMov[] = {{Part::kThumbMovw, 0xf2400c00},  // movw ip, #lower half
                               {Part::kThumbMovt, 0xf2c00c00},  // movt ip, #upper half
                               kBxIp};
constexpr Piece kThumbPush[] = {{Part::kThumb16, 0xb403},  // push {r0, r1}
                                {Part::kThumb16, 0x4801},  // ldr r0, [pc, #4]
                                {Part::kThumb16, 0x9001},  // str r0, [sp, #4]
                                {Part::kThumb16, 0xbd01},  // pop {r0, pc}
                                kAddress};
constexpr Piece kThumbPushPic[] = {kPushR0,
                                   {Part::kThumb16, 0x4802},  // ldr r0, [pc, #8]
                                   {Part::kThumb16, 0x46fc},  // mov ip, pc
                                   {Part::kThumb16, 0x4484},  // add ip, r0
                                   kPopR0,
                                   kBxIp,
                                   {Part::kDistance, 8}};
constexpr Piece kThumbToThumb[] = {kBxPc,
                                   kFiller,
                                   {Part::kArm, 0xe59fc000},  // ldr ip, [pc]
                                   kArmBxIp,
                                   kAddress};
constexpr Piece kThumbToArm[] = {kBxPc,
                                 kFiller,
                                 {Part::kArm, 0xe51ff004},  // ldr pc, [pc, #-4]
                                 kAddress};
constexpr Piece kThumbToArmNear[] = {kBxPc, kFiller, {Part::kArmBranch, 0xea000000}};
constexpr Piece kThumbPicToThumb[] = {kBxPc,
                                      kFiller,
                                      {Part::kArm, 0xe59fc004},  // ldr ip, [pc, #4]
                                      {Part::kArm, 0xe08fc00c},  // add ip, pc, ip
                                      kArmBxIp,
                                      {Part::kDistance, 16}};
constexpr Piece kThumbPicToArm[] = {kBxPc,
                                    kFiller,
                                    {Part::kArm, 0xe59fc000},  // ldr ip, [pc]
                                    {Part::kArm, 0xe08cf00f},  // add pc, ip, pc
                                    {Part::kDistance, 16}};

std::span<const Piece> pieces_of(Form form) {
  switch (form) {
    case Form::kArmLoad:
      return kArmLoad;
    case Form::kArmV4:
      return kArmV4;
    case Form::kArmPicToArm:
      return kArmPicToArm;
    case Form::kArmPicToThumb:
      return kArmPicToThumb;
    case Form::kThumbLoad:
      return kThumbLoad;
    case Form::kThumbMov:
      return kThumbMov;
    case Form::kThumbPush:
      return kThumbPush;
    case Form::kThumbPushPic:
      return kThumbPushPic;
    case Form::kThumbToThumb:
      return kThumbToThumb;
    case Form::kThumbToArm:
      return kThumbToArm;
    case Form::kThumbToArmNear:
      return kThumbToArmNear;
    case Form::kThumbPicToThumb:
      return kThumbPicToThumb;
    case Form::kThumbPicToArm:
      return kThumbPicToArm;
    case Form::kCount:
      break;
  }
  return {};
}

// The state of the target is part of the kind: two branches to a label that is no function, one in
// each state, must not share a veneer.
constexpr u8 kToThumb = 0x80;

Form form_of(const VeneerShape& shape) {
  const Form form = static_cast<Form>(shape.kind & ~kToThumb);
  assert(form < Form::kCount);
  return form;
}

VeneerShape shape_of(Form form, bool to_thumb) {
  VeneerShape shape;
  shape.kind = static_cast<u8>(static_cast<u8>(form) | (to_thumb ? kToThumb : 0));
  shape.alignment = 4;  // the words, and where BX PC goes on
  shape.entry_is_thumb = mark_of(pieces_of(form).front().part) == "$t";
  for (const Piece& piece : pieces_of(form)) shape.size += size_of(piece.part);
  return shape;
}

Form form_from_arm(bool to_thumb, const ArmFeatures& features, bool pic) {
  if (pic) return to_thumb ? Form::kArmPicToThumb : Form::kArmPicToArm;
  return to_thumb && !features.has_blx ? Form::kArmV4 : Form::kArmLoad;
}

Form form_on_m_profile(const ArmFeatures& features, bool pic) {
  if (pic) return Form::kThumbPushPic;
  if (features.has_thumb2) return Form::kThumbLoad;
  return features.has_movw ? Form::kThumbMov : Form::kThumbPush;
}

// The veneer will be within reach of the branch, but not yet where: the Arm branch in it must reach
// from there, wherever that is.
bool is_near(const Branch& branch) {
  const i64 arm_reach = i64{1} << 25;
  const i64 slack = 64;  // veneer, pc bias and rounding
  const i64 left = arm_reach - branch.range.max - slack;
  return -left < branch.offset && branch.offset < left;
}

Form form_from_thumb(const Branch& branch, const BranchRules& rules, bool pic) {
  // A BL that can become BLX enters the veneer in Arm state and shares it with Arm callers.
  if (branch.is_call && rules.may_use_blx)
    return form_from_arm(branch.to_thumb, rules.features, pic);
  if (pic) return branch.to_thumb ? Form::kThumbPicToThumb : Form::kThumbPicToArm;
  if (rules.features.has_thumb2) return Form::kThumbLoad;
  if (branch.to_thumb) return Form::kThumbToThumb;
  return is_near(branch) ? Form::kThumbToArmNear : Form::kThumbToArm;
}

bool may_have_veneer(const ArmRelocation& relocation) {
  return relocation.field == Field::kArmBranch24 || relocation.field == Field::kThumbBranch24 ||
         relocation.field == Field::kThumbBranch19;
}

u32 bits_of(const Piece& piece, u64 veneer, u32 offset, u32 target) {
  switch (piece.part) {
    case Part::kArmBranch:
      // Out of reach only if the branch to this veneer is so too, and that one is checked.
      return write_arm_branch24(piece.bits, i64{target} - static_cast<i64>(veneer + offset) - 8);
    case Part::kThumbMovw:
      return write_thumb_mov16(piece.bits, target);
    case Part::kThumbMovt:
      return write_thumb_mov16(piece.bits, target >> 16);
    case Part::kAddress:
      return target;
    case Part::kDistance:
      return target - static_cast<u32>(veneer + piece.bits);
    default:
      return piece.bits;
  }
}

Field field_of(Part part) {
  switch (part) {
    case Part::kThumb16:
      return Field::kHalf16;
    case Part::kThumb32:
    case Part::kThumbMovw:
    case Part::kThumbMovt:
      return Field::kThumbMov16;
    default:
      return Field::kWord32;
  }
}

}  // namespace

std::optional<VeneerShape> shape_for(const ArmRelocation& relocation, const Branch& branch,
                                     const BranchRules& rules, bool pic) {
  if (!may_have_veneer(relocation) || branch.reaches()) return std::nullopt;
  const ArmFeatures& features = rules.features;
  if (!branch.from_thumb) {
    // Arm code cannot run there, however it is linked; apply says so.
    if (features.is_m_profile) return std::nullopt;
    return shape_of(form_from_arm(branch.to_thumb, features, pic), branch.to_thumb);
  }
  if (features.is_m_profile) return shape_of(form_on_m_profile(features, pic), true);
  return shape_of(form_from_thumb(branch, rules, pic), branch.to_thumb);
}

void write_shape(const VeneerShape& shape, const Operands& x, std::span<std::byte> out) {
  const u32 target = static_cast<u32>(x.S) | (shape.kind & kToThumb ? 1 : 0);
  u32 offset = 0;
  for (const Piece& piece : pieces_of(form_of(shape))) {
    store(codec_of(field_of(piece.part)), out, offset, bits_of(piece, x.P, offset, target));
    offset += size_of(piece.part);
  }
}

std::vector<VeneerMark> marks_of(const VeneerShape& shape) {
  std::vector<VeneerMark> marks;
  u32 offset = 0;
  for (const Piece& piece : pieces_of(form_of(shape))) {
    const std::string_view name = mark_of(piece.part);
    if (marks.empty() || marks.back().name != name) marks.push_back({name, offset});
    offset += size_of(piece.part);
  }
  return marks;
}

}  // namespace fwseal::arm
