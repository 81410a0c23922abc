#include <algorithm>
#include <cstring>

#include "common/hash.h"
#include "exec/operators/packed_row.h"
#include "exec/runtime/stage.h"

namespace kappa {
namespace {

// Aggregate, for SELECT k, sum(v) GROUP BY k:
//   consume(row)       stage(hash(k), k, v, weight) for the worker that owns k's shard
//   apply_ID           the staged rows: prefetch; for each: g = groups[k]; touch(g); g.sum += v * weight
//   flush_ID           epoch end: for each touched g: if before(g) != after(g): emit(before, -1), emit(after, +1)
//   close_ID           the watermark has passed: emit(g, +1), once
class AggregateEmitter final : public OperatorEmitter {
 public:
  AggregateEmitter(ProgramEmitter* program, const PlanOperator& op)
      : program_(program), op_(op), aggregate_(*op.As<AggregateOp>()), plan_(program->plan().aggregates.at(op.id)) {}

  void EmitConsume(Emission& e, const EmittedRow& row) override {
    if (!aggregate_.fused_window) return EmitStage(e, row, nullptr);
    const WindowSpec& window = *aggregate_.window;
    const SqlValue time = *row.Find(window.time);
    EmitTimed(e, op_.id, row, time, [&] {
      if (plan_.panes) return EmitPane(e, row, time.parts[0]);
      EmitWindows(e.fn, window, time.parts[0], [&](llvm::Value* start, llvm::Value* end) {
        EmittedRow out = row;
        for (const Column& key : aggregate_.keys) {
          if (key.id == window.start) out.Set(key.id, {key.type, {start}, nullptr, {}});
          if (key.id == window.end) out.Set(key.id, {key.type, {end}, nullptr, {}});
        }
        EmitStage(e, out, nullptr);
      });
    });
  }

  void EmitFunctions() override {
    EmitApply();
    if (plan_.panes && !plan_.session) EmitExpand();
    EmitResult();
    if (plan_.updating || !aggregate_.emit_on_close) EmitFlush();
    if (aggregate_.emit_on_close) EmitClose();
  }

 private:
  std::string Name(const char* what) const { return std::string(what) + "_" + std::to_string(op_.id); }

  bool IsWindowColumn(const Column& key) const {
    return aggregate_.window && (key.id == aggregate_.window->start || key.id == aggregate_.window->end);
  }

  bool IsKey(ColumnId id) const {
    return std::any_of(aggregate_.keys.begin(), aggregate_.keys.end(), [&](const Column& key) { return key.id == id; });
  }

  // A row of a sliding window goes to its pane, the slice of length gcd(slide, size) that holds its time: once, not once a window.
  void EmitPane(Emission& e, const EmittedRow& row, llvm::Value* time) {
    EmittedRow out = row;
    for (const Column& key : aggregate_.keys) {
      if (IsWindowColumn(key)) out.Set(key.id, {key.type, {e.fn.I64(0)}, nullptr, {}});  // set once the shard is known
    }
    EmitStage(e, out, e.fn.Call("kappa_window_floor", {time, e.fn.I64(plan_.slice), e.fn.I64(aggregate_.window->offset)}));
  }

  // Puts `slice` where the key has its window. A pane and all its windows stay in one shard: that of the key without them.
  llvm::Value* EmitWindowOfKey(Emission& e, llvm::Value* key, llvm::Value* start, llvm::Value* end, llvm::Value* size, llvm::Value* shard) {
    for (size_t i = 0; i < aggregate_.keys.size(); ++i) {
      if (!IsWindowColumn(aggregate_.keys[i])) continue;
      StoreI64(e, aggregate_.keys[i].id == aggregate_.window->start ? start : end, key, plan_.key.slots()[i].offset);
    }
    return e.fn.Call("kappa_hash_in_shard", {HashKey(e, key, size), shard});
  }

  // --- staging; `slice`: of a pane, else nullptr
  void EmitStage(Emission& e, const EmittedRow& row, llvm::Value* slice) {
    e.GuardRow(op_.id, row, [&] {
      std::vector<SqlValue> arguments;
      llvm::Value* adds = e.fn.I64(0);
      for (size_t i = 0; i < aggregate_.aggregates.size(); ++i) EmitArgument(e, row, i, &arguments, &adds);
      std::vector<SqlValue> keys;
      for (const Column& key : aggregate_.keys) keys.push_back(*row.Find(key.id));
      llvm::Value* stage = e.fn.Call("kappa_stage", {e.context, e.fn.I32(plan_.state)});
      const bool alone = program_->plan().workers == 1;
      llvm::Value* staged = nullptr;
      if (plan_.variable_key) {
        auto [bytes, size] = EmitVariableKey(e, keys);
        llvm::Value* hash = ShardedByPartition() ? PartitionHash(e, keys) : HashKey(e, bytes, size);
        if (slice != nullptr) hash = EmitWindowOfKey(e, bytes, slice, slice, size, hash);
        staged = e.fn.Call("kappa_stage_add", {stage, alone ? e.fn.I32(0) : e.fn.Call("kappa_owner", {e.context, hash})});
        StoreI64(e, hash, staged, 0);
        e.fn.ir().CreateStore(bytes, e.fn.At(staged, plan_.key_offset));
        StoreI64(e, size, staged, plan_.key_offset + 8);
      } else if (alone) {
        staged = e.fn.Call("kappa_stage_add", {stage, e.fn.I32(0)});
        llvm::Value* key = e.fn.At(staged, plan_.key_offset);
        llvm::Value* hash = EmitFixedKey(e, keys, key);
        if (ShardedByPartition()) hash = PartitionHash(e, keys);
        if (slice != nullptr) hash = EmitWindowOfKey(e, key, slice, slice, nullptr, hash);
        StoreI64(e, hash, staged, 0);
      } else {
        llvm::Value* key = e.fn.Frame(std::max<size_t>(plan_.key.size(), 8), 8);
        llvm::Value* hash = EmitFixedKey(e, keys, key);
        if (ShardedByPartition()) hash = PartitionHash(e, keys);
        if (slice != nullptr) hash = EmitWindowOfKey(e, key, slice, slice, nullptr, hash);
        staged = e.fn.Call("kappa_stage_add", {stage, e.fn.Call("kappa_owner", {e.context, hash})});
        StoreI64(e, hash, staged, 0);
        if (plan_.key.size() != 0) e.fn.ir().CreateMemCpy(e.fn.At(staged, plan_.key_offset), llvm::Align(8), key, llvm::Align(8), plan_.key.size());
      }
      e.fn.StoreRow(plan_.arguments, arguments, e.fn.At(staged, plan_.arguments_offset));
      StoreI64(e, adds, staged, plan_.adds_offset);
      if (!aggregate_.input_append_only) StoreI64(e, e.Weight(row), staged, plan_.weight_offset);  // of a union one input may be append-only
      if (alone) {
        e.fn.If(
            e.fn.Call("kappa_stage_full", {stage}),
            [&] {
              e.fn.ir().CreateCall(Apply(), {e.context, e.fn.Call("kappa_stage_rows", {stage}), e.fn.I64(kStageRows)});
              e.fn.Call("kappa_stage_reset", {stage});
            },
            nullptr, true);
      }
    });
  }

  // Rows of a session meet at one worker though their keys hold more than its partition.
  bool ShardedByPartition() const { return plan_.session.has_value() && plan_.session->partition.size() + 2 < aggregate_.keys.size(); }

  llvm::Value* PartitionHash(Emission& e, std::vector<SqlValue> keys) {
    for (size_t i = 0; i < keys.size(); ++i) {
      if (plan_.of_partition[i]) {
        keys[i] = EmitCanonical(e, keys[i]);
        continue;
      }
      keys[i] = e.fn.Null(keys[i].type);
      if (!aggregate_.keys[i].nullable) keys[i].null = nullptr;
    }
    if (!plan_.variable_key) return EmitFixedKey(e, keys, e.fn.Frame(std::max<size_t>(plan_.key.size(), 8), 8));
    auto [bytes, size] = EmitVariableKey(e, keys);
    return HashKey(e, bytes, size);
  }

  static void StoreI64(Emission& e, llvm::Value* value, llvm::Value* row, uint32_t offset) {
    e.fn.ir().CreateAlignedStore(value, e.fn.At(row, offset), llvm::Align(8));
  }

  void EmitArgument(Emission& e, const EmittedRow& row, size_t index, std::vector<SqlValue>* arguments, llvm::Value** adds) {
    const AggregateCall& call = aggregate_.aggregates[index];
    auto& ir = e.fn.ir();
    llvm::Value* added = nullptr;
    if (call.filter != nullptr) added = e.fn.IsTrue(e.expressions.Emit(*call.filter, row));
    const size_t strict = call.function->strict < 0 ? plan_.argument_exprs[index].size() : static_cast<size_t>(call.function->strict);
    for (size_t i = 0; i < plan_.argument_exprs[index].size(); ++i) {
      const Expr& argument = *plan_.argument_exprs[index][i];
      // The argument of a row that the filter leaves out is not evaluated where that could fail.
      SqlValue value;
      if (call.filter != nullptr && IsFallible(argument)) {
        const CodeBuilder::Holder holder = e.fn.Hold(argument.type);
        e.fn.If(added, [&] { e.fn.Assign(holder, e.expressions.Emit(argument, row)); }, [&] { e.fn.Assign(holder, e.fn.Null(argument.type)); });
        value = e.fn.Read(holder);
      } else {
        value = e.expressions.Emit(argument, row);
      }
      if (value.null != nullptr && plan_.conditional[index] && i < strict) {
        llvm::Value* present = ir.CreateNot(value.null);
        added = added == nullptr ? present : ir.CreateAnd(added, present);
      }
      arguments->push_back(plan_.copies_texts ? EmitCopied(e, std::move(value)) : value);
    }
    // A value that cannot be NULL here, of an argument that may be NULL elsewhere.
    if (added == nullptr && plan_.conditional[index]) added = ir.getTrue();
    if (added != nullptr) *adds = ir.CreateOr(*adds, ir.CreateShl(ir.CreateZExt(added, ir.getInt64Ty()), e.fn.I64(static_cast<int64_t>(index))));
  }

  // Writes a fixed key and answers its hash.
  llvm::Value* EmitFixedKey(Emission& e, std::vector<SqlValue> keys, llvm::Value* out) {
    auto& ir = e.fn.ir();
    const size_t size = plan_.key.size();
    if (size == 0) return e.fn.I64(0);
    if (!plan_.rows) {
      for (SqlValue& key : keys) key = EmitCanonical(e, key);
    }
    ir.CreateMemSet(out, ir.getInt8(0), size, llvm::Align(8));
    e.fn.StoreRow(plan_.key, keys, out);
    return HashKey(e, out, nullptr);
  }

  llvm::Value* HashKey(Emission& e, llvm::Value* key, llvm::Value* size) { return EmitHash(e, plan_.key, key, plan_.variable_key ? size : nullptr); }

  // The fixed part, then the texts' bytes, in scratch memory.
  std::pair<llvm::Value*, llvm::Value*> EmitVariableKey(Emission& e, std::vector<SqlValue> keys) {
    for (SqlValue& key : keys) {
      if (!plan_.rows) key = EmitCanonical(e, key);
    }
    return EmitPacked(e, plan_.key, std::move(keys));
  }

  // --- apply_ID(context, rows, count)
  llvm::Function* Apply() {
    auto* pointer = llvm::PointerType::getUnqual(program_->context());
    auto* type =
        llvm::FunctionType::get(llvm::Type::getVoidTy(program_->context()), {pointer, pointer, llvm::Type::getInt64Ty(program_->context())}, false);
    return llvm::cast<llvm::Function>(program_->module()->getOrInsertFunction(Name("apply_in"), type).getCallee());
  }

  void EmitApply() {
    llvm::Function* declared = Apply();
    auto* pointer = llvm::PointerType::getUnqual(program_->context());
    program_->Define(Name("apply"), {pointer, llvm::Type::getInt64Ty(program_->context())}, [&](Emission& e) {
      auto& ir = e.fn.ir();
      llvm::Value* table = e.fn.Call(plan_.panes ? "kappa_panes" : "kappa_table", {e.context, e.fn.I32(plan_.state)});
      llvm::Value* states_context = e.fn.Call("kappa_table_states", {table});
      auto row_at = [&](llvm::Value* index) { return e.fn.At(e.fn.Argument(1), ir.CreateMul(index, e.fn.I64(plan_.stage_bytes))); };
      auto load = [&](llvm::Value* row, uint32_t offset) { return ir.CreateAlignedLoad(ir.getInt64Ty(), e.fn.At(row, offset), llvm::Align(8)); };
      e.fn.Loop(e.fn.Argument(2), [&](llvm::Value* index) { e.fn.Call("kappa_group_prefetch", {table, load(row_at(index), 0)}); });
      e.fn.Loop(e.fn.Argument(2), [&](llvm::Value* index) { e.fn.Call("kappa_group_prefetch_row", {table, load(row_at(index), 0)}); });
      e.fn.Loop(e.fn.Argument(2), [&](llvm::Value* index) {
        llvm::Value* row = row_at(index);
        llvm::Value* hash = load(row, 0);
        llvm::Value* group = plan_.variable_key
                                 ? e.fn.Call("kappa_group_variable", {table, hash, ir.CreateLoad(ir.getPtrTy(), e.fn.At(row, plan_.key_offset)),
                                                                      load(row, plan_.key_offset + 8)})
                                 : e.fn.Call("kappa_group_fixed", {table, hash, e.fn.At(row, plan_.key_offset), e.fn.I64(plan_.table.key_bytes)});
        e.fn.Call("kappa_group_touch", {table, group});  // even where no flush asks: snapshots do
        llvm::Value* weight = aggregate_.input_append_only ? e.fn.I64(1) : load(row, plan_.weight_offset);
        e.fn.Call("kappa_group_add_weight", {table, group, weight});
        llvm::Value* states = e.fn.Call("kappa_group_states", {table, group});
        llvm::Value* adds = load(row, plan_.adds_offset);
        for (size_t i = 0; i < aggregate_.aggregates.size(); ++i) EmitAdd(e, i, states_context, states, row, adds, weight);
      });
    });
    llvm::Function* body = program_->module()->getFunction(Name("apply"));
    declared->replaceAllUsesWith(body);
    declared->eraseFromParent();
  }

  void EmitAdd(Emission& e, size_t index, llvm::Value* states_context, llvm::Value* states, llvm::Value* row, llvm::Value* adds,
               llvm::Value* weight) {
    const AggregateCall& call = aggregate_.aggregates[index];
    auto& ir = e.fn.ir();
    llvm::Value* state = e.fn.At(states, plan_.state_offset[index]);
    auto add = [&](llvm::Value* by) {
      const auto first = static_cast<size_t>(plan_.argument_slot[index]);
      if (const GeneralAggregate* general = plan_.general[index].get(); general != nullptr) {
        e.fn.Call("kappa_general_add", {e.fn.Pointer(general), e.fn.Pointer(&plan_.arguments), e.fn.I64(static_cast<int64_t>(first)), states_context,
                                        state, e.fn.At(row, plan_.arguments_offset), by});
        return;
      }
      std::vector<llvm::Value*> arguments{states_context, state};
      for (size_t i = 0; i < plan_.argument_exprs[index].size(); ++i) {
        arguments.push_back(e.fn.At(row, plan_.arguments_offset + plan_.arguments.slots()[first + i].offset));
      }
      arguments.push_back(by);
      e.fn.CallAddress(call.function->add, std::move(arguments));
    };
    if (!plan_.conditional[index]) return add(weight);
    llvm::Value* bit = ir.CreateAnd(ir.CreateLShr(adds, e.fn.I64(static_cast<int64_t>(index))), e.fn.I64(1));
    // Counting by a weight of zero costs less than a branch that is hard to predict.
    if (call.function->name == "count" && plan_.general[index] == nullptr) return add(ir.CreateMul(weight, bit));
    e.fn.If(ir.CreateICmpNE(bit, e.fn.I64(0)), [&] { add(weight); });
  }

  // --- expand_ID(context): the epoch's panes are merged into every window that holds them, then forgotten
  void EmitExpand() {
    program_->Define(Name("expand"), {}, [&](Emission& e) {
      auto& ir = e.fn.ir();
      llvm::Value* panes = e.fn.Call("kappa_panes", {e.context, e.fn.I32(plan_.state)});
      llvm::Value* table = e.fn.Call("kappa_table", {e.context, e.fn.I32(plan_.state)});
      llvm::Value* from = e.fn.Call("kappa_table_states", {panes});
      llvm::Value* to = e.fn.Call("kappa_table_states", {table});
      llvm::Value* fixed_key = e.fn.Frame(std::max<size_t>(plan_.key.size(), 8), 8);
      uint32_t slice_offset = 0;
      for (size_t i = 0; i < aggregate_.keys.size(); ++i) {
        if (IsWindowColumn(aggregate_.keys[i])) slice_offset = plan_.key.slots()[i].offset;
      }
      e.fn.Loop(e.fn.Call("kappa_touched_count", {panes}), [&](llvm::Value* index) {
        llvm::Value* pane = e.fn.Call("kappa_touched_row", {panes, index});
        llvm::Value* pane_key = e.fn.Call("kappa_group_key", {panes, pane});
        llvm::Value* pane_states = e.fn.Call("kappa_group_states", {panes, pane});
        llvm::Value* size = plan_.variable_key ? e.fn.Call("kappa_group_key_size", {pane}) : e.fn.I64(static_cast<int64_t>(plan_.key.size()));
        llvm::Value* key = plan_.variable_key ? e.fn.Call("kappa_scratch", {e.context, size}) : fixed_key;
        ir.CreateMemCpy(key, llvm::Align(8), pane_key, llvm::Align(8), size);
        llvm::Value* slice = ir.CreateAlignedLoad(ir.getInt64Ty(), e.fn.At(pane_key, slice_offset), llvm::Align(8));
        EmitWindows(e.fn, *aggregate_.window, slice, [&](llvm::Value* start, llvm::Value* end) {
          llvm::Value* hash = EmitWindowOfKey(e, key, start, end, size, e.fn.Call("kappa_group_hash", {pane}));
          llvm::Value* group = e.fn.Call(plan_.variable_key ? "kappa_group_variable" : "kappa_group_fixed", {table, hash, key, size});
          e.fn.Call("kappa_group_touch", {table, group});
          e.fn.Call("kappa_group_add_weight", {table, group, e.fn.Call("kappa_group_weight", {pane})});
          llvm::Value* states = e.fn.Call("kappa_group_states", {table, group});
          for (size_t i = 0; i < aggregate_.aggregates.size(); ++i) {
            std::vector<llvm::Value*> merged{to, e.fn.At(states, plan_.state_offset[i]), from, e.fn.At(pane_states, plan_.state_offset[i])};
            if (plan_.general[i] == nullptr) {
              e.fn.CallAddress(aggregate_.aggregates[i].function->merge, std::move(merged));
              continue;
            }
            merged.insert(merged.begin(), e.fn.Pointer(plan_.general[i].get()));
            e.fn.Call("kappa_general_merge", std::move(merged));
          }
        });
      });
    });
  }

  // Is there keyed state further down, whose staged rows may point into scratch memory?
  bool FeedsState(OperatorId id) const {
    for (OperatorId consumer : program_->plan().dataflow->ConsumersOf(id)) {
      const PhysicalPlan& plan = program_->plan();
      if (plan.aggregates.count(consumer) != 0 || plan.keyed.count(consumer) != 0 || FeedsState(consumer)) return true;
    }
    return false;
  }

  // --- result_ID(context, key, states, state context, weight): one group's row, on its way
  void EmitResult() {
    auto* pointer = llvm::PointerType::getUnqual(program_->context());
    program_->Define(Name("result"), {pointer, pointer, pointer, llvm::Type::getInt64Ty(program_->context())}, [&](Emission& e) {
      EmittedRow row;
      if (!op_.append_only) row.weight = e.fn.Argument(4);
      e.GuardRow(op_.id, row, [&] {
        for (size_t i = 0; i < aggregate_.keys.size(); ++i)
          row.Set(aggregate_.keys[i].id, EmitLoadPacked(e, plan_.key, plan_.key.slots()[i], e.fn.Argument(1)));
        for (size_t i = 0; i < aggregate_.aggregates.size(); ++i) {
          const AggregateCall& call = aggregate_.aggregates[i];
          const GeneralAggregate* general = plan_.general[i].get();
          const RowLayout* fields = call.type.is_struct() ? &DescribeType(call.type)->layout : nullptr;
          llvm::Value* out = e.fn.Frame(std::max<size_t>(fields != nullptr ? fields->size() : SlotSize(call.type.id()), 8), 8);
          llvm::Value* out_null = e.fn.Frame(1, 1);
          std::vector<llvm::Value*> asked{e.fn.Argument(3), e.fn.Call("kappa_call_context", {e.context}),
                                          e.fn.At(e.fn.Argument(2), plan_.state_offset[i]), out, out_null};
          if (general != nullptr) {
            asked.insert(asked.begin(), e.fn.Pointer(general));
            e.fn.Check(e.fn.Call("kappa_general_result", std::move(asked)));
          } else {
            llvm::Value* ok = e.fn.CallAddress(call.function->result_code, std::move(asked));
            if (call.function->fallible) e.fn.Check(ok);
          }
          SqlValue value{call.type, {}, nullptr, {}};
          if (fields != nullptr) {
            for (const Slot& field : fields->slots()) value.fields.push_back(e.fn.Load(*fields, field, out));
          } else {
            value = e.fn.LoadSlot(call.type, out);
          }
          if (IsKey(call.output))  // shown in the key's place, NULL when the key is
            value.null = row.Find(call.output)->null;
          else if (call.function->nullable_result)
            value.null = e.fn.ir().CreateICmpNE(e.fn.ir().CreateLoad(e.fn.ir().getInt8Ty(), out_null), e.fn.ir().getInt8(0));
          row.Set(call.output, value);
        }
        program_->Next(e, op_.id, row);
      });
      // What the row's texts were made of is not needed any more: the same few lines of cache serve all rows.
      if (!FeedsState(op_.id)) e.fn.Call("kappa_scratch_reset", {e.context});
    });
    program_->module()->getFunction(Name("result"))->setLinkage(llvm::GlobalValue::InternalLinkage);
  }

  void EmitFlush() {
    program_->Define(Name("flush"), {}, [&](Emission& e) {
      auto& ir = e.fn.ir();
      llvm::Value* table = e.fn.Call("kappa_table", {e.context, e.fn.I32(plan_.state)});
      llvm::Value* now = e.fn.Call("kappa_table_states", {table});
      llvm::Value* then = e.fn.Call("kappa_table_before", {table});
      const bool global = aggregate_.keys.empty();  // its one row exists even over no input
      e.fn.Loop(e.fn.Call("kappa_touched_count", {table}), [&](llvm::Value* index) {
        llvm::Value* group = e.fn.Call("kappa_touched_row", {table, index});
        llvm::Value* before = e.fn.Call("kappa_touched_before", {table, index});
        llvm::Value* key = e.fn.Call("kappa_group_key", {table, group});
        llvm::Value* states = e.fn.Call("kappa_group_states", {table, group});
        llvm::Value* existed = ir.CreateIsNotNull(before);
        llvm::Value* exists = global ? e.fn.I1(true) : ir.CreateICmpNE(e.fn.Call("kappa_group_weight", {group}), e.fn.I64(0));
        auto result = [&](llvm::Value* of, llvm::Value* context, int64_t weight) {
          ir.CreateCall(program_->module()->getFunction(Name("result")), {e.context, key, of, context, e.fn.I64(weight)});
        };
        if (plan_.rows) {  // as often as it came since
          llvm::AllocaInst* more = e.fn.Variable(ir.getInt64Ty(), e.fn.Call("kappa_group_weight", {group}));
          llvm::Value* now_there = ir.CreateLoad(ir.getInt64Ty(), more);
          e.fn.If(existed, [&] { ir.CreateStore(ir.CreateSub(now_there, ir.CreateAlignedLoad(ir.getInt64Ty(), before, llvm::Align(8))), more); });
          llvm::Value* weight = ir.CreateLoad(ir.getInt64Ty(), more);
          e.fn.If(ir.CreateICmpNE(weight, e.fn.I64(0)),
                  [&] { ir.CreateCall(program_->module()->getFunction(Name("result")), {e.context, key, states, now, weight}); });
          return;
        }
        e.fn.If(
            existed,
            [&] {
              llvm::Value* old_states = e.fn.At(before, 8);
              // States that hold blocks of an arena cannot be compared by their bytes: other contents may lie behind the same reference.
              const bool comparable = plan_.table.owned.empty();
              llvm::Value* same =
                  comparable ? e.fn.Call("kappa_bytes_equal", {old_states, states, e.fn.I64(plan_.table.state_bytes)}) : e.fn.I1(false);
              same = ir.CreateAnd(exists, same);
              e.fn.If(ir.CreateNot(same), [&] {
                result(old_states, then, -1);
                e.fn.If(exists, [&] { result(states, now, 1); });
              });
            },
            [&] { e.fn.If(exists, [&] { result(states, now, 1); }); });
      });
    });
  }

  void EmitClose() {
    auto* pointer = llvm::PointerType::getUnqual(program_->context());
    program_->Define(Name("close"), {pointer, llvm::Type::getInt64Ty(program_->context())}, [&](Emission& e) {
      llvm::Value* table = e.fn.Call("kappa_table", {e.context, e.fn.I32(plan_.state)});
      e.fn.Loop(e.fn.Argument(2), [&](llvm::Value* index) {
        llvm::Value* group = e.fn.Call("kappa_row_at", {e.fn.Argument(1), index});
        auto put_out = [&](llvm::Value*) {
          e.fn.ir().CreateCall(program_->module()->getFunction(Name("result")),
                               {e.context, e.fn.Call("kappa_group_key", {table, group}), e.fn.Call("kappa_group_states", {table, group}),
                                e.fn.Call("kappa_table_states", {table}), e.fn.I64(1)});
        };
        if (!plan_.rows) return put_out(nullptr);
        e.fn.Loop(e.fn.Call("kappa_group_weight", {group}), put_out);
      });
    });
  }

  ProgramEmitter* program_;
  const PlanOperator& op_;
  const AggregateOp& aggregate_;
  const AggregatePlan& plan_;
};

}  // namespace

std::unique_ptr<OperatorEmitter> MakeAggregateEmitter(ProgramEmitter* program, const PlanOperator& op) {
  return std::make_unique<AggregateEmitter>(program, op);
}

}  // namespace kappa
