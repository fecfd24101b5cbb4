#include "sections/script_symbols.h"

#include <functional>
#include <set>
#include <string_view>

namespace fwseal {
namespace {

using Visit = std::function<void(const Expr&)>;

void walk(const ExprPtr& expr, const Visit& visit) {
  if (expr == nullptr) return;
  visit(*expr);
  for (const ExprPtr& operand : expr->operands) walk(operand, visit);
}

// Every assignment of the script, and every other expression that layout evaluates.
struct ScriptVisitor {
  std::function<void(const Assignment&)> assignment;
  Visit other;  // each node of the expressions that are no value of a symbol

  void visit(const Assignment& statement) const {
    if (statement.symbol == ".")
      walk(statement.value, other);
    else
      assignment(statement);
  }
  void visit(const Assertion& statement) const { walk(statement.condition, other); }
  void visit(const DataStatement& statement) const { walk(statement.value, other); }
  void visit(const FillPattern& statement) const { walk(statement.value, other); }
  void visit(const InputDescription&) const {}
  void visit(const ConstructorsStatement&) const {}
  void visit(const Insert&) const {}
  void visit(const OutputDescription& output) const {
    for (const ExprPtr* expr : {&output.address, &output.explicit_type, &output.load_address,
                                &output.alignment, &output.subalignment})
      walk(*expr, other);
    if (output.fill) visit(*output.fill);
    for (const SectionStatement& statement : output.statements)
      std::visit([&](const auto& one) { visit(one); }, statement);
  }
  void visit(const Script& script) const {
    for (const Statement& statement : script.statements)
      std::visit([&](const auto& one) { visit(one); }, statement);
    for (const MemoryRegion& region : script.regions) {
      walk(region.origin, other);
      walk(region.length, other);
    }
    for (const SegmentDescription& segment : script.segments)
      for (const ExprPtr* expr : {&segment.load_address, &segment.flags}) walk(*expr, other);
  }
};

bool asks_for_itself(const Assignment& assignment) {
  bool asks = false;
  walk(assignment.value, [&](const Expr& expr) {
    asks = asks || (expr.kind == ExprKind::kFunction && expr.function == Function::kDefined &&
                    expr.name == assignment.symbol);
  });
  return asks;
}

bool is_provided(const Assignment& assignment) {
  return assignment.how == Assign::kProvide || assignment.how == Assign::kProvideHidden;
}

}  // namespace

ScriptNames names_defined_by(const Script& script) {
  ScriptNames names;
  std::set<std::string> seen;
  ScriptVisitor visitor;
  visitor.assignment = [&](const Assignment& assignment) {
    const bool again = !seen.insert(assignment.symbol).second;
    if (is_provided(assignment))
      names.provided.push_back(assignment.symbol);
    else if (!again && asks_for_itself(assignment))
      names.defaulted.push_back(assignment.symbol);
    else
      names.defined.push_back(assignment.symbol);
  };
  visitor.other = [](const Expr&) {};
  visitor.visit(script);
  const std::set<std::string_view> defined(names.defined.begin(), names.defined.end());
  std::erase_if(names.defaulted, [&](const std::string& name) { return defined.contains(name); });
  return names;
}

void settle_defaults(const ScriptNames& names, Symbols& symbols) {
  for (const std::string& name : names.defaulted) {
    Symbol& symbol = symbols[symbols.add(name)];
    if (symbol.state == SymbolState::kUnseen || symbol.state == SymbolState::kUndefined)
      symbol.state = SymbolState::kScript;
  }
}

std::vector<ScriptDefinition> script_definitions(const Script& script, const Symbols& symbols) {
  std::vector<ScriptDefinition> definitions;
  ScriptVisitor visitor;
  visitor.assignment = [&](const Assignment& assignment) {
    const SymbolId id = symbols.find(assignment.symbol);
    if (id == kNoSymbol || symbols[id].state != SymbolState::kScript) return;
    ScriptDefinition definition{id, {}};
    walk(assignment.value, [&](const Expr& expr) {
      if (expr.kind != ExprKind::kName || expr.name == "." || expr.name == assignment.symbol)
        return;
      if (const SymbolId used = symbols.find(expr.name); used != kNoSymbol)
        definition.uses.push_back(used);
    });
    if (!definition.uses.empty()) definitions.push_back(std::move(definition));
  };
  visitor.other = [](const Expr&) {};
  visitor.visit(script);
  return definitions;
}

std::vector<SymbolId> symbols_layout_uses(const Script& script, const Symbols& symbols) {
  std::vector<SymbolId> used;
  const Visit use = [&](const Expr& expr) {
    if (expr.kind != ExprKind::kName || expr.name == ".") return;
    if (const SymbolId id = symbols.find(expr.name); id != kNoSymbol) used.push_back(id);
  };
  ScriptVisitor visitor;
  visitor.assignment = [&](const Assignment& assignment) {
    if (!is_provided(assignment)) walk(assignment.value, use);
  };
  visitor.other = use;
  visitor.visit(script);
  return used;
}

void walk_expression(const ExprPtr& expr, const Visit& visit) { walk(expr, visit); }

void visit_assignments(const Script& script, const std::function<void(const Assignment&)>& visit) {
  ScriptVisitor visitor;
  visitor.assignment = visit;
  visitor.other = [](const Expr&) {};
  visitor.visit(script);
}

void visit_data(const Script& script, const Visit& visit) {
  for (const Statement& statement : script.statements) {
    const auto* const output = std::get_if<OutputDescription>(&statement);
    if (output == nullptr) continue;
    for (const SectionStatement& inner : output->statements)
      if (const auto* const data = std::get_if<DataStatement>(&inner)) walk(data->value, visit);
  }
}

namespace {

// Each node of each expression.
void walk_script(const Script& script, const Visit& look) {
  ScriptVisitor visitor;
  visitor.assignment = [&](const Assignment& assignment) { walk(assignment.value, look); };
  visitor.other = look;
  visitor.visit(script);
}

}  // namespace

std::vector<std::string> outputs_with_address(const Script& script) {
  std::vector<std::string> names;
  walk_script(script, [&](const Expr& expr) {
    const bool asks = expr.function == Function::kAddr || expr.function == Function::kLoadaddr;
    if (expr.kind == ExprKind::kFunction && asks) names.push_back(expr.name);
  });
  return names;
}

std::vector<std::string> names_wanted_by(const Script& script) {
  std::vector<std::string> names;
  const Visit look = [&](const Expr& expr) {
    if (expr.kind == ExprKind::kName && expr.name != ".") names.push_back(expr.name);
  };
  ScriptVisitor visitor;
  visitor.assignment = [&](const Assignment& assignment) {
    if (!is_provided(assignment)) walk(assignment.value, look);
  };
  visitor.other = look;
  visitor.visit(script);
  return names;
}

bool uses_segment_start(const Script& script, std::string_view segment) {
  bool uses = false;
  walk_script(script, [&](const Expr& expr) {
    uses = uses || (expr.kind == ExprKind::kFunction && expr.function == Function::kSegmentStart &&
                    expr.name == segment);
  });
  return uses;
}

bool uses_headers_size(const Script& script) {
  bool uses = false;
  walk_script(script, [&](const Expr& expr) {
    uses = uses || (expr.kind == ExprKind::kFunction && expr.function == Function::kSizeofHeaders);
  });
  return uses;
}

}  // namespace fwseal
