#include "tools/ld_help.h"

#include <vector>

#include "tools/ld_actions.h"
#include "tools/option_scanner.h"

namespace fwseal {
namespace {

constexpr u32 kColumns = 80;
constexpr u32 kTextColumn = 30;

enum class Treatment : u8 { kDone, kAccepted, kRefused };

// Options that check their argument and then change nothing are accepted ones, too.
Treatment treatment(const LdOption& option) {
  if (option.apply == refuse || option.apply == refuse_unless_none ||
      option.apply == refuse_unless_empty)
    return Treatment::kRefused;
  const bool checked = option.apply == check_number || option.apply == check_signed_number ||
                       option.apply == check_hash_style || option.apply == check_compression ||
                       option.apply == check_shared_keyword || option.apply == check_assert_keyword;
  const bool ours = option.names.starts_with("fwseal-");
  return (option.apply == accept && !ours) || checked ? Treatment::kAccepted : Treatment::kDone;
}

std::string argument_text(const LdOption& option, bool is_long) {
  const std::string_view name = option.argument.empty() ? "ARG" : option.argument;
  if (option.takes == Takes::kNothing) return {};
  if (option.takes == Takes::kMaybe) return cat("[=", name, "]");
  return cat(is_long ? "=" : " ", name);
}

// GNU writes one dash where a name of two letters or an old one is meant; both always work.
std::vector<std::string> spellings(const LdOption& option) {
  std::vector<std::string> found;
  if (option.letter != 0) found.push_back(cat('-', option.letter));
  for_each_name(option.names, [&](std::string_view name) {
    found.push_back(cat(name.starts_with("--") ? "" : "--", name));
  });
  return found;
}

std::string row(const LdOption& option) {
  std::string names;
  for (const std::string& name : spellings(option)) names += cat(names.empty() ? "" : ", ", name);
  names += argument_text(option, !option.names.empty());
  std::string line = "  " + wrap_text(names, 2, 4);
  const auto last_line = line.size() - (line.rfind('\n') + 1);
  line += last_line + 2 > kTextColumn ? "\n" + std::string(kTextColumn, ' ')
                                      : std::string(kTextColumn - last_line, ' ');
  return line + wrap_text(option.text, kTextColumn, kTextColumn) + "\n";
}

std::string rows(Treatment wanted) {
  std::string text;
  for (const LdOption& option : ld_option_table())
    if (treatment(option) == wanted) text += row(option);
  return text;
}

}  // namespace

std::string version_text() {
  return cat("fwseal ", FWSEAL_VERSION, " (compatible with GNU ld 2.40)\n");
}

std::string wrap_text(std::string_view text, u32 column, u32 indent) {
  std::string wrapped;
  for_each_name(text, [&](std::string_view word) {
    if (!wrapped.empty() && column + 1 + word.size() > kColumns) {
      wrapped += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (!wrapped.empty()) {
      wrapped += ' ';
      column++;
    }
    wrapped += word;
    column += static_cast<u32>(word.size());
  });
  return wrapped;
}

std::string ld_help() {
  return cat(
      "Usage: ld.fwseal [options] file...\n"
      "Links ARM firmware. Takes the command line of GNU ld; long options may be\n"
      "abbreviated and written with one dash.\n\nOptions:\n",
      rows(Treatment::kDone), "  @FILE                       read options from FILE\n",
      "\nAccepted, without effect on static firmware:\n", rows(Treatment::kAccepted),
      "\nRefused:\n", rows(Treatment::kRefused), "\n", target_help());
}

// The first line is the one that libtool looks for.
std::string target_help() {
  return "fwseal: supported targets: elf32-littlearm binary ihex\n"
         "fwseal: supported emulations: armelf armelf_linux_eabi\n";
}

std::string framed_script(std::string_view script, bool is_default) {
  const std::string rule(50, '=');
  return cat("using ", is_default ? "internal" : "external", " linker script:\n", rule, "\n",
             script, "\n", rule, "\n");
}

}  // namespace fwseal
