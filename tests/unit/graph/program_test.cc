#include "graph/program.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "elfio/isa_arm.h"
#include "tests/unit/elf_builder.h"

namespace fwseal {
namespace {

// One object, linked alone; symbols are asked for by the builder's handles.
class OneObject {
 public:
  explicit OneObject(const ElfBuilder& elf) : elf_(elf), text_(elf.build()) {
    inputs_.files.provide("a.o", bytes_of(text_));
    InputFile file;
    file.name = "a.o";
    std::ostringstream out;
    Diag diag(out);
    symbols_ = resolve({file}, {}, nullptr, inputs_, diag);
    EXPECT_EQ(out.str(), "");
  }

  Referent of(u32 handle) const {
    return referent(program_, ObjectId{0}, elf_.symbol_index(handle));
  }
  std::string name(u32 handle) const {
    return std::string(display_name(program_, ObjectId{0}, elf_.symbol_index(handle)));
  }
  SectionId section(u32 handle) const { return SectionId{elf_.section_index(handle)}; }

 private:
  const ElfBuilder& elf_;
  std::string text_;
  Inputs inputs_;
  Symbols symbols_;
  std::unique_ptr<Isa> isa_ = make_isa_arm({}, {});
  Program program_{inputs_, symbols_, *isa_};
};

TEST(Program, LocalSymbolsMeanTheirSection) {
  ElfBuilder elf;
  const u32 text = elf.text(".text.f", 8);
  const u32 local = elf.define_local("local", text, 4);
  const u32 section = elf.section_symbol(text);
  const OneObject object(elf);
  EXPECT_EQ(object.of(local).section, object.section(text));
  EXPECT_EQ(object.of(local).symbol, kNoSymbol);
  EXPECT_EQ(object.of(local).value, 4u);
  EXPECT_EQ(object.of(section).type, STT_SECTION);
  EXPECT_EQ(object.name(local), "local");
  EXPECT_EQ(object.name(section), ".text.f");
}

TEST(Program, GlobalSymbolsMeanWhatIsDefined) {
  ElfBuilder elf;
  const u32 text = elf.text(".text.f", 8);
  const u32 defined = elf.define("f", text, {.value = 5, .type = STT_FUNC});
  const u32 absolute = elf.absolute("n", 7);
  const u32 common = elf.common("c", 4);
  const OneObject object(elf);
  EXPECT_EQ(object.of(defined).section, object.section(text));
  EXPECT_NE(object.of(defined).symbol, kNoSymbol);
  EXPECT_EQ(object.of(defined).value, 5u);
  EXPECT_EQ(object.of(defined).type, STT_FUNC);
  EXPECT_FALSE(object.of(defined).undefined);
  EXPECT_EQ(object.of(absolute).section, kNoSection);
  EXPECT_EQ(object.of(absolute).value, 7u);
  EXPECT_NE(object.of(common).section, kNoSection);
  EXPECT_EQ(object.name(common), "c");
}

TEST(Program, UndefinedSymbolsAreWeakIfAllReferencesAre) {
  ElfBuilder elf;
  const u32 strong = elf.refer("f");
  const u32 weak = elf.refer("g", STB_WEAK);
  const OneObject object(elf);
  EXPECT_TRUE(object.of(strong).undefined);
  EXPECT_FALSE(object.of(strong).weak);
  EXPECT_TRUE(object.of(weak).undefined);
  EXPECT_TRUE(object.of(weak).weak);
  EXPECT_EQ(object.name(strong), "f");
  EXPECT_FALSE(object.of(0).undefined);  // symbol 0 stands for the number 0
}

}  // namespace
}  // namespace fwseal
