// Reads the SECTIONS command of a linker script. ld manual, "SECTIONS Command".
//
// An OVERLAY becomes its members, output sections with the same `overlay` number. What the whole
// overlay has (SUBALIGN, regions, segments, fill) is given to every member that does not have its
// own; the address and the load address belong to the first, from which layout derives the others.
// Behind the members come PROVIDEs of __load_start_NAME and __load_stop_NAME, as GNU ld makes them,
// where NAME is the section's name without the characters that C identifiers cannot have.
#include "sections/script_parser_sections.h"

#include <elf.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "sections/script_parser_expr.h"
#include "sections/script_parser_statement.h"

namespace fwseal {
namespace {

constexpr LexMode kS = LexMode::kScript;
constexpr LexMode kE = LexMode::kExpression;
constexpr LexMode kList = LexMode::kList;

struct TypeRow {
  std::string_view word;
  OutputType type;
};
constexpr std::array<TypeRow, 7> kTypes = {{
    {"NOLOAD", OutputType::kNoload},
    {"COPY", OutputType::kCopy},
    {"INFO", OutputType::kInfo},
    {"DSECT", OutputType::kDsect},
    {"OVERLAY", OutputType::kOverlay},
    {"READONLY", OutputType::kReadonly},
    {"TYPE", OutputType::kDefault},
}};

const TypeRow* type_row(const Token& token) {
  const auto* const row = std::find_if(kTypes.begin(), kTypes.end(),
                                       [&](const TypeRow& r) { return token.is(r.word); });
  return row == kTypes.end() ? nullptr : row;
}

struct SectionTypeRow {
  std::string_view name;
  u32 type;
};
// ld manual, "Output Section Type": the names that TYPE= knows.
constexpr std::array<SectionTypeRow, 7> kSectionTypes = {{
    {"SHT_PROGBITS", SHT_PROGBITS},
    {"SHT_STRTAB", SHT_STRTAB},
    {"SHT_NOTE", SHT_NOTE},
    {"SHT_NOBITS", SHT_NOBITS},
    {"SHT_INIT_ARRAY", SHT_INIT_ARRAY},
    {"SHT_FINI_ARRAY", SHT_FINI_ARRAY},
    {"SHT_PREINIT_ARRAY", SHT_PREINIT_ARRAY},
}};

// `= type`, behind TYPE.
ExprPtr read_section_type(ScriptCursor& in) {
  in.expect(kE, "=", "behind TYPE");
  const Token token = in.peek(kE);
  ExprPtr type = read_expression(in);
  if (type->kind != ExprKind::kName) return type;
  const auto* const row =
      std::find_if(kSectionTypes.begin(), kSectionTypes.end(),
                   [&](const SectionTypeRow& r) { return r.name == type->name; });
  if (row == kSectionTypes.end())
    in.fail_expected(token, "a number or a section type as SHT_PROGBITS");
  return number_expr(row->type, type->place);
}

// `(NOLOAD)`, `(READONLY (TYPE = x))`, `()` and so on, if they are next.
void read_output_type(ScriptCursor& in, OutputDescription& section) {
  const ScriptLexer::Mark start = in.mark();
  if (!in.accept(kE, "(") || in.accept(kE, ")")) return;
  const TypeRow* const row = type_row(in.peek(kE));
  if (row == nullptr) return in.rewind(start);
  in.take(kE);
  section.type = row->type;
  if (row->word == "TYPE") section.explicit_type = read_section_type(in);
  if (row->word == "READONLY" && in.accept(kE, "(")) {
    in.expect(kE, "TYPE", "behind READONLY");
    section.explicit_type = read_section_type(in);
    in.expect(kE, ")", "behind the section type");
  }
  in.expect(kE, ")", "behind the output section type");
}

// What stands between the name and the colon.
void read_address(ScriptCursor& in, const Token& name, OutputDescription& section) {
  read_output_type(in, section);
  const Token token = in.peek(kE);
  if (!token.is(":")) {
    if (!token.is_name() && token.kind != TokenKind::kNumber && !token.is("(") && !token.is("-") &&
        !token.is("~") && !token.is("!") && !token.is("+"))
      in.fail_expected(token, cat("':' or '=' behind ", describe(name)));
    section.address = read_expression(in);
    read_output_type(in, section);
  }
  in.expect(kE, ":", cat("behind the name and address of '", section.name, "'"));
}

// `word(expression)` into `place`, if it is next.
bool read_attribute(ScriptCursor& in, std::string_view word, ExprPtr& place) {
  const Token token = in.peek(kE);
  if (!token.is(word)) return false;
  if (place) in.fail(token, cat("second ", word, " of an output section"));
  in.take(kE);
  place = read_parenthesised(in, word);
  return true;
}

bool read_constraint(ScriptCursor& in, OutputDescription& section) {
  const Token token = in.peek(kE);
  const bool read_only = token.is("ONLY_IF_RO");
  if (!read_only && !token.is("ONLY_IF_RW")) return false;
  if (section.constraint != Constraint::kNone)
    in.fail(token, "second constraint of an output section");
  section.constraint = read_only ? Constraint::kOnlyIfRo : Constraint::kOnlyIfRw;
  in.take(kE);
  return true;
}

// AT, ALIGN, ALIGN_WITH_INPUT, SUBALIGN and the constraint. GNU ld wants them in this order; their
// meaning does not depend on it.
void read_attributes(ScriptCursor& in, OutputDescription& section) {
  for (;;) {
    const Token token = in.peek(kE);
    if (in.accept(kE, "ALIGN_WITH_INPUT"))
      section.align_with_input = true;
    else if (!read_attribute(in, "AT", section.load_address) &&
             !read_attribute(in, "ALIGN", section.alignment) &&
             !read_attribute(in, "SUBALIGN", section.subalignment) && !read_constraint(in, section))
      break;
    if (section.align_with_input && section.alignment)
      in.fail(token, cat("'", section.name, "' has both ALIGN and ALIGN_WITH_INPUT"));
  }
  const Token token = in.peek(kE);
  in.refuse_keyword(token, kE);
  if (!token.is("{")) in.fail_expected(token, cat("'{' or an attribute of '", section.name, "'"));
}

// `> region AT> region :segment =fill ,` behind the closing brace.
void read_placement(ScriptCursor& in, OutputDescription& section) {
  for (;;) {
    if (in.accept(kS, ">")) {
      section.region = in.expect_name(kList, "a memory region behind '>'");
    } else if (in.accept(kS, "AT")) {
      in.expect(kS, ">", "behind AT");
      section.load_region = in.expect_name(kList, "a memory region behind 'AT>'");
    } else if (in.accept(kS, ":")) {
      section.segments.push_back(in.expect_name(kList, "a segment behind ':'"));
    } else if (in.accept(kS, "=")) {
      section.fill = read_fill(in);
    } else {
      break;
    }
  }
  in.accept(kS, ",");
  if (section.load_address && !section.load_region.empty())
    in.report(
        {section.place, cat("'", section.name, "' has both a load address and a load region")});
}

OutputDescription read_output_section(ScriptCursor& in) {
  OutputDescription section;
  const Token name = in.take(kS);
  section.place = in.place(name);
  section.name = name.text;
  read_address(in, name, section);
  read_attributes(in, section);
  read_contents(in, section.statements);
  read_placement(in, section);
  return section;
}

// Members get copies of what the overlay has. The copies must not add up to more than the script
// could mean: no real SUBALIGN has as many operators.
constexpr u64 kMaxCopiedNodes = 256;

ExprPtr copy_for_member(const ExprPtr& expr) {
  if (!expr) return nullptr;
  ExprPtr copy = copy_expr(*expr, kMaxCopiedNodes);
  if (!copy) throw ScriptFault{expr->place, "expression of an OVERLAY is too long"};
  return copy;
}

void check_copies(const OutputDescription& overlay, u64 members) {
  constexpr u64 kMaxCopiedCharacters = u64{1} << 24;
  u64 characters = overlay.region.size() + overlay.load_region.size();
  for (const std::string& segment : overlay.segments) characters += sizeof segment + segment.size();
  if (overlay.fill) characters += overlay.fill->bytes.size();
  if (characters > kMaxCopiedCharacters / members)
    throw ScriptFault{overlay.place, cat("what an OVERLAY of ", members,
                                         " members says behind its brace is too long")};
}

void inherit(OutputDescription& member, const OutputDescription& overlay) {
  member.subalignment = copy_for_member(overlay.subalignment);
  member.region = overlay.region;
  member.load_region = overlay.load_region;
  if (member.segments.empty()) member.segments = overlay.segments;
  if (!member.fill && overlay.fill)
    member.fill =
        FillPattern{overlay.fill->bytes, copy_for_member(overlay.fill->value), overlay.fill->place};
}

std::string identifier_part(std::string_view name) {
  std::string part;
  std::copy_if(name.begin(), name.end(), std::back_inserter(part), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  return part;
}

Assignment provide(std::string symbol, ExprPtr value, ScriptPlace place) {
  return {std::move(symbol), std::move(value), Assign::kProvide, false, place};
}

// __load_start_NAME = LOADADDR(NAME), __load_stop_NAME = LOADADDR(NAME) + SIZEOF(NAME)
void provide_load_symbols(const std::string& name, ScriptPlace place, Script& script) {
  const std::string part = identifier_part(name);
  script.statements.push_back(
      provide("__load_start_" + part, function_expr(Function::kLoadaddr, name, place), place));
  script.statements.push_back(
      provide("__load_stop_" + part,
              binary_expr(Op::kAdd, function_expr(Function::kLoadaddr, name, place),
                          function_expr(Function::kSizeof, name, place), place),
              place));
}

OutputDescription read_member(ScriptCursor& in) {
  OutputDescription member;
  const Token token = in.peek(kS);
  member.place = in.place(token);
  in.refuse_keyword(token, kS);
  member.name = in.expect_name(kS, "an output section of the overlay");
  read_contents(in, member.statements);
  read_placement(in, member);
  if (!member.region.empty() || !member.load_region.empty())
    in.report({member.place, cat("'", member.name,
                                 "' cannot have a region of its own, it is in an "
                                 "OVERLAY")});
  return member;
}

// `OVERLAY [start] : [NOCROSSREFS] [AT(address)] [SUBALIGN(alignment)] {`
bool read_overlay_header(ScriptCursor& in, OutputDescription& overlay) {
  overlay.place = in.place(in.take(kS));
  overlay.name = "OVERLAY";
  if (!in.next_is(kE, ":")) overlay.address = read_expression(in);
  in.expect(kE, ":", "behind OVERLAY and its address");
  const bool no_cross_references = in.accept(kE, "NOCROSSREFS");
  while (read_attribute(in, "AT", overlay.load_address) ||
         read_attribute(in, "SUBALIGN", overlay.subalignment)) {
  }
  in.expect(kE, "{", "before the sections of the overlay");
  return no_cross_references;
}

// ld manual, "Overlay Description".
void read_overlay(ScriptCursor& in, Script& script, u32 number) {
  OutputDescription overlay;
  const bool no_cross_references = read_overlay_header(in, overlay);
  std::vector<OutputDescription> members;
  in.read_list(kS, ScriptCursor::Until::kBrace, [&] { members.push_back(read_member(in)); });
  read_placement(in, overlay);
  if (members.empty()) return;

  check_copies(overlay, members.size());
  for (OutputDescription& member : members) {
    inherit(member, overlay);
    member.overlay = number;
  }
  members.front().overlay_first = true;
  members.back().overlay_last = true;
  members.front().address = std::move(overlay.address);
  members.front().load_address = std::move(overlay.load_address);

  CrossReferenceBan ban{false, {}, overlay.place};
  std::vector<std::pair<std::string, ScriptPlace>> names;
  for (OutputDescription& member : members) {
    ban.sections.push_back(member.name);
    names.emplace_back(member.name, member.place);
    script.statements.push_back(std::move(member));
  }
  for (const auto& [name, place] : names) provide_load_symbols(name, place, script);
  if (no_cross_references) script.bans.push_back(std::move(ban));
}

void read_section_statement(ScriptCursor& in, Script& script, u32& next_overlay) {
  if (read_entry(in, script) || read_common(in, kS, script.statements)) return;
  const Token token = in.peek(kS);
  if (token.is("OVERLAY")) return read_overlay(in, script, next_overlay++);
  in.refuse_keyword(token, kS);
  if (!token.is_name()) in.fail_expected(token, "an output section, an assignment or '}'");
  script.statements.push_back(read_output_section(in));
}

}  // namespace

void read_sections(ScriptCursor& in, Script& script, u32& next_overlay) {
  script.has_sections = true;
  in.read_block(kS, [&] { read_section_statement(in, script, next_overlay); });
}

}  // namespace fwseal
