#include "tests/exec/ordered_harness.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "common/hash.h"
#include "exec/state/key_table.h"
#include "types/array_value.h"
#include "types/packed_row.h"

namespace kappa {
namespace {

constexpr uint32_t kTable = 42;

std::string TextOfNumber(const std::optional<int64_t>& number) { return number ? std::to_string(*number) : "NULL"; }

// ascending, NULLs last
template <typename T>
int Compare(const std::optional<T>& a, const std::optional<T>& b) {
  if (!a || !b) return static_cast<int>(!a) - static_cast<int>(!b);
  return *a < *b ? -1 : *b < *a;
}

}  // namespace

Column OrderedColumn(ColumnId id, TypeId number) {
  static const char* const kNames[] = {"", "p", "v", "w", "s"};
  return {id, kNames[id], Type(id == kS ? TypeId::kText : number), true};
}

std::string RowText(const OrderedRow& row) {
  return TextOfNumber(row.p) + "|" + TextOfNumber(row.v) + "|" + TextOfNumber(row.w) + "|" + row.s.value_or("NULL");
}

OrderedHarness::OrderedHarness(decltype(PlanOperator::op) op, std::vector<Column> computed, bool append_only, int workers, int inputs,
                               TypeId number) {
  op_.id = static_cast<OperatorId>(kTable);
  op_.op = std::move(op);
  op_.append_only = false;
  for (ColumnId id : {kP, kV, kW, kS}) op_.output.push_back(OrderedColumn(id, number));
  std::vector<const PlanOperator*> below;
  for (int i = 0; i < inputs; ++i) {
    below_[i].output = op_.output;
    below_[i].append_only = append_only;
    below.push_back(&below_[i]);
  }
  op_.output.insert(op_.output.end(), computed.begin(), computed.end());
  plan_ = MakeKeyedPlan(op_, below);
  for (int32_t worker = 0; worker < workers; ++worker) {
    auto context = std::make_unique<Worker>();
    context->harness = this;
    context->worker = worker;
    context->workers = workers;
    auto made = MakeKeyedOperator(context.get(), op_, plan_, {});
    EXPECT_TRUE(made.ok()) << made.status();
    context->keyed.push_back(std::move(made).value());
    context->keyed[0]->SetCode(&Emitted, nullptr);
    tables_.Add(context->keyed[0].get());
    workers_.push_back(std::move(context));
  }
}

void OrderedHarness::Pack(const std::vector<Column>& columns, const RowLayout& layout, const OrderedRow& row, std::string* out) const {
  std::vector<AnyValue> values;
  const Text text(row.s ? std::string_view(*row.s) : std::string_view());
  for (const Column& column : columns) {
    const TypeDescriptor* type = DescribeType(column.type);
    if (column.id == kS) {
      values.push_back({type, reinterpret_cast<const char*>(&text), !row.s, nullptr, nullptr});
      continue;
    }
    const std::optional<int64_t>& number = column.id == kP ? row.p : column.id == kV ? row.v : row.w;
    values.push_back({type, reinterpret_cast<const char*>(&*number), !number, nullptr, nullptr});
  }
  PackRow(values.data(), layout, out);
}

void OrderedHarness::Apply(int input, const std::vector<OrderedDelta>& deltas) {
  const KeyedPlan::Input& plan = plan_.inputs[static_cast<size_t>(input)];
  std::vector<std::unique_ptr<std::string>> memory;
  std::vector<std::vector<KeyedRow>> staged(workers_.size());
  for (const auto& [row, weight] : deltas) {
    auto& key = *memory.emplace_back(std::make_unique<std::string>());
    Pack(plan.keys, plan.key, row, &key);
    auto& bytes = *memory.emplace_back(std::make_unique<std::string>());
    Pack(plan.columns, plan.layout, row, &bytes);
    const bool variable = HoldBytes(plan.key.slots());
    const uint64_t hash = plan.hash_row ? HashBytes(bytes.data(), bytes.size()) : PackedKeyHash(key.data(), key.size(), variable);
    staged[static_cast<size_t>(OwnerOf(hash, static_cast<int32_t>(workers_.size())))].push_back(
        {hash, weight, key.data(), bytes.data(), static_cast<uint32_t>(key.size()), static_cast<uint32_t>(bytes.size())});
  }
  for (size_t worker = 0; worker < workers_.size(); ++worker) {
    keyed(worker).Apply(input, staged[worker].data(), static_cast<int64_t>(staged[worker].size()));
    keyed(worker).FlushOutput();
  }
  for (const auto& bytes : memory) std::fill(bytes->begin(), bytes->end(), '\xEE');  // nothing may point there any more
}

void OrderedHarness::Flush(const KeyedEpoch& epoch) {
  for (const auto& worker : workers_) {
    worker->call.epoch_micros = epoch.clock_micros;
    worker->keyed[0]->Flush(epoch);
    worker->keyed[0]->FlushOutput();
  }
  for (const auto& worker : workers_) worker->keyed[0]->EndEpoch(epoch);
}

std::string OrderedHarness::TextOf(const KeyedOutput& output) const {
  std::map<ColumnId, std::string> texts;
  for (size_t part = 0; part < plan_.parts.size(); ++part) {
    const KeyedPlan::Part& plan = plan_.parts[part];
    for (size_t i = 0; i < plan.columns.size(); ++i) {
      const PackedColumn column(&plan.layout, i);
      std::string room(column.room(), '\0'), text;
      const AnyValue value = column.Read(output.parts[part], room.data());
      if (value.null)
        text = "NULL";
      else
        AppendAnyText(value, &text);
      texts[plan.columns[i].id] = text;
    }
  }
  std::string line;
  for (const Column& column : op_.output) line += (line.empty() ? "" : "|") + texts[column.id];
  return line;
}

void OrderedHarness::Emitted(WorkerContext* context, const KeyedOutput* outputs, int64_t count) {
  OrderedHarness& self = *static_cast<Worker*>(context)->harness;
  for (int64_t i = 0; i < count; ++i) {
    EXPECT_NE(outputs[i].weight, 0);
    AddTo(&self.output_, {{self.TextOf(outputs[i]), outputs[i].weight}});
    self.output_rows_ += std::abs(outputs[i].weight);
  }
}

TextWeights OrderedHarness::TakeErrors() {
  TextWeights errors;
  for (const auto& worker : workers_) {
    for (const RowError& error : worker->errors) AddTo(&errors, {{std::string(error.state.view()) + " " + error.message, error.weight}});
    worker->errors.clear();
  }
  return errors;
}

size_t OrderedHarness::bytes() const {
  size_t sum = 0;
  for (const auto& worker : workers_) sum += worker->keyed[0]->bytes();
  return sum;
}

void OrderedHarness::Load(const Entries& entries, int64_t clock) {
  for (const auto& worker : workers_) worker->call.epoch_micros = clock;
  tables_.Load(entries);
}

void AddTo(TextWeights* contents, const TextWeights& changes) {
  for (const auto& [text, weight] : changes) {
    if (((*contents)[text] += weight) == 0) contents->erase(text);
  }
}

std::vector<OrderedDelta> RandomChanges(os::SeededRandom* random, const ChurnOptions& options, RowWeights* contents) {
  std::vector<OrderedDelta> changes;
  auto change = [&](const OrderedRow& row, int64_t weight) {
    changes.emplace_back(row, weight);
    if (((*contents)[row] += weight) == 0) contents->erase(row);
  };
  auto number = [&](int bound) -> std::optional<int64_t> {
    if (random->Below(8) == 0) return std::nullopt;
    return static_cast<int64_t>(random->Below(static_cast<uint64_t>(bound)));
  };
  const auto count = random->Below(static_cast<uint64_t>(options.changes)) + 1;
  for (uint64_t i = 0; i < count; ++i) {
    if (!options.append_only && !contents->empty() && random->Below(3) == 0) {
      auto gone = contents->begin();
      std::advance(gone, static_cast<std::ptrdiff_t>(random->Below(contents->size())));
      const auto [row, weight] = *gone;
      if (random->Below(4) == 0) {  // goes before it comes, or comes back
        changes.emplace_back(row, -weight - 1);
        changes.emplace_back(row, weight + 1);
      } else {
        change(row, random->Below(2) == 0 ? -weight : -1);
      }
      continue;
    }
    OrderedRow row{number(options.partitions), number(options.values), number(options.values), std::nullopt};
    if (random->Below(4) != 0) row.s = std::string("text ") + std::string(random->Below(3) * 3, 'x');
    change(row, random->Below(6) == 0 ? 3 : 1);
  }
  return changes;
}

std::vector<OrderedRow> Sorted(const RowWeights& contents, const std::optional<int64_t>& partition, bool descending, bool nulls_first) {
  std::vector<OrderedRow> rows;
  for (const auto& [row, weight] : contents) {
    if (row.p == partition) rows.insert(rows.end(), static_cast<size_t>(std::max<int64_t>(0, weight)), row);
  }
  std::sort(rows.begin(), rows.end(), [&](const OrderedRow& a, const OrderedRow& b) {
    if (!a.v != !b.v) return (!a.v) == nulls_first;
    if (a.v != b.v) return (*a.v < *b.v) != descending;
    if (const int order = Compare(a.w, b.w); order != 0) return order < 0;
    return Compare(a.s, b.s) < 0;
  });
  return rows;
}

}  // namespace kappa
