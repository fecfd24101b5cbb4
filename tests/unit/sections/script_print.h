// A script's tree as text that leaves nothing out, so that tests can compare the whole of it.
#pragma once

#include <sstream>
#include <string>
#include <variant>
#include <vector>

#include "sections/script.h"
#include "sections/script_parser.h"

namespace fwseal::script_test {

inline std::string print(const Expr& expr) {
  static const char* const kOps[] = {"",  "-", "~",  "!",  "*",  "/",  "%", "+", "-", "<<", ">>",
                                     "<", ">", "<=", ">=", "==", "!=", "&", "^", "|", "&&", "||"};
  static const char* const kFunctions[] = {"",
                                           "ABSOLUTE",
                                           "ADDR",
                                           "ALIGN",
                                           "ALIGNOF",
                                           "ASSERT",
                                           "BLOCK",
                                           "DATA_SEGMENT_ALIGN",
                                           "DATA_SEGMENT_END",
                                           "DATA_SEGMENT_RELRO_END",
                                           "DEFINED",
                                           "LENGTH",
                                           "LOADADDR",
                                           "LOG2CEIL",
                                           "MAX",
                                           "MIN",
                                           "NEXT",
                                           "ORIGIN",
                                           "SEGMENT_START",
                                           "SIZEOF",
                                           "SIZEOF_HEADERS",
                                           "CONSTANT"};
  if (expr.kind == ExprKind::kNumber) return std::to_string(expr.number);
  if (expr.kind == ExprKind::kName) return expr.name;
  std::string text = "(";
  if (expr.kind == ExprKind::kTernary)
    text += "?";
  else if (expr.kind == ExprKind::kFunction)
    text +=
        cat(kFunctions[static_cast<u8>(expr.function)], expr.name.empty() ? "" : ":", expr.name);
  else
    text += kOps[static_cast<u8>(expr.op)];
  for (const ExprPtr& operand : expr.operands) text += " " + print(*operand);
  return text + ")";
}

inline std::string print(const ExprPtr& expr) { return expr ? print(*expr) : "none"; }

inline std::string print(const Assignment& a) {
  static const char* const kHow[] = {"", "provide ", "provide_hidden ", "hidden "};
  return cat(kHow[static_cast<u8>(a.how)], a.symbol, " = ", print(a.value));
}

inline std::string print(const Assertion& a) {
  return cat("assert ", print(a.condition), " '", a.message, "'");
}

inline std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ",") + name;
  return text;
}

inline std::string print(const SectionPattern& p) {
  static const char* const kKeys[] = {"none", "name", "alignment", "init"};
  std::string text = p.glob;
  if (!p.excluded_files.empty()) text += cat("!", joined(p.excluded_files));
  if (p.sort_is_explicit) text += cat("/", kKeys[static_cast<u8>(p.sort)]);
  if (p.then_by != SortKey::kNone) text += cat("/", kKeys[static_cast<u8>(p.then_by)]);
  return text;
}

inline std::string print(const InputDescription& d) {
  std::string text = cat(d.keep ? "keep " : "", d.sort_files ? "sorted " : "", d.file_glob);
  if (!d.excluded_files.empty()) text += cat("!", joined(d.excluded_files));
  if (d.flags_set != 0) text += cat("+", hex(d.flags_set));
  if (d.flags_clear != 0) text += cat("-", hex(d.flags_clear));
  text += "(";
  for (const SectionPattern& pattern : d.patterns)
    text += (&pattern == d.patterns.data() ? "" : " ") + print(pattern);
  return text + ")";
}

inline std::string print(const DataStatement& d) {
  if (d.text) return cat("asciz '", *d.text, "'");
  return cat("data", static_cast<int>(d.size), d.is_signed ? "s" : "", " ", print(d.value));
}

inline std::string print(const FillPattern& f) {
  std::string text = "fill";
  for (const char c : f.bytes) text += cat(" ", hex(static_cast<u8>(c)));
  return f.value ? cat(text, " ", print(f.value)) : text;
}

inline std::string print(const ConstructorsStatement& c) {
  return c.sorted ? "constructors sorted" : "constructors";
}

inline std::string print(const Insert& i) {
  return cat("insert ", i.after ? "after " : "before ", i.section);
}

inline std::string print(const OutputDescription& o) {
  static const char* const kTypes[] = {"",       " NOLOAD",  " COPY",    " INFO",
                                       " DSECT", " OVERLAY", " READONLY"};
  static const char* const kConstraints[] = {"", " if_ro", " if_rw"};
  std::string text = "section " + o.name;
  if (o.address) text += " @" + print(o.address);
  text += kTypes[static_cast<u8>(o.type)];
  if (o.explicit_type) text += " type " + print(o.explicit_type);
  if (o.load_address) text += " at " + print(o.load_address);
  if (o.alignment) text += " align " + print(o.alignment);
  if (o.subalignment) text += " subalign " + print(o.subalignment);
  if (o.align_with_input) text += " with_input";
  text += kConstraints[static_cast<u8>(o.constraint)];
  if (o.overlay != 0)
    text +=
        cat(" overlay", o.overlay, o.overlay_first ? " first" : "", o.overlay_last ? " last" : "");
  text += " {";
  for (const SectionStatement& statement : o.statements)
    text += " " + std::visit([](const auto& s) { return print(s); }, statement) + ";";
  text += " }";
  if (!o.region.empty()) text += " >" + o.region;
  if (!o.load_region.empty()) text += " AT>" + o.load_region;
  for (const std::string& segment : o.segments) text += " :" + segment;
  if (o.fill) text += " =" + print(*o.fill);
  return text;
}

// What came of reading a script: what was said, then what was read, a line each.
inline std::string print(const Script& script) {
  std::string text;
  for (const Statement& statement : script.statements)
    text += std::visit([](const auto& s) { return print(s); }, statement) + "\n";
  for (const MemoryRegion& r : script.regions)
    text += cat("region ", r.name, " (", r.attributes, ") ", print(r.origin), " ", print(r.length),
                "\n");
  for (const RegionAlias& a : script.aliases) text += cat("alias ", a.alias, " ", a.region, "\n");
  for (const SegmentDescription& s : script.segments)
    text += cat("segment ", s.name, " ", print(s.type), s.includes_file_header ? " filehdr" : "",
                s.includes_program_headers ? " phdrs" : "",
                s.load_address ? " at " + print(s.load_address) : "",
                s.flags ? " flags " + print(s.flags) : "", "\n");
  for (const CrossReferenceBan& b : script.bans)
    text += cat(b.only_to_first ? "ban_to " : "ban ", joined(b.sections), "\n");
  for (const ScriptInput& i : script.inputs)
    text += cat("input ", i.name, i.in_group ? cat(" group", i.group) : "", "\n");
  return text;
}

// Reads one script, with files that it may include.
struct Reading {
  Arena arena;
  std::ostringstream said;
  Diag diag{said};
  Script script;

  explicit Reading(std::string_view text,
                   const std::vector<std::pair<std::string, std::string>>& files = {}) {
    read(text, files);
  }
  void read(std::string_view text,
            const std::vector<std::pair<std::string, std::string>>& files = {}) {
    const FindInclude find = [&](const std::string& name) -> std::optional<IncludedScript> {
      for (const auto& [path, content] : files)
        if (path == name) return IncludedScript{arena.keep(path), arena.keep(content)};
      return {};
    };
    parse_script("t.ld", arena.keep(std::string(text)), find, arena, script, diag);
  }
  std::string text() const { return said.str() + print(script); }
};

inline std::string read_script(std::string_view text) { return Reading(text).text(); }

}  // namespace fwseal::script_test
