// Evaluates expressions by native calls of their functions.
#include "planner/dataflow/evaluate.h"

#include <algorithm>
#include <cstring>

#include "planner/dataflow/expression.h"
#include "types/array_value.h"

namespace kappa {
namespace {

struct alignas(16) SlotBytes {
  char bytes[32] = {};
};

class Evaluator {
 public:
  Evaluator(CallContext* context, const std::vector<Datum>& parameters, const ColumnValues* row)
      : context_(context), parameters_(parameters), row_(row) {}

  StatusOr<Datum> Run(const Expr& expr) {
    switch (expr.kind) {
      case ExprKind::kConstant:
        return expr.constant;
      case ExprKind::kColumn:
        if (row_ != nullptr) {
          if (const auto place = row_->places.find(expr.column); place != row_->places.end()) return (*row_->values)[place->second];
        }
        return SqlError(sqlstate::kInternalError) << "an expression reads column #" << expr.column << ", which is not there";
      case ExprKind::kParameter:
        return Parameter(expr);
      case ExprKind::kCall:
        return Call(expr);
      case ExprKind::kAnd:
        return Chain(expr, false);
      case ExprKind::kOr:
        return Chain(expr, true);
      case ExprKind::kNot: {
        ASSIGN_OR_RETURN(Datum value, Run(*expr.args[0]));
        return value.is_null() ? value : Datum::Bool(!value.as_bool());
      }
      case ExprKind::kIsNull: {
        ASSIGN_OR_RETURN(Datum value, Run(*expr.args[0]));
        return Datum::Bool(value.is_null());
      }
      case ExprKind::kCase:
        return Case(expr);
      case ExprKind::kCoalesce:
        return Coalesce(expr);
      case ExprKind::kIn:
        return In(expr);
      case ExprKind::kField: {
        ASSIGN_OR_RETURN(Datum value, Run(*expr.args[0]));
        return value.is_null() ? value : value.as_struct()[expr.field];
      }
      case ExprKind::kStruct: {
        std::vector<Datum> fields;
        for (const ExprPtr& arg : expr.args) {
          ASSIGN_OR_RETURN(Datum value, Run(*arg));
          fields.push_back(std::move(value));
        }
        return Datum::Struct(std::move(fields));
      }
      case ExprKind::kAnyOf:
      case ExprKind::kAllOf:
        return Quantified(expr);
    }
    return SqlError(sqlstate::kInternalError) << "unknown kind of expression";
  }

 private:
  StatusOr<Datum> Parameter(const Expr& expr) {
    if (static_cast<size_t>(expr.parameter) >= parameters_.size()) {
      return SqlError(sqlstate::kUndefinedParameter, expr.range) << "there is no value for parameter $" << expr.parameter + 1;
    }
    return parameters_[expr.parameter];
  }

  StatusOr<Datum> Call(const Expr& expr) {
    std::vector<Datum> values;
    values.reserve(expr.args.size());
    for (const ExprPtr& arg : expr.args) {
      ASSIGN_OR_RETURN(Datum value, Run(*arg));
      if (value.is_null() && expr.function->strict) return Datum();
      values.push_back(std::move(value));
    }
    std::vector<Type> types;
    for (const ExprPtr& arg : expr.args) types.push_back(arg->type);
    return Apply(expr, types, expr.type, values);
  }

  StatusOr<Datum> ApplyRaw(const Expr& expr, const std::vector<Type>& types, const Type& result_type, const std::vector<Datum>& values) {
    const FunctionEntry& function = *expr.function;
    std::vector<std::vector<char>> slots(values.size());
    std::vector<AnyValue> args(values.size());
    for (size_t i = 0; i < values.size(); ++i) {
      const TypeDescriptor* type = DescribeType(types[i]);
      slots[i].resize(std::max(AnyRoom(type), sizeof(SlotBytes)));
      args[i] = {type, slots[i].data(), values[i].is_null(), nullptr, nullptr};
      if (!values[i].is_null()) FromDatum(values[i], type, slots[i].data());
    }
    const TypeDescriptor* result = DescribeType(result_type);
    std::vector<char> out(std::max(result->layout.size(), sizeof(SlotBytes)));
    bool null = false;
    const auto call = reinterpret_cast<RawFunction>(reinterpret_cast<uintptr_t>(function.code));
    if (!call(context_, args.data(), static_cast<uint32_t>(args.size()), result, out.data(), &null)) {
      return SqlError(context_->error_state, expr.range) << context_->error_message;
    }
    return ToDatum({result, out.data(), null, nullptr, nullptr});
  }

  // Calls the expression's function.
  StatusOr<Datum> Apply(const Expr& expr, const std::vector<Type>& types, const Type& result_type, const std::vector<Datum>& values) {
    const FunctionEntry& function = *expr.function;
    if (function.raw) return ApplyRaw(expr, types, result_type, values);
    std::vector<SlotBytes> slots(values.size());
    std::vector<const void*> pointers(values.size());
    std::vector<char> nulls(values.size());
    for (size_t i = 0; i < values.size(); ++i) {
      nulls[i] = values[i].is_null();
      if (!nulls[i]) values[i].Store(types[i], slots[i].bytes);
      pointers[i] = slots[i].bytes;
    }
    SlotBytes result;
    bool null = false;
    static_assert(sizeof(bool) == sizeof(char));
    if (!function.invoke(context_, result.bytes, &null, pointers.data(), reinterpret_cast<const bool*>(nulls.data()))) {
      return SqlError(context_->error_state, expr.range) << context_->error_message;
    }
    if (null) return Datum();
    return Datum::Load(result_type, result.bytes);
  }

  // AND stops at the first false, OR at the first true; NULL otherwise when one was NULL.
  StatusOr<Datum> Chain(const Expr& expr, bool stop) {
    bool null = false;
    for (const ExprPtr& arg : expr.args) {
      ASSIGN_OR_RETURN(Datum value, Run(*arg));
      if (value.is_null())
        null = true;
      else if (value.as_bool() == stop)
        return value;
    }
    return null ? Datum() : Datum::Bool(!stop);
  }

  StatusOr<Datum> Case(const Expr& expr) {
    for (size_t i = 0; i + 1 < expr.args.size(); i += 2) {
      ASSIGN_OR_RETURN(Datum when, Run(*expr.args[i]));
      if (!when.is_null() && when.as_bool()) return Run(*expr.args[i + 1]);
    }
    return Run(*expr.args.back());
  }

  StatusOr<Datum> Coalesce(const Expr& expr) {
    for (const ExprPtr& arg : expr.args) {
      ASSIGN_OR_RETURN(Datum value, Run(*arg));
      if (!value.is_null()) return value;
    }
    return Datum();
  }

  StatusOr<Datum> In(const Expr& expr) {
    ASSIGN_OR_RETURN(Datum needle, Run(*expr.args[0]));
    if (needle.is_null()) return Datum();
    bool null = false;
    for (size_t i = 1; i < expr.args.size(); ++i) {
      ASSIGN_OR_RETURN(Datum value, Run(*expr.args[i]));
      if (value.is_null()) {
        null = true;
        continue;
      }
      ASSIGN_OR_RETURN(Datum equal, Apply(expr, {expr.args[0]->type, expr.args[i]->type}, TypeId::kBool, {needle, value}));
      if (!equal.is_null() && equal.as_bool()) return equal;
    }
    return null ? Datum() : Datum::Bool(false);
  }

  // ANY: true when the operator is for one element, else NULL when it is for one; ALL likewise with false.
  StatusOr<Datum> Quantified(const Expr& expr) {
    const bool any = expr.kind == ExprKind::kAnyOf;
    std::vector<Datum> values;
    std::vector<Type> types;
    for (const ExprPtr& arg : expr.args) {
      ASSIGN_OR_RETURN(Datum value, Run(*arg));
      values.push_back(std::move(value));
      types.push_back(arg->type);
    }
    if (values[1].is_null()) return Datum();
    const TypeDescriptor* array = DescribeType(types[1]);
    types[1] = array->element->type;
    const Datum elements = values[1];
    const ArrayView view(Array(elements.as_bytes().data(), elements.as_bytes().size()), array->element);
    std::vector<char> room(ElementRoom(array->element));
    bool null = false;
    for (size_t i = 0; i < view.count(); ++i) {
      values[1] = ToDatum(view.Get(i, room.data()));
      if (expr.function->strict && (values[0].is_null() || values[1].is_null())) {
        null = true;
        continue;
      }
      ASSIGN_OR_RETURN(Datum test, Apply(expr, types, TypeId::kBool, values));
      if (test.is_null())
        null = true;
      else if (test.as_bool() == any)
        return test;
    }
    return null ? Datum() : Datum::Bool(!any);
  }

  CallContext* context_;
  const std::vector<Datum>& parameters_;
  const ColumnValues* row_;  // nullptr: there are no columns
};

}  // namespace

StatusOr<Datum> Evaluate(const Expr& expr, CallContext* context, const std::vector<Datum>& parameters) {
  return Evaluator(context, parameters, nullptr).Run(expr);
}

StatusOr<Datum> EvaluateRow(const Expr& expr, CallContext* context, const std::vector<Datum>& parameters, const ColumnValues& row) {
  return Evaluator(context, parameters, &row).Run(expr);
}

}  // namespace kappa
