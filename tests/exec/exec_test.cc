// Dataflows written by hand, run over records in memory: exec by itself, without planner, connectors or engine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "exec/epoch/dataflow_run.h"
#include "functions/registry.h"

namespace kappa {
namespace {

// Partitions of records that are all there from the beginning.
class VectorSource : public Source {
 public:
  explicit VectorSource(std::vector<std::vector<std::string>> partitions) : partitions_(std::move(partitions)) {}
  std::string name() const override { return "vector"; }
  StatusOr<std::vector<int32_t>> Partitions() override {
    std::vector<int32_t> ids;
    for (size_t i = 0; i < partitions_.size(); ++i) ids.push_back(static_cast<int32_t>(i));
    return ids;
  }
  StatusOr<std::unique_ptr<PartitionReader>> Open(int32_t partition, const RecordNeeds&) override {
    return std::unique_ptr<PartitionReader>(std::make_unique<Reader>(&partitions_[static_cast<size_t>(partition)], partition));
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
        batch.bytes += value.size();
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
  std::vector<std::vector<std::string>> partitions_;
};

// More may come.
class OpenSource final : public VectorSource {
 public:
  using VectorSource::VectorSource;
  bool bounded() const override { return false; }
};

// The clock stands still until it is told to go on.
class SteppedEnvironment : public os::Environment, public os::Clock {
 public:
  explicit SteppedEnvironment(int64_t wall_micros) : micros_(wall_micros) {}
  void Advance(int64_t micros) { micros_ += micros; }
  int64_t WallMicros() override { return micros_; }
  int64_t MonotonicNanos() override { return micros_ * 1000; }
  int64_t CpuNanos() override { return 0; }
  os::Clock& clock() override { return *this; }
  os::FileSystem& files() override { return os::RealEnvironment().files(); }
  os::Random& random() override { return os::RealEnvironment().random(); }
  os::Threads& threads() override { return os::RealEnvironment().threads(); }

 private:
  int64_t micros_;
};

// Keeps the contents: row text -> weight.
class ContentsSink final : public Sink {
 public:
  Status Write(Epoch, const ChangeBatch& changes) override {
    for (size_t i = 0; i < changes.rows.size(); ++i) {
      std::string text;
      for (const Slot& slot : changes.schema->layout.slots()) {
        if (!text.empty()) text += "|";
        if (changes.schema->layout.IsNull(changes.rows[i], slot))
          text += "NULL";
        else
          changes.schema->layout.AppendText(changes.rows[i], slot, &text);
      }
      if ((contents[text] += changes.weight(i)) == 0) contents.erase(text);
      ++changes_written;
    }
    return OkStatus();
  }
  Status Commit(const EpochCommit&) override {
    ++commits;
    return OkStatus();
  }
  StatusOr<SinkMark> LastCommitted() override { return SinkMark{}; }
  Guarantee guarantee() const override { return Guarantee::kAtLeastOnce; }
  std::map<std::string, int64_t> contents;
  int64_t commits = 0, changes_written = 0;
};

class CountingErrors final : public ErrorConsumer {
 public:
  Status Consume(Epoch, const Dataflow&, const std::vector<RowError>& errors) override {
    for (const RowError& error : errors) messages.push_back(std::string(error.state.view()) + " " + error.message);
    return OkStatus();
  }
  std::vector<std::string> messages;
};

const FunctionEntry* Op(const char* symbol, TypeId a, TypeId b) {
  for (const FunctionEntry* entry : FunctionRegistry::Get().Find(FunctionKind::kOperator, symbol)) {
    if (entry->arguments == std::vector<TypeId>{a, b}) return entry;
  }
  return nullptr;
}

Jit* TestJit() {
  static Jit* jit = Jit::Create().value().release();
  return jit;
}

constexpr TypeId kInt8 = TypeId::kInt8;

class ExecTest : public testing::TestWithParam<std::tuple<int, int, TierPolicy>> {
 protected:
  Column C(ColumnId id, const char* name, Type type, bool nullable = true) { return {id, name, type, nullable}; }

  PlanOperator ScanOf(std::vector<Column> columns) {
    PlanOperator op;
    op.id = 0;
    ScanOp scan;
    scan.source = "bids";
    for (const Column& column : columns) scan.columns.push_back({column, Metadata::kNone, {column.name}, {false}, {}});
    op.output = std::move(columns);
    op.op = scan;
    return op;
  }
  PlanOperator Make(OperatorId id, OperatorId input, std::vector<Column> output, bool append_only = true) {
    PlanOperator op;
    op.id = id;
    op.inputs = {input};
    op.output = std::move(output);
    op.append_only = append_only;
    return op;
  }
  Status Run(Dataflow dataflow, std::vector<std::vector<std::string>> partitions) {
    RunBindings bindings;
    bindings.sources[0] = std::make_shared<VectorSource>(std::move(partitions));
    for (const PlanOperator& op : dataflow.operators) {
      if (op.As<SinkOp>() || op.As<ResultOp>()) bindings.sinks[op.id] = &sink_;
    }
    bindings.errors = &errors_;
    RunOptions options;
    options.workers = std::get<0>(GetParam());
    options.epoch_max_records = std::get<1>(GetParam());
    options.tiers = std::get<2>(GetParam());
    ASSIGN_OR_RETURN(auto run, DataflowRun::Open(std::make_shared<Dataflow>(std::move(dataflow)), std::move(bindings), options, TestJit(),
                                                 &os::RealEnvironment()));
    for (;;) {
      ASSIGN_OR_RETURN(const DataflowRun::State state, run->Step());
      if (state == DataflowRun::State::kDone) break;
    }
    return OkStatus();
  }
  ContentsSink sink_;
  CountingErrors errors_;
};

std::vector<std::vector<std::string>> Bids(int partitions, int count) {
  std::vector<std::vector<std::string>> out(static_cast<size_t>(partitions));
  for (int i = 0; i < count; ++i) {
    out[static_cast<size_t>(i % partitions)].push_back("{\"auction\": " + std::to_string(i % 10) + ", \"price\": " + std::to_string(i) +
                                                       ", \"channel\": \"c" + std::to_string(i % 3) + "\"}");
  }
  return out;
}

TEST_P(ExecTest, FilterKeepsWhatItsPredicateKeeps) {
  Dataflow dataflow;
  const Column auction = C(1, "auction", kInt8), price = C(2, "price", kInt8);
  dataflow.operators.push_back(ScanOf({auction, price}));
  PlanOperator filter = Make(1, 0, {auction, price});
  filter.op = FilterOp{
      MakeCall(Op("=", kInt8, kInt8),
               {MakeCall(Op("%", kInt8, kInt8), {MakeColumn(price), MakeConstant(Datum::Int(7), kInt8)}, kInt8), MakeConstant(Datum::Int(3), kInt8)},
               TypeId::kBool)};
  dataflow.operators.push_back(filter);
  PlanOperator sink = Make(2, 1, {auction, price});
  sink.op = SinkOp{"s", "memory", {}, Encoding::kJson, Envelope::kPlain, {}, false, {}};
  dataflow.operators.push_back(sink);
  const Status status = Run(dataflow, Bids(3, 100));
  ASSERT_TRUE(status.ok()) << status;
  std::map<std::string, int64_t> expected;
  for (int i = 3; i < 100; i += 7) expected[std::to_string(i % 10) + "|" + std::to_string(i)] = 1;
  EXPECT_EQ(sink_.contents, expected);
}

TEST_P(ExecTest, AFailingRowIsAnErrorAndTheOthersGoOn) {
  Dataflow dataflow;
  const Column auction = C(1, "auction", kInt8), price = C(2, "price", kInt8), ratio = C(3, "ratio", kInt8);
  dataflow.operators.push_back(ScanOf({auction, price}));
  PlanOperator project = Make(1, 0, {ratio});
  project.op = ProjectOp{{{ratio, MakeCall(Op("/", kInt8, kInt8), {MakeColumn(price), MakeColumn(auction)}, kInt8)}}};
  dataflow.operators.push_back(project);
  PlanOperator sink = Make(2, 1, {ratio});
  sink.op = SinkOp{};
  dataflow.operators.push_back(sink);
  ASSERT_TRUE(Run(dataflow, {{R"({"auction":0,"price":1})", R"({"auction":2,"price":9})", R"({"auction":null,"price":9})", "{broken",
                              R"({"auction":1,"price":7})"}})
                  .ok());
  EXPECT_EQ(sink_.contents, (std::map<std::string, int64_t>{{"4", 1}, {"NULL", 1}, {"7", 1}}));
  ASSERT_EQ(errors_.messages.size(), 2u);
  EXPECT_THAT(errors_.messages, testing::Contains("22012 division by zero"));
}

const AggregateEntry* Agg(const char* name, std::vector<TypeId> arguments) {
  for (const AggregateEntry* entry : FunctionRegistry::Get().FindAggregates(name)) {
    if (entry->arguments == arguments) return entry;
  }
  return nullptr;
}

AggregateCall Call(ColumnId output, const AggregateEntry* function, std::vector<ExprPtr> args, Type type, ExprPtr filter = nullptr) {
  return {output, std::string(function->name), type, function->nullable_result, function, std::move(args), std::move(filter), false, {}, false};
}

TEST_P(ExecTest, GroupsByTextAndNumberUpToTheirFinalContents) {
  Dataflow dataflow;
  const Column auction = C(1, "auction", kInt8), price = C(2, "price", kInt8), channel = C(3, "channel", TypeId::kText);
  const Column n = C(4, "n", kInt8, false), sum = C(5, "sum", TypeId::kNumeric), top = C(6, "top", kInt8), cheap = C(7, "cheap", kInt8, false);
  dataflow.operators.push_back(ScanOf({auction, price, channel}));
  PlanOperator group = Make(1, 0, {channel, auction, n, sum, top, cheap}, false);
  AggregateOp op;
  op.keys = {channel, auction};
  op.aggregates = {
      Call(4, Agg("count", {}), {}, kInt8), Call(5, Agg("sum", {kInt8}), {MakeColumn(price)}, TypeId::kNumeric),
      Call(6, Agg("max", {kInt8}), {MakeColumn(price)}, kInt8),
      Call(7, Agg("count", {}), {}, kInt8, MakeCall(Op("<", kInt8, kInt8), {MakeColumn(price), MakeConstant(Datum::Int(50), kInt8)}, TypeId::kBool))};
  group.op = op;
  dataflow.operators.push_back(group);
  PlanOperator sink = Make(2, 1, {channel, auction, n, sum, top, cheap}, false);
  sink.op = SinkOp{};
  dataflow.operators.push_back(sink);
  const Status status = Run(dataflow, Bids(3, 100));
  ASSERT_TRUE(status.ok()) << status;
  std::map<std::pair<int, int>, std::array<int64_t, 4>> groups;
  for (int i = 0; i < 100; ++i) {
    auto& g = groups[{i % 3, i % 10}];
    g[0] += 1, g[1] += i, g[2] = std::max<int64_t>(g[2], i), g[3] += i < 50;
  }
  std::map<std::string, int64_t> expected;
  for (const auto& [key, g] : groups) {
    expected["c" + std::to_string(key.first) + "|" + std::to_string(key.second) + "|" + std::to_string(g[0]) + "|" + std::to_string(g[1]) + "|" +
             std::to_string(g[2]) + "|" + std::to_string(g[3])] = 1;
  }
  EXPECT_EQ(sink_.contents, expected);
}

TEST_P(ExecTest, AGlobalAggregateOfAnAggregateRetractsItsOldRow) {
  Dataflow dataflow;
  const Column auction = C(1, "auction", kInt8), price = C(2, "price", kInt8), n = C(4, "n", kInt8, false), groups = C(5, "groups", kInt8, false),
               total = C(6, "total", TypeId::kNumeric);
  dataflow.operators.push_back(ScanOf({auction, price}));
  PlanOperator inner = Make(1, 0, {auction, n}, false);
  AggregateOp by_auction;
  by_auction.keys = {auction};
  by_auction.aggregates = {Call(4, Agg("count", {}), {}, kInt8)};
  inner.op = by_auction;
  dataflow.operators.push_back(inner);
  PlanOperator outer = Make(2, 1, {groups, total}, false);
  AggregateOp global;
  global.input_append_only = false;
  global.aggregates = {Call(5, Agg("count", {}), {}, kInt8), Call(6, Agg("sum", {kInt8}), {MakeColumn(n)}, TypeId::kNumeric)};
  outer.op = global;
  dataflow.operators.push_back(outer);
  PlanOperator sink = Make(3, 2, {groups, total}, false);
  sink.op = SinkOp{};
  dataflow.operators.push_back(sink);
  ASSERT_TRUE(Run(dataflow, Bids(3, 100)).ok());
  EXPECT_EQ(sink_.contents, (std::map<std::string, int64_t>{{"10|100", 1}}));
  sink_.contents.clear();
  ASSERT_TRUE(Run(dataflow, {{}}).ok());
  EXPECT_EQ(sink_.contents, (std::map<std::string, int64_t>{{"0|NULL", 1}}));
}

TEST_P(ExecTest, WindowsCloseOnceAndLateRowsStayOut) {
  Dataflow dataflow;
  const Column time = C(1, "ts", TypeId::kTimestamp), start = C(2, "start", TypeId::kTimestamp, false), end = C(3, "end", TypeId::kTimestamp, false),
               n = C(4, "n", kInt8, false);
  dataflow.operators.push_back(ScanOf({time}));
  PlanOperator watermark = Make(1, 0, {time});
  WatermarkOp clock;
  clock.time = 1;
  clock.delay_micros = 2'000'000;
  watermark.op = clock;
  dataflow.operators.push_back(watermark);
  PlanOperator check = Make(2, 1, {time});
  LateCheckOp late;
  late.time = 1;
  late.slice = 5'000'000;
  check.op = late;
  dataflow.operators.push_back(check);
  PlanOperator group = Make(3, 2, {start, end, n});
  AggregateOp op;
  op.keys = {start, end};
  op.aggregates = {Call(4, Agg("count", {}), {}, kInt8)};
  op.window = WindowSpec{1, 10'000'000, 5'000'000, 0, 2, 3};
  op.fused_window = true;
  op.emit_on_close = true;
  group.op = op;
  dataflow.operators.push_back(group);
  PlanOperator sink = Make(4, 3, {end, n});
  sink.op = SinkOp{};
  dataflow.operators.push_back(sink);
  auto at = [](int seconds) { return "{\"ts\":\"2024-01-01 00:00:" + std::string(seconds < 10 ? "0" : "") + std::to_string(seconds) + "\"}"; };
  // In its own partition 3 is late after 12 (its slice [0,5) ended at 5 <= 10), 11 is not.
  ASSERT_TRUE(Run(dataflow, {{at(1), at(12), at(3), at(11), R"({"ts":null})", at(22)}, {at(4), at(4)}}).ok());
  EXPECT_EQ(sink_.contents, (std::map<std::string, int64_t>{{"2024-01-01 00:00:05|3", 1},
                                                            {"2024-01-01 00:00:10|3", 1},
                                                            {"2024-01-01 00:00:15|2", 1},
                                                            {"2024-01-01 00:00:20|2", 1},
                                                            {"2024-01-01 00:00:25|1", 1},
                                                            {"2024-01-01 00:00:30|1", 1}}));
  EXPECT_EQ(errors_.messages.size(), 2u);  // the late one, and the one without a time
}

// Sessions of 3 seconds by a text, over three partitions whose rows come out of order: what is late, and what is together, follows from the rows
// alone.
class SessionTest : public ExecTest {
 protected:
  static std::string TimeText(int64_t seconds) { return Datum::Int(1'700'000'000'000'000 + seconds * 1'000'000).ToText(TypeId::kTimestamp); }

  void Rows(uint32_t seed) {
    uint32_t state = seed;
    auto below = [&](uint32_t n) { return static_cast<int64_t>((state = state * 1664525 + 1013904223) >> 8) % n; };
    partitions_.assign(3, {});
    for (auto& partition : partitions_) {
      int64_t latest = INT64_MIN;
      for (int64_t i = 0; i < 90; ++i) {
        const int64_t time = 2 * i + below(30) - 15, key = below(4);
        partition.push_back(R"({"k":"key)" + std::to_string(key) + R"(","ts":")" + TimeText(time) + "\"}");
        latest = std::max(latest, time);
        if (time < latest - 5)
          ++late_;
        else
          times_["key" + std::to_string(key)].push_back(time);
      }
    }
  }

  std::map<std::string, int64_t> Expected() {
    std::map<std::string, int64_t> contents;
    for (auto& [key, times] : times_) {
      std::sort(times.begin(), times.end());
      for (size_t begin = 0, end = 0; begin < times.size(); begin = end) {
        for (end = begin + 1; end < times.size() && times[end] - times[end - 1] <= 3; ++end) {}
        contents[key + "|" + TimeText(times[begin]) + "|" + TimeText(times[end - 1] + 3) + "|" + std::to_string(end - begin)] = 1;
      }
    }
    return contents;
  }

  Dataflow Sessions(bool on_close) {
    Dataflow dataflow;
    const Column key = C(1, "k", TypeId::kText), time = C(2, "ts", TypeId::kTimestamp), start = C(3, "start", TypeId::kTimestamp, false),
                 end = C(4, "end", TypeId::kTimestamp, false), n = C(5, "n", kInt8, false);
    dataflow.operators.push_back(ScanOf({key, time}));
    PlanOperator watermark = Make(1, 0, {key, time});
    WatermarkOp clock;
    clock.time = 2;
    clock.delay_micros = 5'000'000;
    watermark.op = clock;
    dataflow.operators.push_back(watermark);
    PlanOperator check = Make(2, 1, {key, time});
    LateCheckOp late;
    late.time = 2;
    late.slice = 1;
    check.op = late;
    dataflow.operators.push_back(check);
    PlanOperator group = Make(3, 2, {key, start, end, n}, on_close);
    AggregateOp op;
    op.keys = {key, start, end};
    op.aggregates = {Call(5, Agg("count", {}), {}, kInt8)};
    op.window = WindowSpec{2, 3'000'000, 0, 0, 3, 4, WindowSpec::Kind::kSession, 1, {1}};
    op.fused_window = true;
    op.emit_on_close = on_close;
    group.op = op;
    dataflow.operators.push_back(group);
    PlanOperator sink = Make(4, 3, {key, start, end, n}, on_close);
    sink.op = SinkOp{};
    dataflow.operators.push_back(sink);
    EXPECT_TRUE(Verify(dataflow).ok()) << Verify(dataflow);
    return dataflow;
  }

  std::vector<std::vector<std::string>> partitions_;
  std::map<std::string, std::vector<int64_t>> times_;
  size_t late_ = 0;
};

TEST_P(SessionTest, AreMaintained) {
  Rows(7);
  ASSERT_TRUE(Run(Sessions(false), partitions_).ok());
  EXPECT_EQ(sink_.contents, Expected());
  EXPECT_EQ(errors_.messages.size(), late_);
  EXPECT_GT(late_, 20u);
}

TEST_P(SessionTest, ArePutOutOnceWhenTheyClose) {
  Rows(8);
  ASSERT_TRUE(Run(Sessions(true), partitions_).ok());
  EXPECT_EQ(sink_.contents, Expected());
  EXPECT_EQ(sink_.changes_written, static_cast<int64_t>(Expected().size()));
  EXPECT_EQ(errors_.messages.size(), late_);
}

// An engine to which no record comes goes on with the clock.
TEST_P(ExecTest, RowsComeAndGoByTheClockAlone) {
  constexpr int64_t kSecond = 1'000'000, kStart = 1'704'067'200 * kSecond;  // 2024-01-01
  const Column id = C(1, "auction", kInt8), from = C(2, "begins", TypeId::kTimestampTz), until = C(3, "ends", TypeId::kTimestampTz);
  Dataflow dataflow;
  dataflow.operators.push_back(ScanOf({id, from, until}));
  PlanOperator filter = Make(1, 0, {id}, false);
  filter.op = TemporalFilterOp{2, 3};
  dataflow.operators.push_back(filter);
  PlanOperator sink = Make(2, 1, {id}, false);
  sink.op = SinkOp{};
  dataflow.operators.push_back(sink);
  ASSERT_TRUE(Verify(dataflow).ok()) << Verify(dataflow);
  SteppedEnvironment environment(kStart);
  RunBindings bindings;
  bindings.sources[0] = std::make_shared<OpenSource>(std::vector<std::vector<std::string>>{
      {R"({"auction": 1, "begins": "2023-12-31T00:00:00Z", "ends": "2024-01-01T00:00:10Z"})",
       R"({"auction": 2, "begins": "2024-01-01T00:00:05Z", "ends": "2024-01-01T00:00:20Z"})", R"({"auction": 3, "begins": null, "ends": null})"}});
  bindings.sinks[2] = &sink_;
  RunOptions options;
  options.workers = std::get<0>(GetParam());
  options.epoch_max_records = std::get<1>(GetParam());
  options.tiers = std::get<2>(GetParam());
  auto run = DataflowRun::Open(std::make_shared<Dataflow>(std::move(dataflow)), std::move(bindings), options, TestJit(), &environment);
  ASSERT_TRUE(run.ok()) << run.status();
  auto at = [&](int64_t second) {
    while (environment.WallMicros() < kStart + second * kSecond) {
      for (int step = 0; step < 8; ++step) EXPECT_TRUE((*run)->Step().ok());
      environment.Advance(kSecond);
    }
    for (int step = 0; step < 8; ++step) EXPECT_TRUE((*run)->Step().ok());
    environment.Advance(2 * kSecond);
    for (int step = 0; step < 8; ++step) EXPECT_TRUE((*run)->Step().ok());
    return sink_.contents;
  };
  using Contents = std::map<std::string, int64_t>;
  EXPECT_EQ(at(0), (Contents{{"1", 1}}));
  EXPECT_EQ(at(6), (Contents{{"1", 1}, {"2", 1}}));
  EXPECT_EQ(at(12), (Contents{{"2", 1}}));
  EXPECT_EQ(at(22), Contents());
  EXPECT_EQ(sink_.changes_written, 4);
}

// The clock stands still, and what is started in the background is done at once.
class ImmediateEnvironment final : public SteppedEnvironment, public os::Threads {
 public:
  using SteppedEnvironment::SteppedEnvironment;
  os::Threads& threads() override { return *this; }
  std::unique_ptr<os::Thread> Start(const std::string& name, std::function<void()> body) override {
    started += name == "optimizer";
    body();
    return std::make_unique<Done>();
  }
  int started = 0;

 private:
  struct Done final : os::Thread {
    void Join() override {}
  };
};

// Rows of both codes meet in one group; keys are constants of the code that is gone.
TEST(OneShotTest, BetterCodeTakesOverBetweenBatches) {
  const Column channel{1, "channel", TypeId::kText, true}, label{2, "label", TypeId::kText, false}, n{3, "n", kInt8, false},
      most{4, "most", TypeId::kText, true};
  Dataflow dataflow;
  PlanOperator scan;
  scan.id = 0;
  ScanOp from;
  from.source = "bids";
  from.columns.push_back({channel, Metadata::kNone, {channel.name}, {false}, {}});
  scan.output = {channel};
  scan.op = from;
  PlanOperator project;
  project.id = 1;
  project.inputs = {0};
  project.output = {channel, label};
  project.op = ProjectOp{{{label, MakeConstant(Datum::Bytes("a text that is longer than any prefix"), TypeId::kText)}}};
  PlanOperator group;
  group.id = 2;
  group.inputs = {1};
  group.output = {channel, label, n, most};
  group.append_only = false;
  AggregateOp op;
  op.keys = {channel, label};
  op.aggregates = {Call(3, Agg("count", {}), {}, kInt8), Call(4, Agg("max", {TypeId::kText}), {MakeColumn(label)}, TypeId::kText)};
  group.op = op;
  PlanOperator sink;
  sink.id = 3;
  sink.inputs = {2};
  sink.output = group.output;
  sink.append_only = false;
  sink.op = ResultOp{{"channel", "label", "n", "most"}};
  dataflow.operators = {scan, project, group, sink};
  ASSERT_TRUE(Verify(dataflow).ok()) << Verify(dataflow);

  ImmediateEnvironment environment(0);
  ContentsSink contents;
  RunBindings bindings;
  bindings.sources[0] = std::make_shared<VectorSource>(Bids(1, 30'000));  // several rounds
  bindings.sinks[3] = &contents;
  RunOptions options;
  options.one_epoch = true;
  options.optimize_after_nanos = 0;
  auto run = DataflowRun::Open(std::make_shared<Dataflow>(std::move(dataflow)), std::move(bindings), options, TestJit(), &environment);
  ASSERT_TRUE(run.ok()) << run.status();
  int steps = 0;
  for (DataflowRun::State state = DataflowRun::State::kWorked; state != DataflowRun::State::kDone; ++steps) {
    const auto step = (*run)->Step();
    ASSERT_TRUE(step.ok()) << step.status();
    state = *step;
  }
  EXPECT_GT(steps, 3);
  EXPECT_EQ(environment.started, 1);
  const std::string text = "a text that is longer than any prefix";
  EXPECT_EQ(contents.contents,
            (std::map<std::string, int64_t>{
                {"c0|" + text + "|10000|" + text, 1}, {"c1|" + text + "|10000|" + text, 1}, {"c2|" + text + "|10000|" + text, 1}}));
}

TEST_P(ExecTest, NoPageIsWritableAndExecutable) {
  Dataflow dataflow;
  const Column auction = C(1, "auction", kInt8);
  dataflow.operators.push_back(ScanOf({auction}));
  PlanOperator sink = Make(1, 0, {auction});
  sink.op = SinkOp{};
  dataflow.operators.push_back(sink);
  ASSERT_TRUE(Run(dataflow, Bids(1, 10)).ok());  // its code is gone by now; LLVM's stubs and the runtime are not
  const auto maps = os::RealEnvironment().files().ReadAll("/proc/self/maps");
  ASSERT_TRUE(maps.ok()) << maps.status();
  EXPECT_NE(maps->find(" r-xp "), std::string::npos);
  EXPECT_EQ(maps->find(" rwx"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Matrix, SessionTest,
                         testing::Combine(testing::Values(1, 2, 3), testing::Values(1, 7, 1'000'000),
                                          testing::Values(TierPolicy::kQuickOnly, TierPolicy::kOptimizedOnly)));
INSTANTIATE_TEST_SUITE_P(Matrix, ExecTest,
                         testing::Combine(testing::Values(1, 2, 3), testing::Values(1, 7, 1'000'000),
                                          testing::Values(TierPolicy::kQuickOnly, TierPolicy::kOptimizedOnly)));

}  // namespace
}  // namespace kappa
