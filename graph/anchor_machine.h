// The instructions of a walk (anchor_walk.h) that compute, load and store, and what passes from one
// function to another.
#pragma once

#include <optional>
#include <span>

#include "elfio/arm_step.h"
#include "elfio/code.h"
#include "graph/anchor_reach.h"

namespace fwseal {

// A section of code that the assembler's references are known of.
struct AnchorCode {
  SectionId section = kNoSection;
  std::span<const CodeRun> runs;
  std::span<const CodeReference> references;  // in order of place
  std::span<const CodeReference> by_target;   // the same in order of target
  std::span<const Relocation> relocations;    // in order of offset, without markers
  std::span<const u32> functions;             // where they begin, in order
  std::span<const u32> entries;               // elsewhere, to which relocations refer; in order
  bool is_compiled = false;                   // by a compiler that hands on pointers as C has them

  CodeMode mode_at(u64 place) const;
};

struct NotFollowed {};  // thrown where a walk cannot go on

class AnchorMachine {
 public:
  AnchorMachine(const Program& program, const AnchorCode& code, std::span<const Anchor> anchors);

  // The next instruction. Finds its relocation.
  void begin(u32 place, u64 length);
  // Instructions that do not jump. Says whether control goes on behind: a load can be a jump.
  bool execute(const ArmStep& step);
  // A call, after which the function goes on.
  void call();
  // A return; a jump to another function.
  void leave();
  void leave_for_another();
  // The instruction is not executed; its anchor counts as used.
  void pass_over();

  const Relocation* relocation() const { return relocation_; }
  AnchorValue register_at(u32 number) const;
  AnchorReaches& reaches() { return reaches_; }
  // From now on others may read and write the frame, and so may loads and stores of which it is
  // not known where they go.
  void open_frame(AnchorState& of);

  AnchorState state;
  bool is_in_block = false;  // of IT: the 16-bit instructions set no flags

 private:
  std::optional<u32> anchor_at(u32 place) const;
  void move_half(const ArmStep& step);
  AnchorValue literal(i64 place, u8 size, bool is_signed);
  i64 pc_base() const;
  bool load_literal(const ArmStep& step, bool is_pair);

  void set(u32 number, const AnchorValue& value);
  template <typename Calculate>
  AnchorValue calculated(Calculate calculate);
  AnchorValue operand(const ArmStep& step);
  AnchorValue sum(const AnchorValue& a, const AnchorValue& b);
  void compare(const ArmStep& step, u8 changed);
  void compare_with_stranger(const AnchorValue& value, const AnchorValue& other);
  void compute(const ArmStep& step);

  bool access(const ArmStep& step);
  bool loaded(const ArmStep& step, const AnchorValue& first, const AnchorValue& second);
  bool access_many(const ArmStep& step);
  AnchorValue load(const AnchorValue& at, u8 size, bool is_signed);
  void store(const AnchorValue& at, u8 size, const AnchorValue& value);
  void touch(const AnchorValue& at, u64 size);

  // A value leaves the function, for whatever use.
  void hand_on(AnchorState& from, const AnchorValue& value);
  void hand_on_frame(AnchorState& of);
  void hand_on_arguments();
  void check_registers_of_caller() const;

  const AnchorCode& code_;
  const Bytes contents_;
  const std::span<const Anchor> anchors_;
  AnchorReaches reaches_;
  u32 place_ = 0;
  const Relocation* relocation_ = nullptr;
};

}  // namespace fwseal
