// The value of an expression of the linker script at one point of the layout.
//
// ld manual, "Expressions in Linker Scripts": a value is a plain number, an absolute address, or an
// offset in an output section; "The Section of an Expression" says which operation gives which.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
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
  // The one symbol that the value is, if the expression is nothing but a name; its type is then
  // passed on to the symbol that is being assigned.
  SymbolId alias_of = kNoSymbol;
};

// What the layout knows of an arranged output section so far.
struct OutputState {
  u64 vma = 0;
  u64 lma = 0;
  u64 size = 0;
  u64 alignment = 1;
  bool exists = false;  // it will be in the image
  bool placed = false;  // in this pass or an earlier one, so vma and lma mean something
};

// A symbol of the script while layout goes on.
struct ScriptValue {
  u64 number = 0;
  i32 section = kAbsoluteAddress;
  bool defined = false;
  u32 pass = 0;  // in which it was last assigned
  bool hidden = false;
  SymbolId alias_of = kNoSymbol;
};

struct RegionState {
  std::string name;
  u64 origin = 0;
  u64 length = ~u64{0};
  u64 current = 0;
  u32 attributes = 0;      // kinds of sections it takes by itself, and does not take
  u32 not_attributes = 0;
  std::optional<u32> last_output;  // the last one that followed the region's own VMA-LMA distance
  std::string_view overflowing;    // the first output section that did not fit
};

// Everything an expression can ask about. Layout keeps it up to date.
struct ScriptWorld {
  const Program& program;
  const Arrangement& arrangement;
  std::vector<OutputState> outputs;           // per arranged output
  std::vector<ScriptValue> symbols;           // per SymbolId
  std::vector<RegionState> regions;           // [0] is the default region, all of memory
  std::map<std::string, u32, std::less<>> region_names;  // aliases too
  std::map<std::string, u64, std::less<>> segment_starts;  // -Ttext-segment= and the like
  std::vector<SectionPlace> places;           // per input section; output: the arranged number
  const MergedStrings* merged = nullptr;
  const std::vector<EditList>* edits = nullptr;
  u64 headers_size = 0;
  u64 max_page_size = 0x1000;
  u64 common_page_size = 0x1000;
  u32 pass = 1;

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
  Evaluator(const ScriptWorld& world, Diag& diag, bool report)
      : world_(world), diag_(diag), report_(report) {}

  Value evaluate(const Expr& expr, const EvalContext& context);
  // The value as an absolute number; 0 if it is not valid.
  u64 number(const Expr& expr, const EvalContext& context);

 private:
  Value name(const Expr& expr, const EvalContext& context);
  Value unary(const Expr& expr, const EvalContext& context);
  Value binary(const Expr& expr, const EvalContext& context);
  Value function(const Expr& expr, const EvalContext& context);
  Value section_function(const Expr& expr);
  Value region_function(const Expr& expr, const EvalContext& context);
  Value relative_to_context(u64 address, const EvalContext& context) const;
  Value make_absolute(Value value) const;
  Value invalid(const Expr& expr, std::string_view what);

  const ScriptWorld& world_;
  Diag& diag_;
  bool report_;
};

}  // namespace fwseal
