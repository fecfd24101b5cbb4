#include "sections/script_eval.h"

#include <bit>

namespace fwseal {
namespace {

Value plain(u64 number) { return {number, kPlainNumber, true, kNoSymbol}; }
Value absolute_value(u64 number) { return {number, kAbsoluteAddress, true, kNoSymbol}; }

bool is_comparison(Op op) {
  switch (op) {
    case Op::kLess:
    case Op::kGreater:
    case Op::kLessEqual:
    case Op::kGreaterEqual:
    case Op::kEqual:
    case Op::kNotEqual:
    case Op::kLogicalAnd:
    case Op::kLogicalOr: return true;
    default: return false;
  }
}

// All arithmetic is on 64-bit words; division is signed, comparison is not (GNU ld's choice).
u64 arithmetic(Op op, u64 a, u64 b) {
  const auto quotient = [](i64 x, i64 y) {
    return y == -1 ? u64{0} - static_cast<u64>(x) : static_cast<u64>(x / y);
  };
  const auto rest = [](i64 x, i64 y) { return y == -1 ? u64{0} : static_cast<u64>(x % y); };
  switch (op) {
    case Op::kMultiply: return a * b;
    case Op::kDivide: return quotient(static_cast<i64>(a), static_cast<i64>(b));
    case Op::kRemainder: return rest(static_cast<i64>(a), static_cast<i64>(b));
    case Op::kAdd: return a + b;
    case Op::kSubtract: return a - b;
    case Op::kShiftLeft: return b < 64 ? a << b : 0;
    case Op::kShiftRight: return b < 64 ? a >> b : 0;
    case Op::kLess: return a < b;
    case Op::kGreater: return a > b;
    case Op::kLessEqual: return a <= b;
    case Op::kGreaterEqual: return a >= b;
    case Op::kEqual: return a == b;
    case Op::kNotEqual: return a != b;
    case Op::kAnd: return a & b;
    case Op::kXor: return a ^ b;
    case Op::kOr: return a | b;
    case Op::kLogicalAnd: return a != 0 && b != 0;
    case Op::kLogicalOr: return a != 0 || b != 0;
    default: return 0;
  }
}

}  // namespace

Value ScriptWorld::address_in(SectionId section, u64 offset) const {
  const SectionPlace& place = places[index(section)];
  if (place.output == kNoOutput) return {0, kPlainNumber, false, kNoSymbol};
  u64 inside = offset;
  if (merged != nullptr && merged->merged(section)) inside = merged->map(section, offset);
  else if (edits != nullptr && index(section) < edits->size())
    inside = (*edits)[index(section)].map(offset);
  return {place.offset + inside, static_cast<i32>(index(place.output)), true, kNoSymbol};
}

u64 ScriptWorld::absolute(const Value& value) const {
  return value.section >= 0 ? value.number + outputs[static_cast<u32>(value.section)].vma
                            : value.number;
}

std::optional<u32> ScriptWorld::output_named(std::string_view name) const {
  std::optional<u32> found;
  for (u32 i = 0; i < arrangement.outputs.size(); i++) {
    const ArrangedOutput& output = arrangement.outputs[i];
    if (output.skipped || output.name != name) continue;
    if (outputs[i].exists) return i;
    if (!found) found = i;
  }
  return found;
}

Value Evaluator::invalid(const Expr& expr, std::string_view what) {
  if (report_) diag_.error(expr.place.location(), what);
  return {0, kPlainNumber, false, kNoSymbol};
}

Value Evaluator::make_absolute(Value value) const {
  value.number = world_.absolute(value);
  value.section = kAbsoluteAddress;
  return value;
}

// An address as GNU ld gives it back to an expression: inside an output section it is relative.
Value Evaluator::relative_to_context(u64 address, const EvalContext& context) const {
  if (!context.section) return absolute_value(address);
  const u32 output = *context.section;
  return {address - world_.outputs[output].vma, static_cast<i32>(output), true, kNoSymbol};
}

u64 Evaluator::number(const Expr& expr, const EvalContext& context) {
  const Value value = evaluate(expr, context);
  return value.valid ? world_.absolute(value) : 0;
}

Value Evaluator::evaluate(const Expr& expr, const EvalContext& context) {
  switch (expr.kind) {
    case ExprKind::kNumber:
      return context.section ? plain(expr.number) : absolute_value(expr.number);
    case ExprKind::kName: return name(expr, context);
    case ExprKind::kUnary: return unary(expr, context);
    case ExprKind::kBinary: return binary(expr, context);
    case ExprKind::kTernary: {
      const Value condition = evaluate(*expr.operands[0], context);
      if (!condition.valid) return condition;
      return evaluate(*expr.operands[condition.number != 0 ? 1 : 2], context);
    }
    case ExprKind::kFunction: return function(expr, context);
  }
  return plain(0);
}

Value Evaluator::name(const Expr& expr, const EvalContext& context) {
  if (expr.name == ".") return relative_to_context(context.dot, context);
  const SymbolId id = world_.program.symbols.find(expr.name);
  const auto undefined = [&] {
    return invalid(expr, cat("undefined symbol `", expr.name, "' referenced in expression"));
  };
  if (id == kNoSymbol) return undefined();
  const Symbol& symbol = world_.program.symbols[id];
  Value value;
  switch (symbol.state) {
    case SymbolState::kScript: {
      const ScriptValue& script = world_.symbols[index(id)];
      if (!script.defined) return undefined();
      value = {script.number, script.section, true, script.alias_of};
      break;
    }
    case SymbolState::kAbsolute: value = absolute_value(symbol.value); break;
    case SymbolState::kDefined:
      value = world_.address_in(symbol.section, symbol.value);
      if (!value.valid)
        return invalid(expr, cat("symbol `", expr.name,
                                 "' referenced in expression is in a discarded section"));
      break;
    default: return undefined();
  }
  if (value.section == kAbsoluteAddress && context.section) value.section = kPlainNumber;
  value.alias_of = id;
  return value;
}

Value Evaluator::unary(const Expr& expr, const EvalContext& context) {
  Value value = evaluate(*expr.operands[0], context);
  value.alias_of = kNoSymbol;
  switch (expr.op) {
    case Op::kNegate: value.number = u64{0} - value.number; break;
    case Op::kComplement: value.number = ~value.number; break;
    case Op::kNot: value.number = value.number == 0; break;
    default: break;
  }
  return value;
}

Value Evaluator::binary(const Expr& expr, const EvalContext& context) {
  Value a = evaluate(*expr.operands[0], context);
  Value b = evaluate(*expr.operands[1], context);
  if (!a.valid || !b.valid) return {0, kPlainNumber, false, kNoSymbol};
  i32 section = a.section;
  // Values of different sections meet as absolute addresses; a plain number joins the other.
  if (a.section != b.section) {
    if (a.section != kPlainNumber && b.section != kPlainNumber) {
      a = make_absolute(a);
      b = make_absolute(b);
      section = kAbsoluteAddress;
    } else {
      section = a.section == kPlainNumber ? b.section : a.section;
    }
  } else if (a.section >= 0) {
    section = kPlainNumber;  // the distance of two places in one section, and the like
  }
  if ((expr.op == Op::kDivide || expr.op == Op::kRemainder) && b.number == 0)
    return invalid(expr, expr.op == Op::kDivide ? "division by zero" : "remainder by zero");
  Value result{arithmetic(expr.op, a.number, b.number), section, true, kNoSymbol};
  if (is_comparison(expr.op)) result.section = kPlainNumber;
  return result;
}

Value Evaluator::section_function(const Expr& expr) {
  const auto output = world_.output_named(expr.name);
  if (!output) {
    const bool needed = expr.function == Function::kAddr || expr.function == Function::kLoadaddr;
    if (needed)
      return invalid(expr, cat("undefined section `", expr.name, "' referenced in expression"));
    if (report_)
      diag_.error(expr.place.location(),
                  cat("undefined section `", expr.name, "' referenced in expression"));
    return plain(0);
  }
  const OutputState& state = world_.outputs[*output];
  switch (expr.function) {
    case Function::kAddr: return {0, static_cast<i32>(*output), state.placed, kNoSymbol};
    case Function::kLoadaddr: return {state.lma, kAbsoluteAddress, state.placed, kNoSymbol};
    case Function::kSizeof: return plain(state.exists ? state.size : 0);
    default: return plain(state.exists ? state.alignment : 0);
  }
}

Value Evaluator::region_function(const Expr& expr, const EvalContext& context) {
  const auto found = world_.region_names.find(expr.name);
  if (found == world_.region_names.end())
    return invalid(expr, cat("undefined MEMORY region `", expr.name, "' referenced in expression"));
  const RegionState& region = world_.regions[found->second];
  if (expr.function == Function::kLength) return plain(region.length);
  return relative_to_context(region.origin, context);
}

Value Evaluator::function(const Expr& expr, const EvalContext& context) {
  std::vector<Value> operands;
  for (const ExprPtr& operand : expr.operands) operands.push_back(evaluate(*operand, context));
  for (const Value& operand : operands)
    if (!operand.valid) return {0, kPlainNumber, false, kNoSymbol};
  const auto at = [&](std::size_t i) { return world_.absolute(operands[i]); };
  switch (expr.function) {
    case Function::kAbsolute: {
      Value value = make_absolute(operands[0]);
      value.alias_of = operands[0].alias_of;
      return value;
    }
    case Function::kAddr:
    case Function::kLoadaddr:
    case Function::kSizeof:
    case Function::kAlignof: return section_function(expr);
    case Function::kOrigin:
    case Function::kLength: return region_function(expr, context);
    case Function::kAlign:
    case Function::kBlock: {
      if (operands.size() == 1)
        return relative_to_context(align_up(context.dot, at(0)), context);
      Value value = operands[0];
      value.alias_of = kNoSymbol;
      value.number = align_up(value.number, operands[1].number);
      return value;
    }
    case Function::kNext: return absolute_value(align_up(context.dot, at(0)));
    case Function::kAssert:
      if (at(0) == 0 && report_) diag_.error(expr.place.location(), expr.name);
      return operands[0];
    case Function::kDataSegmentAlign: {
      // "(ALIGN(maxpagesize) + (. & (maxpagesize - 1)))", ld manual, DATA_SEGMENT_ALIGN. The form
      // that saves a page of the file on some machines only matters to a demand-paged system.
      const u64 page = at(0);
      if (page == 0) return relative_to_context(context.dot, context);
      return relative_to_context(align_up(context.dot, page) + (context.dot & (page - 1)), context);
    }
    case Function::kDataSegmentEnd: return operands[0];
    case Function::kDataSegmentRelroEnd: return relative_to_context(context.dot, context);
    case Function::kDefined: {
      const SymbolId id = world_.program.symbols.find(expr.name);
      if (id == kNoSymbol) return plain(0);
      const SymbolState state = world_.program.symbols[id].state;
      if (state != SymbolState::kScript)
        return plain(state == SymbolState::kDefined || state == SymbolState::kAbsolute);
      const ScriptValue& script = world_.symbols[index(id)];
      return plain(script.defined && script.pass == world_.pass);
    }
    case Function::kLog2ceil:
      return plain(at(0) <= 1 ? 0 : static_cast<u64>(std::bit_width(at(0) - 1)));
    case Function::kMax: return operands[at(0) < at(1) ? 1 : 0];
    case Function::kMin: return operands[at(1) < at(0) ? 1 : 0];
    case Function::kSegmentStart: {
      const auto found = world_.segment_starts.find(expr.name);
      return found == world_.segment_starts.end()
                 ? operands[0]
                 : relative_to_context(found->second, context);
    }
    case Function::kSizeofHeaders: return plain(world_.headers_size);
    case Function::kConstant:
      if (expr.name == "MAXPAGESIZE") return plain(world_.max_page_size);
      if (expr.name == "COMMONPAGESIZE") return plain(world_.common_page_size);
      return invalid(expr, cat("unknown constant `", expr.name, "' referenced in expression"));
    case Function::kNone: break;
  }
  return plain(0);
}

}  // namespace fwseal
