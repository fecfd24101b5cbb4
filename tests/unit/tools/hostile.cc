#include "tests/unit/tools/hostile.h"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <sstream>

#include "elfio/bytes.h"
#include "tests/unit/elf_builder.h"
#include "tools/exit_status.h"
#include "tools/seal.h"

namespace fwseal {

InputFile file_named(const std::string& name) {
  InputFile file;
  file.name = name;
  return file;
}

Options options_for(const Named& files) {
  Options options;
  options.output = "/dev/null";
  for (const auto& [name, contents] : files) {
    if (name.ends_with(".o") || name.ends_with(".a"))
      options.inputs.push_back(file_named(name));
    else if (name == "script.ld")
      options.scripts.push_back({ScriptSource::Kind::kFile, name, 0});
  }
  return options;
}

Outcome link(const Named& files, const Options& options) {
  std::ostringstream messages;
  Diag diag(messages);
  Outcome outcome;
  try {
    Inputs inputs;
    for (const auto& [name, contents] : files) inputs.files.provide(name, bytes_of(contents));
    seal(options, inputs, diag);
    outcome.image = true;
    EXPECT_EQ(diag.errors(), 0) << messages.str();
  } catch (const Stopped&) {
    EXPECT_NE(diag.errors(), 0);
  } catch (const std::exception& fault) {
    ADD_FAILURE() << "not said where: " << fault.what();
  }
  outcome.messages = messages.str();
  return outcome;
}

Outcome link(const Named& files) { return link(files, options_for(files)); }

void link_both_ways(const Named& files) {
  Options options = options_for(files);
  link(files, options);
  options.prune = Prune::kProven;
  options.map_path = "/dev/null";
  options.cref = false;
  options.format = OutputFormat::kIhex;
  options.build_id.style = BuildId::Style::kSha1;
  options.unresolved = Unresolved::kIgnore;
  link(files, options);
}

std::string map_of(const Named& files, Options options, const std::string& name) {
  options.map_path = testing::TempDir() + name;
  const Outcome outcome = link(files, options);
  EXPECT_TRUE(outcome.image) << outcome.messages;
  std::ifstream map(options.map_path);
  std::ostringstream text;
  text << map.rdbuf();
  return outcome.messages + text.str();
}

std::string word(u32 value) {
  std::string bytes(4, '\0');
  std::memcpy(bytes.data(), &value, 4);
  return bytes;
}

std::string good_object() {
  ElfBuilder elf;
  const u32 text =
      elf.section({.name = ".text.f", .flags = kCode, .contents = word(0xfffef7ff) + word(0)});
  const u32 other =
      elf.section({.name = ".text.g", .flags = kCode | SHF_GROUP, .contents = word(0xbf00bf00)});
  const u32 data = elf.data(".data", std::string(16, '\0'));
  const u32 strings = elf.section({.name = ".rodata.str1.1",
                                   .flags = SHF_ALLOC | SHF_MERGE | SHF_STRINGS,
                                   .contents = std::string("string\0ring\0", 12),
                                   .alignment = 1,
                                   .entry_size = 1});
  const u32 table = elf.section({.name = ".ARM.exidx.text.f",
                                 .flags = SHF_ALLOC | SHF_LINK_ORDER,
                                 .contents = word(0) + word(1) + word(0) + word(0x80b0b0b0),
                                 .type = SHT_ARM_EXIDX,
                                 .link = text});
  elf.section({.name = ".ARM.attributes",
               .flags = 0,
               .contents = std::string("A\x13\0\0\0aeabi\0\x01\x09\0\0\0\x06\x0b\x07M", 20),
               .type = SHT_ARM_ATTRIBUTES,
               .alignment = 1});
  elf.bss(".bss", 32);
  const u32 thread = elf.section(
      {.name = ".tdata", .flags = SHF_ALLOC | SHF_WRITE | SHF_TLS, .contents = word(7)});
  elf.section({.name = ".debug_ranges", .flags = 0, .contents = std::string(8, '\0')});
  elf.file_symbol("f.c");
  elf.define_local("$t", text);
  const u32 of_text = elf.section_symbol(text);
  const u32 of_strings = elf.section_symbol(strings);
  const u32 start = elf.define("_start", text, {.value = 1, .size = 8, .type = STT_FUNC});
  const u32 g =
      elf.define("g", other, {.value = 1, .size = 4, .type = STT_FUNC, .binding = STB_WEAK});
  const u32 mine = elf.define("mine", thread, {.size = 4, .type = STT_TLS});
  const u32 shared = elf.common("shared", 8);
  const u32 helper = elf.refer("helper");
  elf.absolute("level", 0x1000);
  elf.relocate(text, 0, R_ARM_THM_PC22, g);
  elf.relocate(text, 4, R_ARM_TLS_LE32, mine);
  elf.relocate(table, 0, R_ARM_PREL31, of_text);
  elf.relocate(table, 8, R_ARM_PREL31, of_text);
  elf.relocate(data, 0, R_ARM_ABS32, of_strings);
  elf.relocate(data, 4, R_ARM_ABS32, shared);
  elf.relocate(data, 8, R_ARM_GOT32, helper);
  elf.relocate(data, 12, R_ARM_ABS32, start);
  elf.group("g", {other});
  return elf.build();
}

std::string helper_object() {
  ElfBuilder elf;
  const u32 text = elf.section({.name = ".text.helper", .flags = kCode, .contents = word(0x4770)});
  elf.define("helper", text, {.value = 1, .type = STT_FUNC});
  return elf.build();
}

std::string good_archive() {
  return build_archive({{"unused.o", good_object(), {"unused"}},
                        {"a-member-with-a-long-name.o", helper_object(), {"helper"}}});
}

std::vector<Elf32_Shdr> headers_of(const std::string& object) {
  Elf32_Ehdr elf;
  std::memcpy(&elf, object.data(), sizeof elf);
  std::vector<Elf32_Shdr> headers(elf.e_shnum);
  std::memcpy(headers.data(), object.data() + elf.e_shoff, headers.size() * sizeof headers[0]);
  return headers;
}

}  // namespace fwseal
