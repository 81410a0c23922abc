#include "bench/functions/compiled.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "connectors/registry.h"
#include "exec/codegen/code_builder.h"
#include "exec/expressions/expression_emitter.h"
#include "functions/registry.h"
#include "parser/parser.h"
#include "planner/planner.h"

namespace kappa::bench {
namespace {

constexpr size_t kBatch = 4096;

struct Bound {
  ExprPtr expr;  // over `columns`
  std::map<std::string, ColumnId> columns;
  const AggregateEntry* aggregate = nullptr;  // that the expression goes into; nullptr: none
};

// What the planner makes of SELECT expression FROM t. The field of a document is taken in the expression: the decoder's own way is another row of
// the table.
StatusOr<Bound> Bind(const std::string& expression) {
  const std::unique_ptr<Connectors> connectors = MakeConnectors({});
  Catalog catalog;
  PlannerSettings settings;
  settings.disabled_rules = {"json_path_pushdown"};
  ProgramPlanner planner(&catalog, connectors.get(), settings);
  ASSIGN_OR_RETURN(const auto source, ParseStatement(kSourceStatement));
  RETURN_IF_ERROR(planner.Add(*source, kSourceStatement));
  const std::string text = "SELECT " + expression + " AS x FROM t";
  ASSIGN_OR_RETURN(const auto statement, ParseStatement(text));
  ASSIGN_OR_RETURN(const SelectPlan plan, ProgramPlanner(&catalog, connectors.get(), settings).PlanSelect(*statement));
  Bound bound;
  std::map<ColumnId, ExprPtr> computed;
  ColumnId wanted = plan.columns.at(0).id;
  for (const PlanOperator& op : plan.dataflow.operators) {
    if (const auto* scan = op.As<ScanOp>()) {
      for (const ScanOp::ScanColumn& column : scan->columns) {
        bound.columns[column.column.name] = column.column.id;
        computed[column.column.id] = MakeColumn(column.column);
      }
    }
    if (const auto* project = op.As<ProjectOp>()) {
      for (const auto& [column, expr] : project->columns) {
        const bool renamed = expr->kind == ExprKind::kColumn && computed.count(expr->column) > 0;
        computed[column.id] = renamed ? computed[expr->column] : expr;
      }
    }
    if (const auto* aggregate = op.As<AggregateOp>()) {
      bound.aggregate = aggregate->aggregates.at(0).function;
      computed[aggregate->aggregates[0].output] = aggregate->aggregates[0].args.at(0);
      wanted = aggregate->aggregates[0].output;
    }
  }
  bound.expr = computed[wanted];
  if (bound.expr == nullptr) return SqlError(sqlstate::kInternalError) << "no expression found for " << expression;
  return bound;
}

class Compiled final : public CompiledExpression {
 public:
  Status Compile(Jit* jit, const std::string& expression) {
    ASSIGN_OR_RETURN(bound_, Bind(expression));
    state_.assign(bound_.aggregate == nullptr ? 1 : bound_.aggregate->state_size / 8, 0);
    ASSIGN_OR_RETURN(module_, jit->Compile(Tier::kOptimized, [&](llvm::Module* module, RuntimeLibrary* runtime) { return Emit(module, runtime); },
                                           {"bench_expression"}));
    code_ = reinterpret_cast<Code>(reinterpret_cast<uintptr_t>(module_->Lookup("bench_expression")));
    return OkStatus();
  }
  uint64_t Run(const Row* rows, size_t count) override {
    uint64_t sum = 0;
    for (size_t at = 0; at < count; at += kBatch) {
      sum += code_(&context_, rows + at, std::min(kBatch, count - at));
      context_.call.scratch.Reset();
    }
    return bound_.aggregate == nullptr ? sum : TakeAggregate();
  }

 private:
  using Code = uint64_t (*)(WorkerContext*, const Row*, uint64_t);

  // for each row: sum += word(expression(row))
  Status Emit(llvm::Module* module, RuntimeLibrary* runtime) {
    auto* pointer = llvm::PointerType::getUnqual(module->getContext());
    auto* i64 = llvm::Type::getInt64Ty(module->getContext());
    CodeBuilder fn(module, runtime, "bench_expression", i64, {pointer, pointer, i64});
    ExpressionEmitter expressions(fn, fn.Argument(0));
    llvm::AllocaInst* sum = fn.Variable(i64, fn.I64(0));
    auto add = [&](llvm::Value* word) { fn.ir().CreateStore(fn.ir().CreateAdd(fn.ir().CreateLoad(i64, sum), word), sum); };
    static constexpr const char* kNames[] = {"url", "digits", "doc", "price", "ts", "tz", "n"};
    fn.Loop(fn.Argument(2), [&](llvm::Value* index) {
      llvm::Value* row = fn.At(fn.Argument(1), fn.ir().CreateMul(index, fn.I64(static_cast<int64_t>(layout_.size()))));
      EmittedRow columns;
      for (size_t i = 0; i < kColumns; ++i) {
        if (bound_.columns.count(kNames[i]) > 0) columns.Set(bound_.columns[kNames[i]], fn.Load(layout_, layout_.slots()[i], row));
      }
      fn.Guard([&] { add(fn.I64(int64_t{1} << 40)); },
               [&] {
                 const SqlValue value = expressions.Emit(*bound_.expr, columns);
                 if (bound_.aggregate != nullptr)
                   Aggregate(fn, value);
                 else
                   add(Word(fn, value));
               });
    });
    fn.Return(fn.ir().CreateLoad(i64, sum));
    return OkStatus();
  }

  // Adds it to the aggregate's state, which lies in memory as a group's does.
  void Aggregate(CodeBuilder& fn, const SqlValue& value) {
    llvm::Value* slot = fn.Frame(SlotSize(value.type.id()));
    auto fold = [&] {
      fn.StoreSlot(value, slot);
      fn.CallAddress(bound_.aggregate->add, {fn.Pointer(&states_), fn.Pointer(state_.data()), slot, fn.I64(1)});
    };
    if (value.null == nullptr) return fold();
    fn.If(fn.ir().CreateNot(value.null), fold);
  }

  llvm::Value* Word(CodeBuilder& fn, const SqlValue& value) {
    auto& ir = fn.ir();
    llvm::Value* first = value.parts[0];
    llvm::Value* word = nullptr;
    if (value.type.has_bytes())
      word = ir.CreateAdd(ir.CreateAnd(first, fn.I64(0xFFFFFFFF)), ir.CreateAnd(ir.CreateLShr(first, 32), fn.I64(255)));
    else if (value.type.id() == TypeId::kNumeric)
      word = ir.CreateAdd(first, ir.CreateZExt(value.parts[2], ir.getInt64Ty()));
    else if (value.type.id() == TypeId::kBool)
      word = ir.CreateZExt(first, ir.getInt64Ty());
    else
      word = ir.CreateSExt(first, ir.getInt64Ty());
    return value.null == nullptr ? word : ir.CreateSelect(value.null, fn.I64(kNullWord), word);
  }

  // The low word of its result; it is empty afterwards.
  uint64_t TakeAggregate() {
    using Result = bool (*)(StateContext*, CallContext*, const void*, void*, bool*);
    Numeric out;
    bool null = false;
    const auto result = reinterpret_cast<Result>(reinterpret_cast<uintptr_t>(bound_.aggregate->result_code));
    if (!result(&states_, &context_.call, state_.data(), &out, &null)) std::abort();
    std::fill(state_.begin(), state_.end(), 0);
    return out.low;
  }

  Bound bound_;
  RowLayout layout_ = LayoutOfRow();
  WorkerContext context_;
  StateContext states_;
  std::vector<uint64_t> state_;
  std::unique_ptr<CompiledModule> module_;
  Code code_ = nullptr;
};

}  // namespace

StatusOr<std::unique_ptr<CompiledExpression>> CompileExpression(Jit* jit, const std::string& expression) {
  auto made = std::make_unique<Compiled>();
  RETURN_IF_ERROR(made->Compile(jit, expression));
  return std::unique_ptr<CompiledExpression>(std::move(made));
}

}  // namespace kappa::bench
