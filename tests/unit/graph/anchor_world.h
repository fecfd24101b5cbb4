// A function that reaches data through addresses behind it, for tests of what it keeps of them.
#pragma once

#include <string>
#include <vector>

#include "tests/unit/graph/anchor_code.h"
#include "tests/unit/graph/cut_world.h"

namespace fwseal {

// Four objects of 32 bytes, and a function with the addresses of some bytes of theirs behind it.
class AnchorWorld : public CutWorld {
 public:
  static inline const CutResult::List kAll{0, 32, 64, 96};

  u32 data = 0;
  u32 text = 0;
  u32 function_size = 0;

  AnchorWorld(Code function, const std::vector<i32>& bases, bool is_compiled = true,
              const std::string& callee = "ext", const Code& other = {kReturn, kNop})
      : CutWorld(is_compiled ? std::string("\0GCC: (15:12.2) 12.2.1", 22) : "") {
    data = objects(".rodata", std::vector<u32>(32, 1), four_objects());
    const u32 literals = 2 * static_cast<u32>(function.size());
    const Code code = function;
    for (const i32 base : bases) append_word(function, static_cast<u32>(base));
    function_size = 2 * static_cast<u32>(function.size());
    function.insert(function.end(), other.begin(), other.end());
    std::vector<u32> marks = marks_of(code, literals);
    marks.push_back(function_size);
    text = this->code(
        function,
        {{"f", 0, function_size}, {"g", function_size, 2 * static_cast<u32>(other.size())}}, marks);
    relocate_calls(code, callee);
    const bool by_halves = code[0] == 0xf240;
    if (by_halves) {
      elf.relocate(text, 0, R_ARM_THM_MOVW_ABS_NC, elf.section_symbol(data));
      if (code.size() > 4) elf.relocate(text, 4, R_ARM_THM_MOVT_ABS, elf.section_symbol(data));
      return;
    }
    for (u32 i = 0; i < bases.size(); i++)
      elf.relocate(text, literals + 4 * i, R_ARM_ABS32, elf.section_symbol(data));
  }

  static std::vector<Part> four_objects() {
    return {{"a", 0, 32, STB_LOCAL},
            {"b", 32, 32, STB_LOCAL},
            {"c", 64, 32, STB_LOCAL},
            {"d", 96, 32, STB_LOCAL}};
  }

 private:
  // BL, B.W: to be relocated.
  static constexpr u32 kCallPair = 0xf7ff'fffe;
  static constexpr u32 kJumpPair = 0xf7ff'bffe;

  static void append_word(Code& code, u32 word) {
    code.push_back(static_cast<u16>(word & 0xffff));
    code.push_back(static_cast<u16>(word >> 16));
  }
  // Where data begin and code again; TBB has its table behind it.
  static std::vector<u32> marks_of(const Code& code, u32 literals) {
    std::vector<u32> marks;
    for (u32 i = 0; i + 2 < code.size(); i++)
      if (code[i] == 0xe8df) marks = {2 * i + 4, 2 * i + 6};
    marks.push_back(literals);
    return marks;
  }
  void relocate_calls(const Code& code, const std::string& callee) {
    u32 symbol = 0;
    for (u32 i = 0; i + 1 < code.size(); i++) {
      const u32 pair = u32{code[i]} << 16 | code[i + 1];
      if (pair != kCallPair && pair != kJumpPair) continue;
      if (symbol == 0) symbol = elf.refer(callee);
      elf.relocate(text, 2 * i, pair == kCallPair ? R_ARM_THM_PC22 : R_ARM_THM_JUMP24, symbol);
    }
  }
};

// Code, as GNU as 2.40 encodes it, and which objects it keeps. L is the first word behind it; "ext"
// is somebody else's function.
struct AnchorRule {
  const char* source;
  Code code;
  std::vector<i32> bases;
  CutResult::List live;
  bool is_compiled = true;
};

inline void check_anchors(const std::vector<AnchorRule>& rules) {
  for (const AnchorRule& rule : rules) {
    AnchorWorld world(rule.code, rule.bases, rule.is_compiled);
    CutResult cut(world);
    ASSERT_EQ(cut.starts(world.data), AnchorWorld::kAll) << rule.source;
    EXPECT_EQ(cut.live(world.data, {"f"}), rule.live) << rule.source;
    EXPECT_EQ(cut.live(world.data, {"g"}), CutResult::List{}) << rule.source;
  }
}

}  // namespace fwseal
