// An engine that records what it is asked and answers what a test says; rows made from texts.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "cli/standard_streams.h"
#include "engine/engine.h"

namespace kappa::cli {

class StringOutput final : public TextOutput {
 public:
  Status Write(std::string_view text) override {
    text_ += text;
    ++writes;
    return OkStatus();
  }
  std::string Take() { return std::exchange(text_, ""); }
  int writes = 0;

 private:
  std::string text_;
};

// Rows of a schema, kept alive.
class TestRows {
 public:
  explicit TestRows(std::vector<RowSchema::Column> columns, bool append_only = true) {
    schema_.columns = std::move(columns);
    std::vector<RowLayout::Column> layout;
    for (const RowSchema::Column& column : schema_.columns) layout.push_back({column.type, column.nullable});
    schema_.layout = RowLayout(layout);
    schema_.append_only = append_only;
  }
  TestRows& Add(std::vector<Datum> values, int64_t weight = 1) {
    values_.push_back(std::move(values));
    weights_.push_back(weight);
    return *this;
  }
  const RowSchema& schema() const { return schema_; }
  // Valid until the next call.
  ChangeBatch batch() const {
    memory_.clear();
    rows_.clear();
    for (const std::vector<Datum>& values : values_) {
      memory_.emplace_back(schema_.layout.size() + 8, '\0');
      for (size_t i = 0; i < values.size(); ++i) {
        schema_.layout.SetNull(memory_.back().data(), schema_.layout.slots()[i], values[i].is_null());
        if (!values[i].is_null()) schema_.layout.Store(memory_.back().data(), schema_.layout.slots()[i], values[i]);
      }
      rows_.push_back(memory_.back().data());
    }
    ChangeBatch batch;
    batch.schema = &schema_;
    batch.rows = rows_;
    batch.weights = weights_;
    return batch;
  }
  Status Show(Results* results, const std::string& title = "") const {
    RETURN_IF_ERROR(results->OnSchema(title, schema_));
    RETURN_IF_ERROR(results->OnRows(batch()));
    return results->OnEnd(static_cast<int64_t>(values_.size()));
  }

 private:
  RowSchema schema_;
  std::vector<std::vector<Datum>> values_;
  mutable std::deque<std::string> memory_;  // never moved
  mutable std::vector<const char*> rows_;
  std::vector<int64_t> weights_;
};

// Statements that contain "fail" fail at that word; all others answer their own text as a tag.
class FakeSession : public Session {
 public:
  Status Execute(std::string_view text, Results* results, const std::vector<Datum>&) override {
    executed.emplace_back(text);
    const size_t at = text.find("fail");
    if (at != std::string_view::npos) {
      return SqlError(sqlstate::kUndefinedColumn, {static_cast<uint32_t>(at), static_cast<uint32_t>(at + 4)})
             << "no such thing" << Hint("try another");
    }
    results->OnTag(text);
    return OkStatus();
  }
  StatusOr<std::shared_ptr<PreparedStatement>> PrepareStatement(std::string_view, const std::vector<Type>&) override {
    return SqlError(sqlstate::kFeatureNotSupported) << "not here";
  }
  Status ExecutePrepared(PreparedStatement*, const std::vector<Datum>&, Results*) override { return OkStatus(); }
  Status CopyIn(std::string_view, std::string_view, Results*) override { return OkStatus(); }
  TransactionState transaction() const override { return TransactionState::kNone; }
  void FailTransaction() override {}
  bool WhileWaiting(const std::function<void()>&) override { return false; }
  StatusOr<ProgramSummary> RunProgram(const std::vector<ProgramText>&, const ProgramRunOptions&, Results*) override { return ProgramSummary(); }
  Status Check(const std::vector<ProgramText>&) override { return OkStatus(); }
  StatusOr<std::string> Explain(const std::vector<ProgramText>&, std::string_view) override { return std::string(); }
  void Identify(const SessionIdentity&) override {}
  Status Set(std::string_view, std::string_view) override { return OkStatus(); }
  StatusOr<std::string> Get(std::string_view) const override { return std::string(); }
  void Cancel() override {}
  std::vector<std::string> executed;
};

class FakeEngine : public Engine {
 public:
  std::unique_ptr<Session> NewSession() override { return std::make_unique<FakeSession>(); }
  Status Acquire() override { return OkStatus(); }
  void StartBackground() override {}
  const ConnectorRegistry& connectors() const override { std::abort(); }
  std::vector<std::string> ObjectNames() const override { return names; }
  const std::string& data_directory() const override { return directory; }
  std::vector<std::string> names;
  std::string directory;
};

}  // namespace kappa::cli
