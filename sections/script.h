// A GNU linker script as a tree. "The GNU linker" (ld manual, binutils 2.40), chapter "Linker
// Scripts", is the specification; the names here are its names.
//
// Scripts that the command line implies (--defsym, --section-start, -Ttext) become nodes of the
// same tree, so that there is one evaluator.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "elfio/diag.h"
#include "elfio/types.h"

namespace fwseal {

// A place in a script. `file` lives as long as the Script.
struct ScriptPlace {
  std::string_view file;
  u32 line = 0;

  Location location() const { return {file, {}, {}, 0, line}; }
};

// ---- Expressions ("Expressions in Linker Scripts")

enum class ExprKind : u8 {
  kNumber,
  kName,      // a symbol; "." is the location counter
  kUnary,     // op: - ~ !
  kBinary,    // op: * / % + - << >> < > <= >= == != & ^ | && ||
  kTernary,   // a ? b : c
  kFunction,  // a builtin function: name and operands
};

enum class Op : u8 {
  kNone, kNegate, kComplement, kNot,
  kMultiply, kDivide, kRemainder, kAdd, kSubtract, kShiftLeft, kShiftRight,
  kLess, kGreater, kLessEqual, kGreaterEqual, kEqual, kNotEqual,
  kAnd, kXor, kOr, kLogicalAnd, kLogicalOr,
};

enum class Function : u8 {
  kNone,
  kAbsolute, kAddr, kAlign, kAlignof, kAssert, kBlock, kDataSegmentAlign, kDataSegmentEnd,
  kDataSegmentRelroEnd, kDefined, kLength, kLoadaddr, kLog2ceil, kMax, kMin, kNext, kOrigin,
  kSegmentStart, kSizeof, kSizeofHeaders, kConstant,
};

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

struct Expr {
  ExprKind kind = ExprKind::kNumber;
  Op op = Op::kNone;
  Function function = Function::kNone;
  u64 number = 0;
  // kName: the symbol. kFunction: the section, region, segment, symbol or constant it is about, or
  // the message of ASSERT.
  std::string name;
  std::vector<ExprPtr> operands;
  ScriptPlace place;
};

// ---- Patterns ("Input Section Description")

enum class SortKey : u8 { kNone, kName, kAlignment, kInitPriority };

// One pattern for section names inside the parentheses of an input section description.
struct SectionPattern {
  std::string glob;
  std::vector<std::string> excluded_files;  // EXCLUDE_FILE, patterns for files
  SortKey sort = SortKey::kNone;            // SORT_BY_*; SORT is SORT_BY_NAME
  SortKey then_by = SortKey::kNone;         // SORT_BY_NAME(SORT_BY_ALIGNMENT(x)) and the like
  bool sort_is_explicit = false;            // SORT_NONE too: --sort-section does not apply
};

// `KEEP(EXCLUDE_FILE(*crt.o) archive:file(SORT(.text.*) .text))`
struct InputDescription {
  std::string file_glob;  // "*", "crt*.o", "libc.a:printf.o", "libc.a:", ":main.o"
  std::vector<std::string> excluded_files;
  bool sort_files = false;  // SORT_BY_NAME around the file pattern
  bool keep = false;
  u64 flags_set = 0;    // INPUT_SECTION_FLAGS: SHF_* that must be there
  u64 flags_clear = 0;  // and that must not
  std::vector<SectionPattern> patterns;  // empty: every section of the file
  ScriptPlace place;
};

// ---- Statements

enum class Assign : u8 { kPlain, kProvide, kProvideHidden, kHidden };

// `symbol = expression`, also with += -= *= /= <<= >>= &= |= ^=, which the parser rewrites into
// `symbol = symbol op expression`. The symbol "." is the location counter.
struct Assignment {
  std::string symbol;
  ExprPtr value;
  Assign how = Assign::kPlain;
  bool from_command_line = false;  // --defsym
  ScriptPlace place;
};

struct Assertion {
  ExprPtr condition;
  std::string message;
  ScriptPlace place;
};

// BYTE SHORT LONG QUAD SQUAD, and ASCIZ.
struct DataStatement {
  u8 size = 1;             // bytes of each value: 1, 2, 4, 8
  bool is_signed = false;  // SQUAD
  ExprPtr value;
  std::optional<std::string> text;  // ASCIZ: these bytes and a NUL; then value is empty
  ScriptPlace place;
};

// FILL(expression), and `=expression` behind an output section. A pattern is repeated over gaps. A
// hexadecimal literal gives as many bytes as it has digits ("Output Section Fill"); any other
// expression gives the four low bytes, most significant first.
struct FillPattern {
  std::string bytes;      // of a literal; empty if `value` must be evaluated
  ExprPtr value;
  ScriptPlace place;
};

// CONSTRUCTORS: for ELF it places nothing.
struct ConstructorsStatement {
  bool sorted = false;
};

using SectionStatement = std::variant<Assignment, Assertion, InputDescription, DataStatement,
                                      FillPattern, ConstructorsStatement>;

// "Output Section Type", and what an overlay makes of its members.
enum class OutputType : u8 { kDefault, kNoload, kCopy, kInfo, kDsect, kOverlay, kReadonly };
enum class Constraint : u8 { kNone, kOnlyIfRo, kOnlyIfRw };

struct OutputDescription {
  std::string name;  // "/DISCARD/" too
  ExprPtr address;
  OutputType type = OutputType::kDefault;
  ExprPtr explicit_type;   // TYPE = expression: sh_type
  ExprPtr load_address;    // AT(expression)
  ExprPtr alignment;       // ALIGN(expression)
  ExprPtr subalignment;    // SUBALIGN(expression)
  bool align_with_input = false;
  Constraint constraint = Constraint::kNone;
  std::vector<SectionStatement> statements;
  std::string region;       // > region; empty: none given
  std::string load_region;  // AT> region
  std::vector<std::string> segments;  // :phdr, ":NONE" is the one entry "NONE"
  std::optional<FillPattern> fill;
  // Members of an OVERLAY: the number of the overlay from 1 (0: none), and whether this is the
  // first of it. The others start at the address of the first, and load behind the one before.
  u32 overlay = 0;
  bool overlay_first = false;
  bool overlay_last = false;
  ScriptPlace place;
};

// INSERT AFTER|BEFORE: the statements between the SECTIONS command and this move there.
struct Insert {
  bool after = true;
  std::string section;
  ScriptPlace place;
};

using Statement = std::variant<Assignment, Assertion, OutputDescription, Insert>;

// ---- Commands

struct MemoryRegion {
  std::string name;
  std::string attributes;  // as written between the parentheses: "rx!w"
  ExprPtr origin;
  ExprPtr length;
  ScriptPlace place;
};

// REGION_ALIAS("alias", region)
struct RegionAlias {
  std::string alias;
  std::string region;
  ScriptPlace place;
};

struct SegmentDescription {
  std::string name;
  ExprPtr type;  // PT_* names are parsed into numbers
  bool includes_file_header = false;
  bool includes_program_headers = false;
  ExprPtr load_address;
  ExprPtr flags;
  ScriptPlace place;
};

// NOCROSSREFS(a b ...): none may refer to another. NOCROSSREFS_TO(to from ...): none of the others
// may refer to the first.
struct CrossReferenceBan {
  bool only_to_first = false;
  std::vector<std::string> sections;
  ScriptPlace place;
};

// INPUT(...), GROUP(...), AS_NEEDED(...) in order.
struct ScriptInput {
  std::string name;        // a path, or "-lname"
  bool in_group = false;
  u32 group = 0;           // numbered from 1; same number, same GROUP
  ScriptPlace place;
};

struct Script {
  std::vector<Statement> statements;  // those of every SECTIONS command and around them, in order
  bool has_sections = false;          // a SECTIONS command was seen
  std::vector<MemoryRegion> regions;
  std::vector<RegionAlias> aliases;
  std::vector<SegmentDescription> segments;
  bool has_segments = false;  // a PHDRS command was seen
  std::vector<CrossReferenceBan> bans;
  std::optional<std::string> entry;
  std::vector<std::string> externs;
  std::vector<ScriptInput> inputs;
  std::optional<std::string> startup;
  std::vector<std::string> search_dirs;
  std::optional<std::string> output;
  std::optional<std::string> output_format;
  std::optional<std::string> output_arch;
  bool sane_expressions = false;           // LD_FEATURE("SANE_EXPR")
  bool force_common_allocation = false;    // FORCE_COMMON_ALLOCATION
  bool inhibit_common_allocation = false;  // INHIBIT_COMMON_ALLOCATION
};

}  // namespace fwseal
