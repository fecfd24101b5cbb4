// The options about inputs, the machine and the layout.
#include "tools/ld_actions.h"

#include <cctype>
#include <filesystem>
#include <optional>
#include <utility>

#include "tools/ld_choice.h"
#include "tools/number_text.h"

namespace fwseal {
namespace {

InputFile input(const LdState& state, InputFile::Kind kind, std::string_view name) {
  InputFile file;
  file.kind = kind;
  file.name = name;
  file.whole_archive = state.whole_archive;
  file.binary = state.binary;
  return file;
}

void set_start(LdState& state, std::string_view section, std::string_view address,
               bool is_segment) {
  const std::optional<u64> value = parse_hex(address);
  if (!value) return state.error(cat("'", address, "' is no hexadecimal number"));
  std::vector<SectionStart>& starts = state.options.section_starts;
  std::erase_if(starts, [&](const SectionStart& s) { return s.section == section; });
  starts.push_back({std::string(section), *value, is_segment});
}

}  // namespace

void LdState::error(std::string_view what) {
  diag.error({}, cat("option '", spelled, "': ", what));
}

// ---- Kinds of rows

void accept(LdState&, std::string_view) {}

void refuse(LdState& state, std::string_view) {
  state.diag.error({}, cat("option '", state.spelled, "' is refused: ", state.option->text));
}

void refuse_unless_none(LdState& state, std::string_view argument) {
  if (argument != "none") refuse(state, argument);
}

void refuse_unless_empty(LdState& state, std::string_view argument) {
  if (!argument.empty()) refuse(state, argument);
}

// ---- Inputs

void add_input(LdState& state, std::string_view path) {
  state.options.inputs.push_back(input(state, InputFile::Kind::kFile, path));
}

void add_library(LdState& state, std::string_view name) {
  if (name.empty()) return state.error("the name of the library is missing");
  state.options.inputs.push_back(input(state, InputFile::Kind::kLibrary, name));
}

void add_just_symbols(LdState& state, std::string_view path) {
  // -R is also Solaris' -rpath: a directory is no input (the ld manual, "-R filename").
  std::error_code ignored;
  if (std::filesystem::is_directory(std::filesystem::path(path), ignored)) return;
  InputFile file = input(state, InputFile::Kind::kFile, path);
  file.symbols_only = true;
  state.options.inputs.push_back(std::move(file));
}

void begin_group(LdState& state, std::string_view) {
  state.open_groups++;
  state.options.inputs.push_back(input(state, InputFile::Kind::kGroupStart, {}));
}

void end_group(LdState& state, std::string_view) {
  if (state.open_groups == 0) return state.error("no group was begun");
  state.open_groups--;
  state.options.inputs.push_back(input(state, InputFile::Kind::kGroupEnd, {}));
}

void push_state(LdState& state, std::string_view) {
  state.pushed_whole_archive.push_back(state.whole_archive);
}

void pop_state(LdState& state, std::string_view) {
  if (state.pushed_whole_archive.empty()) return state.error("no state was pushed");
  state.whole_archive = state.pushed_whole_archive.back();
  state.pushed_whole_archive.pop_back();
}

void set_input_format(LdState& state, std::string_view name) {
  set_choice<bool>(
      state, state.binary, name,
      {{"elf32-littlearm", false}, {"elf32-little", false}, {"default", false}, {"binary", true}});
}

void add_script(LdState& state, std::string_view path) {
  state.options.scripts.push_back({ScriptSource::Kind::kFile, std::string(path),
                                   static_cast<u32>(state.options.inputs.size())});
}

void add_defsym(LdState& state, std::string_view text) {
  const auto equals = text.find('=');
  if (equals == 0 || equals == text.npos || equals + 1 == text.size())
    return state.error(cat("'", text, "' is not SYMBOL=EXPRESSION"));
  state.options.scripts.push_back({ScriptSource::Kind::kDefsym, std::string(text),
                                   static_cast<u32>(state.options.inputs.size())});
}

void add_required(LdState& state, std::string_view symbol) {
  state.options.undefined.emplace_back(symbol);
  state.options.require_defined.emplace_back(symbol);
}

// ---- Machine and layout

// The emulations of a static image differ in nothing else (tried with ld 2.40).
void set_emulation(LdState& state, std::string_view name) {
  set_choice<Target2>(state, state.options.target2, name,
                      {{"armelf", Target2::kRel}, {"armelf_linux_eabi", Target2::kGotRel}});
}

void set_target2(LdState& state, std::string_view name) {
  const auto value = choose<Target2>(
      state, name, {{"rel", Target2::kRel}, {"abs", Target2::kAbs}, {"got-rel", Target2::kGotRel}});
  if (value) state.target2 = value;
}

void set_thumb_entry(LdState& state, std::string_view symbol) {
  state.options.entry = symbol;
  state.options.thumb_entry = true;
}

void set_section_start(LdState& state, std::string_view text) {
  const auto equals = text.find('=');
  if (equals == 0 || equals == text.npos)
    return state.error(cat("'", text, "' is not SECTION=ADDRESS"));
  set_start(state, text.substr(0, equals), text.substr(equals + 1), false);
}

void set_text_start(LdState& state, std::string_view a) { set_start(state, ".text", a, true); }
void set_data_start(LdState& state, std::string_view a) { set_start(state, ".data", a, true); }
void set_bss_start(LdState& state, std::string_view a) { set_start(state, ".bss", a, true); }
void set_text_segment_start(LdState& state, std::string_view a) {
  set_start(state, ".text-segment", a, true);
}
void set_rodata_segment_start(LdState& state, std::string_view a) {
  set_start(state, ".rodata-segment", a, true);
}
void set_ldata_segment_start(LdState& state, std::string_view a) {
  set_start(state, ".ldata-segment", a, true);
}

void set_orphan_handling(LdState& state, std::string_view mode) {
  std::string lower(mode);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  set_choice<OrphanHandling>(state, state.options.orphans, lower,
                             {{"place", OrphanHandling::kPlace},
                              {"discard", OrphanHandling::kDiscard},
                              {"warn", OrphanHandling::kWarn},
                              {"error", OrphanHandling::kError}});
}

void set_sort_section(LdState& state, std::string_view order) {
  set_choice<SortKey>(state, state.options.sort_section, order,
                      {{"name", SortKey::kName}, {"alignment", SortKey::kAlignment}});
}

void set_sort_common(LdState& state, std::string_view order) {
  set_choice<SortCommon>(
      state, state.options.sort_common, order.empty() ? "descending" : order,
      {{"ascending", SortCommon::kAscending}, {"descending", SortCommon::kDescending}});
}

void set_unique(LdState& state, std::string_view pattern) {
  if (pattern.empty())
    state.options.unique_orphans = true;
  else
    state.options.unique_sections.emplace_back(pattern);
}

}  // namespace fwseal
