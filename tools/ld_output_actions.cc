// The options about output files, reports and messages, and those that print something at once.
#include <cctype>
#include <optional>

#include "tools/ld_actions.h"
#include "tools/ld_choice.h"
#include "tools/ld_help.h"
#include "tools/number_text.h"

namespace fwseal {
namespace {

// As GNU ld reads them: pairs of digits, which `-` and `:` may separate.
std::optional<std::string> hex_bytes(std::string_view text) {
  std::string bytes;
  while (!text.empty()) {
    if (text.front() == '-' || text.front() == ':') {
      text.remove_prefix(1);
      continue;
    }
    const std::string_view digits = text.substr(0, 2);
    const std::optional<u64> value =
        std::isxdigit(static_cast<unsigned char>(digits.back())) ? parse_hex(digits) : std::nullopt;
    if (digits.size() < 2 || !value) return {};
    bytes += static_cast<char>(*value);
    text.remove_prefix(2);
  }
  if (bytes.empty()) return {};
  return bytes;
}

}  // namespace

void set_gc_sections(LdState& state, std::string_view) {
  if (state.options.prune == Prune::kNone) state.options.prune = Prune::kSections;
}

void set_output_format(LdState& state, std::string_view name) {
  set_choice<OutputFormat>(state, state.options.format, name,
                           {{"elf32-littlearm", OutputFormat::kElf},
                            {"elf32-little", OutputFormat::kElf},
                            {"default", OutputFormat::kElf},
                            {"binary", OutputFormat::kBinary},
                            {"ihex", OutputFormat::kIhex}});
}

void set_build_id(LdState& state, std::string_view style) {
  BuildId& id = state.options.build_id;
  if (style == "uuid")
    return state.error("a random build ID would make every link differ; use sha1");
  if (!style.starts_with("0x"))
    return set_choice<BuildId::Style>(state, id.style, style.empty() ? "sha1" : style,
                                      {{"none", BuildId::Style::kNone},
                                       {"fast", BuildId::Style::kFast},
                                       {"md5", BuildId::Style::kMd5},
                                       {"sha1", BuildId::Style::kSha1}});
  const std::optional<std::string> bytes = hex_bytes(style.substr(2));
  if (!bytes) return state.error(cat("'", style, "' is not made of pairs of hexadecimal digits"));
  id = {BuildId::Style::kHex, *bytes};
}

void set_unresolved(LdState& state, std::string_view method) {
  set_choice<bool>(state, state.report_unresolved, method,
                   {{"ignore-all", false},
                    {"report-all", true},
                    {"ignore-in-object-files", false},
                    {"ignore-in-shared-libs", true}});
}

void set_demangle(LdState& state, std::string_view style) {
  state.options.demangle = style != "none";
  if (!style.empty()) check_keyword(state, style, {"none", "auto", "gnu-v3"});
}

void hide_warnings(LdState& state, std::string_view) {
  state.options.fatal_warnings = false;
  state.diag.hide_warnings();
}

void print_version(LdState& state, std::string_view) {
  state.text += version_text();
  state.informed = state.version_printed = true;
}

void print_version_and_stop(LdState& state, std::string_view) {
  state.text += version_text();
  state.stop = true;
}

void print_emulations(LdState& state, std::string_view) {
  print_version(state, {});
  state.text += "  Supported emulations:\n   armelf\n   armelf_linux_eabi\n";
}

void print_help(LdState& state, std::string_view) {
  state.text += ld_help();
  state.stop = true;
}

void print_target_help(LdState& state, std::string_view) {
  state.text += target_help();
  state.stop = true;
}

void print_format(LdState& state, std::string_view) {
  state.text += "elf32-littlearm\n";
  state.informed = true;
}

void print_sysroot(LdState& state, std::string_view) {
  if (!state.options.sysroot.empty()) state.text += cat(state.options.sysroot, "\n");
  state.stop = true;
}

void be_verbose(LdState& state, std::string_view level) {
  if (!level.empty()) check_number(state, level);
  print_emulations(state, {});
  state.verbose = true;
}

void check_number(LdState& state, std::string_view text) {
  if (!parse_integer(text)) state.error(cat("'", text, "' is no number"));
}

void check_signed_number(LdState& state, std::string_view text) {
  if (!parse_integer(text.starts_with('-') ? text.substr(1) : text))
    state.error(cat("'", text, "' is no number"));
}

void check_hash_style(LdState& state, std::string_view style) {
  check_keyword(state, style, {"sysv", "gnu", "both"});
}

void check_compression(LdState& state, std::string_view style) {
  check_keyword(state, style, {"none", "zlib", "zlib-gnu", "zlib-gabi", "zstd"});
}

void check_shared_keyword(LdState& state, std::string_view keyword) {
  check_keyword(state, keyword, {"archive", "shared", "default"});
}

void check_assert_keyword(LdState& state, std::string_view keyword) {
  check_keyword(state, keyword, {"definitions", "nodefinitions", "nosymbolic", "pure-text"});
}

}  // namespace fwseal
