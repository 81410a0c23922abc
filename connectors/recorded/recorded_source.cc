#include "connectors/recorded/recorded_source.h"

#include <algorithm>
#include <mutex>

#include "connectors/log/topic_producer.h"

namespace kappa {
namespace {

constexpr size_t kRecordedAtOnce = 8 << 20;  // bytes of keys and values that share a sync

// From the inner source into the topic. Shared by the readers; any thread.
class Recorder {
 public:
  Recorder(std::unique_ptr<Source> inner, std::shared_ptr<log::LogDirectory> directory, std::string topic)
      : inner_(std::move(inner)), directory_(std::move(directory)), topic_(std::move(topic)), bounded_(inner_->bounded()) {}

  // The topic is there, what it holds is durable, nobody else writes to it. Does so once.
  Status Prepare() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (producer_ != nullptr) return OkStatus();
    const Status created = directory_->CreateTopic(topic_, {});
    if (!created.ok() && SqlStateOf(created) != sqlstate::kDuplicateObject) return created;
    ASSIGN_OR_RETURN(const log::TopicSpec spec, directory_->Describe(topic_));
    if (spec.partitions != 1)
      return SqlError(sqlstate::kFeatureNotSupported)
             << "topic \"" << topic_ << "\" has " << spec.partitions << " partitions: records of " << inner_->name() << " need a topic of one";
    ASSIGN_OR_RETURN(const std::vector<int32_t> partitions, inner_->Partitions());
    if (partitions.size() != 1)
      return SqlError(sqlstate::kFeatureNotSupported) << inner_->name() << " has " << partitions.size() << " partitions: only one can be recorded";
    ASSIGN_OR_RETURN(writer_, directory_->Writer(topic_, 0));
    RETURN_IF_ERROR(writer_->Sync());  // a run before this one may have died between writing and syncing
    end_ = writer_->next_offset();
    ASSIGN_OR_RETURN(producer_, log::TopicProducer::Open(directory_, topic_));
    return OkStatus();
  }

  // Records what the inner source has now. The topic's end is the answer: what lies before it is durable.
  StatusOr<Offset> Record() {
    const std::lock_guard<std::mutex> lock(mutex_);
    RETURN_IF_ERROR(Flush());  // what an earlier call could not write
    if (ended_ || !failure_.ok()) return end_;
    if (reader_ == nullptr) {
      ASSIGN_OR_RETURN(const std::vector<int32_t> partitions, inner_->Partitions());
      ASSIGN_OR_RETURN(reader_, inner_->Open(partitions.at(0), {.key = true, .timestamp = true, .headers = true}));
    }
    for (size_t bytes = 0; bytes < kRecordedAtOnce;) {
      StatusOr<RecordBatch> batch = reader_->Poll({});
      if (!batch.ok()) {
        failure_ = batch.status();
        break;
      }
      if (batch->empty()) {
        RETURN_IF_ERROR(SeeEnd());
        break;
      }
      if (!batch->preamble.empty()) {
        return SqlError(sqlstate::kFeatureNotSupported) << "a header line cannot be recorded: its records would lose it"
                                                        << Hint("write the text to a file first, or leave the header line out");
      }
      for (const kappa::Record& record : batch->records) RETURN_IF_ERROR(producer_->Add(Outgoing(record)));
      bytes += std::max<size_t>(batch->bytes, 1);
    }
    RETURN_IF_ERROR(Flush());
    return end_;
  }

  Offset end() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return end_;
  }
  // Of the topic as readers see it; INT64_MAX while nobody can know.
  Offset visible_end() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return bounded_ && !ended_ ? INT64_MAX : end_;
  }
  Status failure() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return failure_;
  }
  Source& inner() { return *inner_; }
  log::LogDirectory& directory() { return *directory_; }
  const std::string& topic() const { return topic_; }
  bool bounded() const { return bounded_; }

 private:
  static OutgoingRecord Outgoing(const kappa::Record& record) {
    OutgoingRecord outgoing;
    outgoing.has_value = record.value != nullptr;
    outgoing.has_key = record.key != nullptr;
    if (outgoing.has_value) outgoing.value = {record.value, record.value_size};
    if (outgoing.has_key) outgoing.key = {record.key, record.key_size};
    outgoing.timestamp_ms = record.timestamp_ms;
    if (record.headers != nullptr) outgoing.headers = *record.headers;
    outgoing.partition = 0;
    return outgoing;
  }
  Status Flush() {
    RETURN_IF_ERROR(producer_->Flush());
    end_ = writer_->next_offset();
    return OkStatus();
  }
  Status SeeEnd() {
    if (!bounded_) return OkStatus();
    ASSIGN_OR_RETURN(const OffsetRange range, reader_->Range());
    ended_ = reader_->position() >= range.end;
    return OkStatus();
  }

  const std::unique_ptr<Source> inner_;
  const std::shared_ptr<log::LogDirectory> directory_;
  const std::string topic_;
  const bool bounded_;
  std::mutex mutex_;  // guards what follows
  std::shared_ptr<log::PartitionLog> writer_;
  std::unique_ptr<log::TopicProducer> producer_;
  std::unique_ptr<PartitionReader> reader_;  // of the inner source
  Offset end_ = 0;
  bool ended_ = false;
  Status failure_;  // of the inner source
};

class RecordedReader final : public PartitionReader {
 public:
  RecordedReader(std::shared_ptr<Recorder> recorder, std::unique_ptr<PartitionReader> topic)
      : recorder_(std::move(recorder)), topic_(std::move(topic)) {}

  StatusOr<RecordBatch> Poll(const BatchLimit& limit) override {
    ASSIGN_OR_RETURN(RecordBatch batch, PollUntil(limit, recorder_->end()));
    // A reader that was told where to stop (recovery) makes nothing new come.
    if (!batch.empty() || topic_->position() < recorder_->end() || topic_->position() >= limit.end || limit.records == 0) return batch;
    ASSIGN_OR_RETURN(const Offset end, recorder_->Record());
    if (topic_->position() >= end) {
      RETURN_IF_ERROR(recorder_->failure());
      return batch;
    }
    return PollUntil(limit, end);
  }
  Status Seek(Offset position) override { return topic_->Seek(position); }
  Offset position() const override { return topic_->position(); }
  StatusOr<OffsetRange> Range() override {
    ASSIGN_OR_RETURN(const OffsetRange range, topic_->Range());
    return OffsetRange{range.begin, recorder_->visible_end()};
  }
  StatusOr<Offset> PositionAt(int64_t timestamp_ms) override { return topic_->PositionAt(timestamp_ms); }

 private:
  StatusOr<RecordBatch> PollUntil(const BatchLimit& limit, Offset end) {
    BatchLimit durable = limit;
    // A position past the end is the topic's to refuse.
    if (topic_->position() <= end) durable.end = std::min(limit.end, end);
    return topic_->Poll(durable);
  }

  const std::shared_ptr<Recorder> recorder_;
  const std::unique_ptr<PartitionReader> topic_;
};

class RecordedSource final : public Source {
 public:
  explicit RecordedSource(std::shared_ptr<Recorder> recorder) : recorder_(std::move(recorder)) {}
  ~RecordedSource() override { recorder_->inner().OnArrival(nullptr); }
  std::string name() const override { return recorder_->topic(); }
  StatusOr<std::vector<int32_t>> Partitions() override {
    RETURN_IF_ERROR(recorder_->Prepare());
    return std::vector<int32_t>{0};
  }
  StatusOr<std::unique_ptr<PartitionReader>> Open(int32_t partition, const RecordNeeds& needs) override {
    RETURN_IF_ERROR(recorder_->Prepare());
    if (partition != 0) return SqlError(sqlstate::kUndefinedObject) << "topic \"" << recorder_->topic() << "\" has only partition 0";
    ASSIGN_OR_RETURN(std::unique_ptr<PartitionReader> reader, recorder_->directory().Reader(recorder_->topic(), 0, needs));
    ASSIGN_OR_RETURN(const OffsetRange range, reader->Range());
    RETURN_IF_ERROR(reader->Seek(range.begin));
    return std::unique_ptr<PartitionReader>(new RecordedReader(recorder_, std::move(reader)));
  }
  bool bounded() const override { return recorder_->bounded(); }
  void OnArrival(std::function<void()> wake) override { recorder_->inner().OnArrival(std::move(wake)); }
  StatusOr<std::string> Identity() override {
    RETURN_IF_ERROR(recorder_->Prepare());
    ASSIGN_OR_RETURN(const log::TopicSpec spec, recorder_->directory().Describe(recorder_->topic()));
    return spec.id;
  }

 private:
  const std::shared_ptr<Recorder> recorder_;
};

}  // namespace

std::unique_ptr<Source> RecordThroughLog(std::unique_ptr<Source> inner, std::shared_ptr<log::LogDirectory> directory, std::string topic) {
  return std::make_unique<RecordedSource>(std::make_shared<Recorder>(std::move(inner), std::move(directory), std::move(topic)));
}

}  // namespace kappa
