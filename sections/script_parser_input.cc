// Reads input section descriptions of a linker script.
//
// Everything between the braces of an output section that is nothing else is a file pattern, so a
// mistake (`x=1;` without blanks, `ALIGN(4);`) easily becomes one. GNU ld then looks for a file of
// that name and fails; we refuse what can only be a mistake.
#include "sections/script_parser_input.h"

#include <algorithm>
#include <array>
#include <utility>

#include "elfio/object.h"

namespace fwseal {
namespace {

constexpr LexMode kW = LexMode::kWild;

struct SortRow {
  std::string_view word;
  SortKey key;
  bool nests;
};
// ld manual, "Input Section Wildcard Patterns": only sorting by name and by alignment nest, in each
// other or in themselves, and only once.
constexpr std::array<SortRow, 5> kSorts = {{
    {"SORT", SortKey::kName, true},
    {"SORT_BY_NAME", SortKey::kName, true},
    {"SORT_BY_ALIGNMENT", SortKey::kAlignment, true},
    {"SORT_BY_INIT_PRIORITY", SortKey::kInitPriority, false},
    {"SORT_NONE", SortKey::kNone, false},
}};

const SortRow* sort_row(const Token& token) {
  const auto* const row = std::find_if(kSorts.begin(), kSorts.end(),
                                       [&](const SortRow& r) { return token.is(r.word); });
  return row == kSorts.end() ? nullptr : row;
}

struct FlagRow {
  std::string_view name;
  u64 flag;
};
// The names that GNU ld 2.40 knows for ELF, and the one of ARM.
constexpr u64 kArmPurecode = 0x2000'0000;  // AAELF32 2023Q3, "Section Attribute Flags"
constexpr std::array<FlagRow, 13> kFlags = {{
    {"SHF_WRITE", SHF_WRITE},
    {"SHF_ALLOC", SHF_ALLOC},
    {"SHF_EXECINSTR", SHF_EXECINSTR},
    {"SHF_MERGE", SHF_MERGE},
    {"SHF_STRINGS", SHF_STRINGS},
    {"SHF_INFO_LINK", SHF_INFO_LINK},
    {"SHF_LINK_ORDER", SHF_LINK_ORDER},
    {"SHF_OS_NONCONFORMING", SHF_OS_NONCONFORMING},
    {"SHF_GROUP", SHF_GROUP},
    {"SHF_TLS", SHF_TLS},
    {"SHF_MASKOS", SHF_MASKOS},
    {"SHF_EXCLUDE", SHF_EXCLUDE},
    {"SHF_ARM_PURECODE", kArmPurecode},
}};

// `INPUT_SECTION_FLAGS(A & !B)`
void read_flags(ScriptCursor& in, InputDescription& description) {
  in.take(kW);
  in.expect(kW, "(", "behind INPUT_SECTION_FLAGS");
  do {
    const Token token = in.peek(kW);
    std::string name = in.expect_name(kW, "a section flag");
    const bool clear = name.starts_with('!');
    if (clear) name.erase(0, 1);
    const auto* const row = std::find_if(kFlags.begin(), kFlags.end(),
                                         [&](const FlagRow& r) { return r.name == name; });
    if (row == kFlags.end()) in.fail_expected(token, "a section flag as SHF_ALLOC");
    (clear ? description.flags_clear : description.flags_set) |= row->flag;
  } while (in.accept(kW, "&"));
  in.expect(kW, ")", "behind the section flags");
}

std::string read_pattern_name(ScriptCursor& in, std::string_view what) {
  in.refuse_keyword(in.peek(kW), kW);
  return in.expect_name(kW, what);
}

// A pattern, with EXCLUDE_FILE before it or without.
std::string read_glob(ScriptCursor& in, std::string_view what, std::vector<std::string>& excluded) {
  if (in.accept(kW, "EXCLUDE_FILE")) {
    in.expect(kW, "(", "behind EXCLUDE_FILE");
    do excluded.push_back(read_pattern_name(in, "a file pattern in EXCLUDE_FILE"));
    while (!in.accept(kW, ")"));
  }
  return read_pattern_name(in, what);
}

SectionPattern read_section_pattern(ScriptCursor& in) {
  SectionPattern pattern;
  u32 open = 0;
  for (const SortRow* outer = nullptr; open < 2; open++) {
    const Token token = in.peek(kW);
    const SortRow* const row = sort_row(token);
    if (row == nullptr) break;
    if (open == 1 && !(row->nests && outer->nests))
      in.fail(token, cat("'", token.text, "' cannot stand in another sort"));
    in.take(kW);
    in.expect(kW, "(", cat("behind ", row->word));
    if (open == 0) pattern.sort = row->key;
    if (open == 1 && row->key != outer->key) pattern.then_by = row->key;
    pattern.sort_is_explicit = true;
    outer = row;
  }
  const Token token = in.peek(kW);
  pattern.glob = read_glob(in, "a section pattern", pattern.excluded_files);
  if (token.kind == TokenKind::kName && pattern.glob.size() > 1 && pattern.glob.ends_with(','))
    in.warn(token, cat("the comma belongs to the section pattern '", pattern.glob,
                       "'; separate patterns with blanks"));
  for (; open > 0; open--) in.expect(kW, ")", "behind the sorted section pattern");
  return pattern;
}

void read_section_list(ScriptCursor& in, std::string_view close, InputDescription& description) {
  in.take(kW);
  // A comma that stands alone is a pattern too; it matches nothing.
  do description.patterns.push_back(read_section_pattern(in));
  while (!in.accept(kW, close));
}

// The file pattern, sorted or not. True if it needs a list of sections behind it.
bool read_file_pattern(ScriptCursor& in, InputDescription& description) {
  const Token token = in.peek(kW);
  if (const SortRow* const row = sort_row(token)) {
    if (row->key != SortKey::kName && row->key != SortKey::kNone)
      in.fail(token, cat("'", token.text, "' cannot sort files"));
    in.take(kW);
    in.expect(kW, "(", cat("behind ", row->word));
    description.sort_files = row->key == SortKey::kName;
    description.file_glob = read_glob(in, "a file pattern", description.excluded_files);
    in.expect(kW, ")", "behind the sorted file pattern");
    return true;
  }
  if (!token.is("EXCLUDE_FILE")) in.refuse_keyword(token);
  if (token.kind == TokenKind::kName && token.text.find('=') != std::string_view::npos &&
      token.text.find_first_of("*?[") == std::string_view::npos)
    in.fail_expected(token, "a statement");
  description.file_glob = read_glob(in, "a statement", description.excluded_files);
  return !description.excluded_files.empty();
}

void read_unkept(ScriptCursor& in, InputDescription& description) {
  if (in.next_is(kW, "INPUT_SECTION_FLAGS")) read_flags(in, description);
  if (in.next_is(kW, "[")) {
    description.file_glob = "*";
    return read_section_list(in, "]", description);
  }
  const bool needs_list = read_file_pattern(in, description);
  if (in.next_is(kW, "("))
    read_section_list(in, ")", description);
  else if (needs_list)
    in.fail_expected(in.peek(kW), "'(' behind the file pattern");
}

}  // namespace

InputDescription read_input_description(ScriptCursor& in) {
  InputDescription description;
  const Token token = in.peek(kW);
  description.place = in.place(token);
  description.keep = in.accept(kW, "KEEP");
  if (description.keep) in.expect(kW, "(", "behind KEEP");
  read_unkept(in, description);
  if (description.keep) in.expect(kW, ")", "behind the description in KEEP");
  return description;
}

}  // namespace fwseal
