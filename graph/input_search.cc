// Where input files are found.
#include <algorithm>

#include "graph/input_reader.h"

namespace fwseal {
namespace {

std::string_view directory_of(std::string_view path) {
  const u64 slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash + 1);
}

std::string joined(const std::vector<std::string>& names) {
  std::string result;
  for (const std::string& name : names) result += cat(result.empty() ? "" : ", ", name);
  return result;
}

}  // namespace

// The file at a path, or nothing if there is none.
std::optional<InputReader::Source> InputReader::source(const std::string& path) {
  const std::optional<Bytes> bytes = inputs_.files.map_if_exists(path);
  if (!bytes) return std::nullopt;
  return Source{*bytes, inputs_.arena.keep(path)};
}

// Says what is wrong if there is nothing to read.
std::optional<InputReader::Source> InputReader::find(const InputFile& file) {
  if (file.kind == InputFile::Kind::kLibrary) {
    std::optional<Source> found = find_library(file.name);
    if (!found) report_missing(file.name);
    return found;
  }
  try {
    std::optional<Source> found = find_file(file.name);
    if (!found) diag_.error({}, cat("cannot find ", file.name, ": No such file or directory"));
    return found;
  } catch (const BadInput& bad) {
    diag_.error({}, cat("cannot read ", file.name, ": ", bad.what()));
    return std::nullopt;
  }
}

// Of the command line: the path as it is. What a script names is looked for beside the script
// first, and last where libraries are (ld manual, "File Commands", INPUT).
std::optional<InputReader::Source> InputReader::find_file(const std::string& name) {
  if (open_scripts_.empty() || name.starts_with('/')) return source(name);
  const std::string_view beside = directory_of(open_scripts_.back());
  if (!beside.empty())
    if (auto found = source(cat(beside, name))) return found;
  if (auto found = source(name)) return found;
  for (const std::string& directory : options_.library_paths)
    if (auto found = source(cat(directory, "/", name))) return found;
  return std::nullopt;
}

// -lNAME is libNAME.a, -l:NAME is NAME. What is for another machine is passed over, as a directory
// of the host's libraries may be among those that are searched.
std::optional<InputReader::Source> InputReader::find_library(const std::string& name) {
  for (const std::string& directory : options_.library_paths) {
    const bool whole = name.size() > 1 && name.starts_with(':');
    const std::string path =
        whole ? cat(directory, "/", name.substr(1)) : cat(directory, "/lib", name, ".a");
    try {
      const std::optional<Source> found = source(path);
      if (!found) continue;
      if (fits(*found)) return found;
      diag_.warning({}, cat("skipping incompatible ", path, " when searching for -l", name));
    } catch (const BadInput&) {  // a directory, or a file that nobody may read
      continue;
    }
  }
  return std::nullopt;
}

// Is the file, or the first member of the archive, for our machine? If that cannot be told, then
// reading it will.
bool InputReader::fits(const Source& source) {
  Bytes bytes = source.bytes;
  try {
    if (is_archive(bytes)) {
      const Archive& archive = archive_of(source);
      const std::optional<ArchiveMember> first = archive.first();
      bytes = first ? first->contents : Bytes();
    }
  } catch (const BadInput&) {
    return true;
  }
  const std::optional<u16> machine = machine_of(bytes);
  return !machine || *machine == options_.machine.machine;
}

void InputReader::report_missing(const std::string& name) {
  if (options_.library_paths.empty())
    return diag_.error({}, cat("cannot find -l", name, ": no directory is named by -L"));
  diag_.error({}, cat("cannot find -l", name, " in ", joined(options_.library_paths)));
  for (const std::string& directory : options_.library_paths) {
    const std::string path = cat(directory, "/", name, ".a");
    try {
      if (!inputs_.files.map_if_exists(path)) continue;
    } catch (const BadInput&) {
      continue;
    }
    return diag_.note(
        {}, cat("to link with ", path, " use -l:", name, ".a or rename it to lib", name, ".a"));
  }
}

}  // namespace fwseal
