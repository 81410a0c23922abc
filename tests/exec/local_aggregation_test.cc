// Aggregation before rows cross between workers: what comes of it is what one worker gives, however many groups there are, and it stops where it does
// not pay.
#include <gtest/gtest.h>

#include "common/os/seeded_random.h"
#include "exec/epoch/dataflow_run.h"
#include "exec/runtime/local_groups.h"
#include "functions/registry.h"

namespace kappa {
namespace {

using Records = std::vector<std::vector<std::string>>;  // by partition

class RecordSource final : public Source {
 public:
  explicit RecordSource(const Records* partitions) : partitions_(partitions) {}
  std::string name() const override { return "records"; }
  StatusOr<std::vector<int32_t>> Partitions() override {
    std::vector<int32_t> ids;
    for (size_t i = 0; i < partitions_->size(); ++i) ids.push_back(static_cast<int32_t>(i));
    return ids;
  }
  StatusOr<std::unique_ptr<PartitionReader>> Open(int32_t partition, const RecordNeeds&) override {
    return std::unique_ptr<PartitionReader>(std::make_unique<Reader>(&(*partitions_)[static_cast<size_t>(partition)], partition));
  }
  bool bounded() const override { return true; }

 private:
  class Reader final : public PartitionReader {
   public:
    Reader(const std::vector<std::string>* records, int32_t partition) : records_(records), partition_(partition) {}
    StatusOr<RecordBatch> Poll(const BatchLimit& limit) override {
      auto views = std::make_shared<std::vector<Record>>();
      RecordBatch batch;
      while (position_ < static_cast<Offset>(records_->size()) && views->size() < limit.records && position_ < limit.end) {
        const std::string& value = (*records_)[static_cast<size_t>(position_)];
        views->push_back({value.data(), nullptr, static_cast<uint32_t>(value.size()), 0, position_++, -1, nullptr});
      }
      batch.partition = partition_;
      batch.records = *views;
      batch.next = position_;
      batch.owner = views;
      return batch;
    }
    Status Seek(Offset position) override {
      position_ = position;
      return OkStatus();
    }
    Offset position() const override { return position_; }
    StatusOr<OffsetRange> Range() override { return OffsetRange{0, static_cast<Offset>(records_->size())}; }

   private:
    const std::vector<std::string>* records_;
    int32_t partition_;
    Offset position_ = 0;
  };
  const Records* partitions_;
};

class Contents final : public Sink {
 public:
  Status Write(Epoch, const ChangeBatch& changes) override {
    for (size_t i = 0; i < changes.rows.size(); ++i) {
      std::string text;
      for (const Slot& slot : changes.schema->layout.slots()) {
        text += "|";
        if (!changes.schema->layout.IsNull(changes.rows[i], slot)) changes.schema->layout.AppendText(changes.rows[i], slot, &text);
      }
      if ((rows[text] += changes.weight(i)) == 0) rows.erase(text);
    }
    return OkStatus();
  }
  Status Commit(const EpochCommit&) override { return OkStatus(); }
  StatusOr<SinkMark> LastCommitted() override { return SinkMark{}; }
  Guarantee guarantee() const override { return Guarantee::kAtLeastOnce; }
  std::map<std::string, int64_t> rows;
};

AggregateCall Call(ColumnId output, const char* name, std::vector<ExprPtr> args, Type type) {
  std::vector<TypeId> types;
  for (const ExprPtr& arg : args) types.push_back(arg->type.id());
  for (const AggregateEntry* entry : FunctionRegistry::Get().FindAggregates(name)) {
    if (entry->arguments == types) return {output, name, type, entry->nullable_result, entry, std::move(args), nullptr, false, {}, false};
  }
  ADD_FAILURE() << "no aggregate " << name;
  return {};
}

// SELECT [k,] count(*), sum(v), sum(f), min(t), max(t), avg(v) [GROUP BY k]
Dataflow Query(bool keyed) {
  const Column k{1, "k", TypeId::kText, true}, v{2, "v", TypeId::kInt8, true}, f{3, "f", TypeId::kFloat8, true}, t{4, "t", TypeId::kText, true};
  Dataflow dataflow;
  PlanOperator scan;
  ScanOp source;
  source.source = "records";
  scan.output = {k, v, f, t};
  for (const Column& column : scan.output) source.columns.push_back({column, Metadata::kNone, {column.name}, {false}, {}});
  scan.op = source;
  AggregateOp aggregate;
  if (keyed) aggregate.keys = {k};
  aggregate.aggregates = {Call(5, "count", {}, TypeId::kInt8),
                          Call(6, "sum", {MakeColumn(v)}, TypeId::kNumeric),
                          Call(7, "sum", {MakeColumn(f)}, TypeId::kFloat8),
                          Call(8, "min", {MakeColumn(t)}, TypeId::kText),
                          Call(9, "max", {MakeColumn(t)}, TypeId::kText),
                          Call(10, "avg", {MakeColumn(v)}, TypeId::kNumeric)};
  PlanOperator group;
  group.id = 1;
  group.inputs = {0};
  group.append_only = false;
  group.output = aggregate.keys;
  for (const AggregateCall& call : aggregate.aggregates) group.output.push_back({call.output, call.name, call.type, call.nullable});
  group.op = aggregate;
  PlanOperator sink;
  sink.id = 2;
  sink.inputs = {1};
  sink.append_only = false;
  sink.output = group.output;
  sink.op = SinkOp{};
  dataflow.operators = {scan, group, sink};
  return dataflow;
}

std::map<std::string, int64_t> ContentsOf(const Records& records, bool keyed, int32_t workers, bool local, int64_t epoch) {
  static Jit* jit = Jit::Create().value().release();
  Contents contents;
  RunBindings bindings;
  bindings.sources[0] = std::make_shared<RecordSource>(&records);
  bindings.sinks[2] = &contents;
  RunOptions options;
  options.workers = workers;
  options.local_aggregation = local;
  options.epoch_max_records = epoch;
  options.tiers = TierPolicy::kQuickOnly;
  auto run = DataflowRun::Open(std::make_shared<Dataflow>(Query(keyed)), std::move(bindings), options, jit, &os::RealEnvironment());
  if (!run.ok()) ADD_FAILURE() << run.status();
  EXPECT_EQ((*run)->plan().aggregates.at(1).local, local && workers > 1);
  for (;;) {
    const auto state = (*run)->Step();
    if (!state.ok()) ADD_FAILURE() << state.status();
    if (!state.ok() || *state == DataflowRun::State::kDone) break;
  }
  return contents.rows;
}

// A third with few groups, a third where nearly each row is its own, a third with few again; floats of very different sizes, NULLs, long texts.
Records RandomRecords(uint64_t seed, int partitions, int count) {
  os::SeededRandom random(seed);
  Records records(static_cast<size_t>(partitions));
  for (int i = 0; i < count; ++i) {
    const bool many = i >= count / 3 && i < 2 * count / 3;
    const std::string key = "key of a group " + std::to_string(many ? random.Below(1'000'000) : random.Below(7));
    static constexpr const char* kFloats[] = {"1e300", "-1e300", "0.1", "1e-300", "3", "null", "-7.25"};
    records[random.Below(static_cast<uint64_t>(partitions))].push_back(
        "{\"k\":\"" + key + "\",\"v\":" + (random.Below(9) == 0 ? "null" : std::to_string(random.Below(1000))) +
        ",\"f\":" + kFloats[random.Below(7)] + ",\"t\":\"" + std::string(random.Below(30), 'x') + std::to_string(random.Below(100)) + "\"}");
  }
  return records;
}

TEST(LocalAggregation, GivesWhatOneWorkerGives) {
  const Records records = RandomRecords(1, 3, 90'000);
  for (const bool keyed : {true, false}) {
    const auto expected = ContentsOf(records, keyed, 1, true, 1'000'000);
    ASSERT_EQ(expected.size() > 20'000, keyed);
    for (const int32_t workers : {2, 3}) {
      for (const int64_t epoch : {20'000, 1'000'000})
        EXPECT_EQ(ContentsOf(records, keyed, workers, true, epoch), expected) << workers << " " << epoch;
      EXPECT_EQ(ContentsOf(records, keyed, workers, false, 1'000'000), expected) << workers;
    }
  }
}

TEST(LocalAggregation, GivesWhatOneWorkerGivesInSmallEpochs) {
  for (uint64_t seed = 2; seed < 6; ++seed) {
    const Records records = RandomRecords(seed, 2, 300);
    const auto expected = ContentsOf(records, true, 1, false, 7);
    for (const int32_t workers : {2, 3, 5}) EXPECT_EQ(ContentsOf(records, true, workers, true, 7), expected) << seed;
  }
}

TEST(LocalGroups, RestWhereGroupsAreNearlyAsManyAsRows) {
  GroupTableSpec spec;
  spec.key_bytes = 8;
  spec.state_bytes = 8;
  spec.keeps_before = true;
  spec.window_end_offset = 0;
  LocalGroups local(spec);
  const auto add = [&](int64_t rows, uint64_t groups) {
    for (int64_t i = 0; i < rows; ++i) {
      const uint64_t key = static_cast<uint64_t>(i) % groups;
      char* row = local.ToAdd(1)->FindOrInsertFixed(key * 0x9E3779B97F4A7C15u, reinterpret_cast<const char*>(&key), 8);
      local.groups()->Touch(row);
    }
  };
  add(10 * LocalGroups::kEnoughRows, 10);
  EXPECT_FALSE(local.MergeNow());
  EXPECT_EQ(local.groups()->touched().size(), 10u);
  local.Forget();
  EXPECT_TRUE(local.active());
  EXPECT_TRUE(local.empty());
  add(LocalGroups::kEnoughRows - 1, 1'000'000);  // not enough to judge by
  EXPECT_FALSE(local.MergeNow());
  local.Forget();
  EXPECT_TRUE(local.active());
  add(LocalGroups::kRowsPerGroup * static_cast<int64_t>(LocalGroups::kMaxGroups), LocalGroups::kMaxGroups);  // worth it, but many
  EXPECT_TRUE(local.MergeNow());
  local.Forget();
  EXPECT_TRUE(local.active());
  add(LocalGroups::kEnoughRows, 1'000'000);
  EXPECT_TRUE(local.MergeNow());
  local.Forget();
  for (int round = 0; round < LocalGroups::kRestRounds; ++round) {
    ASSERT_FALSE(local.active());
    local.EndRound();
  }
  EXPECT_TRUE(local.active());
  add(LocalGroups::kEnoughRows, 10);
  EXPECT_FALSE(local.MergeNow());
}

}  // namespace
}  // namespace kappa
