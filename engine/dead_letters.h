// What fails becomes data: the errors of an epoch, written as records to the tables of dead letters (catalog/dead_letters.h), or an end of the
// statement where the policy says FAIL.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "connectors/log/topic_producer.h"
#include "connectors/log/transactional_producer.h"
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
  // A durable program's are written exactly once, with its epochs: finds what `writer` has committed to the tables of `dataflow`.
  Status Recover(const std::string& writer, const std::string& incarnation, const Dataflow& dataflow);

  Status Consume(Epoch epoch, const Dataflow& dataflow, const std::vector<RowError>& errors) override;
  Status Commit(const EpochCommit& commit) override;
  StatusOr<SinkMark> LastCommitted() override;
  // Letters written so far, by table; under "" those passed over (kCount, kOneShot, ON ERROR SKIP).
  const std::map<std::string, int64_t>& counts() const { return counts_; }

 private:
  struct Table {
    std::unique_ptr<log::TopicProducer> producer;  // of a program that is not durable
    std::unique_ptr<log::TransactionalProducer> exactly_once;
    Epoch has = -1;  // epochs of this incarnation that the table has
  };
  StatusOr<Table*> Open(const std::string& name);
  std::shared_ptr<log::LogDirectory> directory_;
  const Mode mode_;
  std::string writer_, incarnation_;  // "": not durable
  std::map<std::string, Table> tables_;
  std::map<std::string, int64_t> counts_;
};

}  // namespace kappa
