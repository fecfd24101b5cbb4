#include "flashmap/ocaml_check.h"

#include <gtest/gtest.h>

#include <sstream>

#include "tests/unit/prune/linked_object.h"

namespace fwseal {
namespace {

// A table of pairs in one output section, and values at 0x100 and 0x200 in two others.
std::string checked(const std::vector<u32>& table, bool is_kept = true, bool is_ram_live = true,
                    bool is_table_live = true) {
  ElfBuilder elf;
  const u32 segments = elf.data(".data.segments", words(table));
  const u32 constants = elf.data(".data.constants", std::string(16, '\0'));
  const u32 ram = elf.data(".data.ram", std::string(8, '\0'));
  LinkedObject linked(elf);
  OcamlSections ocaml;
  ocaml.segments = linked.section(segments);
  ocaml.units.push_back({"camlX", linked.section(constants), linked.section(ram), kNoSection, {}});
  Layout layout;
  layout.places.resize(linked.inputs().sections.size());
  layout.outputs.resize(3);
  layout.outputs[1].vma = 0x100;
  layout.outputs[2].vma = 0x200;
  if (is_kept) layout.places[index(ocaml.segments)].output = OutputId{0};
  layout.places[index(linked.section(constants))].output = OutputId{1};
  layout.places[index(linked.section(ram))].output = OutputId{2};
  Image image;
  image.contents.resize(3);
  const std::string bytes = words(table);
  const auto view = std::as_bytes(std::span(bytes));
  image.contents[0].assign(view.begin(), view.end());
  const Atoms atoms(linked.inputs().sections.size());
  Reach live{std::vector<ClauseId>(atoms.count(), ClauseId{0})};
  if (!is_ram_live) live.kept_by[index(linked.section(ram))] = kNoClause;
  if (!is_table_live) live.kept_by[index(linked.section(segments))] = kNoClause;
  std::ostringstream said;
  Diag diag(said);
  check_ocaml_segments(ocaml, linked.inputs(), atoms, live, layout, image, diag);
  return said.str();
}

// The end of a pair is its last word.
TEST(OcamlCheck, EveryValueMustBeInAPair) {
  EXPECT_EQ(checked({0x100, 0x10c, 0x200, 0x204, 0}), "");
  EXPECT_EQ(checked({0x200, 0x204, 0x100, 0x10c, 0}), "");
  EXPECT_NE(checked({0x100, 0x108, 0x200, 0x204, 0}), "");
  EXPECT_NE(checked({0x104, 0x10c, 0x200, 0x204, 0}), "");
  EXPECT_NE(checked({0x100, 0x10c, 0x200, 0x200, 0}), "");
}

TEST(OcamlCheck, NoPairIsMissing) {
  const std::string said = checked({0x100, 0x10c, 0});
  EXPECT_NE(said.find("(.data.ram+0x0): OCaml unit camlX has values outside of caml_data_segments"),
            std::string::npos)
      << said;
  EXPECT_NE(checked({0x200, 0x204, 0}), "");
  EXPECT_NE(checked({0}), "");
  // A 0 in the middle ends it.
  EXPECT_NE(checked({0x100, 0x10c, 0, 0, 0x200, 0x204, 0}), "");
}

// In a poison run they are in the image all the same.
TEST(OcamlCheck, DeadValuesNeedNone) {
  EXPECT_EQ(checked({0x100, 0x10c, 0}, true, false), "");
  EXPECT_NE(checked({0x200, 0x204, 0}, true, false), "");
}

TEST(OcamlCheck, NobodyReadsIt) {
  EXPECT_EQ(checked({0}, false), "");
  EXPECT_EQ(checked({0xeeee'eeee, 0xeeee'eeee, 0}, true, true, false), "");
}

}  // namespace
}  // namespace fwseal
