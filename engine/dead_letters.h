// What fails becomes data: the errors of an epoch, written as records to the tables of dead letters (catalog/dead_letters.h), or an end of the
// statement where the policy says FAIL.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "connectors/log/topic_producer.h"
#include "exec/epoch/dataflow_run.h"

namespace kappa {

class DeadLetters final : public ErrorConsumer {
 public:
  enum class Mode : uint8_t {
    kKeep,     // a program's: written where the policy says
    kCount,    // a replay's: they are in the table already
    kOneShot,  // of a SELECT or DML statement: an expression that fails fails the statement; undecodable records are counted
  };
  DeadLetters(std::shared_ptr<log::LogDirectory> directory, Mode mode) : directory_(std::move(directory)), mode_(mode) {}

  Status Consume(Epoch epoch, const Dataflow& dataflow, const std::vector<RowError>& errors) override;
  Status Commit(const EpochCommit&) override { return OkStatus(); }
  StatusOr<SinkMark> LastCommitted() override { return SinkMark{}; }
  // Letters written so far, by table; under "" those passed over (kCount, kOneShot, ON ERROR SKIP).
  const std::map<std::string, int64_t>& counts() const { return counts_; }

 private:
  StatusOr<log::TopicProducer*> Producer(const std::string& table);
  std::shared_ptr<log::LogDirectory> directory_;
  const Mode mode_;
  std::map<std::string, std::unique_ptr<log::TopicProducer>> producers_;
  std::map<std::string, int64_t> counts_;
};

}  // namespace kappa
