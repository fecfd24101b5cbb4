#include "tools/read_inputs.h"

#include <elf.h>

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <unordered_set>

#include "elfio/arm_attributes.h"
#include "sections/default_script.h"
#include "sections/glob.h"
#include "sections/script_parser.h"
#include "tools/ld_options.h"
#include "tools/ocaml_frames.h"

namespace fwseal {
namespace {

// A script by its name: in the current directory, then along -L (ld manual, "INCLUDE" and -T).
std::optional<IncludedScript> find_script(const Options& options, Inputs& inputs,
                                          const std::string& name) {
  std::vector<std::string> candidates{name};
  if (!name.starts_with('/'))
    for (const std::string& directory : options.library_paths)
      candidates.push_back(directory + "/" + name);
  for (const std::string& path : candidates) {
    try {
      if (const auto bytes = inputs.files.map_if_exists(path))
        return IncludedScript{inputs.arena.keep(path), bytes->text()};
    } catch (const BadInput& bad) {
      throw BadInput(cat("cannot read linker script ", path, ": ", bad.what()));
    }
  }
  return std::nullopt;
}

void parse_file(const std::string& name, const Options& options, Inputs& inputs, Script& script,
                Diag& diag) {
  const auto found = find_script(options, inputs, name);
  if (!found) {
    diag.error({}, cat("cannot open linker script file ", name, ": no such file"));
    return;
  }
  const auto include = [&](const std::string& wanted) {
    return find_script(options, inputs, wanted);
  };
  parse_script(found->path, found->text, include, inputs.arena, script, diag);
}

void parse_default(const Options& options, Inputs& inputs, Script& script, Diag& diag) {
  std::string_view text = default_arm_script();
  if (options.relocatable) text = default_relocatable_script();
  else if (options.paging == Paging::kOmagic)
    text = inputs.arena.keep(default_arm_script_without_pages());
  parse_script("default script", text,
               [](const std::string&) { return std::nullopt; }, inputs.arena, script, diag);
}

// --defsym SYMBOL=EXPRESSION: an assignment in front of all others, or where it was given.
void add_defsym(const std::string& text, Inputs& inputs, Script& script, Diag& diag) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    diag.error({}, cat("--defsym ", text, ": expected SYMBOL=EXPRESSION"));
    return;
  }
  Assignment assignment;
  assignment.symbol = text.substr(0, equals);
  assignment.from_command_line = true;
  assignment.value = parse_expression(
      "--defsym", inputs.arena.keep(text.substr(equals + 1)), diag);
  assignment.place = {"--defsym", 0};
  if (assignment.value != nullptr) script.statements.emplace_back(std::move(assignment));
}

InputFile input_named(const std::string& name, const std::string& sysroot) {
  InputFile file;
  const bool is_library = name.starts_with("-l");
  file.kind = is_library ? InputFile::Kind::kLibrary : InputFile::Kind::kFile;
  file.name = is_library ? name.substr(2) : with_sysroot(name, sysroot);
  return file;
}

// INPUT and GROUP, as the command line would say them.
std::vector<InputFile> inputs_named_by(const Script& script, const std::string& sysroot) {
  std::vector<InputFile> files;
  u32 group = 0;
  const auto mark = [&](InputFile::Kind kind) {
    InputFile file;
    file.kind = kind;
    files.push_back(file);
  };
  for (const ScriptInput& input : script.inputs) {
    const u32 next = input.in_group ? input.group : 0;
    if (group != next && group != 0) mark(InputFile::Kind::kGroupEnd);
    if (group != next && next != 0) mark(InputFile::Kind::kGroupStart);
    group = next;
    files.push_back(input_named(input.name, sysroot));
  }
  if (group != 0) mark(InputFile::Kind::kGroupEnd);
  return files;
}

// From here on these names need no archive member.
std::vector<InputFile> names_known_from(const ScriptNames& names) {
  std::vector<InputFile> files;
  const auto add = [&](InputFile::Kind kind, const std::string& name) {
    InputFile file;
    file.kind = kind;
    file.name = name;
    files.push_back(std::move(file));
  };
  for (const std::string& name : names.defined) add(InputFile::Kind::kDefine, name);
  for (const std::string& name : names.provided) add(InputFile::Kind::kProvide, name);
  return files;
}

// The files of the command line, and what scripts and --defsym say, each in its place.
// The files that the patterns of a script name without wildcards.
std::vector<std::string> files_in_patterns(const Script& script) {
  std::vector<std::string> names;
  std::unordered_set<std::string_view> seen;
  for (const Statement& statement : script.statements) {
    const auto* output = std::get_if<OutputDescription>(&statement);
    if (output == nullptr) continue;
    for (const SectionStatement& inner : output->statements) {
      const auto* input = std::get_if<InputDescription>(&inner);
      if (input == nullptr || is_glob(input->file_glob)) continue;
      if (input->file_glob.find(':') != std::string::npos) continue;
      if (seen.insert(input->file_glob).second) names.push_back(input->file_glob);
    }
  }
  return names;
}

// ld manual, "Input Section Basics": a file that a pattern names is read, also if the command line
// does not name it. GNU ld reads it where the script stands, `at`, unless it was read before.
void add_files_in_patterns(const Script& script, u32 at, const std::string& sysroot,
                           std::vector<InputFile>& files) {
  std::unordered_map<std::string, u64> first;  // where each file is named first
  for (u64 i = 0; i < files.size(); i++)
    if (files[i].kind == InputFile::Kind::kFile) first.try_emplace(files[i].name, i);
  std::vector<InputFile> added;
  std::vector<bool> moved(files.size());
  for (const std::string& name : files_in_patterns(script)) {
    const auto same = first.find(name);
    if (same == first.end()) {
      added.push_back(input_named(name, sysroot));
    } else if (same->second >= at) {
      added.push_back(files[same->second]);
      moved[same->second] = true;
    }
  }
  u64 kept = 0;
  for (u64 i = 0; i < files.size(); i++) {
    if (moved[i]) continue;
    if (kept != i) files[kept] = std::move(files[i]);
    kept++;
  }
  files.resize(kept);
  files.insert(files.begin() + std::min<std::ptrdiff_t>(at, std::ssize(files)), added.begin(),
               added.end());
}

std::vector<InputFile> all_inputs(const Options& options, const Script& script) {
  std::vector<InputFile> files = options.inputs;
  const auto insert = [&](u32 at, const std::vector<InputFile>& added) {
    files.insert(files.begin() + std::min<std::ptrdiff_t>(at, std::ssize(files)), added.begin(),
                 added.end());
  };
  // From the back, so that the places stay right. What all -T scripts say counts from the first.
  const ScriptSource* first_file = nullptr;
  for (const ScriptSource& source : options.scripts)
    if (source.kind == ScriptSource::Kind::kFile && first_file == nullptr) first_file = &source;
  for (auto source = options.scripts.rbegin(); source != options.scripts.rend(); ++source) {
    if (source->kind == ScriptSource::Kind::kDefsym) {
      ScriptNames one;
      one.defined.push_back(source->text.substr(0, source->text.find('=')));
      insert(source->inputs_before, names_known_from(one));
    } else if (&*source == first_file) {
      add_files_in_patterns(script, source->inputs_before, options.sysroot, files);
      insert(source->inputs_before, inputs_named_by(script, options.sysroot));
      insert(source->inputs_before, names_known_from(names_defined_by(script)));
    }
  }
  if (script.startup)
    files.insert(files.begin(), input_named(*script.startup, options.sysroot));
  return files;
}

ResolveOptions resolve_options(const Options& options, const Script& script) {
  ResolveOptions resolve;
  resolve.library_paths = options.library_paths;
  if (!options.only_command_line_paths)
    for (const std::string& directory : script.search_dirs)
      resolve.library_paths.push_back(with_sysroot(directory, options.sysroot));
  resolve.undefined = options.undefined;
  // GNU ld asks archives for the entry symbol, but not for the default one that nobody named.
  if (options.entry) resolve.undefined.push_back(*options.entry);
  else if (script.entry) resolve.undefined.push_back(*script.entry);
  resolve.undefined.insert(resolve.undefined.end(), script.externs.begin(), script.externs.end());
  const std::vector<std::string> wanted = names_wanted_by(script);
  resolve.undefined.insert(resolve.undefined.end(), wanted.begin(), wanted.end());
  const ScriptNames names = names_defined_by(script);
  resolve.script_defined = names.defined;
  resolve.script_provided = names.provided;
  resolve.wrapped = options.wrapped;
  resolve.traced = options.traced;
  resolve.allow_multiple_definition = options.allow_multiple_definition;
  resolve.warn_common = options.warn_common;
  resolve.define_common =
      !options.relocatable || options.force_common || script.force_common_allocation;
  resolve.sort_common_descending = options.sort_common == SortCommon::kDescending;
  resolve.sort_common_ascending = options.sort_common == SortCommon::kAscending;
  resolve.trace_files = options.trace_files;
  return resolve;
}

// What speaks to the linker goes on to the next one, except GCC's bytecode: the next linker would
// find that of several objects as one.
void keep_for_next_linker(Inputs& inputs) {
  for (InputSection& section : inputs.sections) {
    const bool speaks = section.has(SHF_EXCLUDE) || section.name == ".note.GNU-stack" ||
                        section.name.starts_with(".gnu.warning.");
    // A member of a group may have been left out for another object's copy.
    if (speaks && !section.has(SHF_GROUP) && !section.name.starts_with(".gnu.lto_"))
      section.excluded = false;
  }
}

}  // namespace

std::optional<BuildIdStyle> build_id_style(const Options& options) {
  switch (options.build_id.style) {
    case BuildId::Style::kNone: return std::nullopt;
    case BuildId::Style::kMd5: return BuildIdStyle{BuildIdStyle::Kind::kMd5, {}};
    case BuildId::Style::kHex: return BuildIdStyle{BuildIdStyle::Kind::kGiven, options.build_id.bytes};
    case BuildId::Style::kFast:  // any digest will do
    case BuildId::Style::kSha1: break;
  }
  return BuildIdStyle{BuildIdStyle::Kind::kSha1, {}};
}

Script read_script(const Options& options, Inputs& inputs, Diag& diag) {
  Script script;
  // A script given with -T takes the place of the default one, unless it only adds to it with
  // INSERT (ld manual, "INSERT").
  bool is_replaced = false;
  const auto inserts = [&] {
    return std::count_if(script.statements.begin(), script.statements.end(),
                         [](const Statement& one) { return std::holds_alternative<Insert>(one); });
  };
  for (const ScriptSource& source : options.scripts) {
    if (source.kind == ScriptSource::Kind::kDefsym) {
      add_defsym(source.text, inputs, script, diag);
      continue;
    }
    const auto before = inserts();
    parse_file(source.text, options, inputs, script, diag);
    is_replaced = is_replaced || inserts() == before;
  }
  if (!is_replaced) parse_default(options, inputs, script, diag);
  return script;
}

Symbols read_files(const Options& options, Script& script, Inputs& inputs, Diag& diag) {
  const auto read_as_script = [&](std::string_view path, Bytes text, Diag& to) {
    Script given;
    const auto include = [&](const std::string& name) {
      return find_script(options, inputs, name);
    };
    parse_script(inputs.arena.keep(std::string(path)), text.text(), include, inputs.arena, given,
                 to);
    if (given.has_sections)
      to.error({path, {}, {}, 0, 0}, "a script with SECTIONS must be given with -T");
    std::vector<InputFile> named = names_known_from(names_defined_by(given));
    for (InputFile& file : inputs_named_by(given, options.sysroot)) named.push_back(std::move(file));
    for (Statement& statement : given.statements)
      script.statements.push_back(std::move(statement));
    return named;
  };
  Symbols symbols = resolve(all_inputs(options, script), resolve_options(options, script),
                            read_as_script, inputs, diag);
  settle_defaults(names_defined_by(script), symbols);
  if (options.relocatable) keep_for_next_linker(inputs);
  return symbols;
}

ArmFeatures merge_attributes(const Options& options, Inputs& inputs, Diag& diag) {
  ArmMergeOptions merge;
  merge.warn_wchar_size = options.warn_wchar_size;
  merge.warn_enum_size = options.warn_enum_size;
  merge.report = options.warn_mismatch;
  ArmAttributesMerger merger(merge);
  SectionId carrier = kNoSection;
  Bytes agreed;  // the attributes of an object about which nothing was said: others can have the same
  for (u32 i = 0; i < inputs.read_sections; i++) {
    InputSection& section = inputs.sections[i];
    if (section.type != SHT_ARM_ATTRIBUTES) continue;
    if (carrier == kNoSection) carrier = SectionId{i};
    else section.excluded = true;
    if (!agreed.empty() && section.contents.text() == agreed.text()) continue;
    const int said = diag.messages();
    try {
      merger.add(read_arm_attributes(section.contents), inputs.object_of(SectionId{i}).location(),
                 diag);
    } catch (const BadInput& fault) {
      diag.error(inputs.location(SectionId{i}), fault.what());
    }
    if (diag.messages() == said) agreed = section.contents;
  }
  if (carrier != kNoSection) {
    InputSection& section = inputs.sections[index(carrier)];
    section.contents = inputs.arena.keep_bytes(merger.bytes());
    section.size = section.contents.size();
  }
  return merger.features();
}

MadeSections make_sections(const Options& options, Inputs& inputs, Symbols& symbols) {
  const ObjectId id{static_cast<u32>(inputs.objects.size())};
  Object object;
  object.file = "linker";
  object.first_section = SectionId{static_cast<u32>(inputs.sections.size())};
  const auto make = [&](std::string_view name, u32 type, std::string contents) {
    InputSection section;
    section.name = name;
    section.type = type;
    section.flags = SHF_ALLOC;
    section.alignment = 4;
    section.contents = inputs.arena.keep_bytes(std::move(contents));
    section.size = section.contents.size();
    section.object = id;
    inputs.sections.push_back(section);
    object.section_count++;
    return SectionId{static_cast<u32>(inputs.sections.size() - 1)};
  };
  MadeSections made;
  made.got = make(".got", SHT_PROGBITS, {});
  if (const auto style = build_id_style(options))
    made.build_id = make(".note.gnu.build-id", SHT_NOTE, build_id_note(*style));
  const SymbolId frametable = symbols.find("caml_frametable");
  if (frametable != kNoSymbol && symbols[frametable].state == SymbolState::kDefined &&
      seals_frames(options)) {
    made.frames = make(kFramesName, SHT_PROGBITS, {});
    made.frame_hash = make(kFrameHashName, SHT_PROGBITS, {});
  }
  inputs.objects.push_back(object);
  symbols.first.push_back(static_cast<u32>(symbols.ids.size()));

  if (options.relocatable) {
    // The table is for the link that knows all of its entries.
    inputs.sections[index(made.got)].excluded = true;
    return made;
  }
  const SymbolId table = symbols.find("_GLOBAL_OFFSET_TABLE_");
  if (table != kNoSymbol && symbols[table].state == SymbolState::kUndefined) {
    symbols[table].state = SymbolState::kDefined;
    symbols[table].object = id;
    symbols[table].section = made.got;
    made.got_is_named = true;
  }
  return made;
}

}  // namespace fwseal
