// Reading the inputs, in the order in which GNU ld reads them.
#include "graph/input_reader.h"

#include <algorithm>

#include "graph/binary_input.h"
#include "graph/memory_hints.h"

namespace fwseal {
InputReader::InputReader(const ResolveOptions& options, const ReadInputScript& read_script,
                         Inputs& inputs, Symbols& symbols, Diag& diag)
    : options_(options),
      read_script_(read_script),
      inputs_(inputs),
      symbols_(symbols),
      diag_(diag),
      merge_(inputs, symbols, options, diag) {}

void InputReader::read(const std::vector<InputFile>& files) {
  std::vector<Statement> list = statements(files);
  for (Statement& statement : list) visit(statement);
}

// Puts what stands in a group into its statement.
std::vector<InputReader::Statement> InputReader::statements(const std::vector<InputFile>& files) {
  using Kind = InputFile::Kind;
  constexpr u64 kMaxDepth = 100;
  std::vector<std::vector<Statement>> open(1);  // the lists being filled, the innermost last
  const auto close_group = [&] {
    Statement group;
    group.state = Statement::State::kList;
    group.inner = std::move(open.back());
    open.pop_back();
    open.back().push_back(std::move(group));
  };
  for (const InputFile& file : files) {
    if (file.kind == Kind::kGroupStart) {
      open.emplace_back();
      if (open.size() > kMaxDepth) {
        diag_.error({}, cat("more than ", kMaxDepth, " groups inside each other"));
        return {};
      }
    } else if (file.kind != Kind::kGroupEnd) {
      Statement statement;
      statement.file = &file;
      open.back().push_back(std::move(statement));
    } else if (open.size() > 1) {
      close_group();
    } else {
      diag_.error({}, "group ended before it began (--help for usage)");
    }
  }
  if (open.size() > 1) diag_.warning({}, "missing --end-group; added as last command line option");
  while (open.size() > 1) close_group();
  return std::move(open.back());
}

void InputReader::visit(Statement& statement) {
  switch (statement.state) {
    case Statement::State::kUnread:
      return open(statement);
    case Statement::State::kArchive:
      return search(statement.archive);
    case Statement::State::kList:
      return visit_group(statement);
    case Statement::State::kDone:
      return;
  }
}

// What a script named is no group of its own, but is visited again within one.
void InputReader::visit_group(Statement& statement) {
  const bool repeats = statement.file == nullptr;
  u64 before = 0;
  do {
    before = merge_.demands();
    for (Statement& inner : statement.inner) visit(inner);
  } while (repeats && merge_.demands() != before);
}

void InputReader::open(Statement& statement) {
  const InputFile& file = *statement.file;
  statement.state = Statement::State::kDone;
  if (file.kind == InputFile::Kind::kDefine) return merge_.define_by_script(file.name, false);
  if (file.kind == InputFile::Kind::kProvide) return merge_.define_by_script(file.name, true);

  const std::optional<Source> source = find(file);
  if (!source) return;
  if (options_.trace_files) diag_.note({}, source->path);
  reserve_sections(source->bytes.size());
  Object like;
  like.file = source->path;
  like.symbols_only = file.symbols_only;
  if (file.binary)
    add_object(binary_object(source->bytes, file.name, std::move(like), inputs_));
  else if (is_object(source->bytes) || file.symbols_only)
    load(source->bytes, std::move(like));
  else if (is_archive(source->bytes))
    open_archive(statement, *source);
  else
    open_script(statement, *source);
}

void InputReader::open_archive(Statement& statement, const Source& source) {
  try {
    const ArchiveUse use{&archive_of(source), source.path, {},
                         source.bytes.size()};
    if (statement.file->whole_archive) return load_all(use);
    if (use.archive->has_index())
      search_.add(use.archive->symbols(), symbols_);
    else
      search_.add(make_index(use), symbols_);
    uses_.push_back(use);
  } catch (const BadInput& bad) {
    return diag_.error({source.path, {}, {}, 0, 0}, bad.what());
  }
  statement.state = Statement::State::kArchive;
  statement.archive = static_cast<u32>(uses_.size() - 1);
  search(statement.archive);
}

// A file that is neither object nor archive is a linker script. What it names is read at its place.
void InputReader::open_script(Statement& statement, const Source& source) {
  constexpr u64 kMaxScripts = 1000;  // named as inputs; more can only be scripts that name another
  const Location where{source.path, {}, {}, 0, 0};
  if (std::ranges::find(open_scripts_, source.path) != open_scripts_.end())
    return diag_.error(where, "linker script names itself as an input");
  if (script_files_.size() == kMaxScripts)
    return diag_.error(
        where, cat("is one more linker script than the ", kMaxScripts, " that may be inputs"));
  script_files_.push_back(read_script_(source.path, source.bytes, diag_));
  open_scripts_.push_back(source.path);
  statement.inner = statements(script_files_.back());
  statement.state = Statement::State::kList;
  visit_group(statement);
  open_scripts_.pop_back();
}

// Reads an object into the place that `like` describes.
std::optional<ObjectId> InputReader::load(Bytes bytes, Object like) {
  const ObjectId id{static_cast<u32>(inputs_.objects.size())};
  try {
    Object object = like.symbols_only
                        ? read_symbols(bytes, options_.machine)
                        : read_object(bytes, options_.machine, id, inputs_.sections, inputs_.arena);
    object.file = like.file;
    object.member = like.member;
    if (like.symbols_only)
      object.first_section = SectionId{static_cast<u32>(inputs_.sections.size())};
    add_object(std::move(object));
    return id;
  } catch (const BadInput& bad) {
    diag_.error(like.location(), bad.what());
    return std::nullopt;
  }
}

void InputReader::add_object(Object object) {
  const ObjectId id{static_cast<u32>(inputs_.objects.size())};
  inputs_.objects.push_back(std::move(object));
  merge_.add_object(id, comdats_.add_object(inputs_, id));
  note_warnings(inputs_.objects.back());
}

// A section .gnu.warning.f holds what to tell those who refer to f (GNU C; newlib's system calls
// that always fail say so).
void InputReader::note_warnings(const Object& object) {
  constexpr std::string_view kPrefix = ".gnu.warning.";
  for (u32 i = 1; i < object.section_count; i++) {
    const InputSection& section = inputs_[object.section(i)];
    if (section.excluded && section.type == SHT_PROGBITS && section.name.starts_with(kPrefix))
      warnings_.push_back({section.name.substr(kPrefix.size()), section.contents});
  }
}

void InputReader::warn_users() const {
  for (const Warning& warning : warnings_) {
    const SymbolId id = symbols_.find(warning.symbol);
    if (id == kNoSymbol || symbols_[id].first_reference == kNoObject) continue;
    const std::string_view text = warning.text.text();
    diag_.warning(inputs_.objects[index(symbols_[id].first_reference)].location(),
                  text.substr(0, text.find('\0')));
  }
}

// One section takes at least its header of the file, and usually as much again for its name,
// symbols and contents. Memory that is reserved and not used costs nothing; a vector that grows
// costs a copy. But a file that only seems large, having holes, must not ask for more than there is.
void InputReader::reserve_sections(u64 file_size) {
  constexpr u64 kBytesPerSection = 96;
  constexpr u64 kMostSections = u64{1} << 20;
  reserve_more(inputs_.sections, std::min(file_size / kBytesPerSection, kMostSections));
}

}  // namespace fwseal
