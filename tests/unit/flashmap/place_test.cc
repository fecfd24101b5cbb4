#include "flashmap/place.h"

#include <sstream>

#include "sections/script_parser.h"
#include "tests/unit/prune/linked_object.h"

namespace fwseal {
namespace {

constexpr std::string_view kUsual =
    "SECTIONS { .text : { *(.text*) *(.rodata .rodata.*) } .data : { *(.data .data.*) } }";

class PlaceTest : public testing::Test {
 protected:
  // "section>name" of each move, under this script.
  std::string moves(std::string_view script_text, const std::vector<FlashRule>& rules = {},
                    bool proven = true) {
    LinkedObject object(elf_);
    std::ostringstream said;
    Diag diag(said);
    Script script;
    parse_script(
        "s.ld", script_text, [](const std::string&) { return std::nullopt; }, object.inputs().arena,
        script, diag);
    const Matcher matcher(script);
    Plan plan;
    plan.kept.assign(object.inputs().sections.size(), true);
    const std::vector<FlashMove> planned =
        plan_flash_moves(object.program(), plan, matcher, proven, rules, object.inputs(), diag);
    std::string text;
    for (const FlashMove& move : planned) {
      EXPECT_EQ(object.name(move.section), move.original);
      text += move.original + ">" + move.name + (move.assumed.empty() ? "" : "!") + " ";
    }
    apply_flash_moves(planned, object.inputs());
    for (const FlashMove& move : planned) {
      EXPECT_EQ(object.name(move.section), move.name);
      EXPECT_FALSE(object.inputs()[move.section].has(SHF_WRITE));
    }
    said_ = said.str();
    return text;
  }

  ElfBuilder elf_;
  std::string said_;
};

TEST_F(PlaceTest, MovesRelocatedConstants) {
  elf_.data(".data.rel.ro", "abcd");
  elf_.data(".data.rel.ro.local.x", "abcd");
  elf_.data(".data.rel.x", "abcd");
  elf_.data(".data.rel.rodent", "abcd");
  EXPECT_EQ(moves(kUsual), ".data.rel.ro>.rodata .data.rel.ro.local.x>.rodata.local.x ");
  EXPECT_EQ(moves(kUsual, {}, false), "");
}

TEST_F(PlaceTest, LeavesThemWhereTheScriptHasNoPlace) {
  elf_.data(".data.rel.ro.x", "abcd");
  EXPECT_EQ(moves("SECTIONS { .text : { *(.text*) } .data : { *(.data.*) } }"), "");
  // A pattern that takes everything is no place for constants.
  EXPECT_EQ(moves("SECTIONS { .data : { *(.data.*) } /DISCARD/ : { *(*) } }"), "");
}

TEST_F(PlaceTest, TakesTheUsersWord) {
  elf_.define("table", elf_.data(".data.table", "abcd"), {.size = 4, .type = STT_OBJECT});
  elf_.define("other", elf_.data(".data.other", "abcd"), {.size = 4, .type = STT_OBJECT});
  EXPECT_EQ(moves(kUsual, {{"table", {}}}, false), ".data.table>.rodata.table! ");
  EXPECT_EQ(moves(kUsual, {{".data.oth*", {}}}), ".data.other>.rodata.other! ");
  EXPECT_EQ(said_, "");
}

// OCaml's bytecode, which its interpreter may rewrite in place.
TEST_F(PlaceTest, RewrittenBytecode) {
  const auto with = [&](bool is_threaded, const std::string& section,
                        const std::vector<FlashRule>& rules) {
    elf_ = {};
    elf_.define("caml_code", elf_.data(section, "abcd"),
                {.size = 4, .type = STT_OBJECT, .binding = STB_LOCAL});
    if (is_threaded)
      elf_.define("caml_thread_code", elf_.text(".text.caml_thread_code"),
                  {.value = 1, .size = 4, .type = STT_FUNC});
    return moves(kUsual, rules);
  };
  EXPECT_EQ(with(true, ".data.caml_code", {}), "");
  EXPECT_EQ(with(true, ".data.rel.ro.caml_code", {}), "");
  EXPECT_EQ(with(false, ".data.rel.ro.caml_code", {}), ".data.rel.ro.caml_code>.rodata.caml_code ");
  EXPECT_EQ(said_, "");
  EXPECT_EQ(with(false, ".data.caml_code", {{"caml_code", {}}}),
            ".data.caml_code>.rodata.caml_code! ");
  EXPECT_EQ(said_, "");
  EXPECT_EQ(with(true, ".data.caml_code", {{"caml_code", {}}}),
            ".data.caml_code>.rodata.caml_code! ");
  EXPECT_NE(said_.find("caml_thread_code, which is in the image, rewrites the opcodes of caml_code "
                       "in place (threaded code)"),
            std::string::npos)
      << said_;
}

TEST_F(PlaceTest, WarnsOfRulesThatDoNothing) {
  const u32 data = elf_.data(".data", "abcdefgh");
  elf_.define("table", data, {.size = 4, .type = STT_OBJECT});
  elf_.define("counter", data, {.value = 4, .size = 4, .type = STT_OBJECT});
  elf_.define("zeroes", elf_.bss(".bss.zeroes", 4), {.size = 4, .type = STT_OBJECT});
  EXPECT_EQ(moves(kUsual, {{"table", {}}}), "");
  EXPECT_NE(said_.find("also holds `counter'"), std::string::npos) << said_;
  EXPECT_EQ(moves(kUsual, {{"zeroes", {}}}), "");
  EXPECT_NE(said_.find("no initial value"), std::string::npos) << said_;
  EXPECT_EQ(moves(kUsual, {{"nothing", {"fwseal.toml", {}, {}, 0, 3}}}), "");
  EXPECT_NE(said_.find("warning: fwseal.toml:3: place flash: no symbol and no section is called "
                       "`nothing'"),
            std::string::npos)
      << said_;
}

}  // namespace
}  // namespace fwseal
