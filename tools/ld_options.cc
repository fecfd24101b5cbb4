// How a command line becomes options:
//
// 1. response files are expanded;
// 2. words are cut into options and inputs (option_scanner);
// 3. the configuration is read, so that
// 4. options, applied from left to right, win over it;
// 5. what depends on all of them is settled: sysroot, map file, unresolved symbols, -r.
#include "tools/ld_options.h"

#include <cstdlib>
#include <filesystem>

#include "elfio/bytes.h"
#include "tools/config.h"
#include "tools/ld_actions.h"

namespace fwseal {
namespace {

void apply_configuration(const std::string& path, const ReadText& read_text, Options& options,
                         Diag& diag) {
  const Location place{path, {}, {}, 0, 0};
  try {
    if (const std::optional<std::string> text = read_text(path))
      read_config(path, *text, options, diag);
    else
      diag.error(place, "no such configuration file");
  } catch (const BadInput& fault) {
    diag.error(place, fault.what());
  }
}

void apply_configurations(const std::vector<ScannedOption>& scanned, const ReadText& read_text,
                          Options& options, Diag& diag) {
  for (const ScannedOption& word : scanned)
    if (word.option && word.option->apply == set_seal) options.prune = Prune::kProven;
  for (const ScannedOption& word : scanned)
    if (word.option && word.option->names == "fwseal-config")
      apply_configuration(word.argument, read_text, options, diag);
}

void apply(const std::vector<ScannedOption>& scanned, LdState& state) {
  for (const ScannedOption& word : scanned) {
    if (state.stop) return;
    state.option = word.option;
    state.spelled = word.spelled;
    if (word.option)
      word.option->apply(state, word.argument);
    else
      add_input(state, word.argument);
  }
}

void add_default_paths(const LdState& state, Options& options) {
  std::string_view rest = state.solaris_paths;
  if (rest.starts_with("P,")) rest.remove_prefix(2);
  while (!rest.empty()) {
    const auto colon = rest.find(':');
    if (colon != 0) options.library_paths.emplace_back(rest.substr(0, colon));
    rest.remove_prefix(colon == rest.npos ? rest.size() : colon + 1);
  }
}

bool has_script_file(const Options& options) {
  for (const ScriptSource& source : options.scripts)
    if (source.kind == ScriptSource::Kind::kFile) return true;
  return false;
}

void add_default_script(const LdState& state, Options& options) {
  if (state.default_script.empty() || has_script_file(options)) return;
  options.scripts.push_back(
      {ScriptSource::Kind::kFile, state.default_script, static_cast<u32>(options.inputs.size())});
}

// GNU adds the end as well, and warns.
void close_groups(const LdState& state) {
  for (u32 i = 0; i < state.open_groups; i++) {
    state.diag.warning({}, "missing --end-group; added as last option");
    InputFile end;
    end.kind = InputFile::Kind::kGroupEnd;
    state.options.inputs.push_back(std::move(end));
  }
}

Unresolved unresolved(const LdState& state) {
  if (!state.report_unresolved) return Unresolved::kIgnore;
  return state.warn_unresolved ? Unresolved::kWarn : Unresolved::kError;
}

// The ld manual, "-Map=mapfile": a directory holds a file named after the output; % stands for the
// output's name, and if it is the last character, .map follows it.
std::string map_path(const Options& options) {
  const std::string& path = options.map_path;
  std::error_code ignored;
  if (const auto percent = path.find('%'); percent != path.npos) {
    const std::string tail = path.substr(percent + 1);
    return path.substr(0, percent) + options.output + (tail.empty() ? ".map" : tail);
  }
  if (path.empty() || path == "-" || !std::filesystem::is_directory(path, ignored)) return path;
  const auto name = std::filesystem::path(options.output).filename().string() + ".map";
  return (std::filesystem::path(path) / name).string();
}

void check_relocatable(const Options& options, Diag& diag) {
  if (options.gc_sections() && !options.entry && options.undefined.empty())
    diag.error({}, "with -r, --gc-sections needs a symbol to keep; name it with -e or -u");
  if (options.format != OutputFormat::kElf)
    diag.error({}, "with -r, only ELF can be written; leave out --oformat");
}

void settle_relocatable(LdState& state) {
  Options& options = state.options;
  if (!options.relocatable) {
    if (state.no_define_common)
      state.diag.error({},
                       "option '--no-define-common' leaves common symbols without an address; "
                       "use it only with -r");
    return;
  }
  // Every global symbol is needed later (the ld manual, "--relocatable"), so -s is -S -x.
  if (options.strip == Strip::kAll) {
    options.strip = Strip::kDebug;
    if (options.discard == Discard::kMergedTemporaries) options.discard = Discard::kLocals;
  }
  if (state.no_define_common) options.force_common = false;
  options.check_sections = false;
  check_relocatable(options, state.diag);
}

// DESIGN: a sealed image has no undefined symbol and no relocation.
void check_sealed(const Options& options, Diag& diag) {
  if (!options.seal) return;
  if (options.relocatable)
    diag.error({}, "the output of -r has relocations and cannot be sealed; leave out -r");
  if (options.emit_relocations)
    diag.error({}, "the output of -q has relocations and cannot be sealed; leave out -q");
  if (options.unresolved != Unresolved::kError || !options.ignored_unresolved.empty())
    diag.error({},
               "a sealed image has no undefined symbols; leave out --unresolved-symbols, "
               "--warn-unresolved-symbols, --ignore-unresolved-symbol and -z undefs");
}

void settle(LdState& state) {
  Options& options = state.options;
  add_default_paths(state, options);
  for (std::string& path : options.library_paths) path = with_sysroot(path, options.sysroot);
  add_default_script(state, options);
  close_groups(state);
  options.unresolved = unresolved(state);
  if (state.target2) options.target2 = *state.target2;
  options.map_path = map_path(options);
  if (options.output.empty()) state.diag.error({}, "the name of the output file is empty");
  settle_relocatable(state);
  check_sealed(options, state.diag);
  if (options.fatal_warnings) state.diag.make_warnings_fatal();
}

bool has_input(const Options& options) {
  for (const InputFile& input : options.inputs)
    if (input.kind == InputFile::Kind::kFile || input.kind == InputFile::Kind::kLibrary)
      return true;
  return has_script_file(options);  // It may name inputs.
}

// Is there something to link? -v alone and the like are content without.
bool wants_link(const LdState& state, u64 words) {
  if (state.stop || (state.version_printed && words == 1)) return false;
  if (has_input(state.options)) return true;
  if (!state.informed && state.diag.errors() == 0) state.diag.error({}, "no input files");
  return false;
}

}  // namespace

std::string with_sysroot(const std::string& path, const std::string& sysroot) {
  constexpr std::string_view kVariable = "$SYSROOT";
  if (path.starts_with('=')) return sysroot + path.substr(1);
  if (path.starts_with(kVariable)) return sysroot + path.substr(kVariable.size());
  return path;
}

LdCommandLine parse_ld_command_line(const std::vector<std::string>& arguments,
                                    const ReadText& read_text, Diag& diag) {
  const std::vector<std::string> words = expand_response_files(arguments, read_text, diag);
  return interpret_options(scan_options(words, ld_option_table(), diag), read_text, diag);
}

LdCommandLine interpret_options(const std::vector<ScannedOption>& scanned,
                                const ReadText& read_text, Diag& diag) {
  LdCommandLine line;
  // What collect2 says to its linker, when it will demangle the messages itself.
  line.options.demangle = std::getenv("COLLECT_NO_DEMANGLE") == nullptr;
  apply_configurations(scanned, read_text, line.options, diag);
  LdState state(line.options, diag);
  apply(scanned, state);
  if (!state.stop) settle(state);
  line.link = wants_link(state, scanned.size());
  line.text = std::move(state.text);
  line.print_script = state.verbose && !state.stop;
  return line;
}

}  // namespace fwseal
