// A small program with OCaml's runtime of 4.13 and one unit, for tests of frame tables:
//
//     main → caml_init_frame_descriptors → init_frame_descriptors → both variables
//                                        → caml_frametable → camlA__frametable → code of both
//     main → camlA__f, caml_garbage_collection → both variables
//     caml_register_frametable → init_frame_descriptors
//     camlA__g, to which nothing refers but its frame
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/unit/elf_builder.h"

namespace fwseal {

// A frame table as the compiler writes it.
class FrameText {
 public:
  struct Descriptor {
    u32 label = 0;  // symbol of the return address
    u16 frame_size = 8;
    std::vector<u16> live = {};
    std::vector<u8> allocations = {};
    std::vector<int> debug = {};  // numbers of locations(), or -1
  };
  struct Location {
    u32 line = 0;
    bool has_next = false;
    std::string file;
    std::string name;
  };

  std::vector<Descriptor> descriptors;
  std::vector<Location> locations;
  std::vector<std::pair<u32, u32>> labels;  // after text(): offset and symbol

  std::string text() {
    std::string bytes;
    labels.clear();
    put(bytes, static_cast<u32>(descriptors.size()));
    std::vector<std::pair<u64, int>> fields;
    for (const Descriptor& one : descriptors) {
      labels.emplace_back(static_cast<u32>(bytes.size()), one.label);
      put(bytes, u32{0});
      put(bytes, one.frame_size);
      put(bytes, static_cast<u16>(one.live.size()));
      for (const u16 word : one.live) put(bytes, word);
      const bool is_callback = one.frame_size == 0xffff;
      if ((one.frame_size & 2) != 0 && !is_callback) {
        put(bytes, static_cast<u8>(one.allocations.size()));
        for (const u8 length : one.allocations) put(bytes, length);
      }
      align(bytes);
      for (const int number : one.debug) {
        if (number >= 0) fields.emplace_back(bytes.size(), number);
        put(bytes, u32{0});
      }
    }
    std::vector<u64> places;
    for (const Location& one : locations) {
      places.push_back(bytes.size());
      put(bytes, u32{one.has_next ? 1u : 0u});
      put(bytes, one.line);
    }
    for (const auto& [offset, number] : fields) add(bytes, offset, places[u64(number)] - offset);
    for (u64 i = 0; i < locations.size(); i++) {
      add(bytes, places[i], bytes.size() - places[i]);
      put(bytes, static_cast<u32>(4 + locations[i].name.size() + 1));
      bytes += locations[i].name + '\0' + locations[i].file + '\0';
      align(bytes);
    }
    return bytes;
  }

 private:
  template <typename Value>
  static void put(std::string& bytes, Value value) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  static void align(std::string& bytes) { bytes.resize(align_up(bytes.size(), 4), '\0'); }
  static void add(std::string& bytes, u64 offset, u64 value) {
    const u32 word = bytes_of(bytes).le<u32>(offset) + static_cast<u32>(value);
    bytes.replace(offset, 4, reinterpret_cast<const char*>(&word), 4);
  }
};

class OcamlWorld {
 public:
  OcamlWorld() {
    f_labels.push_back(0);
    main = code("main", 32);
    f = code("camlA__f", 24);
    g = code("camlA__g", 24);
    for (const u32 place : {4u, 8u, 24u}) f_labels.push_back(label(f, place));
    for (const u32 place : {6u, 24u}) g_labels.push_back(label(g, place));
    system = code("caml_start_program", 24);
    frames.descriptors = {{f_labels[1], 8, {4, 6}, {}, {}},
                          {f_labels[2], 16 | 3, {8}, {2, 0}, {0, -1}},
                          {f_labels[3], 24 | 1, {}, {}, {1}},
                          {g_labels[0], 8 | 2, {}, {}, {}},
                          {g_labels[1], 32 | 1, {12, 13, 16}, {}, {0}},
                          {label(system, 12), 0xffff, {}, {}, {}}};
    frames.locations = {
        {7, false, "a.ml", "A.f"}, {8, true, "a.ml", "A.g"}, {9, false, "b.ml", "B.h"}};
  }

  // What is left is added, and no more may be changed but `elf`.
  void finish() {
    const u32 shared = shares_section ? elf.bss(".bss", shared_size) : 0;
    for (const char* const name : {"caml_frame_descriptors", "caml_frame_descriptors_mask"}) {
      if (shares_section) {
        const u32 place = variables.empty() ? 4 : 12;
        variables.push_back(shared);
        elf.define(name, shared, {.value = place, .size = 4, .type = STT_OBJECT});
        continue;
      }
      variables.push_back(initial_value.empty()
                              ? elf.bss(std::string(".bss.") + name, 4)
                              : elf.data(std::string(".data.") + name, initial_value));
      elf.define(name, variables.back(), {.size = 4, .type = STT_OBJECT});
    }
    std::string text = frames.text();
    text.resize(text.size() + extra_bytes, '\0');
    if (cut_to != 0) text.resize(cut_to);
    for (const auto& [at, value] : flips)
      if (at < text.size()) text[at] = static_cast<char>(text[at] ^ value);
    table = elf.data(".data.frames", std::string(8, '\0') + text);
    elf.define(
        "camlA__frametable", table,
        {.value = 8, .size = is_sized ? static_cast<u32>(text.size()) : 0, .type = STT_OBJECT});
    for (const auto& [offset, symbol] : frames.labels)
      if (offset + 4 <= text.size()) elf.relocate(table, 8 + offset, R_ARM_ABS32, symbol);
    list = elf.data(".data.list", std::string(12, '\0'));
    elf.define("caml_frametable", list, {.value = 4});
    elf.relocate(list, 4, R_ARM_ABS32, elf.refer("camlA__frametable"));
    init = code("caml_init_frame_descriptors", 16);
    fill = code("init_frame_descriptors", 16);
    collector = code("caml_garbage_collection", 16);
    registers = code("caml_register_frametable", 16);
    refer(main, 0, "caml_init_frame_descriptors");
    refer(main, 4, "caml_garbage_collection");
    refer(main, 8, "camlA__f");
    refer(main, 12, "caml_start_program");
    refer(init, 8, "init_frame_descriptors");
    refer(init, 12, "caml_frametable");
    refer(registers, 8, "init_frame_descriptors");
    for (const u32 user : {fill, collector}) {
      refer(user, 8, "caml_frame_descriptors");
      refer(user, 12, "caml_frame_descriptors_mask");
    }
  }

  u32 code(const std::string& name, u32 size) {
    std::string nops;
    for (u32 i = 0; i < size; i += 2) nops += std::string("\x00\xbf", 2);
    const u32 section = elf.section(
        {.name = ".text." + name, .flags = SHF_ALLOC | SHF_EXECINSTR, .contents = nops});
    elf.define_local("$t", section, 0);
    elf.define(name, section, {.value = 1, .size = size, .type = STT_FUNC});
    return section;
  }
  u32 label(u32 section, u32 place) {
    return elf.define_local(".L" + std::to_string(labels_++), section, place | 1, STT_FUNC);
  }
  void refer(u32 section, u32 offset, const std::string& name) {
    elf.relocate(section, offset, R_ARM_ABS32, elf.refer(name), 0);
  }

  ElfBuilder elf;
  FrameText frames;
  bool is_sized = true;
  bool shares_section = false;  // the variables do
  u32 shared_size = 16;
  std::string initial_value = {};  // of the variables
  u32 extra_bytes = 0;             // behind the table, and part of it
  u32 cut_to = 0;
  std::vector<std::pair<u32, u8>> flips;
  u32 main = 0, f = 0, g = 0, system = 0;
  u32 init = 0, fill = 0, collector = 0, registers = 0;
  u32 table = 0, list = 0;
  std::vector<u32> variables;
  std::vector<u32> f_labels, g_labels;

 private:
  u32 labels_ = 100;
};

}  // namespace fwseal
