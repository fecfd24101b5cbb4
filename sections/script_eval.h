// The value of an expression of the linker script at one point of the layout.
//
// ld manual, "Expressions in Linker Scripts": a value is a plain number, an absolute address, or an
// offset in an output section; "The Section of an Expression" says which operation gives which.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "elfio/diag.h"
#include "graph/program.h"
#include "sections/arrange.h"
#include "sections/layout.h"
#include "sections/script.h"

namespace fwseal {

// Where a value is measured from: a plain number (which takes on the section of what it meets), an
// absolute address, or the number of an arranged output section, whose start it is relative to.
inline constexpr i32 kPlainNumber = -2;
inline constexpr i32 kAbsoluteAddress = -1;

struct Value {
  u64 number = 0;
  i32 section = kPlainNumber;
  bool valid = true;
};

// What the layout knows of an arranged output section so far.
struct OutputState {
  u64 vma = 0;
  u64 lma = 0;
  u64 size = 0;
  u64 alignment = 1;
  bool exists = false;  // it will be in the image
  bool made = false;    // something of the script or of the input stands in it
  bool placed = false;  // in this pass or an earlier one, so vma and lma mean something
};

// A symbol of the script while layout goes on.
struct ScriptValue {
  u64 number = 0;
  i32 section = kAbsoluteAddress;
  bool defined = false;
  u32 pass = 0;  // in which it was last assigned
  bool hidden = false;
  SymbolId alias_of =
      kNoSymbol;  // the one symbol of an object in its value, whose type it takes on
  // Assigned outside of output sections from the location counter or the like: in the image it
  // belongs to a neighbouring output section.
  bool is_place = false;
  const Assignment* assignment = nullptr;  // the last one
  const Assignment* first = nullptr;       // the first one: PROVIDE gives way to any other
};

// DATA_SEGMENT_ALIGN and DATA_SEGMENT_END, between two walks.
struct DataSegment {
  bool has_start = false;
  bool has_end = false;
  bool saves_page = false;  // the second form of the address, which costs a page of memory less
  u64 start = 0;
  u64 end = 0;
  u64 common_page_size = 1;
};

struct RegionState {
  std::string name;
  u64 origin = 0;
  u64 length = ~u64{0};
  u64 current = 0;
  u32 attributes = 0;  // kinds of sections it takes by itself, and does not take
  u32 not_attributes = 0;
  std::optional<u32> last_output;  // the last one that followed the region's own VMA-LMA distance
  std::string_view overflowing;    // the first output section that did not fit
};

// Everything an expression can ask about. Layout keeps it up to date.
struct ScriptWorld {
  const Program& program;
  const Arrangement& arrangement;
  std::vector<OutputState> outputs{};  // per arranged output
  std::map<SymbolId, ScriptValue> symbols{};  // all whose state is kScript
  std::vector<RegionState> regions{};  // [0] is the default region, all of memory
  std::map<std::string, u32, std::less<>> region_names{};    // aliases too
  std::map<std::string, u64, std::less<>> segment_starts{};  // -Ttext-segment= and the like
  std::vector<SectionPlace> places{};  // per input section; output: the arranged number
  const MergedStrings* merged = nullptr;
  const std::vector<EditList>* edits = nullptr;
  const Folds* folds = nullptr;
  u64 headers_size = 0;
  u64 max_page_size = 0x1000;
  u64 common_page_size = 0x1000;
  bool sane_expressions = false;  // LD_FEATURE("SANE_EXPR")
  u32 pass = 1;
  DataSegment data_segment{};
  std::unordered_map<std::string_view, u32> output_names{};  // the first one of each name

  // The address of a byte of a placed input section, as arranged output and offset in it.
  Value address_in(SectionId section, u64 offset) const;
  u64 absolute(const Value& value) const;
  std::optional<u32> output_named(std::string_view name) const;
};

struct EvalContext {
  std::optional<u32> section;  // the arranged output section that the expression stands in
  u64 dot = 0;                 // as an address
};

class Evaluator {
 public:
  // With `report`, what is wrong goes to diag; without, it makes the value invalid.
  Evaluator(ScriptWorld& world, Diag& diag, bool report)
      : world_(world), diag_(diag), report_(report) {}

  Value evaluate(const Expr& expr, const EvalContext& context);
  // The value as an absolute number; 0 if it is not valid.
  u64 number(const Expr& expr, const EvalContext& context);

  // What the last expression was made of: a place such as the location counter; and the one symbol
  // that it names, or kNoSymbol.
  bool met_place() const { return met_place_; }
  SymbolId only_symbol() const { return names_ == 1 ? name_ : kNoSymbol; }

 private:
  Value fold(const Expr& expr, const EvalContext& context);
  Value name(const Expr& expr, const EvalContext& context);
  Value unary(const Expr& expr, const EvalContext& context);
  Value binary(const Expr& expr, const EvalContext& context);
  Value ternary(const Expr& expr, const EvalContext& context);
  Value function(const Expr& expr, const EvalContext& context);
  Value function_of_operands(const Expr& expr, const std::vector<Value>& operands,
                             const EvalContext& context);
  Value section_function(const Expr& expr);
  Value region_function(const Expr& expr, const EvalContext& context);
  Value defined(const Expr& expr);
  Value data_segment_align(u64 page, u64 common_page, const EvalContext& context);
  Value data_segment_end(const Value& end, const EvalContext& context);

  // An address as GNU ld gives it back to an expression: inside an output section it is relative.
  Value place(u64 address, const EvalContext& context);
  Value make_absolute(Value value);
  // Brings two values to the same section; the section of what is made of them.
  i32 meet(Value& a, Value& b);
  bool is_absolute_context(const EvalContext& context) const {
    return !context.section && !world_.sane_expressions;
  }
  Value invalid(const Expr& expr, std::string_view what);

  ScriptWorld& world_;
  Diag& diag_;
  bool report_;
  bool met_place_ = false;
  u32 names_ = 0;
  SymbolId name_ = kNoSymbol;
};

}  // namespace fwseal
