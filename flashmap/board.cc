#include "flashmap/board.h"

#include <algorithm>
#include <cctype>
#include <optional>

namespace fwseal {

namespace {

struct NameHint {
  std::string_view word;
  RegionKind kind;
};

// In order: the first that matches decides. Collected from the linker scripts of STM32Cube, NXP
// MCUXpresso, nRF5 SDK, Raspberry Pi pico-sdk, ESP-IDF, Zephyr and MicroPython.
constexpr NameHint kNameHints[] = {
    {"flash", RegionKind::kFlash},    // FLASH, EXTFLASH, flash_fs
    {"rom", RegionKind::kFlash},      // rom, irom0_0_seg, drom0_0_seg, EEPROM
    {"xip", RegionKind::kFlash},      //
    {"qspi", RegionKind::kFlash},     //
    {"ospi", RegionKind::kFlash},     //
    {"program", RegionKind::kFlash},  // before `ram`, with which it ends
    {"sdram", RegionKind::kRam},      // before `dram`
    {"psram", RegionKind::kRam},      //
    {"iram", RegionKind::kIram},      // iram0_0_seg, iram1_0_seg
    {"itcm", RegionKind::kIram},      // ITCM, ITCMRAM
    {"dram", RegionKind::kDram},      // dram0_0_seg
    {"dtcm", RegionKind::kDram},      // DTCM, DTCMRAM
    {"ccm", RegionKind::kDram},       // CCMRAM: STM32F4 cannot fetch instructions from it
    {"ram", RegionKind::kRam},        // RAM, SRAM1, RAM_D2, BKPSRAM
};

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }

// Does a part of the name begin or end with the word? `params` and `framebuffer` are no RAM.
bool hints_at(std::string_view name, std::string_view word) {
  while (!name.empty()) {
    const auto end = std::ranges::find_if_not(name, is_letter);
    const std::string_view part = name.substr(0, static_cast<u64>(end - name.begin()));
    if (part.starts_with(word) || part.ends_with(word)) return true;
    name.remove_prefix(std::min(part.size() + 1, name.size()));
  }
  return false;
}

std::optional<RegionKind> kind_by_name(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const NameHint& hint : kNameHints)
    if (hints_at(lower, hint.word)) return hint.kind;
  return std::nullopt;
}

// "The GNU linker", "MEMORY": letters in either case, `!` inverts what follows it.
std::optional<RegionKind> kind_by_attributes(std::string_view attributes) {
  const std::string_view positive = attributes.substr(0, attributes.find('!'));
  if (positive.find_first_of("wW") != std::string_view::npos) return RegionKind::kRam;
  if (positive.find_first_of("rRxX") != std::string_view::npos) return RegionKind::kFlash;
  return std::nullopt;
}

std::string_view attributes_of(const Script& script, std::string_view region) {
  const auto found = std::ranges::find(script.regions, region, &MemoryRegion::name);
  return found == script.regions.end() ? std::string_view{} : found->attributes;
}

}  // namespace

std::string_view name_of(RegionKind kind) {
  switch (kind) {
    case RegionKind::kFlash:
      return "flash";
    case RegionKind::kRam:
      return "ram";
    case RegionKind::kIram:
      return "iram";
    case RegionKind::kDram:
      return "dram";
  }
  return {};
}

RegionKind kind_of(std::string_view name, std::string_view attributes,
                   const RegionContents& contents) {
  if (const auto kind = kind_by_name(name)) return *kind;
  if (const auto kind = kind_by_attributes(attributes)) return *kind;
  const bool only_constants = contents.read_only && !contents.writable;
  return contents.loaded || only_constants ? RegionKind::kFlash : RegionKind::kRam;
}

RegionContents contents_of(const Layout& layout, u32 region) {
  RegionContents contents;
  for (const OutputSection& output : layout.outputs) {
    if (!output.allocated() || output.size == 0) continue;
    if (output.region == region) {
      (output.flags & SHF_WRITE ? contents.writable : contents.read_only) = true;
    } else if (output.load_region == region && output.loaded()) {
      contents.loaded = true;
    }
  }
  return contents;
}

Board infer_board(const Layout& layout, const Script& script,
                  std::span<const RegionKindRule> rules) {
  Board board;
  for (u32 i = 0; i < layout.regions.size(); i++) {
    const RegionUse& use = layout.regions[i];
    const auto rule = std::ranges::find(rules, use.name, &RegionKindRule::name);
    const RegionKind kind = rule != rules.end() ? rule->kind
                                                : kind_of(use.name, attributes_of(script, use.name),
                                                          contents_of(layout, i));
    board.regions.push_back({use.name, use.origin, use.length, kind});
  }
  return board;
}

}  // namespace fwseal
