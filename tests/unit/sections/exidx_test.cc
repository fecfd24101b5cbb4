#include "sections/exidx.h"

#include <elf.h>
#include <gtest/gtest.h>

#include "sections/address_book.h"
#include "tests/unit/prune/linked_object.h"

namespace fwseal {
namespace {

constexpr u32 kInlineRow = 0x80b0'b0b0;
constexpr u32 kOtherRow = 0x80a8'b0b0;
constexpr u32 kCantUnwind = 1;

// Sections of 8 bytes of code, at 0x1000, 0x1100 and so on, and their tables.
class Tables {
 public:
  // Pairs of the start of a row and its second word; nothing: no table.
  void add(const std::vector<u32>& rows) {
    const u32 text = elf_.text(cat(".text.", texts_.size()), 8);
    texts_.push_back(text);
    tables_.push_back(0);
    outputs_.push_back(output_);
    if (rows.empty()) return;
    tables_.back() = elf_.section({.name = cat(".ARM.exidx.", texts_.size()),
                                   .flags = SHF_ALLOC | SHF_LINK_ORDER,
                                   .contents = words(rows),
                                   .type = SHT_ARM_EXIDX,
                                   .link = text});
    // The first row also says which routine it needs.
    elf_.relocate(tables_.back(), 0, R_ARM_NONE, elf_.refer("routine", STB_WEAK));
    for (u32 i = 0; 2 * i < rows.size(); i++)
      elf_.relocate(tables_.back(), 8 * i, R_ARM_PREL31, elf_.section_symbol(text));
  }
  // What is added from now on goes to another output section.
  void next_output() { output_++; }
  // What pruning takes out of the table, or the code, of the section with this number.
  void prune_table(u32 number, Edit edit) { pruned_.push_back({tables_[number], edit}); }
  void prune_code(u32 number, Edit edit) { pruned_.push_back({texts_[number], edit}); }

  // Of each table what is left, by input offset; "+" for a row that ends its reach; "-" if a
  // section has none.
  std::string edited(UnwindOptions options = {}) {
    const LinkedObject linked(elf_);
    const auto& sections = linked.program().inputs.sections;
    std::vector<u64> addresses(sections.size(), AddressBook::kNowhere);
    std::vector<EditList> edits(sections.size());
    for (const auto& [handle, edit] : pruned_) edits[index(linked.section(handle))].add(edit);
    for (u32 i = 0; i < texts_.size(); i++) {
      const auto place = [&](u64 offset) { return address_apart(outputs_[i], offset + 0x100 * i); };
      addresses[index(linked.section(texts_[i]))] = place(0x1000);
      if (tables_[i] != 0) addresses[index(linked.section(tables_[i]))] = place(0x8000);
    }
    const UnwindEdits result = edit_unwind_tables(linked.program(), edits, addresses, options);
    std::string text;
    for (const u32 table : tables_) {
      if (!text.empty()) text += "; ";
      if (table == 0) {
        text += "-";
        continue;
      }
      const SectionId id = linked.section(table);
      const EditList& list = result.edits[index(id)];
      for (u64 at = 0; at < sections[index(id)].size; at += kUnwindRowSize)
        if (!list.removes(at)) text += cat(at, " ");
      for (const UnwindEnd& end : result.ends)
        if (end.table == id) text += "+";
    }
    return text;
  }

 private:
  ElfBuilder elf_;
  std::vector<u32> texts_;
  std::vector<u32> tables_;
  std::vector<u32> outputs_;
  u32 output_ = 0;
  std::vector<std::pair<u32, Edit>> pruned_;
};

TEST(Exidx, EqualRowsMerge) {
  Tables tables;
  tables.add({0, kInlineRow, 4, kInlineRow});
  tables.add({0, kInlineRow});
  tables.add({0, kOtherRow, 4, kCantUnwind});
  EXPECT_EQ(tables.edited(), "0 ; ; 0 8 ");
  EXPECT_EQ(tables.edited({.merge = false}), "0 8 ; 0 ; 0 8 ");
}

// They may point to descriptions that differ.
TEST(Exidx, RowsWithDescriptionsDoNotMerge) {
  Tables tables;
  tables.add({0, 0, 4, 0});
  tables.add({0, 0});
  EXPECT_EQ(tables.edited(), "0 8 ; 0 +");
}

// A later link merges them, and ends their reach.
TEST(Exidx, InAnObjectAllRowsStay) {
  Tables tables;
  tables.add({0, kInlineRow, 4, kInlineRow});
  tables.add({4, kCantUnwind, 6, kCantUnwind});
  tables.add({0, kInlineRow});
  EXPECT_EQ(tables.edited({.object = true}), "0 8 ; 0 8 ; 0 ");
}

// There, what follows in another output section may stand anywhere.
TEST(Exidx, InAnObjectTheReachEndsWithTheSection) {
  for (const bool is_apart : {false, true}) {
    Tables tables;
    tables.add({0, kInlineRow});
    if (is_apart) tables.next_output();
    tables.add({});
    tables.add({0, kInlineRow});
    EXPECT_EQ(tables.edited({.object = true}), is_apart ? "0 ; -; 0 " : "0 +; -; 0 ");
  }
}

TEST(Exidx, CodeWithoutTableEndsTheReach) {
  Tables tables;
  tables.add({0, kInlineRow});
  tables.add({});
  tables.add({0, kInlineRow});
  EXPECT_EQ(tables.edited(), "0 +; -; 0 +");
}

TEST(Exidx, SoDoesCodeInFrontOfTheFirstRow) {
  Tables tables;
  tables.add({0, kInlineRow});
  tables.add({4, kInlineRow});
  tables.add({0, kInlineRow, 4, kCantUnwind});
  tables.add({4, kOtherRow});
  EXPECT_EQ(tables.edited(), "0 +; 0 ; 8 ; 0 +");
}

TEST(Exidx, RowsThatPruningTookOutAreNoRows) {
  Tables tables;
  tables.add({0, kInlineRow, 4, kOtherRow});
  tables.add({0, kOtherRow, 4, kInlineRow});
  tables.prune_table(0, {8, 8, {}});
  EXPECT_EQ(tables.edited(), "0 ; 0 8 +");
  tables.prune_table(1, {0, 8, {}});
  // The one that is left begins inside its section.
  EXPECT_EQ(tables.edited(), "0 +; 8 +");
  // It does not, once the code before it is gone.
  tables.prune_code(1, {0, 4, {}});
  EXPECT_EQ(tables.edited(), "0 ; +");
}

}  // namespace
}  // namespace fwseal
