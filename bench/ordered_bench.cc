// Cost per change of ordered operators over one partition: an update (a row goes, another comes) an epoch, in a partition of 1,000 rows and in one of
// a million. Prints CPU per change, entries looked at per change, rows put out per change, and the ratios.
//
//   ordered_bench [rows of the large partition, default 1000000] [changes, default 20000]
#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <functional>

#include "common/os/seeded_random.h"
#include "exec/runtime/over.h"
#include "exec/runtime/top_n.h"
#include "exec/runtime/worker_context.h"
#include "functions/registry.h"

namespace kappa {
namespace {

constexpr ColumnId kPartition = 1, kTime = 2, kValue = 3, kComputed = 10;
constexpr TypeId kInt8 = TypeId::kInt8;
int64_t rows_out = 0;

struct Figures {
  double nanos = 0, visited = 0, rows = 0, bytes = 0;
};

Column BigintColumn(ColumnId id, const char* name) { return {id, name, Type(kInt8), false}; }

int64_t Cpu() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

void CountRows(WorkerContext*, const KeyedOutput*, int64_t count) { rows_out += count; }

class OnePartition {
 public:
  OnePartition(decltype(PlanOperator::op) kind, std::vector<Column> computed) {
    PlanOperator below, op;
    below.output = {BigintColumn(kPartition, "p"), BigintColumn(kTime, "t"), BigintColumn(kValue, "v")};
    below.append_only = false;
    op.output = below.output;
    op.output.insert(op.output.end(), computed.begin(), computed.end());
    op.append_only = false;
    op.op = std::move(kind);
    plan_ = MakeKeyedPlan(op, {&below});
    auto made = MakeKeyedOperator(&context_, op, plan_, {});
    if (!made.ok()) std::abort();
    keyed_ = std::move(made).value();
    keyed_->SetCode(&CountRows, nullptr);
  }
  void Add(int64_t time, int64_t value, int64_t weight) {
    const RowLayout& layout = plan_.inputs[0].layout;
    alignas(8) char row[64] = {};
    for (size_t i = 0; i < plan_.inputs[0].columns.size(); ++i) {
      const ColumnId id = plan_.inputs[0].columns[i].id;
      const int64_t number = id == kPartition ? 1 : id == kTime ? time : value;
      std::memcpy(row + layout.slots()[i].offset, &number, sizeof number);
    }
    const KeyedRow keyed{0, weight, "", row, 0, static_cast<uint32_t>(layout.size())};
    keyed_->Apply(0, &keyed, 1);
  }
  void EndEpoch() {
    keyed_->Flush({});
    keyed_->FlushOutput();
    keyed_->EndEpoch({});
  }
  KeyedOperator& keyed() { return *keyed_; }

 private:
  WorkerContext context_;
  KeyedPlan plan_;
  std::unique_ptr<KeyedOperator> keyed_;
};

Figures Measure(OnePartition* partition, const std::function<int64_t()>& visited, int64_t rows, int64_t changes) {
  os::SeededRandom random(1);
  std::vector<int64_t> times;
  for (int64_t i = 0; i < rows; ++i) {
    times.push_back(static_cast<int64_t>(random.Below(static_cast<uint64_t>(rows) * 1000)));
    partition->Add(times.back(), times.back() % 97, 1);
  }
  partition->EndEpoch();
  partition->EndEpoch();
  Figures figures;
  figures.bytes = static_cast<double>(partition->keyed().bytes()) / static_cast<double>(rows);
  auto change = [&](int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
      int64_t& time = times[random.Below(times.size())];
      partition->Add(time, time % 97, -1);
      time = static_cast<int64_t>(random.Below(static_cast<uint64_t>(rows) * 1000));
      partition->Add(time, time % 97, 1);
      partition->EndEpoch();
    }
  };
  change(changes / 10);
  const int64_t visited_before = visited(), rows_before = rows_out, begin = Cpu();
  change(changes);
  const auto n = static_cast<double>(changes);
  figures.nanos = static_cast<double>(Cpu() - begin) / n;
  figures.visited = static_cast<double>(visited() - visited_before) / n;
  figures.rows = static_cast<double>(rows_out - rows_before) / n;
  return figures;
}

const AggregateEntry* SumOfBigint() {
  for (const AggregateEntry* entry : FunctionRegistry::Get().FindAggregates("sum")) {
    if (entry->arguments == std::vector<TypeId>{kInt8}) return entry;
  }
  return nullptr;
}

OverOp MakeOver(bool lag, int64_t preceding) {
  OverOp op;
  op.order = {{kTime, false, false}};
  OverOp::Function function;
  function.call.args = {MakeColumn(BigintColumn(kValue, "v"))};
  function.call.output = kComputed;
  if (lag) {
    function.kind = OverOp::Kind::kLag;
    function.call.type = Type(kInt8);
  } else {
    function.kind = OverOp::Kind::kAggregate;
    function.call.function = SumOfBigint();
    function.call.type = Type(TypeId::kNumeric);
    function.frame.mode = OverOp::Mode::kRows;
    function.frame.start = OverOp::Bound::kPreceding;
    function.frame.start_offset = MakeConstant(Datum::Int(preceding), kInt8);
  }
  op.functions = {function};
  return op;
}

void Compare(const char* name, int64_t large, int64_t changes, const std::function<std::pair<OnePartition*, std::function<int64_t()>>()>& make) {
  Figures figures[2];
  for (int i = 0; i < 2; ++i) {
    auto [partition, visited] = make();
    figures[i] = Measure(partition, visited, i == 0 ? 1000 : large, changes);
    delete partition;
  }
  for (int i = 0; i < 2; ++i) {
    std::printf("%-24s %9lld rows: %7.0f ns, %6.1f entries, %5.2f rows out a change; %5.1f bytes a row\n", name,
                static_cast<long long>(i == 0 ? 1000 : large), figures[i].nanos, figures[i].visited, figures[i].rows, figures[i].bytes);
  }
  std::printf("%-24s ratio: CPU %.2f (at most 8), entries %.2f (at most 2.5)\n", name, figures[1].nanos / figures[0].nanos,
              figures[1].visited / figures[0].visited);
}

int Main(int argc, char** argv) {
  const int64_t large = argc > 1 ? std::atoll(argv[1]) : 1'000'000, changes = argc > 2 ? std::atoll(argv[2]) : 20'000;
  auto over = [&](const OverOp& op, Type type) {
    return [op, type]() -> std::pair<OnePartition*, std::function<int64_t()>> {
      auto* partition = new OnePartition(op, {{kComputed, "f", type, true}});
      return {partition, [partition] { return static_cast<const Over&>(partition->keyed()).visited(); }};
    };
  };
  auto top = [&](bool rank) {
    return [rank]() -> std::pair<OnePartition*, std::function<int64_t()>> {
      TopNOp op;
      op.order = {{kTime, true, false}};
      op.limit = 10;
      if (rank) op.rank = {kComputed, "rank", Type(kInt8), false};
      auto* partition = new OnePartition(op, rank ? std::vector<Column>{op.rank} : std::vector<Column>{});
      return {partition, [partition] { return static_cast<const TopN&>(partition->keyed()).visited(); }};
    };
  };
  Compare("lag", large, changes, over(MakeOver(true, 0), Type(kInt8)));
  Compare("sum, 10 rows preceding", large, changes, over(MakeOver(false, 10), Type(TypeId::kNumeric)));
  Compare("top 10", large, changes, top(false));
  Compare("top 10 with its rank", large, changes, top(true));
  return 0;
}

}  // namespace
}  // namespace kappa

int main(int argc, char** argv) { return kappa::Main(argc, argv); }
