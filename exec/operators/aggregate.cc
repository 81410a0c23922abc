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
//   merge_ID           of local groups, which rows are applied to before they cross between workers: those of this worker's shards into its own
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
    if (plan_.local) EmitMerge();
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
        staged = e.fn.Call("kappa_stage_add", {stage, EmitTarget(e, hash)});
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
        staged = e.fn.Call("kappa_stage_add", {stage, EmitTarget(e, hash)});
        StoreI64(e, hash, staged, 0);
        if (plan_.key.size() != 0) e.fn.ir().CreateMemCpy(e.fn.At(staged, plan_.key_offset), llvm::Align(8), key, llvm::Align(8), plan_.key.size());
      }
      e.fn.StoreRow(plan_.arguments, arguments, e.fn.At(staged, plan_.arguments_offset));
      StoreI64(e, adds, staged, plan_.adds_offset);
      if (!aggregate_.input_append_only) StoreI64(e, e.Weight(row), staged, plan_.weight_offset);  // of a union one input may be append-only
      if (!alone && !plan_.local) return;
      llvm::Value* target = e.fn.I32(alone ? 0 : program_->plan().workers);
      e.fn.If(
          e.fn.Call("kappa_stage_full", {stage, target}),
          [&] {
            llvm::Value* table = alone ? EmitTable(e) : e.fn.Call("kappa_local_groups", {e.context, e.fn.I32(plan_.state), e.fn.I64(kStageRows)});
            e.fn.ir().CreateCall(Apply(), {e.context, table, e.fn.Call("kappa_stage_rows", {stage, target}), e.fn.I64(kStageRows)});
            e.fn.Call("kappa_stage_reset", {stage, target});
          },
          nullptr, true);
    });
  }

  // Which of the stage's targets a row of this hash goes to: the owner of its shard, or, behind them, the worker's own local groups.
  llvm::Value* EmitTarget(Emission& e, llvm::Value* hash) const {
    if (program_->plan().workers == 1) return e.fn.I32(0);
    if (!plan_.local) return e.fn.Call("kappa_owner", {e.context, hash});
    return e.fn.Call("kappa_local_target", {e.context, e.fn.I32(plan_.state), hash});
  }

  // What rows are applied to by the owner of their shard.
  llvm::Value* EmitTable(Emission& e) const { return e.fn.Call(plan_.panes ? "kappa_panes" : "kappa_table", {e.context, e.fn.I32(plan_.state)}); }

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

  // --- apply_ID(context, table, rows, count)
  llvm::Function* Apply() {
    auto* pointer = llvm::PointerType::getUnqual(program_->context());
    auto* type = llvm::FunctionType::get(llvm::Type::getVoidTy(program_->context()),
                                         {pointer, pointer, pointer, llvm::Type::getInt64Ty(program_->context())}, false);
    return llvm::cast<llvm::Function>(program_->module()->getOrInsertFunction(Name("apply_in"), type).getCallee());
  }

  void EmitApply() {
    llvm::Function* declared = Apply();
    auto* pointer = llvm::PointerType::getUnqual(program_->context());
    program_->Define(Name("apply"), {pointer, pointer, llvm::Type::getInt64Ty(program_->context())}, [&](Emission& e) {
      auto& ir = e.fn.ir();
      llvm::Value* table = e.fn.Argument(1);
      llvm::Value* states_context = e.fn.Call("kappa_table_states", {table});
      auto row_at = [&](llvm::Value* index) { return e.fn.At(e.fn.Argument(2), ir.CreateMul(index, e.fn.I64(plan_.stage_bytes))); };
      auto load = [&](llvm::Value* row, uint32_t offset) { return ir.CreateAlignedLoad(ir.getInt64Ty(), e.fn.At(row, offset), llvm::Align(8)); };
      e.fn.Loop(e.fn.Argument(3), [&](llvm::Value* index) { e.fn.Call("kappa_group_prefetch", {table, load(row_at(index), 0)}); });
      e.fn.Loop(e.fn.Argument(3), [&](llvm::Value* index) { e.fn.Call("kappa_group_prefetch_row", {table, load(row_at(index), 0)}); });
      auto find = [&](llvm::Value* row) {
        llvm::Value* hash = load(row, 0);
        return plan_.variable_key ? e.fn.Call("kappa_group_variable", {table, hash, ir.CreateLoad(ir.getPtrTy(), e.fn.At(row, plan_.key_offset)),
                                                                       load(row, plan_.key_offset + 8)})
                                  : e.fn.Call("kappa_group_fixed", {table, hash, e.fn.At(row, plan_.key_offset), e.fn.I64(plan_.table.key_bytes)});
      };
      auto add = [&](llvm::Value* row, llvm::Value* group) {
        e.fn.Call("kappa_group_touch", {table, group});  // even where no flush asks: snapshots do
        llvm::Value* weight = aggregate_.input_append_only ? e.fn.I64(1) : load(row, plan_.weight_offset);
        e.fn.Call("kappa_group_add_weight", {table, group, weight});
        llvm::Value* states = e.fn.Call("kappa_group_states", {table, group});
        llvm::Value* adds = load(row, plan_.adds_offset);
        for (size_t i = 0; i < aggregate_.aggregates.size(); ++i) EmitAdd(e, i, states_context, states, row, adds, weight);
        for (const AggregatePlan::Family& family : plan_.families) EmitFamily(e, family, states_context, states, row, adds);
      };
      if (plan_.families.empty() && std::none_of(plan_.general.begin(), plan_.general.end(), Prefetches)) {
        e.fn.Loop(e.fn.Argument(3), [&](llvm::Value* index) {
          llvm::Value* row = row_at(index);
          add(row, find(row));
        });
        return;
      }
      // States that refer to memory of their own: one more step, in which that is fetched.
      llvm::Value* groups = e.fn.Frame(kStageRows * sizeof(char*), 8);
      auto group_at = [&](llvm::Value* index) { return e.fn.At(groups, ir.CreateMul(index, e.fn.I64(sizeof(char*)))); };
      auto group_of = [&](llvm::Value* index) { return ir.CreateLoad(ir.getPtrTy(), group_at(index)); };
      e.fn.Loop(e.fn.Argument(3), [&](llvm::Value* index) {
        llvm::Value* group = find(row_at(index));
        ir.CreateStore(group, group_at(index));
        e.fn.Call("kappa_group_prefetch_states",
                  {group, e.fn.I64(int64_t{GroupTable::kHeader} + int64_t{plan_.table.key_bytes} + int64_t{plan_.table.state_bytes})});
      });
      e.fn.Loop(e.fn.Argument(3), [&](llvm::Value* index) {
        llvm::Value* row = row_at(index);
        llvm::Value* states = e.fn.Call("kappa_group_states", {table, group_of(index)});
        llvm::Value* adds = load(row, plan_.adds_offset);
        for (size_t i = 0; i < aggregate_.aggregates.size(); ++i) EmitPrefetch(e, i, states_context, states, row, adds);
        for (const AggregatePlan::Family& family : plan_.families) {
          e.fn.If(ir.CreateICmpNE(FamilyBits(e, family, adds), e.fn.I64(0)),
                  [&] { e.fn.Call("kappa_distinct_prefetch", FamilyRow(e, family, states_context, states, row)); });
        }
      });
      e.fn.Loop(e.fn.Argument(3), [&](llvm::Value* index) { add(row_at(index), group_of(index)); });
    });
    llvm::Function* body = program_->module()->getFunction(Name("apply"));
    declared->replaceAllUsesWith(body);
    declared->eraseFromParent();
  }

  static bool Prefetches(const std::shared_ptr<const GeneralAggregate>& general) { return general != nullptr && general->prefetches(); }

  llvm::Value* AddsBit(Emission& e, size_t index, llvm::Value* adds) {
    auto& ir = e.fn.ir();
    return ir.CreateAnd(ir.CreateLShr(adds, e.fn.I64(static_cast<int64_t>(index))), e.fn.I64(1));
  }

  void EmitPrefetch(Emission& e, size_t index, llvm::Value* states_context, llvm::Value* states, llvm::Value* row, llvm::Value* adds) {
    if (!Prefetches(plan_.general[index])) return;
    auto prefetch = [&] {
      e.fn.Call("kappa_general_prefetch",
                {e.fn.Pointer(plan_.general[index].get()), e.fn.Pointer(&plan_.arguments), e.fn.I64(plan_.argument_slot[index]), states_context,
                 e.fn.At(states, plan_.state_offset[index]), e.fn.At(row, plan_.arguments_offset)});
    };
    if (!plan_.conditional[index]) return prefetch();
    e.fn.If(e.fn.ir().CreateICmpNE(AddsBit(e, index, adds), e.fn.I64(0)), prefetch);
  }

  // Bit i: the row counts for the family's i-th aggregate.
  llvm::Value* FamilyBits(Emission& e, const AggregatePlan::Family& family, llvm::Value* adds) {
    auto& ir = e.fn.ir();
    llvm::Value* bits = e.fn.I64(0);
    for (size_t i = 0; i < family.calls.size(); ++i) {
      llvm::Value* bit = plan_.conditional[family.calls[i]] ? AddsBit(e, family.calls[i], adds) : e.fn.I64(1);
      bits = ir.CreateOr(bits, ir.CreateShl(bit, e.fn.I64(static_cast<int64_t>(i))));
    }
    return bits;
  }

  std::vector<llvm::Value*> FamilyRow(Emission& e, const AggregatePlan::Family& family, llvm::Value* states_context, llvm::Value* states,
                                      llvm::Value* row) {
    return {e.fn.Pointer(family.set.get()),       e.fn.Pointer(&plan_.arguments),      e.fn.I64(plan_.argument_slot[family.calls[0]]), states_context,
            e.fn.At(states, family.state_offset), e.fn.At(row, plan_.arguments_offset)};
  }

  // One look-up for all of the family; each aggregate folds the value when it is new to it.
  void EmitFamily(Emission& e, const AggregatePlan::Family& family, llvm::Value* states_context, llvm::Value* states, llvm::Value* row,
                  llvm::Value* adds) {
    auto& ir = e.fn.ir();
    llvm::Value* bits = FamilyBits(e, family, adds);
    e.fn.If(ir.CreateICmpNE(bits, e.fn.I64(0)), [&] {
      std::vector<llvm::Value*> arguments = FamilyRow(e, family, states_context, states, row);
      const auto column = static_cast<size_t>(plan_.argument_slot[family.calls[0]]);
      llvm::Value* value = e.fn.At(arguments.back(), plan_.arguments.slots()[column].offset);
      arguments.push_back(bits);
      llvm::Value* fresh = e.fn.Call("kappa_distinct_mark", std::move(arguments));
      e.fn.If(ir.CreateICmpNE(fresh, e.fn.I64(0)), [&] {
        for (size_t i = 0; i < family.calls.size(); ++i) {
          const AggregateCall& call = aggregate_.aggregates[family.calls[i]];
          llvm::Value* state = e.fn.At(states, plan_.state_offset[family.calls[i]]);
          llvm::Value* bit = ir.CreateAnd(ir.CreateLShr(fresh, e.fn.I64(static_cast<int64_t>(i))), e.fn.I64(1));
          auto fold = [&](llvm::Value* weight) { e.fn.CallAddress(call.function->add, {states_context, state, value, weight}); };
          if (call.function->name == "count")
            fold(bit);
          else
            e.fn.If(ir.CreateICmpNE(bit, e.fn.I64(0)), [&] { fold(e.fn.I64(1)); });
        }
      });
    });
  }

  void EmitAdd(Emission& e, size_t index, llvm::Value* states_context, llvm::Value* states, llvm::Value* row, llvm::Value* adds,
               llvm::Value* weight) {
    if (plan_.family[index] >= 0) return;
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
    llvm::Value* bit = AddsBit(e, index, adds);
    // Counting by a weight of zero costs less than a branch that is hard to predict.
    if (call.function->name == "count" && plan_.general[index] == nullptr) return add(ir.CreateMul(weight, bit));
    e.fn.If(ir.CreateICmpNE(bit, e.fn.I64(0)), [&] { add(weight); });
  }

  // What `from` holds of its group `part` is added to the group of this key in `table`.
  void EmitMergeGroup(Emission& e, llvm::Value* table, llvm::Value* hash, llvm::Value* key, llvm::Value* size, llvm::Value* from, llvm::Value* part) {
    llvm::Value* group = e.fn.Call(plan_.variable_key ? "kappa_group_variable" : "kappa_group_fixed", {table, hash, key, size});
    e.fn.Call("kappa_group_touch", {table, group});
    e.fn.Call("kappa_group_add_weight", {table, group, e.fn.Call("kappa_group_weight", {part})});
    llvm::Value *states = e.fn.Call("kappa_group_states", {table, group}), *states_context = e.fn.Call("kappa_table_states", {table});
    llvm::Value *parts = e.fn.Call("kappa_group_states", {from, part}), *parts_context = e.fn.Call("kappa_table_states", {from});
    for (size_t i = 0; i < aggregate_.aggregates.size(); ++i) {
      std::vector<llvm::Value*> merged{states_context, e.fn.At(states, plan_.state_offset[i]), parts_context, e.fn.At(parts, plan_.state_offset[i])};
      if (plan_.general[i] == nullptr) {
        e.fn.CallAddress(aggregate_.aggregates[i].function->merge, std::move(merged));
        continue;
      }
      merged.insert(merged.begin(), e.fn.Pointer(plan_.general[i].get()));
      e.fn.Call("kappa_general_merge", std::move(merged));
    }
  }

  llvm::Value* KeySize(Emission& e, llvm::Value* group) const {
    return plan_.variable_key ? e.fn.Call("kappa_group_key_size", {group}) : e.fn.I64(static_cast<int64_t>(plan_.key.size()));
  }

  // --- merge_ID(context, local groups of some worker)
  void EmitMerge() {
    program_->Define(Name("merge"), {llvm::PointerType::getUnqual(program_->context())}, [&](Emission& e) {
      llvm::Value *table = EmitTable(e), *local = e.fn.Argument(1);
      e.fn.Loop(e.fn.Call("kappa_touched_count", {local}), [&](llvm::Value* index) {
        llvm::Value* part = e.fn.Call("kappa_touched_row", {local, index});
        llvm::Value* hash = e.fn.Call("kappa_group_hash", {part});
        e.fn.If(e.fn.Call("kappa_is_owner", {e.context, hash}),
                [&] { EmitMergeGroup(e, table, hash, e.fn.Call("kappa_group_key", {local, part}), KeySize(e, part), local, part); });
      });
    });
  }

  // --- expand_ID(context): the epoch's panes are merged into every window that holds them, then forgotten
  void EmitExpand() {
    program_->Define(Name("expand"), {}, [&](Emission& e) {
      auto& ir = e.fn.ir();
      llvm::Value* panes = e.fn.Call("kappa_panes", {e.context, e.fn.I32(plan_.state)});
      llvm::Value* table = e.fn.Call("kappa_table", {e.context, e.fn.I32(plan_.state)});
      llvm::Value* fixed_key = e.fn.Frame(std::max<size_t>(plan_.key.size(), 8), 8);
      uint32_t slice_offset = 0;
      for (size_t i = 0; i < aggregate_.keys.size(); ++i) {
        if (IsWindowColumn(aggregate_.keys[i])) slice_offset = plan_.key.slots()[i].offset;
      }
      e.fn.Loop(e.fn.Call("kappa_touched_count", {panes}), [&](llvm::Value* index) {
        llvm::Value* pane = e.fn.Call("kappa_touched_row", {panes, index});
        llvm::Value* pane_key = e.fn.Call("kappa_group_key", {panes, pane});
        llvm::Value* size = KeySize(e, pane);
        llvm::Value* key = plan_.variable_key ? e.fn.Call("kappa_scratch", {e.context, size}) : fixed_key;
        ir.CreateMemCpy(key, llvm::Align(8), pane_key, llvm::Align(8), size);
        llvm::Value* slice = ir.CreateAlignedLoad(ir.getInt64Ty(), e.fn.At(pane_key, slice_offset), llvm::Align(8));
        EmitWindows(e.fn, *aggregate_.window, slice, [&](llvm::Value* start, llvm::Value* end) {
          llvm::Value* hash = EmitWindowOfKey(e, key, start, end, size, e.fn.Call("kappa_group_hash", {pane}));
          EmitMergeGroup(e, table, hash, key, size, panes, pane);
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
