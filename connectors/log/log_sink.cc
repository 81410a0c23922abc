#include "connectors/log/log_sink.h"

#include "connectors/encoded_rows.h"

namespace kappa::log {
namespace {

OutgoingRecord RecordOf(const EncodedRecord& encoded) {
  OutgoingRecord record;
  record.value = encoded.value;
  record.key = encoded.key;
  record.has_value = encoded.has_value;
  record.has_key = encoded.has_key;
  return record;
}

// `Producer`: what takes records; the two sinks differ in how they commit.
template <typename Producer>
class LogSink : public Sink {
 public:
  LogSink(std::unique_ptr<Producer> producer, std::string topic, std::unique_ptr<RecordEncoder> encoder)
      : producer_(std::move(producer)), topic_(std::move(topic)), encoder_(std::move(encoder)) {}
  Status Write(Epoch, const ChangeBatch& changes) override {
    return ForEachEncoded(*encoder_, changes, &scratch_, [&](const EncodedRecord& encoded) {
      ++rows_;
      return producer_->Add(RecordOf(encoded));
    });
  }
  std::string Summary() const override { return "log: " + std::to_string(rows_) + " records to topic " + topic_; }

 protected:
  const std::unique_ptr<Producer> producer_;

 private:
  const std::string topic_;
  const std::unique_ptr<RecordEncoder> encoder_;
  EncodedRecord scratch_;
  int64_t rows_ = 0;
};

class AtLeastOnceSink final : public LogSink<TopicProducer> {
 public:
  using LogSink::LogSink;
  Status Commit(const EpochCommit& commit) override {
    RETURN_IF_ERROR(producer_->Flush());
    committed_ = commit.upto;
    return OkStatus();
  }
  StatusOr<SinkMark> LastCommitted() override { return SinkMark{committed_, ""}; }
  Guarantee guarantee() const override { return Guarantee::kAtLeastOnce; }

 private:
  Epoch committed_ = -1;  // of this process: nothing in the topic tells it to the next
};

class ExactlyOnceSink final : public LogSink<TransactionalProducer> {
 public:
  using LogSink::LogSink;
  Status Commit(const EpochCommit& commit) override { return producer_->Commit(commit); }
  StatusOr<SinkMark> LastCommitted() override { return SinkMark{producer_->committed().epoch, producer_->committed().record}; }
  Guarantee guarantee() const override { return Guarantee::kExactlyOnce; }
};

}  // namespace

StatusOr<std::unique_ptr<Sink>> OpenLogSink(const std::shared_ptr<LogDirectory>& directory, const std::string& topic, const std::string& writer,
                                            std::unique_ptr<RecordEncoder> encoder) {
  if (writer.empty()) {
    ASSIGN_OR_RETURN(std::unique_ptr<TopicProducer> producer, TopicProducer::Open(directory, topic));
    return std::unique_ptr<Sink>(new AtLeastOnceSink(std::move(producer), topic, std::move(encoder)));
  }
  ASSIGN_OR_RETURN(std::unique_ptr<TransactionalProducer> producer, TransactionalProducer::Open(directory, topic, writer));
  return std::unique_ptr<Sink>(new ExactlyOnceSink(std::move(producer), topic, std::move(encoder)));
}

}  // namespace kappa::log
