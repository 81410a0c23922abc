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
  // `one_shot`: of a SELECT or DML, where an expression that fails fails the statement and undecodable records are only counted.
  DeadLetters(std::shared_ptr<log::LogDirectory> directory, bool one_shot) : directory_(std::move(directory)), one_shot_(one_shot) {}

  Status Consume(Epoch epoch, const Dataflow& dataflow, const std::vector<RowError>& errors) override;
  // Letters written so far, by table; with `one_shot`, or ON ERROR SKIP, under "" those passed over.
  const std::map<std::string, int64_t>& counts() const { return counts_; }

 private:
  StatusOr<log::TopicProducer*> Producer(const std::string& table);
  std::shared_ptr<log::LogDirectory> directory_;
  const bool one_shot_;
  std::map<std::string, std::unique_ptr<log::TopicProducer>> producers_;
  std::map<std::string, int64_t> counts_;
};

}  // namespace kappa
