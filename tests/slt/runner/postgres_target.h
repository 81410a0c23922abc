// A PostgreSQL server, which proves the expected rows of plain scripts right.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>

#include "tests/slt/runner/target.h"

namespace kappa::slt {

class PostgresTarget final : public Target {
 public:
  // A connection of its own, time zone UTC. 08001: no server.
  static StatusOr<std::unique_ptr<PostgresTarget>> Open(const std::string& connection_string);
  ~PostgresTarget() override;

  std::string_view name() const override { return "postgres"; }
  Outcome Execute(const std::string& sql) override;
  Outcome RunProgram(const Record& record, const std::string& sql) override;
  Status AppendToLog(const Record& record) override;
  // A temporary table, filled from the records' JSON.
  Status MakeStream(const Record& record) override;
  Status Restart() override { return OkStatus(); }
  bool runs(RecordKind kind) const override { return kind == RecordKind::kStatement || kind == RecordKind::kQuery || kind == RecordKind::kStream; }

 private:
  PGconn* connection_ = nullptr;
  std::string schema_;
};

}  // namespace kappa::slt
