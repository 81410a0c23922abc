// OVER by itself: after every epoch of random changes every row has the values that a naive evaluation, by the definitions, gives it.
#include "exec/runtime/over.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "functions/registry.h"
#include "tests/exec/ordered_harness.h"

namespace kappa {
namespace {

using Kind = OverOp::Kind;
using Bound = OverOp::Bound;
using Mode = OverOp::Mode;
using Exclude = OverOp::Exclude;
constexpr TypeId kInt8 = TypeId::kInt8;

const FunctionEntry* Op(const char* symbol) {
  for (const FunctionEntry* entry : FunctionRegistry::Get().Find(FunctionKind::kOperator, symbol)) {
    if (entry->arguments == std::vector<TypeId>{kInt8, kInt8}) return entry;
  }
  return nullptr;
}

const AggregateEntry* Aggregate(const char* name, const std::vector<TypeId>& arguments) {
  for (const AggregateEntry* entry : FunctionRegistry::Get().FindAggregates(name)) {
    if (entry->arguments == arguments) return entry;
  }
  return nullptr;
}

struct TestFunction {
  OverOp::Function function;
  std::string name;            // of aggregates
  int64_t number = 0;          // of lag, ntile, nth_value
  bool by_column = false;      // lag, lead: the offset is w
  int64_t start = 0, end = 0;  // offsets of the frame
};

struct Window {
  OverOp op;
  std::vector<Column> computed;
  std::vector<TestFunction> functions;
  bool descending = false, nulls_first = false;
};

ExprPtr Constant(int64_t value) { return MakeConstant(Datum::Int(value), kInt8); }
ExprPtr ColumnOf(ColumnId id) { return MakeColumn(OrderedColumn(id)); }

// --- the definitions

using Rows = std::vector<OrderedRow>;

// Is row j of the frame of row i, as far as one end says?
bool Inside(const Window& setup, const Rows& rows, const std::vector<int64_t>& group, size_t i, size_t j, const TestFunction& f, bool start) {
  const OverOp::Frame& frame = f.function.frame;
  const Bound bound = start ? frame.start : frame.end;
  if (bound == Bound::kUnboundedPreceding || bound == Bound::kUnboundedFollowing) return true;
  int64_t offset = bound == Bound::kCurrentRow ? 0 : start ? f.start : f.end;
  if (bound == Bound::kPreceding) offset = -offset;
  const auto side = [&](int64_t a, int64_t b) { return start ? a >= b : a <= b; };
  if (frame.mode == Mode::kRows) return side(static_cast<int64_t>(j), static_cast<int64_t>(i) + offset);
  if (frame.mode == Mode::kGroups || bound == Bound::kCurrentRow) return side(group[j], group[i] + offset);
  if (!rows[i].v || !rows[j].v) return side(group[j], group[i]);
  const int64_t sign = setup.descending ? -1 : 1;
  return side(sign * *rows[j].v, sign * *rows[i].v + offset);
}

std::vector<size_t> FrameOf(const Window& setup, const Rows& rows, const std::vector<int64_t>& group, size_t i, const TestFunction& f) {
  std::vector<size_t> frame;
  for (size_t j = 0; j < rows.size(); ++j) {
    if (!Inside(setup, rows, group, i, j, f, true) || !Inside(setup, rows, group, i, j, f, false)) continue;
    const Exclude exclude = f.function.frame.exclude;
    if (exclude == Exclude::kCurrentRow && j == i) continue;
    if (exclude == Exclude::kGroup && group[j] == group[i]) continue;
    if (exclude == Exclude::kTies && group[j] == group[i] && j != i) continue;
    frame.push_back(j);
  }
  return frame;
}

std::string Text(const std::optional<int64_t>& number) { return number ? std::to_string(*number) : "NULL"; }

std::string AggregateText(const TestFunction& f, const Rows& rows, const std::vector<size_t>& frame) {
  int64_t sum = 0, count = 0;
  std::optional<int64_t> max;
  std::optional<std::string> least;
  std::string list;
  for (size_t j : frame) {
    list += (list.empty() ? "" : ",") + Text(rows[j].w);
    if (rows[j].s && (!least || *rows[j].s < *least)) least = rows[j].s;
    if (!rows[j].w) continue;
    sum += *rows[j].w;
    ++count;
    max = max ? std::max(*max, *rows[j].w) : *rows[j].w;
  }
  if (f.name == "count") return std::to_string(frame.size());
  if (f.name == "sum") return count == 0 ? "NULL" : std::to_string(sum);
  if (f.name == "max") return Text(max);
  if (f.name == "min") return least.value_or("NULL");
  return frame.empty() ? "NULL" : "{" + list + "}";
}

std::string ValueText(const Window& setup, const Rows& rows, const std::vector<int64_t>& group, size_t i, const TestFunction& f) {
  const auto n = static_cast<int64_t>(rows.size()), row = static_cast<int64_t>(i);
  const auto first = std::find(group.begin(), group.end(), group[i]) - group.begin();
  const auto last = std::upper_bound(group.begin(), group.end(), group[i]) - group.begin();
  auto float_text = [](double value) { return Datum::Float(value).ToText(Type(TypeId::kFloat8)); };
  switch (f.function.kind) {
    case Kind::kRowNumber:
      return std::to_string(row + 1);
    case Kind::kRank:
      return std::to_string(first + 1);
    case Kind::kDenseRank:
      return std::to_string(group[i] + 1);
    case Kind::kPercentRank:
      return float_text(n == 1 ? 0 : static_cast<double>(first) / static_cast<double>(n - 1));
    case Kind::kCumeDist:
      return float_text(static_cast<double>(last) / static_cast<double>(n));
    case Kind::kNtile: {
      int64_t bucket = 0, left = 0;
      for (int64_t at = 0; at <= row; ++at) {
        if (left == 0) left = n / f.number + (bucket++ < n % f.number ? 1 : 0);
        if (left == 0) left = 1;
        --left;
      }
      return std::to_string(bucket);
    }
    case Kind::kLag:
    case Kind::kLead: {
      const std::optional<int64_t> offset = f.by_column ? rows[i].w : f.number;
      if (!offset) return "NULL";
      const int64_t distance = f.function.kind == Kind::kLag ? -*offset : *offset, step = distance < 0 ? -1 : 1;
      int64_t at = row;
      for (int64_t left = std::abs(distance); left > 0 && at >= 0 && at < n;) {
        at += step;
        if (at >= 0 && at < n && !(f.function.ignore_nulls && !rows[static_cast<size_t>(at)].w)) --left;
      }
      return at < 0 || at >= n ? Text(rows[i].v) : Text(rows[static_cast<size_t>(at)].w);
    }
    default:
      break;
  }
  std::vector<size_t> frame = FrameOf(setup, rows, group, i, f);
  if (f.function.ignore_nulls) std::erase_if(frame, [&](size_t j) { return !rows[j].s; });
  if (f.function.kind == Kind::kAggregate) return AggregateText(f, rows, frame);
  const size_t nth = f.function.kind == Kind::kFirstValue  ? 0
                     : f.function.kind == Kind::kLastValue ? frame.size() - 1
                                                           : static_cast<size_t>(f.number - 1);
  return frame.empty() || nth >= frame.size() ? "NULL" : rows[frame[nth]].s.value_or("NULL");
}

TextWeights Naive(const Window& setup, const RowWeights& contents) {
  TextWeights result;
  std::set<std::optional<int64_t>> partitions;
  for (const auto& [row, weight] : contents) partitions.insert(row.p);
  for (const auto& partition : partitions) {
    const Rows rows = Sorted(contents, partition, setup.descending, setup.nulls_first);
    std::vector<int64_t> group;
    for (size_t i = 0; i < rows.size(); ++i) group.push_back(i == 0 ? 0 : group.back() + (rows[i].v == rows[i - 1].v ? 0 : 1));
    for (size_t i = 0; i < rows.size(); ++i) {
      std::string text = RowText(rows[i]);
      for (const TestFunction& f : setup.functions) text += "|" + ValueText(setup, rows, group, i, f);
      ++result[text];
    }
  }
  return result;
}

// --- random functions

OverOp::Frame RandomFrame(os::SeededRandom* random, TestFunction* f) {
  OverOp::Frame frame;
  frame.mode = static_cast<Mode>(random->Below(3));
  frame.exclude = static_cast<Exclude>(random->Below(2) == 0 ? 0 : random->Below(4));
  static constexpr Bound kBounds[] = {Bound::kUnboundedPreceding, Bound::kPreceding, Bound::kCurrentRow, Bound::kFollowing,
                                      Bound::kUnboundedFollowing};
  const auto start = random->Below(4);
  frame.start = kBounds[start];
  frame.end = kBounds[std::max<uint64_t>(1, start) + random->Below(5 - std::max<uint64_t>(1, start))];
  f->start = static_cast<int64_t>(random->Below(4));
  f->end = static_cast<int64_t>(random->Below(4));
  frame.start_offset = Constant(f->start);
  frame.end_offset = Constant(f->end);
  frame.subtract = Op("-");
  frame.add = Op("+");
  return frame;
}

TestFunction RandomFunction(os::SeededRandom* random) {
  TestFunction f;
  f.function.kind = static_cast<Kind>(random->Below(2) == 0 ? 6 + random->Below(6) : random->Below(12));
  f.function.ignore_nulls = random->Below(2) == 0 && f.function.kind >= Kind::kLag && f.function.kind != Kind::kAggregate;
  f.number = static_cast<int64_t>(random->Below(3)) + 1;
  AggregateCall& call = f.function.call;
  call.type = Type(kInt8);
  switch (f.function.kind) {
    case Kind::kPercentRank:
    case Kind::kCumeDist:
      call.type = Type(TypeId::kFloat8);
      break;
    case Kind::kNtile:
      call.args = {Constant(f.number)};
      call.type = Type(TypeId::kInt4);
      break;
    case Kind::kLag:
    case Kind::kLead:
      if (random->Below(5) == 0) f.number = -f.number;
      f.by_column = random->Below(4) == 0;
      call.args = {ColumnOf(kW), f.by_column ? ColumnOf(kW) : Constant(f.number), ColumnOf(kV)};
      break;
    case Kind::kFirstValue:
    case Kind::kLastValue:
    case Kind::kNthValue:
      call.args = {ColumnOf(kS)};
      if (f.function.kind == Kind::kNthValue) call.args.push_back(Constant(f.number));
      call.type = Type(TypeId::kText);
      f.function.frame = RandomFrame(random, &f);
      break;
    case Kind::kAggregate: {
      static const char* const kNames[] = {"count", "sum", "max", "min", "array_agg"};
      f.name = kNames[random->Below(5)];
      f.function.frame = RandomFrame(random, &f);
      if (f.name == "count") {
        call.function = Aggregate("count", {});
        break;
      }
      call.args = {ColumnOf(f.name == "min" ? kS : kW)};
      call.function = Aggregate(f.name.c_str(), {f.name == "min" ? TypeId::kText : f.name == "array_agg" ? TypeId::kAnyElement : kInt8});
      call.type = f.name == "sum" ? Type(TypeId::kNumeric) : f.name == "min" ? Type(TypeId::kText) : Type(kInt8);
      if (f.name == "array_agg") call.type = Type::Array(Type(kInt8));
      break;
    }
    default:
      break;
  }
  return f;
}

Window RandomWindow(os::SeededRandom* random) {
  Window setup;
  setup.descending = random->Below(2) == 0;
  setup.nulls_first = random->Below(2) == 0;
  setup.op.partition = {kP};
  // After the user's key the others break ties, as a planner would have it.
  setup.op.order = {{kV, setup.descending, setup.nulls_first}, {kW, false, false}, {kS, false, false}};
  setup.op.user_keys = 1;
  const auto count = 1 + random->Below(3);
  for (uint64_t i = 0; i < count; ++i) {
    TestFunction f = RandomFunction(random);
    f.function.call.output = static_cast<ColumnId>(20 + i);
    f.function.call.name = "f";
    setup.computed.push_back({f.function.call.output, "f", f.function.call.type, true});
    setup.op.functions.push_back(f.function);
    setup.functions.push_back(std::move(f));
  }
  return setup;
}

std::string Describe(const Window& setup) {
  std::string text = std::string(setup.descending ? "desc " : "asc ") + (setup.nulls_first ? "nulls first" : "nulls last");
  for (const TestFunction& f : setup.functions) {
    const OverOp::Frame& frame = f.function.frame;
    text += "; kind " + std::to_string(static_cast<int>(f.function.kind)) + " " + f.name + " " + std::to_string(f.number) + " mode " +
            std::to_string(static_cast<int>(frame.mode)) + " from " + std::to_string(static_cast<int>(frame.start)) + "/" + std::to_string(f.start) +
            " to " + std::to_string(static_cast<int>(frame.end)) + "/" + std::to_string(f.end) + " exclude " +
            std::to_string(static_cast<int>(frame.exclude)) + (f.function.ignore_nulls ? " ignore nulls" : "") + (f.by_column ? " by column" : "");
  }
  return text;
}

void Check(const Window& setup, const ChurnOptions& options, uint64_t seed) {
  os::SeededRandom random(seed + 1000);
  int workers = 1 + static_cast<int>(seed % 3);
  auto harness = std::make_unique<OrderedHarness>(setup.op, setup.computed, false, workers);
  OrderedHarness::Entries saved;
  RowWeights contents;
  TextWeights shown;
  for (int epoch = 0; epoch < options.epochs; ++epoch) {
    harness->Apply(0, RandomChanges(&random, options, &contents));
    harness->Flush({});
    AddTo(&shown, harness->TakeOutput());
    ASSERT_EQ(harness->TakeErrors(), TextWeights{});
    ASSERT_EQ(shown, Naive(setup, contents)) << "epoch " << epoch;
    if (epoch % 8 != 5) continue;
    harness->Freeze();
    while (!harness->Save(300, &saved)) {}
    if (random.Below(2) == 0) continue;
    workers = workers % 3 + 1;
    harness = std::make_unique<OrderedHarness>(setup.op, setup.computed, false, workers);
    harness->Load(saved);
  }
}

TEST(OverTest, EveryRowHasTheValuesOfItsPartition) {
  for (uint64_t seed = 0; seed < 400; ++seed) {
    os::SeededRandom random(seed);
    const Window setup = RandomWindow(&random);
    ChurnOptions options;
    options.values = random.Below(2) == 0 ? 4 : 30;
    options.epochs = 20;
    Check(setup, options, seed);
    if (HasFatalFailure()) FAIL() << "seed " << seed << ": " << Describe(setup);
  }
}

// Partitions of several nodes, of which few entries change in an epoch: what nodes know is used.
TEST(OverTest, LargePartitions) {
  for (uint64_t seed = 0; seed < 24; ++seed) {
    os::SeededRandom random(seed);
    const Window setup = RandomWindow(&random);
    OrderedHarness harness(setup.op, setup.computed, false, 1);
    RowWeights contents;
    TextWeights shown;
    std::vector<OrderedDelta> first;
    for (int i = 0; i < 700; ++i) {
      first.emplace_back(OrderedRow{1, static_cast<int64_t>(random.Below(300)), static_cast<int64_t>(random.Below(9)), std::nullopt}, 1);
      if (random.Below(3) == 0) first.back().first.w.reset();
      if (random.Below(8) == 0) first.back().first.s = std::string(1, static_cast<char>('a' + random.Below(26)));
      ++contents[first.back().first];
    }
    harness.Apply(0, first);
    ChurnOptions options;
    options.partitions = 2;
    options.values = 300;
    options.changes = 4;
    for (int epoch = 0; epoch < 5; ++epoch) {
      harness.Flush({});
      AddTo(&shown, harness.TakeOutput());
      ASSERT_EQ(shown, Naive(setup, contents)) << "epoch " << epoch << " seed " << seed << ": " << Describe(setup);
      harness.Apply(0, RandomChanges(&random, options, &contents));
    }
  }
}

// Errors come and go with the rows that cause them.
TEST(OverTest, WhatFailsIsAnErrorAsLongAsItsRowsAreThere) {
  OverOp op;
  op.order = {{kV, false, false}};
  OverOp::Function sum;
  sum.kind = Kind::kAggregate;
  sum.call.function = Aggregate("sum", {TypeId::kInt4});
  sum.call.args = {MakeConstant(Datum::Int(INT32_MAX), TypeId::kInt4)};
  sum.call.output = 20;
  sum.call.type = Type(kInt8);
  OverOp::Function nth;
  nth.kind = Kind::kNthValue;
  nth.call.args = {ColumnOf(kW), ColumnOf(kV)};
  nth.call.output = 21;
  nth.call.type = Type(kInt8);
  op.functions = {sum, nth};
  OrderedHarness harness(op, {{20, "sum", Type(kInt8), true}, {21, "nth", Type(kInt8), true}}, false, 1);
  harness.Apply(0, {{OrderedRow{1, 1, 5, std::nullopt}, 1}, {OrderedRow{1, 0, 6, std::nullopt}, 1}});
  harness.Flush({});
  const std::string error = "22016 argument of nth_value must be greater than zero";
  EXPECT_EQ(harness.TakeErrors(), (TextWeights{{error, 1}}));
  EXPECT_EQ(harness.TakeOutput(), (TextWeights{{"1|1|5|NULL|4294967294|6", 1}}));
  harness.Apply(0, {{OrderedRow{1, 0, 6, std::nullopt}, -1}});
  harness.Flush({});
  EXPECT_EQ(harness.TakeErrors(), (TextWeights{{error, -1}}));
  EXPECT_EQ(harness.TakeOutput(), (TextWeights{{"1|1|5|NULL|4294967294|6", -1}, {"1|1|5|NULL|2147483647|5", 1}}));
}

// Of a value that all rows share only a new one is put out.
TEST(OverTest, AMaximumThatStaysIsNotPutOutAgain) {
  OverOp op;
  op.partition = {kP};
  OverOp::Function max;
  max.kind = Kind::kAggregate;
  max.call.function = Aggregate("max", {kInt8});
  max.call.args = {ColumnOf(kW)};
  max.call.output = 20;
  max.call.type = Type(kInt8);
  op.functions = {max};  // RANGE to the current row, of which all are peers
  OrderedHarness harness(op, {{20, "max", Type(kInt8), true}}, false, 1);
  std::vector<OrderedDelta> changes;
  for (int64_t i = 0; i < 500; ++i) changes.emplace_back(OrderedRow{1, i, i, std::nullopt}, 1);
  harness.Apply(0, changes);
  harness.Flush({});
  EXPECT_EQ(harness.TakeOutputRows(), 500);
  harness.Apply(0, {{OrderedRow{1, 7, 100, std::nullopt}, 1}, {OrderedRow{1, 3, 3, std::nullopt}, -1}});
  harness.Flush({});
  EXPECT_EQ(harness.TakeOutputRows(), 2);
  harness.Apply(0, {{OrderedRow{1, 499, 499, std::nullopt}, -1}});
  harness.Flush({});
  EXPECT_EQ(harness.TakeOutputRows(), 1 + 2 * 499);
}

// Work per change: a partition of many rows against one of few.
TEST(OverTest, AChangeConcernsItsNeighboursOnly) {
  OverOp op;
  op.order = {{kV, false, false}};
  OverOp::Function lag;
  lag.kind = Kind::kLag;
  lag.call.args = {ColumnOf(kW)};
  lag.call.output = 20;
  lag.call.type = Type(kInt8);
  OverOp::Function sum;
  sum.kind = Kind::kAggregate;
  sum.call.function = Aggregate("sum", {kInt8});
  sum.call.args = {ColumnOf(kW)};
  sum.call.output = 21;
  sum.call.type = Type(TypeId::kNumeric);
  sum.frame.mode = Mode::kRows;
  sum.frame.start = Bound::kPreceding;
  sum.frame.start_offset = Constant(3);
  op.functions = {lag, sum};
  int64_t visited[2] = {0, 0};
  for (int large = 0; large < 2; ++large) {
    OrderedHarness harness(op, {{20, "lag", Type(kInt8), true}, {21, "sum", Type(TypeId::kNumeric), true}}, false, 1);
    const int64_t rows = large == 0 ? 1000 : 100'000;
    std::vector<OrderedDelta> changes;
    for (int64_t i = 0; i < rows; ++i) changes.emplace_back(OrderedRow{1, i * 10, i, std::nullopt}, 1);
    harness.Apply(0, changes);
    harness.Flush({});
    harness.TakeOutputRows();
    const auto& over = static_cast<const Over&>(harness.keyed(0));
    const int64_t before = over.visited();
    os::SeededRandom random(1);
    for (int i = 0; i < 100; ++i) {
      harness.Apply(0, {{OrderedRow{1, static_cast<int64_t>(random.Below(static_cast<uint64_t>(rows * 10))), 7, std::nullopt}, 1}});
      harness.Flush({});
    }
    visited[large] = over.visited() - before;
    EXPECT_LE(harness.TakeOutputRows(), 100 * 9);
  }
  EXPECT_LE(visited[1], visited[0] * 5 / 2) << visited[0] << " against " << visited[1];
}

// The same of functions that look further: over rows without a value, by distances that rows tell, to the ends of buckets.
TEST(OverTest, AChangeIsNotSeenPastTheNextValue) {
  OverOp op;
  op.order = {{kV, false, false}};
  std::vector<Column> computed;
  const auto add = [&](OverOp::Function function, std::vector<ExprPtr> args, Type type) {
    function.call.args = std::move(args);
    function.call.output = static_cast<ColumnId>(20 + computed.size());
    function.call.type = type;
    computed.push_back({function.call.output, "f", type, true});
    op.functions.push_back(std::move(function));
  };
  OverOp::Frame before, after;
  before.mode = after.mode = Mode::kRows;
  after.start = Bound::kCurrentRow;
  after.end = Bound::kUnboundedFollowing;
  add({Kind::kLag, {}, {}, true}, {ColumnOf(kW), Constant(2)}, Type(kInt8));
  add({Kind::kLead, {}, {}, false}, {ColumnOf(kV), ColumnOf(kW)}, Type(kInt8));
  add({Kind::kLastValue, {}, before, true}, {ColumnOf(kW)}, Type(kInt8));
  add({Kind::kFirstValue, {}, after, true}, {ColumnOf(kW)}, Type(kInt8));
  add({Kind::kLastValue, {}, {}, false}, {ColumnOf(kW)}, Type(kInt8));
  add({Kind::kNtile, {}, {}, false}, {Constant(7)}, Type(TypeId::kInt4));
  int64_t visited[2] = {0, 0};
  for (int large = 0; large < 2; ++large) {
    OrderedHarness harness(op, computed, false, 1);
    const int64_t rows = large == 0 ? 1000 : 100'000;
    std::vector<OrderedDelta> changes;
    for (int64_t i = 0; i < rows; ++i) changes.emplace_back(OrderedRow{1, i * 10, i % 4 == 0 ? std::optional(i % 3) : std::nullopt, std::nullopt}, 1);
    harness.Apply(0, changes);
    harness.Flush({});
    const auto& over = static_cast<const Over&>(harness.keyed(0));
    const int64_t begin = over.visited();
    os::SeededRandom random(1);
    for (int i = 0; i < 100; ++i) {
      const auto value = random.Below(3) == 0 ? std::nullopt : std::optional<int64_t>(2);
      harness.Apply(0, {{OrderedRow{1, static_cast<int64_t>(random.Below(static_cast<uint64_t>(rows * 10))), value, std::nullopt}, 1}});
      harness.Flush({});
    }
    visited[large] = over.visited() - begin;
  }
  EXPECT_LE(visited[1], visited[0] * 5 / 2) << visited[0] << " against " << visited[1];
}

// Partitions that the watermark has passed are forgotten, whatever was in them; nothing is put out for that.
TEST(OverTest, PartitionsExpire) {
  OverOp op;
  op.partition = {kP};
  op.order = {{kV, false, false}};
  op.expiry = Expiry{kP, 4};
  OverOp::Function last{Kind::kLastValue, {}, {}, true};
  last.call.args = {ColumnOf(kW)};
  last.call.output = 20;
  last.call.type = Type(kInt8);
  op.functions = {last};
  const std::vector<Column> computed = {{20, "last", Type(kInt8), true}};
  OrderedHarness::Entries saved;
  auto harness = std::make_unique<OrderedHarness>(op, computed, false, 2);
  TextWeights shown;
  size_t most = 0;
  const size_t empty = harness->bytes();
  os::SeededRandom random(3);
  for (int64_t epoch = 0; epoch < 400; ++epoch) {
    std::vector<OrderedDelta> changes;
    for (int64_t i = 0; i < 40; ++i)
      changes.emplace_back(OrderedRow{epoch + i % 4, static_cast<int64_t>(random.Below(50)), i % 3 == 0 ? std::nullopt : std::optional(i), {}}, 1);
    harness->Apply(0, changes);
    harness->Apply(0, {{changes[7].first, -1}});
    harness->Flush({.watermark = epoch, .clock_micros = 0, .ended = false});
    AddTo(&shown, harness->TakeOutput());
    if (epoch == 20) most = harness->bytes();
    if (epoch > 20) ASSERT_LE(harness->bytes(), most * 2) << epoch;
    if (epoch % 50 != 49) continue;
    harness->Freeze();
    while (!harness->Save(300, &saved)) {}
    harness = std::make_unique<OrderedHarness>(op, computed, false, 1 + static_cast<int>(epoch % 3));
    harness->Load(saved);
  }
  EXPECT_EQ(std::accumulate(shown.begin(), shown.end(), int64_t{0}, [](int64_t sum, const auto& one) { return sum + one.second; }), 400 * 39);
  harness->Flush({.watermark = 1000, .clock_micros = 0, .ended = false});
  EXPECT_EQ(harness->TakeOutputRows(), 0);
  harness->Freeze();
  while (!harness->Save(300, &saved)) {}
  EXPECT_TRUE(saved.empty());
  EXPECT_GT(most, empty);
}

// In the order of a time: rows that are behind all frames go, those before the watermark that a frame may still reach stay.
TEST(OverTest, RowsBehindTheirFramesGo) {
  Window setup;
  setup.op.partition = {kP};
  setup.op.order = {{kV, false, false}, {kW, false, false}, {kS, false, false}};
  setup.op.user_keys = 1;
  setup.op.expiry = Expiry{kV, 0};
  TestFunction lag, sum, last;
  lag.function.kind = Kind::kLag;
  lag.number = 2;
  lag.function.call.args = {ColumnOf(kW), Constant(2), ColumnOf(kV)};
  sum.function.kind = Kind::kAggregate;
  sum.name = "sum";
  sum.function.call.function = Aggregate("sum", {kInt8});
  sum.function.call.args = {ColumnOf(kW)};
  sum.function.frame.mode = Mode::kRows;
  sum.function.frame.start = Bound::kPreceding;
  sum.function.frame.start_offset = Constant(3);
  sum.start = 3;
  last.function = {Kind::kLastValue, {}, sum.function.frame, true};
  last.function.call.args = {ColumnOf(kS)};
  last.start = 3;
  for (TestFunction* f : {&lag, &sum, &last}) {
    AggregateCall& call = f->function.call;
    call.output = static_cast<ColumnId>(20 + setup.functions.size());
    call.type = f == &sum ? Type(TypeId::kNumeric) : f == &lag ? Type(kInt8) : Type(TypeId::kText);
    setup.computed.push_back({call.output, "f", call.type, true});
    setup.op.functions.push_back(f->function);
    setup.functions.push_back(*f);
  }
  auto harness = std::make_unique<OrderedHarness>(setup.op, setup.computed, true, 2);
  OrderedHarness::Entries saved;
  RowWeights contents;
  TextWeights shown;
  os::SeededRandom random(9);
  for (int64_t epoch = 0; epoch < 80; ++epoch) {
    std::vector<OrderedDelta> changes;
    for (int i = 0; i < 12; ++i) {
      OrderedRow row{
          static_cast<int64_t>(random.Below(2)), epoch * 5 + static_cast<int64_t>(random.Below(15)), static_cast<int64_t>(random.Below(4)), {}};
      if (random.Below(3) == 0) row.s = std::string(1, static_cast<char>('a' + random.Below(26)));
      changes.emplace_back(row, 1);
      ++contents[row];
    }
    harness->Apply(0, changes);
    harness->Flush({.watermark = epoch * 5 + 5, .clock_micros = 0, .ended = false});
    AddTo(&shown, harness->TakeOutput());
    if (epoch % 20 != 19) continue;
    harness->Freeze();
    while (!harness->Save(300, &saved)) {}
    EXPECT_LE(saved.size(), 60u) << epoch;  // the last ones of two partitions, and three before them
    harness = std::make_unique<OrderedHarness>(setup.op, setup.computed, true, 1 + static_cast<int>(epoch / 20 % 3));
    harness->Load(saved);
  }
  EXPECT_EQ(shown, Naive(setup, contents));
}

}  // namespace
}  // namespace kappa
