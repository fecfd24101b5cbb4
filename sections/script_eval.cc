#include "sections/script_eval.h"

#include <elf.h>

#include <algorithm>
#include <bit>

namespace fwseal {
namespace {

Value plain(u64 number) { return {number, kPlainNumber, true}; }
Value absolute_value(u64 number) { return {number, kAbsoluteAddress, true}; }
constexpr Value kInvalid{0, kPlainNumber, false};

// Not only to powers of two, as GNU ld.
u64 align_to(u64 value, u64 alignment) {
  if (alignment <= 1) return value;
  const u64 rest = value % alignment;
  return rest == 0 ? value : value + (alignment - rest);
}

u64 log2_ceil(u64 value) { return value <= 1 ? 0 : static_cast<u64>(std::bit_width(value - 1)); }

bool is_comparison(Op op) {
  switch (op) {
    case Op::kLess:
    case Op::kGreater:
    case Op::kLessEqual:
    case Op::kGreaterEqual:
    case Op::kEqual:
    case Op::kNotEqual:
    case Op::kLogicalAnd:
    case Op::kLogicalOr:
      return true;
    default:
      return false;
  }
}

// All arithmetic is on 64-bit words; division is signed, comparison is not (GNU ld's choice).
u64 arithmetic(Op op, u64 a, u64 b) {
  const auto quotient = [](i64 x, i64 y) {
    return y == -1 ? u64{0} - static_cast<u64>(x) : static_cast<u64>(x / y);
  };
  const auto rest = [](i64 x, i64 y) { return y == -1 ? u64{0} : static_cast<u64>(x % y); };
  switch (op) {
    case Op::kMultiply:
      return a * b;
    case Op::kDivide:
      return quotient(static_cast<i64>(a), static_cast<i64>(b));
    case Op::kRemainder:
      return rest(static_cast<i64>(a), static_cast<i64>(b));
    case Op::kAdd:
      return a + b;
    case Op::kSubtract:
      return a - b;
    case Op::kShiftLeft:
      return b < 64 ? a << b : 0;
    case Op::kShiftRight:
      return b < 64 ? a >> b : 0;
    case Op::kLess:
      return a < b;
    case Op::kGreater:
      return a > b;
    case Op::kLessEqual:
      return a <= b;
    case Op::kGreaterEqual:
      return a >= b;
    case Op::kEqual:
      return a == b;
    case Op::kNotEqual:
      return a != b;
    case Op::kAnd:
      return a & b;
    case Op::kXor:
      return a ^ b;
    case Op::kOr:
      return a | b;
    case Op::kLogicalAnd:
      return a != 0 && b != 0;
    case Op::kLogicalOr:
      return a != 0 || b != 0;
    default:
      return 0;
  }
}

}  // namespace

Value ScriptWorld::address_in(SectionId input, u64 input_offset) const {
  const Folds::Place at =
      folds != nullptr ? folds->resolve(input, input_offset) : Folds::Place{input, input_offset, 0};
  const auto [section, offset, beyond] = at;
  const SectionPlace& place = places[index(section)];
  if (place.output == kNoOutput) return kInvalid;
  u64 inside = offset;
  if (merged != nullptr && merged->merged(section))
    inside = merged->map(section, offset);
  else if (edits != nullptr && index(section) < edits->size())
    inside = (*edits)[index(section)].map(offset);
  return {place.offset + inside + beyond, static_cast<i32>(index(place.output)), true};
}

u64 ScriptWorld::absolute(const Value& value) const {
  return value.section >= 0 ? value.number + outputs[static_cast<u32>(value.section)].vma
                            : value.number;
}

std::optional<u32> ScriptWorld::output_named(std::string_view name) const {
  const auto found = output_names.find(name);
  if (found == output_names.end()) return std::nullopt;
  return found->second;
}

Value Evaluator::invalid(const Expr& expr, std::string_view what) {
  if (report_) diag_.error(expr.place.location(), what);
  return kInvalid;
}

Value Evaluator::make_absolute(Value value) {
  value.number = world_.absolute(value);
  value.section = kAbsoluteAddress;
  met_place_ = false;
  return value;
}

Value Evaluator::place(u64 address, const EvalContext& context) {
  met_place_ = true;
  if (!context.section) return absolute_value(address);
  const u32 output = *context.section;
  return {address - world_.outputs[output].vma, static_cast<i32>(output), true};
}

u64 Evaluator::number(const Expr& expr, const EvalContext& context) {
  const Value value = evaluate(expr, context);
  return value.valid ? world_.absolute(value) : 0;
}

Value Evaluator::evaluate(const Expr& expr, const EvalContext& context) {
  met_place_ = false;
  names_ = 0;
  return fold(expr, context);
}

Value Evaluator::fold(const Expr& expr, const EvalContext& context) {
  switch (expr.kind) {
    case ExprKind::kNumber:
      return is_absolute_context(context) ? absolute_value(expr.number) : plain(expr.number);
    case ExprKind::kName:
      return name(expr, context);
    case ExprKind::kUnary:
      return unary(expr, context);
    case ExprKind::kBinary:
      return binary(expr, context);
    case ExprKind::kTernary:
      return ternary(expr, context);
    case ExprKind::kFunction:
      return function(expr, context);
  }
  return plain(0);
}

// A name in the condition does not count as the symbol that the value is made of.
Value Evaluator::ternary(const Expr& expr, const EvalContext& context) {
  const u32 names = names_;
  const SymbolId name = name_;
  const Value condition = fold(*expr.operands[0], context);
  names_ = names;
  name_ = name;
  if (!condition.valid) return condition;
  return fold(*expr.operands[condition.number != 0 ? 1 : 2], context);
}

Value Evaluator::name(const Expr& expr, const EvalContext& context) {
  if (expr.name == ".") return place(context.dot, context);
  const SymbolId id = world_.program.symbols.find(expr.name);
  names_++;
  name_ = id;
  const auto undefined = [&] {
    return invalid(expr, cat("undefined symbol `", expr.name, "' referenced in expression"));
  };
  if (id == kNoSymbol) return undefined();
  const Symbol& symbol = world_.program.symbols[id];
  // Bit 0 of the address of a Thumb function is no part of the value.
  const u64 own_value = symbol.type == STT_FUNC ? symbol.value & ~u64{1} : symbol.value;
  Value value;
  switch (symbol.state) {
    case SymbolState::kScript: {
      const ScriptValue& script = world_.symbols.at(id);
      if (!script.defined) return undefined();
      value = {script.number, script.section, true};
      break;
    }
    case SymbolState::kAbsolute:
      value = absolute_value(own_value);
      break;
    case SymbolState::kDefined:
      value = world_.address_in(symbol.section, own_value);
      if (!value.valid)
        return invalid(expr, cat("symbol `", expr.name,
                                 "' referenced in expression is in a discarded section"));
      break;
    default:
      return undefined();
  }
  if (value.section == kAbsoluteAddress && !is_absolute_context(context))
    value.section = kPlainNumber;
  return value;
}

Value Evaluator::unary(const Expr& expr, const EvalContext& context) {
  Value value = fold(*expr.operands[0], context);
  switch (expr.op) {
    case Op::kNegate:
      value.number = u64{0} - value.number;
      break;
    case Op::kComplement:
      value.number = ~value.number;
      break;
    case Op::kNot:
      value.number = value.number == 0;
      break;
    default:
      break;
  }
  return value;
}

// Values of different sections meet as absolute addresses; a plain number joins the other.
i32 Evaluator::meet(Value& a, Value& b) {
  if (a.section == b.section) return a.section;
  if (a.section == kPlainNumber) return b.section;
  if (b.section == kPlainNumber) return a.section;
  a = make_absolute(a);
  b = make_absolute(b);
  return kAbsoluteAddress;
}

Value Evaluator::binary(const Expr& expr, const EvalContext& context) {
  Value a = fold(*expr.operands[0], context);
  Value b = fold(*expr.operands[1], context);
  if (!a.valid || !b.valid) return kInvalid;
  const bool same = (a.section == kPlainNumber) == (b.section == kPlainNumber);
  i32 section = meet(a, b);
  // What is made of two places, such as their distance, or of two numbers is a number.
  if (same) section = is_absolute_context(context) ? kAbsoluteAddress : kPlainNumber;
  if (is_comparison(expr.op)) section = kPlainNumber;
  if ((expr.op == Op::kDivide || expr.op == Op::kRemainder) && b.number == 0)
    return invalid(expr, expr.op == Op::kDivide ? "division by zero" : "remainder by zero");
  return {arithmetic(expr.op, a.number, b.number), section, true};
}

Value Evaluator::section_function(const Expr& expr) {
  const auto output = world_.output_named(expr.name);
  const bool is_address = expr.function == Function::kAddr || expr.function == Function::kLoadaddr;
  if (!output) {
    const Value nothing =
        invalid(expr, cat("undefined section `", expr.name, "' referenced in expression"));
    return is_address ? nothing : plain(0);
  }
  const OutputState& state = world_.outputs[*output];
  switch (expr.function) {
    case Function::kAddr:
      return {0, static_cast<i32>(*output), state.placed};
    case Function::kLoadaddr:
      return {state.lma, kAbsoluteAddress, state.placed};
    case Function::kSizeof:
      return plain(state.exists ? state.size : 0);
    default:
      return plain(state.made ? state.alignment : 0);
  }
}

Value Evaluator::region_function(const Expr& expr, const EvalContext& context) {
  const auto found = world_.region_names.find(expr.name);
  if (found == world_.region_names.end())
    return invalid(expr, cat("undefined MEMORY region `", expr.name, "' referenced in expression"));
  const RegionState& region = world_.regions[found->second];
  if (expr.function == Function::kLength) return plain(region.length);
  return place(region.origin, context);
}

Value Evaluator::defined(const Expr& expr) {
  const SymbolId id = world_.program.symbols.find(expr.name);
  if (id == kNoSymbol) return plain(0);
  const Symbol& symbol = world_.program.symbols[id];
  if (symbol.state != SymbolState::kScript)
    return plain(symbol.state == SymbolState::kDefined || symbol.state == SymbolState::kAbsolute);
  // A symbol of the script is defined from its assignment on.
  const ScriptValue& script = world_.symbols.at(id);
  return plain(script.defined && script.pass == world_.pass);
}

// "(ALIGN(maxpagesize) + (. & (maxpagesize - 1)))" or, if that ends in as few pages of memory,
// "(ALIGN(maxpagesize) + ((. + commonpagesize - 1) & (maxpagesize - commonpagesize)))"; ld manual,
// "Builtin Functions", DATA_SEGMENT_ALIGN.
Value Evaluator::data_segment_align(u64 page, u64 common_page, const EvalContext& context) {
  if (context.section) return kInvalid;
  DataSegment& segment = world_.data_segment;
  u64 address = align_to(context.dot, page);
  if (!segment.saves_page)
    address += context.dot & (page - 1);
  else if (common_page < page)
    address += (context.dot + common_page - 1) & (page - common_page);
  segment.has_start = true;
  segment.start = address;
  segment.common_page_size = common_page;
  return absolute_value(address);
}

Value Evaluator::data_segment_end(const Value& end, const EvalContext& context) {
  if (context.section) return kInvalid;
  world_.data_segment.has_end = world_.data_segment.has_start;
  world_.data_segment.end = end.number;
  return end;
}

Value Evaluator::function(const Expr& expr, const EvalContext& context) {
  std::vector<Value> operands;
  for (const ExprPtr& operand : expr.operands) operands.push_back(fold(*operand, context));
  for (const Value& operand : operands)
    if (!operand.valid) return kInvalid;
  switch (expr.function) {
    case Function::kAddr:
    case Function::kLoadaddr:
    case Function::kSizeof:
    case Function::kAlignof:
      return section_function(expr);
    case Function::kOrigin:
    case Function::kLength:
      return region_function(expr, context);
    case Function::kDefined:
      return defined(expr);
    case Function::kSizeofHeaders:
      return plain(world_.headers_size);
    case Function::kConstant:
      if (expr.name == "MAXPAGESIZE") return plain(world_.max_page_size);
      if (expr.name == "COMMONPAGESIZE") return plain(world_.common_page_size);
      return invalid(expr, cat("unknown constant `", expr.name, "' referenced in expression"));
    default:
      return function_of_operands(expr, operands, context);
  }
}

Value Evaluator::function_of_operands(const Expr& expr, const std::vector<Value>& operands,
                                      const EvalContext& context) {
  Value first = operands[0];
  Value second = operands.size() > 1 ? operands[1] : Value{};
  switch (expr.function) {
    case Function::kAbsolute:
      return make_absolute(first);
    case Function::kAlign:
    case Function::kBlock:
      if (operands.size() == 1) return place(align_to(context.dot, first.number), context);
      first.section = meet(first, second);
      first.number = align_to(first.number, second.number);
      return first;
    case Function::kMax:
    case Function::kMin: {
      const i32 section = meet(first, second);
      const bool larger = expr.function == Function::kMax;
      const u64 chosen =
          larger ? std::max(first.number, second.number) : std::min(first.number, second.number);
      return {chosen, section, true};
    }
    case Function::kNext:
      first = make_absolute(first);
      return absolute_value(align_to(context.dot, first.number));
    case Function::kAssert:
      if (first.number == 0 && report_) diag_.error(expr.place.location(), expr.name);
      return first;
    case Function::kDataSegmentAlign:
      return data_segment_align(first.number, second.number, context);
    case Function::kDataSegmentRelroEnd:
      return context.section ? kInvalid : second;
    case Function::kDataSegmentEnd:
      return data_segment_end(first, context);
    case Function::kLog2ceil:
      return plain(log2_ceil(first.number));
    case Function::kSegmentStart: {
      const auto found = world_.segment_starts.find(expr.name);
      return place(found == world_.segment_starts.end() ? first.number : found->second, context);
    }
    default:
      return plain(0);
  }
}

}  // namespace fwseal
