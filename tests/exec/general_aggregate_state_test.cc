// Aggregates that keep multisets, as states of groups: a before-image says what the group said, a snapshot holds what the table held, and what goes
// is freed.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

#include "common/hash.h"
#include "exec/runtime/group_table.h"
#include "exec/state/durable_group_table.h"
#include "functions/registry.h"
#include "types/array_value.h"

namespace kappa {
namespace {

std::shared_ptr<const GeneralAggregate> Make(const char* signature, std::vector<Type> columns, Type result, bool distinct, bool by_position) {
  GeneralAggregate::Spec spec;
  spec.entry = FunctionRegistry::Get().AggregateBySignature(signature);
  EXPECT_NE(spec.entry, nullptr) << signature;
  spec.columns = std::move(columns);
  spec.arguments = spec.columns.size() - (by_position ? 1 : 0);
  if (by_position) spec.order = {{spec.columns.size() - 1, false, false}};
  spec.distinct = distinct;
  spec.result = std::move(result);
  return std::make_shared<const GeneralAggregate>(std::move(spec));
}

// A table of three such aggregates over a text and a position.
struct Groups {
  Groups() {
    aggregates = {Make("count(any)", {TypeId::kText}, TypeId::kInt8, true, false),
                  Make("string_agg(text,text)", {TypeId::kText, TypeId::kText, TypeId::kInt8}, TypeId::kText, false, true),
                  Make("max(text)", {TypeId::kText}, TypeId::kText, false, false)};
    spec.key_bytes = 8;
    spec.keeps_before = spec.lists_touched = true;
    for (const auto& aggregate : aggregates) {
      GroupTableSpec::OwnedState owned;
      owned.offset = spec.state_bytes;
      owned.size = static_cast<uint32_t>(aggregate->state_size());
      owned.general = aggregate;
      spec.owned.push_back(owned);
      spec.state_bytes += owned.size;
    }
  }

  static void Change(const Groups& shape, GroupTable* table, uint64_t key, const std::string& text, int64_t position, int64_t weight) {
    char* row = table->FindOrInsertFixed(HashInt(key), reinterpret_cast<const char*>(&key), 8);
    table->Touch(row);
    table->AddWeight(row, weight);
    const Text value(text), comma(std::string_view(","));
    const AnyValue values[] = {{DescribeType(TypeId::kText), reinterpret_cast<const char*>(&value), false, nullptr, nullptr},
                               {DescribeType(TypeId::kText), reinterpret_cast<const char*>(&comma), false, nullptr, nullptr},
                               {DescribeType(TypeId::kInt8), reinterpret_cast<const char*>(&position), false, nullptr, nullptr}};
    for (size_t i = 0; i < shape.aggregates.size(); ++i) {
      shape.aggregates[i]->Add(table->state_context, table->States(row) + shape.spec.owned[i].offset, values, weight);
    }
  }

  std::string Answers(StateContext* context, const char* states) const {
    const TypeId results[] = {TypeId::kInt8, TypeId::kText, TypeId::kText};
    std::string out;
    CallContext call;
    for (size_t i = 0; i < aggregates.size(); ++i) {
      alignas(8) char slot[24] = {};
      bool null = false;
      EXPECT_TRUE(aggregates[i]->Result(*context, call, states + spec.owned[i].offset, slot, &null));
      out += null ? "NULL" : Datum::Load(results[i], slot).ToText(results[i]);
      out += "|";
    }
    return out;
  }

  std::map<uint64_t, std::string> Contents(GroupTable* table) const {
    std::map<uint64_t, std::string> contents;
    table->ForEach([&](char* row) {
      uint64_t key;
      std::memcpy(&key, table->Key(row), 8);
      contents[key] = Answers(&table->state_context, table->States(row));
    });
    return contents;
  }

  std::vector<std::shared_ptr<const GeneralAggregate>> aggregates;
  GroupTableSpec spec;
};

struct Change {
  uint64_t key;
  std::string text;
  int64_t position;
};

TEST(GeneralAggregateState, BeforeImagesAndSnapshotsSayWhatWasThere) {
  const Groups shape;
  GroupTable table(shape.spec);
  std::mt19937_64 random(99);
  std::vector<Change> present;
  size_t existed = 0;
  for (int epoch = 0; epoch < 60; ++epoch) {
    const std::map<uint64_t, std::string> before = shape.Contents(&table);
    for (int i = 0; i < 40; ++i) {
      if (!present.empty() && random() % 9 < 4) {
        std::swap(present[random() % present.size()], present.back());
        Groups::Change(shape, &table, present.back().key, present.back().text, present.back().position, -1);
        present.pop_back();
      } else {
        present.push_back({random() % 12, std::string(random() % 30, static_cast<char>('a' + random() % 5)), epoch * 100 + i});
        Groups::Change(shape, &table, present.back().key, present.back().text, present.back().position, 1);
      }
    }
    for (const GroupTable::Touched& touched : table.touched()) {
      uint64_t key;
      std::memcpy(&key, table.Key(touched.row), 8);
      ASSERT_EQ(touched.before != nullptr, before.count(key) != 0);
      if (touched.before == nullptr) continue;
      ++existed;
      ASSERT_EQ(shape.Answers(&table.before_context, touched.before + 8), before.at(key));
    }
    table.EndEpoch(false);
    // The same rows from scratch, in another order.
    GroupTable scratch(shape.spec);
    std::shuffle(present.begin(), present.end(), random);
    for (const Change& row : present) Groups::Change(shape, &scratch, row.key, row.text, row.position, 1);
    ASSERT_EQ(shape.Contents(&table), shape.Contents(&scratch));
    if (epoch % 10 != 9) continue;
    GroupTable copy(shape.spec);
    {
      DurableGroupTable durable(1, &table), loaded(1, &copy);
      durable.Freeze();
      StateRun run;
      ASSERT_TRUE(durable.Save(&run, SIZE_MAX / 2));
      for (const StateRun::Entry& saved : run.list()) { ASSERT_TRUE(loaded.Load(saved.hash, saved.Key(), saved.Value()).ok()); }
    }
    ASSERT_EQ(shape.Contents(&copy), shape.Contents(&table));
    for (const Change& row : present) Groups::Change(shape, &copy, row.key, row.text, row.position, -1);
    copy.EndEpoch(false);
    EXPECT_EQ(copy.groups(), 0u) << "a restored group can be emptied";
  }
  EXPECT_GT(existed, 300u);
}

// Nothing stays behind when groups come and go: the arena stops growing.
TEST(GeneralAggregateState, WhatGoesIsFreed) {
  const Groups shape;
  GroupTable table(shape.spec);
  size_t reserved = 0;
  for (int turn = 0; turn < 20; ++turn) {
    for (int64_t i = 0; i < 2000; ++i) Groups::Change(shape, &table, static_cast<uint64_t>(i % 7), "value " + std::to_string(i % 300), i, 1);
    table.EndEpoch(false);
    for (int64_t i = 0; i < 2000; ++i) Groups::Change(shape, &table, static_cast<uint64_t>(i % 7), "value " + std::to_string(i % 300), i, -1);
    table.EndEpoch(false);
    EXPECT_EQ(table.groups(), 0u);
    if (turn == 2) reserved = table.bytes();
  }
  EXPECT_LE(table.bytes(), reserved);
}

}  // namespace
}  // namespace kappa
