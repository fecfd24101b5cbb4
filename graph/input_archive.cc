// Archives among the inputs, and loading their members.
#include <algorithm>

#include "graph/input_reader.h"

namespace fwseal {
namespace {

// Would this symbol, in an archive member, replace a common one? A function would not, nor would
// another common symbol (GNU ld 2.40, by its behaviour).
bool is_data_definition(const ElfSymbol& symbol) {
  constexpr u8 kThumbFunction = STT_LOPROC;  // of before the EABI
  const bool function =
      symbol.type == STT_FUNC || symbol.type == STT_GNU_IFUNC || symbol.type == kThumbFunction;
  const bool global = symbol.binding == STB_GLOBAL || symbol.binding >= STB_LOOS;
  return global && !function && symbol.section != SHN_UNDEF && symbol.section != SHN_COMMON;
}

}  // namespace

const Archive& InputReader::archive_of(const Source& source) {
  const Archive*& archive = archives_[source.bytes.data()];
  if (archive == nullptr) archive = &inputs_.archives.emplace_back(source.bytes);
  return *archive;
}

// The member of a thin archive is a file, named relative to the archive.
Bytes InputReader::member_bytes(const ArchiveUse& use, const ArchiveMember& member) {
  if (!use.archive->is_thin()) return member.contents;
  std::string path(member.name);
  if (!path.starts_with('/'))
    path.insert(0, use.path.substr(0, use.path.rfind('/') + 1));  // npos + 1 is 0
  try {
    return inputs_.files.map(path);
  } catch (const BadInput& bad) {
    throw BadInput(cat("cannot read ", path, ": ", bad.what()));
  }
}

// An archive without index is searched through one that we make, as ranlib would.
std::vector<ArchiveSymbol> InputReader::make_index(const ArchiveUse& use) {
  std::vector<ArchiveSymbol> result;
  for (const ArchiveMember& member : use.archive->members()) {
    try {
      const Bytes bytes = member_bytes(use, member);
      if (!is_object(bytes)) continue;
      const Object object = read_symbols(bytes, options_.machine);
      for (u32 i = object.first_global; i < object.symbol_count; i++) {
        const ElfSymbol symbol = object.symbol(i);
        if (symbol.section != SHN_UNDEF) result.push_back({symbol.name, member.header_offset});
      }
    } catch (const BadInput& bad) {
      diag_.warning({use.path, member.name, {}, 0, 0}, cat(bad.what(), "; member left out"));
    }
  }
  return result;
}

void InputReader::search(u32 archive) {
  search_.begin(archive, merge_);
  while (const auto candidate = search_.next(merge_)) {
    ArchiveUse& use = uses_[archive];
    const bool common = symbols_[candidate->symbol].state == SymbolState::kCommon;
    if (common && !defines_data(use, *candidate)) continue;
    search_.set_loaded(*candidate);
    try {
      const ArchiveMember member = use.archive->member_at(candidate->header_offset);
      use.loaded += member.contents.size();
      // Only an index can lead into the middle of a member.
      if (use.loaded > use.size) throw BadInput("archive index names members that share bytes");
      load_member(use, member, candidate->symbol);
    } catch (const BadInput& bad) {
      diag_.error({use.path, {}, {}, 0, 0}, bad.what());
    }
  }
}

bool InputReader::defines_data(ArchiveUse& use, const ArchiveSearch::Candidate& candidate) {
  const auto [known, added] = use.data.try_emplace(candidate.header_offset);
  std::vector<SymbolId>& names = known->second;
  if (added) {
    try {
      const ArchiveMember member = use.archive->member_at(candidate.header_offset);
      use.read += member.contents.size();
      if (use.read > use.size) return false;
      const Object object = read_symbols(member_bytes(use, member), options_.machine);
      for (u32 i = object.first_global; i < object.symbol_count; i++)
        if (const ElfSymbol symbol = object.symbol(i); is_data_definition(symbol))
          names.push_back(symbols_.find(symbol.name));
    } catch (const BadInput&) {
      // Whoever needs the member will be told; a common symbol does not.
    }
    std::ranges::sort(names);
  }
  return std::ranges::binary_search(names, candidate.symbol);
}

// --whole-archive
void InputReader::load_all(const ArchiveUse& use) {
  for (const ArchiveMember& member : use.archive->members()) load_member(use, member, kNoSymbol);
}

void InputReader::load_member(const ArchiveUse& use, const ArchiveMember& member, SymbolId symbol) {
  Object like;
  like.file = use.path;
  like.member = member.name;
  const Bytes bytes = member_bytes(use, member);
  if (!is_object(bytes)) return diag_.error(like.location(), "member in archive is not an object");
  ObjectId referrer = kNoObject;
  if (symbol != kNoSymbol) {
    const Symbol& wanted = symbols_[symbol];
    referrer = wanted.first_reference != kNoObject ? wanted.first_reference : wanted.object;
  }
  if (const auto id = load(bytes, std::move(like)))
    symbols_.extractions.push_back({*id, referrer, symbol});
}

}  // namespace fwseal
