#include "report/as_text.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace fwseal {

namespace {

constexpr u64 kColumns = 80;
constexpr u64 kNameWidth = 20;

std::string left(std::string_view text, u64 width) {
  return cat(text, std::string(width - std::min<u64>(width, text.size()), ' '));
}

std::string right(std::string_view text, u64 width) {
  return cat(std::string(width - std::min<u64>(width, text.size()), ' '), text);
}
std::string right(u64 number, u64 width) { return right(std::to_string(number), width); }

// Names are the user's: without control characters, and cut where the table would break.
std::string printable(std::string_view name, u64 width) {
  std::string text(name.substr(0, width));
  for (char& c : text)
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = '?';
  if (name.size() > width) text.back() = '~';
  return text;
}

std::string printable(std::string_view name) { return printable(name, name.size()); }

std::string percent(const RegionBudget& region) {
  const double value = region.percent();
  if (value >= 100000.0) return ">99999 %";
  std::array<char, 32> text;
  const int size = std::snprintf(text.data(), text.size(), "%.2f %%", value);
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string region_row(const RegionBudget& region) {
  const std::string rest =
      region.overflow == 0 ? right(region.free, 11) : right(cat('-', region.overflow), 11);
  return cat(left(printable(region.name, kNameWidth), kNameWidth), ' ',
             left(name_of(region.kind), 6), right(region.length, 11), right(region.used, 11), rest,
             right(percent(region), 11), region.overflow == 0 ? "" : " FULL", '\n');
}

struct Row {
  const char* label;
  u64 Contents::*bytes;
};
constexpr Row kRows[] = {
    {"code", &Contents::code},     {"constants", &Contents::constants}, {"data", &Contents::data},
    {"zeroed", &Contents::zeroed}, {"initial", &Contents::initial},     {"gaps", &Contents::gaps},
};

// "  flash: code 1234, constants 56, initial 8", broken before the last column.
std::string contents_lines(const RegionBudget& region) {
  const std::string head = cat("  ", printable(region.name, kNameWidth), ":");
  std::string text;
  std::string line = head;
  for (const Row& row : kRows) {
    const u64 bytes = region.contents.*row.bytes;
    if (bytes == 0) continue;
    const std::string item = cat(' ', row.label, ' ', bytes, ',');
    if (line.size() + item.size() > kColumns) {
      text += line + '\n';
      line = std::string(head.size(), ' ');
    }
    line += item;
  }
  if (line == head) return {};
  line.back() = '\n';
  return text + line;
}

std::string sum_row(std::string_view label, u64 bytes) {
  return cat(left(label, 34), right(bytes, 12), " bytes\n");
}

std::string frames_text(const RecordFrames& frames) {
  if (!frames.refusal.empty())
    return cat("OCaml's frame tables stay as they are:\n  ", printable(frames.refusal), '\n');
  std::string text = cat("OCaml's frame tables: ", frames.descriptors, " descriptors of ",
                         frames.units, " units, ", frames.left_out, " left out\n  ",
                         frames.bytes - frames.debug_bytes, " bytes, and a hash table of ",
                         frames.slots * 4, " bytes\n");
  if (frames.debug_bytes != 0)
    text += cat("  backtraces cost ", frames.debug_bytes,
                " bytes more: [ocaml] backtraces = false\n");
  return text;
}

}  // namespace

std::string budget_text(const Budget& budget) {
  std::string text;
  if (!budget.regions.empty())
    text += cat(left("region", kNameWidth), ' ', left("kind", 6), right("size", 11),
                right("used", 11), right("free", 11), right("full", 11), '\n');
  for (const RegionBudget& region : budget.regions) text += region_row(region);
  for (const RegionBudget& region : budget.regions) text += contents_lines(region);
  if (!budget.regions.empty()) text += '\n';

  const KindBudget& kinds = budget.kinds;
  text += sum_row("flash, code", kinds.flash_code);
  text += sum_row("flash, constants", kinds.flash_rodata);
  text += sum_row("flash, initial values", kinds.flash_initial);
  text += sum_row("RAM, static data", kinds.data_ram);
  text += sum_row("RAM, static instructions", kinds.instruction_ram);
  return text;
}

std::string decisions_text(const Record& record) {
  std::string text;
  if (!record.board.empty()) text += cat("board: ", printable(record.board), '\n');
  text +=
      cat("left out: ", record.removed.sections, " sections, ", record.removed.bytes, " bytes\n");
  for (const RecordInitialiser& slot : record.initialisers)
    if (slot.removed)
      text += cat("  ", printable(slot.place), ' ', printable(slot.functions), ": ",
                  printable(slot.rule), '\n');
  for (const RecordLeftover& leftover : record.leftovers)
    if (leftover.removed)
      text += cat("  ", printable(leftover.place), ": left by dynamic linking\n");
  for (const RecordMove& move : record.moves)
    text += cat("in flash: ", printable(move.place), '\n');
  if (record.frames) text += frames_text(*record.frames);
  text += record.assumptions.empty() ? "assumptions: none\n" : "assumptions:\n";
  for (const std::string& assumption : record.assumptions)
    text += cat("  ", printable(assumption), '\n');
  return text;
}

std::string sealed_text(const Record& record) {
  return cat("sealed: sha256 ", record.digest, '\n');
}

}  // namespace fwseal
