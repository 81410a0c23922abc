#include "tests/exec/join_harness.h"

#include <gtest/gtest.h>

#include "exec/state/key_table.h"

namespace kappa {
namespace {

std::string KeyText(int64_t key) { return "key " + std::string(static_cast<size_t>(key % 20), 'x') + std::to_string(key); }

void Set(const KeyedPlan::Input& input, const std::vector<Column>& columns, const RowLayout& layout, ColumnId id, const Datum& value,
         std::string* out) {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].id != id) continue;
    const Slot& slot = layout.slots()[i];
    if (columns[i].type.id() != TypeId::kText || value.is_null()) {
      layout.SetNull(out->data(), slot, value.is_null());
      if (!value.is_null()) layout.Store(out->data(), slot, value);
      continue;
    }
    const std::string text = value.as_bytes();
    const Text handle(text.data(), static_cast<uint32_t>(text.size()));
    const auto offset = static_cast<int64_t>(out->size());
    std::memcpy(out->data() + slot.offset, &handle, 8);
    std::memcpy(out->data() + slot.offset + 8, &offset, 8);
    out->append(text);
  }
}

}  // namespace

JoinHarness::JoinHarness(JoinSetup setup, Condition condition, int workers) : setup_(std::move(setup)), condition_(condition) {
  const Type key = setup_.text_key ? TypeId::kText : TypeId::kInt8;
  const JoinOp::Kind kind = setup_.join.kind;
  for (int side = 0; side < 2; ++side) {
    PlanOperator& input = side == 0 ? left_ : right_;
    input.id = side;
    input.append_only = setup_.append_only[side];
    input.output = {{kKey[side], "k", key, true}, {kValue[side], "v", TypeId::kInt8, false}, {kTime[side], "t", TypeId::kTimestamp, false}};
    const bool shown = side == 0 || (kind != JoinOp::Kind::kSemi && kind != JoinOp::Kind::kAnti);
    for (const Column& column : input.output) {
      if (shown && (setup_.output_values || column.id == kKey[0])) op_.output.push_back(column);
    }
  }
  op_.id = 7;
  op_.inputs = {0, 1};
  if (condition_ != nullptr) {  // its columns are read
    std::vector<ExprPtr> columns;
    for (ColumnId id : {kKey[0], kValue[0], kTime[0], kKey[1], kValue[1], kTime[1]}) { columns.push_back(MakeColumn({id, "", TypeId::kInt8})); }
    auto both = std::make_shared<Expr>(*columns[0]);
    both->kind = ExprKind::kAnd;
    both->args = columns;
    setup_.join.condition = both;
  }
  op_.op = setup_.join;
  plan_ = MakeKeyedPlan(op_, {&left_, &right_});
  for (int worker = 0; worker < workers; ++worker) {
    auto context = std::make_unique<Worker>();
    context->harness = this;
    context->worker = worker;
    context->workers = workers;
    auto made = MakeKeyedOperator(context.get(), op_, plan_, {});
    EXPECT_TRUE(made.ok()) << made.status();
    context->keyed.push_back(std::move(made).value());
    context->keyed[0]->SetCode(&Emitted, condition_ == nullptr ? nullptr : &Matched);
    tables_.Add(context->keyed[0].get());
    workers_.push_back(std::move(context));
  }
}

KeyedRow JoinHarness::Pack(int input, const TestRow& row, int64_t weight, std::vector<std::unique_ptr<std::string>>* memory) const {
  const KeyedPlan::Input& plan = plan_.inputs[static_cast<size_t>(input)];
  const Datum key = !row.key ? Datum() : setup_.text_key ? Datum::Bytes(KeyText(*row.key)) : Datum::Int(*row.key);
  auto& key_bytes = *memory->emplace_back(std::make_unique<std::string>(plan.key.size(), '\0'));
  if (!plan.keys.empty()) Set(plan, plan.keys, plan.key, kKey[input], key, &key_bytes);
  auto& row_bytes = *memory->emplace_back(std::make_unique<std::string>(plan.layout.size(), '\0'));
  Set(plan, plan.columns, plan.layout, kKey[input], key, &row_bytes);
  Set(plan, plan.columns, plan.layout, kValue[input], Datum::Int(row.value), &row_bytes);
  Set(plan, plan.columns, plan.layout, kTime[input], Datum::Int(row.time), &row_bytes);
  const bool variable = setup_.text_key && !plan.keys.empty();
  return {PackedKeyHash(key_bytes.data(), key_bytes.size(), variable),
          weight,
          key_bytes.data(),
          row_bytes.data(),
          static_cast<uint32_t>(key_bytes.size()),
          static_cast<uint32_t>(row_bytes.size())};
}

TestRow JoinHarness::Unpack(int input, const char* row) const {
  const KeyedPlan::Input& plan = plan_.inputs[static_cast<size_t>(input)];
  TestRow out;
  for (size_t i = 0; i < plan.columns.size(); ++i) {
    const Slot& slot = plan.layout.slots()[i];
    int64_t number = 0;
    if (plan.columns[i].type.id() == TypeId::kText) {
      struct Text handle;
      std::memcpy(&handle, row + slot.offset, 8);
      int64_t offset;
      std::memcpy(&offset, row + slot.offset + 8, 8);
      const std::string text(row + offset, handle.size);
      if (!plan.layout.IsNull(row, slot)) {
        number = std::stoll(text.substr(text.find_first_of("0123456789")));
        EXPECT_EQ(text, KeyText(number));
      }
    } else {
      std::memcpy(&number, row + slot.offset, 8);
    }
    if (plan.columns[i].id == kKey[input] && !plan.layout.IsNull(row, slot)) out.key = number;
    if (plan.columns[i].id == kValue[input]) out.value = number;
    if (plan.columns[i].id == kTime[input]) out.time = number;
  }
  return out;
}

void JoinHarness::Apply(int input, const std::vector<std::pair<TestRow, int64_t>>& deltas) {
  std::vector<std::unique_ptr<std::string>> memory;
  std::vector<std::vector<KeyedRow>> staged(workers_.size());
  for (const auto& [row, weight] : deltas) {
    const KeyedRow packed = Pack(input, row, weight, &memory);
    staged[static_cast<size_t>(OwnerOf(packed.hash, static_cast<int32_t>(workers_.size())))].push_back(packed);
  }
  for (size_t worker = 0; worker < workers_.size(); ++worker) {
    KeyedOperator& keyed = *workers_[worker]->keyed[0];
    keyed.Apply(input, staged[worker].data(), static_cast<int64_t>(staged[worker].size()));
    keyed.FlushOutput();
  }
  for (const auto& bytes : memory) std::fill(bytes->begin(), bytes->end(), '\xEE');  // nothing may point there any more
}

void JoinHarness::EndInput(int input) {
  for (const auto& worker : workers_) worker->keyed[0]->EndInput(input);
}

void JoinHarness::Flush(const KeyedEpoch& epoch) {
  for (const auto& worker : workers_) {
    worker->keyed[0]->Flush(epoch);
    worker->keyed[0]->FlushOutput();
  }
}

void JoinHarness::EndEpoch(const KeyedEpoch& epoch) {
  for (const auto& worker : workers_) worker->keyed[0]->EndEpoch(epoch);
}

std::string JoinHarness::Text(const std::optional<TestRow>& left, const std::optional<TestRow>& right) {
  std::string text;
  for (const auto& row : {left, right}) {
    text +=
        !row ? "absent " : (row->key ? std::to_string(*row->key) : "NULL") + "," + std::to_string(row->value) + "," + std::to_string(row->time) + " ";
  }
  return text;
}

void JoinHarness::Emitted(WorkerContext* context, const KeyedOutput* outputs, int64_t count) {
  JoinHarness& self = *static_cast<Worker*>(context)->harness;
  for (int64_t i = 0; i < count; ++i) {
    std::optional<TestRow> rows[2];
    for (int side = 0; side < 2; ++side) {
      if (outputs[i].parts[static_cast<size_t>(side)] != nullptr) rows[side] = self.Unpack(side, outputs[i].parts[static_cast<size_t>(side)]);
    }
    const std::string text = Text(rows[0], rows[1]);
    EXPECT_NE(outputs[i].weight, 0);
    if ((self.output_[text] += outputs[i].weight) == 0) self.output_.erase(text);
    self.output_rows_ += std::abs(outputs[i].weight);
  }
}

uint8_t JoinHarness::Matched(WorkerContext* context, const char* left, const char* right) {
  JoinHarness& self = *static_cast<Worker*>(context)->harness;
  return self.condition_(self.Unpack(0, left), self.Unpack(1, right)) ? 1 : 0;
}

Contents JoinHarness::TakeOutput() { return std::exchange(output_, {}); }

int64_t JoinHarness::TakeErrors() {
  int64_t sum = 0;
  for (const auto& worker : workers_) {
    for (const RowError& error : worker->errors) sum += error.weight;
    worker->errors.clear();
  }
  return sum;
}

size_t JoinHarness::bytes() const {
  size_t sum = 0;
  for (const auto& worker : workers_) sum += worker->keyed[0]->bytes();
  return sum;
}

Status JoinHarness::failure() const {
  for (const auto& worker : workers_) {
    if (!worker->failure.ok()) return worker->failure;
  }
  return OkStatus();
}

}  // namespace kappa
