// Reads the inputs in the order of the command line: files, libraries, groups, scripts.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "graph/archive_search.h"
#include "graph/comdat.h"
#include "graph/symbol_merge.h"

namespace fwseal {

class InputReader {
 public:
  InputReader(const ResolveOptions& options, const ReadInputScript& read_script, Inputs& inputs,
              Symbols& symbols, Diag& diag);

  void read(const std::vector<InputFile>& files);
  // After the last file: what objects say to those who use a name of theirs (.gnu.warning.NAME).
  void warn_users() const;
  SymbolMerge& merge() { return merge_; }

 private:
  // An input and what became of it, as a group may come by again.
  struct Statement {
    enum class State : u8 { kUnread, kDone, kArchive, kList };
    const InputFile* file = nullptr;
    State state = State::kUnread;
    u32 archive = 0;               // if kArchive: a number of search_
    std::vector<Statement> inner;  // if kList: of a group, or what a script named
  };
  // A place on the command line that names an archive.
  struct ArchiveUse {
    const Archive* archive = nullptr;
    std::string_view path;
    // What members define in data sections, read when a common symbol first asks.
    std::unordered_map<u64, std::vector<SymbolId>> data;
    // Bytes: of the archive, of the members that were loaded, of those whose data were read. A sound
    // archive holds each member once.
    u64 size = 0;
    u64 loaded = 0;
    u64 read = 0;
  };
  struct Source {
    Bytes bytes;
    std::string_view path;
  };
  struct Warning {
    std::string_view symbol;
    Bytes text;
  };

  std::vector<Statement> statements(const std::vector<InputFile>& files);
  void visit(Statement& statement);
  void visit_group(Statement& statement);
  void open(Statement& statement);
  void open_archive(Statement& statement, const Source& source);
  void open_script(Statement& statement, const Source& source);

  // Where files are: input_search.cc.
  std::optional<Source> find(const InputFile& file);
  std::optional<Source> find_file(const std::string& name);
  std::optional<Source> find_library(const std::string& name);
  std::optional<Source> source(const std::string& path);
  bool fits(const Source& source);
  void report_missing(const std::string& name);

  // Archives and their members: input_archive.cc.
  const Archive& archive_of(const Source& source);
  std::vector<ArchiveSymbol> make_index(const ArchiveUse& use);
  Bytes member_bytes(const ArchiveUse& use, const ArchiveMember& member);
  void search(u32 archive);
  bool defines_data(ArchiveUse& use, const ArchiveSearch::Candidate& candidate);
  void load_all(const ArchiveUse& use);
  void load_member(const ArchiveUse& use, const ArchiveMember& member, SymbolId symbol);

  std::optional<ObjectId> load(Bytes bytes, Object like);
  void add_object(Object object);
  void note_warnings(const Object& object);
  void reserve_sections(u64 file_size);

  const ResolveOptions& options_;
  const ReadInputScript& read_script_;
  Inputs& inputs_;
  Symbols& symbols_;
  Diag& diag_;
  SymbolMerge merge_;
  ComdatTable comdats_;
  ArchiveSearch search_;
  std::vector<ArchiveUse> uses_;                              // by number of search_
  std::unordered_map<const void*, const Archive*> archives_;  // by where they are mapped
  std::deque<std::vector<InputFile>> script_files_;           // what scripts named
  std::vector<std::string_view> open_scripts_;                // being read, the innermost last
  std::vector<Warning> warnings_;
};

}  // namespace fwseal
