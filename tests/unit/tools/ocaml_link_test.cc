// Whole links of a program with OCaml's frame tables: what the runtime finds in the image, and that
// damaged tables leave the program as it was.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <map>
#include <sstream>

#include "tests/unit/ocaml_world.h"
#include "tests/unit/tools/hostile.h"

namespace fwseal {
namespace {

// An executable, looked at by address.
class LinkedImage {
 public:
  explicit LinkedImage(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    bytes_ = text.str();
    headers_ = headers_of(bytes_);
    for (const Elf32_Shdr& header : headers_) {
      if (header.sh_type != SHT_SYMTAB) continue;
      const char* const names = bytes_.data() + headers_[header.sh_link].sh_offset;
      for (u64 at = 0; at < header.sh_size; at += sizeof(Elf32_Sym)) {
        Elf32_Sym symbol;
        std::memcpy(&symbol, bytes_.data() + header.sh_offset + at, sizeof symbol);
        symbols_[names + symbol.st_name] = symbol.st_value;
      }
    }
  }

  u32 symbol(const std::string& name) const {
    const auto found = symbols_.find(name);
    if (found == symbols_.end()) ADD_FAILURE() << name;
    return found == symbols_.end() ? 0 : found->second;
  }
  template <typename Value>
  Value at(u32 address) const {
    Value value{};
    for (const Elf32_Shdr& header : headers_) {
      if ((header.sh_flags & SHF_ALLOC) == 0 || address < header.sh_addr ||
          address - header.sh_addr >= header.sh_size)
        continue;
      if (header.sh_type != SHT_NOBITS)
        std::memcpy(&value, bytes_.data() + header.sh_offset + address - header.sh_addr,
                    sizeof value);
      return value;
    }
    ADD_FAILURE() << "nothing is at " << hex(address);
    return value;
  }

  // As the collector does it: the address of the descriptor, or 0.
  u32 descriptor(u32 return_address) const {
    const u32 mask = at<u32>(symbol("caml_frame_descriptors_mask"));
    const u32 table = at<u32>(symbol("caml_frame_descriptors"));
    for (u32 h = (return_address >> 3) & mask, i = 0; i <= mask; i++, h = (h + 1) & mask) {
      const u32 found = at<u32>(table + 4 * h);
      if (found == 0 || at<u32>(found) == return_address) return found;
    }
    return 0;
  }

 private:
  std::string bytes_;
  std::vector<Elf32_Shdr> headers_;
  std::map<std::string, u32> symbols_;
};

class OcamlLink : public testing::Test {
 protected:
  OcamlLink() : path_(testing::TempDir() + "ocaml_link." + std::to_string(getpid())) {}
  ~OcamlLink() override { unlink(path_.c_str()); }

  Outcome run(OcamlWorld& world) { return run(world.elf.build()); }
  Outcome run(const std::string& object) {
    const Named files{{"a.o", object}};
    Options options = options_for(files);
    options.output = path_;
    options.entry = "main";
    options.prune = Prune::kProven;
    options.keep = {{"main", {}}};
    change_(options);
    return link(files, options);
  }

  std::string path_;
  std::function<void(Options&)> change_ = [](Options&) {};
};

TEST_F(OcamlLink, EveryLiveCallHasItsDescriptor) {
  for (const Poison poison : {Poison::kNothing, Poison::kPieces, Poison::kAll}) {
    for (const bool backtraces : {true, false}) {
      change_ = [&](Options& options) {
        options.poison = poison;
        options.ocaml_backtraces = backtraces;
      };
      OcamlWorld world;
      world.finish();
      const Outcome outcome = run(world);
      ASSERT_TRUE(outcome.image) << outcome.messages;
      EXPECT_EQ(outcome.messages, "");
      const LinkedImage image(path_);
      EXPECT_EQ(image.at<u32>(image.symbol("caml_frame_descriptors_mask")), 7u);
      const u32 f = image.symbol("camlA__f");  // with the Thumb bit
      EXPECT_EQ(f & 1, 1u);
      const u32 system = image.symbol("caml_start_program");
      const std::pair<u32, u16> live[] = {{f + 4, 8},
                                          {f + 8, backtraces ? 19 : 18},
                                          {f + 24, backtraces ? 25 : 24},
                                          {system + 12, 0xffff}};
      for (const auto& [address, frame_size] : live) {
        const u32 found = image.descriptor(address);
        ASSERT_NE(found, 0u) << hex(address);
        EXPECT_EQ(image.at<u16>(found + 4), frame_size);
      }
      // Nothing but its frame refers to the other function.
      EXPECT_EQ(image.descriptor(f + 6), 0u);
      // A bare return is left of what made the table.
      const u32 init = image.symbol("caml_init_frame_descriptors") & ~1u;
      EXPECT_EQ(image.at<u16>(init), 0x4770);
    }
  }
}

TEST_F(OcamlLink, LeavesItAsItIsWithoutAProof) {
  const std::function<void(Options&)> cases[] = {
      [](Options& options) { options.prune = Prune::kSections; },
      [](Options& options) { options.emit_relocations = true; },
      [](Options& options) {
        options.keep.push_back({"caml_register_frametable", {}});
      },
      [](Options& options) {
        options.keep.push_back({"caml_init_frame_descriptors", {}});
      }};
  for (const auto& change : cases) {
    change_ = change;
    OcamlWorld world;
    world.finish();
    const Outcome outcome = run(world);
    ASSERT_TRUE(outcome.image) << outcome.messages;
    const LinkedImage image(path_);
    EXPECT_EQ(image.at<u32>(image.symbol("caml_frame_descriptors")), 0u);
    EXPECT_EQ(image.at<u32>(image.symbol("caml_frametable")), image.symbol("camlA__frametable"));
    EXPECT_NE(image.at<u16>(image.symbol("caml_init_frame_descriptors") & ~1u), 0x4770);
  }
}

TEST_F(OcamlLink, PutsVariablesOfOneSectionAmongData) {
  OcamlWorld world;
  world.shares_section = true;
  world.finish();
  const Outcome outcome = run(world);
  ASSERT_TRUE(outcome.image) << outcome.messages;
  const LinkedImage image(path_);
  EXPECT_EQ(image.at<u32>(image.symbol("caml_frame_descriptors_mask")), 7u);
  EXPECT_NE(image.descriptor(image.symbol("camlA__f") + 4), 0u);
}

TEST_F(OcamlLink, LeavesItAsItIsWhereTheScriptHasNoPlace) {
  for (const std::string_view data : {".data .data.*", ".data"}) {
    OcamlWorld world;
    world.finish();
    const Named files{
        {"a.o", world.elf.build()},
        {"script.ld", cat("SECTIONS { .text : { *(.text .text.*) } .rodata : { "
                          "*(.rodata .rodata.*) } .data : { *(",
                          data, ") *(.data.frames .data.list) } .bss : { *(.bss .bss.*) } }")}};
    Options options = options_for(files);
    options.output = path_;
    options.entry = "main";
    options.prune = Prune::kProven;
    const Outcome outcome = link(files, options);
    ASSERT_TRUE(outcome.image) << outcome.messages;
    const LinkedImage image(path_);
    const bool has_place = data != ".data";
    EXPECT_EQ(image.at<u32>(image.symbol("caml_frame_descriptors")) != 0, has_place);
    EXPECT_NE(outcome.says("no place"), has_place);
  }
}

// Equal code need not have equal frames: of two pointers in the same registers one may be dead.
TEST_F(OcamlLink, FoldsNoCodeWithFrames) {
  OcamlWorld world;
  world.finish();
  const std::string calls(std::string("\xff\xf7\xfe\xff\xff\xf7\xfe\xff", 8) +
                          std::string("\xff\xf7\xfe\xff\xff\xf7\xfe\xff", 8));
  const u32 caller = world.elf.section({.name = ".text.caller", .flags = kCode, .contents = calls});
  world.elf.define_local("$t", caller);
  world.elf.define("caller", caller, {.value = 1, .size = 16, .type = STT_FUNC});
  world.code("plain_1", 20);
  world.code("plain_2", 20);
  u32 place = 0;
  for (const char* const name : {"camlA__f", "camlA__g", "plain_1", "plain_2"}) {
    world.elf.relocate(caller, place, R_ARM_THM_PC22, world.elf.refer(name));
    place += 4;
  }
  world.refer(world.main, 16, "caller");
  const Outcome outcome = run(world);
  ASSERT_TRUE(outcome.image) << outcome.messages;
  const LinkedImage image(path_);
  EXPECT_EQ(image.symbol("plain_1"), image.symbol("plain_2"));
  const u32 g = image.symbol("camlA__g");
  EXPECT_NE(g, image.symbol("camlA__f"));
  for (const u32 at : {6u, 24u}) EXPECT_NE(image.descriptor(g + at), 0u);
}

// What is damaged is either found out or of no consequence: an image in which the table is sealed
// or nothing has changed.
TEST_F(OcamlLink, DamagedTablesAreLeftAlone) {
  OcamlWorld good;
  const u32 size = static_cast<u32>(good.frames.text().size());
  const auto check = [&](OcamlWorld& world) {
    world.finish();
    const Outcome outcome = run(world);
    ASSERT_TRUE(outcome.image) << outcome.messages;
    const LinkedImage image(path_);
    const bool sealed = image.at<u32>(image.symbol("caml_frame_descriptors")) != 0;
    EXPECT_NE(sealed, outcome.says("OCaml's frame tables stay as they are")) << outcome.messages;
    const bool is_bare = image.at<u16>(image.symbol("caml_init_frame_descriptors") & ~1u) == 0x4770;
    EXPECT_EQ(sealed, is_bare);
    if (!sealed) return;
    for (const u32 place : {4u, 8u, 24u})
      EXPECT_NE(image.descriptor(image.symbol("camlA__f") + place), 0u);
  };
  for (u32 cut = 4; cut < size; cut += 3) {
    SCOPED_TRACE(cut);
    OcamlWorld world;
    world.cut_to = cut;
    check(world);
  }
  for (u32 at = 0; at < size; at++) {
    for (const int flip : {0x01, 0x80, 0xff}) {
      SCOPED_TRACE(at);
      OcamlWorld world;
      world.flips = {{at, static_cast<u8>(flip)}};
      check(world);
    }
  }
}

}  // namespace
}  // namespace fwseal
