#include "prune/plan.h"

#include <gtest/gtest.h>

namespace fwseal {
namespace {

// The definition, edit by edit.
u64 mapped(const std::vector<Edit>& edits, u64 offset) {
  u64 result = offset;
  for (const Edit& edit : edits) {
    if (offset < edit.offset) break;
    if (offset < edit.offset + edit.removed)
      return result - (offset - edit.offset) + edit.inserted.size();
    if (offset == edit.offset && edit.removed == 0) break;
    result = result + edit.inserted.size() - edit.removed;
  }
  return result;
}

// Where the last byte before `offset` that stays ends.
u64 mapped_end(const std::vector<Edit>& edits, u64 offset) {
  i64 growth = 0;
  for (const Edit& edit : edits) {
    if (edit.offset >= offset) break;
    if (offset <= edit.offset + edit.removed) return edit.offset + static_cast<u64>(growth);
    growth += static_cast<i64>(edit.inserted.size()) - static_cast<i64>(edit.removed);
  }
  return offset + static_cast<u64>(growth);
}

bool removed(const std::vector<Edit>& edits, u64 offset) {
  for (const Edit& edit : edits)
    if (edit.offset <= offset && offset < edit.offset + edit.removed) return true;
  return false;
}

void check(const std::vector<Edit>& edits, u64 size) {
  EditList list;
  i64 growth = 0;
  for (const Edit& edit : edits) {
    list.add(edit);
    growth += static_cast<i64>(edit.inserted.size()) - static_cast<i64>(edit.removed);
  }
  EXPECT_EQ(list.growth(), growth);
  EXPECT_EQ(list.empty(), edits.empty());
  for (u64 offset = 0; offset <= size + 1; offset++) {
    EXPECT_EQ(list.map(offset), mapped(edits, offset)) << offset;
    EXPECT_EQ(list.map_end(offset), mapped_end(edits, offset)) << offset;
    EXPECT_EQ(list.removes(offset), removed(edits, offset)) << offset;
  }
}

// All lists of at most three edits from `begin` on.
void check_all(std::vector<Edit>& edits, u64 begin, u64 size) {
  check(edits, size);
  if (edits.size() == 3) return;
  for (u64 offset = begin; offset <= size; offset++)
    for (u64 gone = 0; gone <= 2 && offset + gone <= size; gone++)
      for (u64 more = 0; more <= 2; more++) {
        edits.push_back({offset, gone, std::string(more, 'x')});
        check_all(edits, offset + gone, size);
        edits.pop_back();
      }
}

TEST(EditList, MapsAsItsDefinitionInEverySmallWorld) {
  std::vector<Edit> edits;
  check_all(edits, 0, 5);
}

TEST(EditList, KeepsALabelInFrontOfWhatIsAppended) {
  EditList list;
  list.add({8, 8, {}});
  list.add({16, 0, std::string(8, '\0')});
  EXPECT_EQ(list.map(16), 8u);
  EXPECT_EQ(list.map(12), 8u);
  EXPECT_EQ(list.growth(), 0);
}

}  // namespace
}  // namespace fwseal
