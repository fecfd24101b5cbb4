// Reads the text of a linker script: the commands outside of SECTIONS.
//
// The ld manual, chapter "Linker Scripts", is the specification; where it is silent, GNU ld 2.40's
// grammar is. Commands that change nothing for a static firmware are read and forgotten: VERSION,
// TARGET of an ELF format, FORCE_GROUP_ALLOCATION (a final link always does that).
#include "sections/script_parser.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>
#include <vector>

#include "elfio/object.h"
#include "sections/script_cursor.h"
#include "sections/script_parser_expr.h"
#include "sections/script_parser_sections.h"
#include "sections/script_parser_statement.h"

namespace fwseal {
namespace {

constexpr LexMode kS = LexMode::kScript;
constexpr LexMode kE = LexMode::kExpression;
constexpr LexMode kList = LexMode::kList;
constexpr LexMode kInputs = LexMode::kInputs;

struct SegmentTypeRow {
  std::string_view name;
  u32 type;
};
// ld manual, "PHDRS Command", and those which GNU ld knows besides.
constexpr std::array<SegmentTypeRow, 12> kSegmentTypes = {{
    {"PT_NULL", PT_NULL},
    {"PT_LOAD", PT_LOAD},
    {"PT_DYNAMIC", PT_DYNAMIC},
    {"PT_INTERP", PT_INTERP},
    {"PT_NOTE", PT_NOTE},
    {"PT_SHLIB", PT_SHLIB},
    {"PT_PHDR", PT_PHDR},
    {"PT_TLS", PT_TLS},
    {"PT_GNU_EH_FRAME", PT_GNU_EH_FRAME},
    {"PT_GNU_STACK", PT_GNU_STACK},
    {"PT_GNU_RELRO", PT_GNU_RELRO},
    {"PT_GNU_PROPERTY", PT_GNU_PROPERTY},
}};

class CommandReader {
 public:
  CommandReader(ScriptCursor& in, Script& script);

  void read();

 private:
  // A command, and what reads it behind its name.
  struct Row {
    std::string_view word;
    void (*read)(CommandReader& reader, const Token& word);
  };
  static const std::array<Row, 21> kCommands;

  std::string name_of(const Token& word);
  std::vector<std::string> names_of(const Token& word, LexMode mode);
  void check_count(const Token& word, u64 count);
  void inputs(const Token& word, u32 group);
  void ban(const Token& word, bool only_to_first);
  void insert(const Token& word);
  void output_format(const Token& word);
  void region();
  std::string region_attributes();
  void region_alias(const Token& word);
  void region_part(std::initializer_list<std::string_view> words, ExprPtr& value);
  void segment();
  ExprPtr segment_type();
  void segment_qualifier(SegmentDescription& segment);
  void startup(const Token& word);
  void target(const Token& word);
  void feature(const Token& word);
  void version(const Token& word);

  ScriptCursor& in_;
  Script& script_;
  u32 next_overlay_ = 1;
  u32 next_group_ = 1;
  u64 inserts_ = 0;
};

using Reader = CommandReader;
const std::array<Reader::Row, 21> Reader::kCommands = {{
    {"EXTERN",
     [](Reader& r, const Token& w) {
       for (std::string& name : r.names_of(w, kE)) r.script_.externs.push_back(std::move(name));
     }},
    {"FORCE_COMMON_ALLOCATION",
     [](Reader& r, const Token&) { r.script_.force_common_allocation = true; }},
    {"FORCE_GROUP_ALLOCATION", [](Reader&, const Token&) {}},
    {"GROUP", [](Reader& r, const Token& w) { r.inputs(w, r.next_group_++); }},
    {"INHIBIT_COMMON_ALLOCATION",
     [](Reader& r, const Token&) { r.script_.inhibit_common_allocation = true; }},
    {"INPUT", [](Reader& r, const Token& w) { r.inputs(w, 0); }},
    {"INSERT", [](Reader& r, const Token& w) { r.insert(w); }},
    {"LD_FEATURE", [](Reader& r, const Token& w) { r.feature(w); }},
    {"MEMORY", [](Reader& r, const Token&) { r.in_.read_block(kS, [&r] { r.region(); }); }},
    {"NOCROSSREFS",
     [](Reader& r, const Token& w) { r.ban(w, false); }},
    {"NOCROSSREFS_TO",
     [](Reader& r, const Token& w) { r.ban(w, true); }},
    {"OUTPUT",
     [](Reader& r, const Token& w) {
       std::string name = r.name_of(w);
       if (!r.script_.output) r.script_.output = std::move(name);  // As GNU ld: the first counts.
     }},
    {"OUTPUT_ARCH", [](Reader& r, const Token& w) { r.script_.output_arch = r.name_of(w); }},
    {"OUTPUT_FORMAT", [](Reader& r, const Token& w) { r.output_format(w); }},
    {"PHDRS",
     [](Reader& r, const Token&) {
       r.script_.has_segments = true;
       r.in_.read_block(kS, [&r] { r.segment(); });
     }},
    {"REGION_ALIAS", [](Reader& r, const Token& w) { r.region_alias(w); }},
    {"SEARCH_DIR",
     [](Reader& r, const Token& w) { r.script_.search_dirs.push_back(r.name_of(w)); }},
    {"SECTIONS", [](Reader& r, const Token&) { read_sections(r.in_, r.script_, r.next_overlay_); }},
    {"STARTUP", [](Reader& r, const Token& w) { r.startup(w); }},
    {"TARGET", [](Reader& r, const Token& w) { r.target(w); }},
    {"VERSION", [](Reader& r, const Token& w) { r.version(w); }},
}};

// A script may be read behind others; numbers go on behind theirs.
CommandReader::CommandReader(ScriptCursor& in, Script& script) : in_(in), script_(script) {
  for (const Statement& statement : script.statements)
    if (const auto* const section = std::get_if<OutputDescription>(&statement))
      next_overlay_ = std::max(next_overlay_, section->overlay + 1);
  for (const ScriptInput& input : script.inputs)
    next_group_ = std::max(next_group_, input.group + 1);
}

void CommandReader::read() {
  if (read_entry(in_, script_) || read_common(in_, kS, script_.statements)) return;
  const Token word = in_.peek(kS);
  const auto* const row = std::find_if(kCommands.begin(), kCommands.end(),
                                       [&](const Row& r) { return word.is(r.word); });
  if (row == kCommands.end()) {
    in_.refuse_keyword(word, kS);
    in_.fail_expected(word, "a command or an assignment");
  }
  in_.take(kS);
  row->read(*this, word);
}

// `(name)`
std::string CommandReader::name_of(const Token& word) {
  in_.expect(kList, "(", cat("behind ", word.text));
  std::string name = in_.expect_name(kList, cat("a name in ", word.text));
  in_.expect(kList, ")", cat("behind the name in ", word.text));
  return name;
}

// `(name name, name)`
std::vector<std::string> CommandReader::names_of(const Token& word, LexMode mode) {
  std::vector<std::string> names;
  in_.expect(mode, "(", cat("behind ", word.text));
  while (!in_.accept(mode, ")")) {
    names.push_back(in_.expect_name(mode, cat("a name or ')' in ", word.text)));
    in_.accept(mode, ",");
  }
  return names;
}

// `(file, file AS_NEEDED(file) -lname)`. In a static link AS_NEEDED means nothing: an archive is
// read as needed anyway.
void CommandReader::inputs(const Token& word, u32 group) {
  in_.expect(kInputs, "(", cat("behind ", word.text));
  for (u64 open = 1; open > 0;) {
    const Token token = in_.peek(kInputs);
    if (in_.accept(kInputs, ")")) {
      open--;
    } else if (in_.accept(kInputs, "AS_NEEDED")) {
      in_.expect(kInputs, "(", "behind AS_NEEDED");
      open++;
    } else if (!in_.accept(kInputs, ",")) {
      if (token.kind == TokenKind::kName && token.text.starts_with('-') &&
          (!token.text.starts_with("-l") || token.text.size() == 2))
        in_.fail_expected(token, "a file or -lNAME");
      script_.inputs.push_back({in_.expect_name(kInputs, cat("a file or ')' in ", word.text)),
                                group != 0, group, in_.place(token)});
    }
  }
}

// Each of these takes time that grows with the script or with the program.
void CommandReader::check_count(const Token& word, u64 count) {
  constexpr u64 kMost = 256;
  if (count == kMost) in_.fail(word, cat("more than ", kMost, " commands ", word.text));
}

void CommandReader::ban(const Token& word, bool only_to_first) {
  check_count(word, script_.bans.size());
  script_.bans.push_back({only_to_first, names_of(word, kList), in_.place(word)});
}

void CommandReader::insert(const Token& word) {
  check_count(word, inserts_);
  inserts_++;
  const Token token = in_.peek(kS);
  if (!token.is("AFTER") && !token.is("BEFORE")) in_.fail_expected(token, "AFTER or BEFORE");
  in_.take(kS);
  script_.statements.push_back(
      Insert{token.is("AFTER"), in_.expect_name(kS, "an output section"), in_.place(token)});
}

// One format, or those for the default, -EB and -EL. As GNU ld: the first command counts.
void CommandReader::output_format(const Token& word) {
  in_.expect(kList, "(", "behind OUTPUT_FORMAT");
  std::string format = in_.expect_name(kList, "a format in OUTPUT_FORMAT");
  if (in_.accept(kList, ",")) {
    in_.expect_name(kList, "the big-endian format in OUTPUT_FORMAT");
    in_.expect(kList, ",", "behind the big-endian format");
    in_.expect_name(kList, "the little-endian format in OUTPUT_FORMAT");
  }
  in_.expect(kList, ")", cat("behind the formats of ", word.text));
  if (!script_.output_format) script_.output_format = std::move(format);
}

// `name (attributes) : ORIGIN = origin, LENGTH = length`
void CommandReader::region() {
  // Which sections are in it is asked of each region.
  constexpr u64 kMostRegions = 1024;
  MemoryRegion region;
  const Token name = in_.peek(kS);
  if (script_.regions.size() == kMostRegions)
    in_.fail(name, cat("MEMORY describes more than ", kMostRegions, " regions"));
  region.place = in_.place(name);
  region.name = in_.expect_name(kS, "a memory region or '}'");
  if (in_.accept(kS, "(")) region.attributes = region_attributes();
  if (!in_.next_is(kS, ":"))
    in_.fail_expected(in_.peek(kS), cat("':' behind the memory region ", describe(name)));
  in_.take(kS);
  region_part({"ORIGIN", "org", "o"}, region.origin);
  in_.accept(kList, ",");
  region_part({"LENGTH", "len", "l"}, region.length);
  in_.accept(kList, ",");
  script_.regions.push_back(std::move(region));
}

// Those that must be there, then '!' and those that must not.
std::string CommandReader::region_attributes() {
  std::string wanted;
  std::string unwanted;
  while (!in_.accept(kS, ")")) {
    bool inverted = in_.accept(kS, "!");
    const Token token = in_.peek(kS);
    for (const char c : in_.expect_name(kS, "attributes of a memory region")) {
      // Only a name in quotes can hold one. "reverses the sense of any of the attributes that
      // follow": ldlang.c, lang_set_flags.
      if (c == '!')
        inverted = !inverted;
      else if (std::string_view("AaRrWwXxLlIi").find(c) == std::string_view::npos)
        in_.fail(token, cat("unknown attribute of a memory region in ", describe(token),
                            "; those known are r w x a i l !"));
      else
        (inverted ? unwanted : wanted) += c;
    }
  }
  return unwanted.empty() ? wanted : wanted + "!" + unwanted;
}

void CommandReader::region_part(std::initializer_list<std::string_view> words, ExprPtr& value) {
  const Token token = in_.peek(kS);
  if (std::none_of(words.begin(), words.end(), [&](std::string_view w) { return token.is(w); }))
    in_.fail_expected(token, cat("'", *words.begin(), " ='"));
  in_.take(kS);
  in_.expect(kS, "=", cat("behind ", token.text));
  value = read_expression(in_);
}

void CommandReader::region_alias(const Token& word) {
  in_.expect(kList, "(", "behind REGION_ALIAS");
  RegionAlias alias{in_.expect_name(kList, "an alias in REGION_ALIAS"), {}, in_.place(word)};
  in_.expect(kList, ",", "behind the alias");
  alias.region = in_.expect_name(kList, "a memory region in REGION_ALIAS");
  in_.expect(kList, ")", "behind the memory region");
  script_.aliases.push_back(std::move(alias));
}

// `name type FILEHDR PHDRS AT(address) FLAGS(flags);`
void CommandReader::segment() {
  // Each can hold every section, and names are looked up among all.
  constexpr u64 kMostSegments = 256;
  SegmentDescription segment;
  const Token first = in_.peek(kS);
  segment.place = in_.place(first);
  if (script_.segments.size() == kMostSegments)
    in_.fail(first, cat("PHDRS describes more than ", kMostSegments, " segments"));
  segment.name = in_.expect_name(kS, "a segment or '}'");
  segment.type = segment_type();
  while (!in_.accept(kE, ";")) segment_qualifier(segment);
  script_.segments.push_back(std::move(segment));
}

ExprPtr CommandReader::segment_type() {
  const Token token = in_.peek(kE);
  ExprPtr type = read_expression(in_);
  if (type->kind != ExprKind::kName) return type;
  const auto* const row =
      std::find_if(kSegmentTypes.begin(), kSegmentTypes.end(),
                   [&](const SegmentTypeRow& r) { return r.name == type->name; });
  if (row == kSegmentTypes.end()) in_.fail_expected(token, "a number or a segment type as PT_LOAD");
  return number_expr(row->type, type->place);
}

void CommandReader::segment_qualifier(SegmentDescription& segment) {
  const Token token = in_.peek(kE);
  if (in_.accept(kE, "FILEHDR"))
    segment.includes_file_header = true;
  else if (in_.accept(kE, "PHDRS"))
    segment.includes_program_headers = true;
  else if (in_.accept(kE, "AT"))
    segment.load_address = read_parenthesised(in_, "AT");
  else if (in_.accept(kE, "FLAGS"))
    segment.flags = read_parenthesised(in_, "FLAGS");
  else
    in_.fail_expected(
        token, cat("FILEHDR, PHDRS, AT, FLAGS or ';' behind the segment '", segment.name, "'"));
}

void CommandReader::startup(const Token& word) {
  std::string name = name_of(word);
  if (script_.startup) in_.fail(word, cat("second STARTUP file '", name, "'"));
  script_.startup = std::move(name);
}

// Input files say themselves what they are; only formats that cannot are worth a refusal.
void CommandReader::target(const Token& word) {
  const std::string name = name_of(word);
  if (name != "default" && !name.starts_with("elf"))
    in_.fail(word, cat("TARGET '", name, "' is not supported; input files are ELF"));
}

// GNU ld knows one feature, and its name in any case.
void CommandReader::feature(const Token& word) {
  std::string name = name_of(word);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  if (name != "SANE_EXPR") in_.fail(word, cat("unknown feature '", name, "'"));
  script_.sane_expressions = true;
}

// Symbol versions are for dynamic linking; only the braces are looked at.
void CommandReader::version(const Token& word) {
  in_.expect(kE, "{", cat("behind ", word.text));
  for (u64 open = 1; open > 0;) {
    const Token token = in_.take(kE);
    if (token.kind == TokenKind::kEnd) in_.fail_expected(token, "'}' behind the versions");
    if (token.is("{")) open++;
    if (token.is("}")) open--;
  }
}

}  // namespace

void parse_script(std::string_view path, std::string_view text, const FindInclude& find_include,
                  Arena& arena, Script& script, Diag& diag) {
  // The tree takes up to seventy times as much.
  constexpr u64 kMaxBytes = u64{1} << 24;
  if (text.size() > kMaxBytes)
    return diag.error({path, {}, {}, 0, 0}, cat("linker script of ", text.size(),
                                                " bytes is longer than ", kMaxBytes));
  ScriptCursor in(arena.keep(std::string(path)), text, find_include, diag);
  CommandReader reader(in, script);
  const auto read_one = [&] {
    if (!in.read_include(kS, [&] { reader.read(); })) reader.read();
  };
  in.read_list(kS, ScriptCursor::Until::kEndOfFile, read_one);
}

ExprPtr parse_expression(std::string_view path, std::string_view text, Diag& diag) {
  const FindInclude no_include;
  ScriptCursor in(path, text, no_include, diag);
  try {
    ExprPtr expr = read_expression(in);
    const Token rest = in.peek(kE);
    if (rest.kind != TokenKind::kEnd) in.fail_expected(rest, "an operator");
    return expr;
  } catch (const ScriptFault& fault) {
    in.report(fault);
    return nullptr;
  }
}

}  // namespace fwseal
