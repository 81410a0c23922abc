#include "parser/print/sql_writer.h"

namespace kappa::print {

void SqlWriter::Order(const std::vector<ast::OrderItem>& items) {
  Add("ORDER BY ");
  OrderItems(items);
}

void SqlWriter::OrderItems(const std::vector<ast::OrderItem>& items) {
  List(items, [&](const ast::OrderItem& item) {
    Expression(*item.expression);
    if (item.descending) Add(" DESC");
    if (item.nulls_first.has_value()) Add(*item.nulls_first ? " NULLS FIRST" : " NULLS LAST");
  });
}

void SqlWriter::Bound(const ast::FrameBound& bound) {
  switch (bound.kind) {
    case ast::FrameBoundKind::kUnboundedPreceding:
      Add("UNBOUNDED PRECEDING");
      return;
    case ast::FrameBoundKind::kUnboundedFollowing:
      Add("UNBOUNDED FOLLOWING");
      return;
    case ast::FrameBoundKind::kCurrentRow:
      Add("CURRENT ROW");
      return;
    default:
      break;
  }
  Expression(*bound.offset, kOtherOperator);
  Add(bound.kind == ast::FrameBoundKind::kPreceding ? " PRECEDING" : " FOLLOWING");
}

void SqlWriter::Frame(const ast::WindowFrame& frame) {
  if (frame.unit == ast::FrameUnit::kSession) {
    Add("SESSION WITH GAP ");
    return Expression(*frame.gap);
  }
  static constexpr std::string_view kUnits[] = {"ROWS ", "RANGE ", "GROUPS "};
  static constexpr std::string_view kExclusions[] = {"", " EXCLUDE CURRENT ROW", " EXCLUDE GROUP", " EXCLUDE TIES"};
  Add(kUnits[static_cast<int>(frame.unit)]);
  if (frame.end.has_value()) Add("BETWEEN ");
  Bound(frame.start);
  if (frame.end.has_value()) {
    Add(" AND ");
    Bound(*frame.end);
  }
  Add(kExclusions[static_cast<int>(frame.exclusion)]);
}

void SqlWriter::Window(const ast::WindowSpecification& window) {
  if (window.reference_only) {
    Name(window.base);
    return;
  }
  Add("(");
  std::string_view gap;
  auto part = [&] {
    Add(gap);
    gap = " ";
  };
  if (!window.base.name.empty()) {
    part();
    Name(window.base);
  }
  if (!window.partition_by.empty()) {
    part();
    Add("PARTITION BY ");
    Expressions(window.partition_by);
  }
  if (!window.order_by.empty()) {
    part();
    Order(window.order_by);
  }
  if (window.frame.has_value()) {
    part();
    Frame(*window.frame);
  }
  Add(")");
}

// The forms with words; the others are plain calls of ltrim and its like.
void SqlWriter::SpecialCall(const ast::Call& call) {
  auto argument = [&](size_t i, int least = kAny) { Expression(*call.arguments[i].value, least); };
  switch (call.syntax) {
    case ast::CallSyntax::kExtract:
      Add("EXTRACT(");
      argument(0);
      Add(" FROM ");
      argument(1);
      break;
    case ast::CallSyntax::kPosition:
      Add("POSITION(");
      argument(1, kOtherOperator);
      Add(" IN ");
      argument(0);
      break;
    case ast::CallSyntax::kSubstring:
      Add("SUBSTRING(");
      argument(0);
      Add(" FROM ");
      argument(1);
      if (call.arguments.size() > 2) {
        Add(" FOR ");
        argument(2);
      }
      break;
    default:
      Add("OVERLAY(");
      argument(0);
      Add(" PLACING ");
      argument(1);
      Add(" FROM ");
      argument(2);
      if (call.arguments.size() > 3) {
        Add(" FOR ");
        argument(3);
      }
  }
  Add(")");
}

void SqlWriter::Call(const ast::Call& call) {
  if (call.syntax != ast::CallSyntax::kPlain && call.syntax != ast::CallSyntax::kTrim) return SpecialCall(call);
  FunctionName(call.name).Add("(");
  if (call.star) Add("*");
  if (call.distinct) Add("DISTINCT ");
  size_t left = call.arguments.size();
  List(call.arguments, [&](const ast::Argument& argument) {
    if (call.variadic && left == 1) Add("VARIADIC ");
    if (!argument.name.name.empty()) Name(argument.name).Add(" => ");
    Expression(*argument.value);
    --left;
  });
  if (!call.order_by.empty()) {
    Add(" ");
    Order(call.order_by);
  }
  Add(")");
  if (!call.within_group.empty()) {
    Add(" WITHIN GROUP (");
    Order(call.within_group);
    Add(")");
  }
  if (call.filter != nullptr) {
    Add(" FILTER (WHERE ");
    Expression(*call.filter);
    Add(")");
  }
  if (call.nulls != ast::NullTreatment::kNone) Add(call.nulls == ast::NullTreatment::kIgnore ? " IGNORE NULLS" : " RESPECT NULLS");
  if (call.over != nullptr) {
    Add(" OVER ");
    Window(*call.over);
  }
}

}  // namespace kappa::print
