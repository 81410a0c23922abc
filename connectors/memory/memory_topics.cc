#include "connectors/memory/memory_topics.h"

#include <algorithm>
#include <cstring>

#include "connectors/options.h"

namespace kappa {
namespace {

constexpr size_t kBlockBytes = size_t{64} << 20;
constexpr size_t kPadding = 64;  // what decoders may read past the end

class MemoryReader final : public PartitionReader {
 public:
  MemoryReader(std::shared_ptr<MemoryTopic> topic, int32_t partition) : topic_(std::move(topic)), partition_(partition) {}

  StatusOr<RecordBatch> Poll(const BatchLimit& limit) override {
    RecordBatch batch;
    batch.partition = partition_;
    batch.next = position_;
    const std::vector<MemoryTopic::Block>& blocks = topic_->blocks(partition_);
    while (block_ < blocks.size() && position_ > blocks[block_].records.back().offset) ++block_;
    if (block_ == blocks.size() || position_ >= limit.end || limit.records == 0) return batch;
    const std::vector<Record>& records = blocks[block_].records;
    const auto first = static_cast<size_t>(position_ - records.front().offset);
    size_t count = std::min({limit.records, records.size() - first, static_cast<size_t>(limit.end - position_)});
    // Neighbours in memory: bytes are differences of addresses.
    const auto bytes_of = [&](size_t n) { return BytesOf(records.data() + first, n); };
    if (bytes_of(count) > limit.bytes) {
      size_t low = 1, high = count;  // the most records within the limit, but one at least
      while (low < high) {
        const size_t middle = (low + high + 1) / 2;
        (bytes_of(middle) <= limit.bytes ? low : high) = bytes_of(middle) <= limit.bytes ? middle : middle - 1;
      }
      count = low;
    }
    batch.records = std::span<const Record>(records.data() + first, count);
    batch.bytes = bytes_of(count);
    position_ += static_cast<Offset>(count);
    batch.next = position_;
    batch.owner = topic_;
    return batch;
  }

  Status Seek(Offset position) override {
    if (position < 0) return SqlError(sqlstate::kInvalidParameterValue) << "offset " << position << " is negative";
    position_ = position;
    block_ = 0;
    return OkStatus();
  }
  Offset position() const override { return position_; }
  StatusOr<OffsetRange> Range() override { return OffsetRange{0, topic_->size(partition_)}; }

 private:
  static size_t BytesOf(const Record* first, size_t count) {
    const Record* last = first + count - 1;
    const auto blank = [](const Record& record) {
      return record.key == nullptr && record.value == nullptr;
    };  // a tombstone without a key has no address
    while (first <= last && blank(*first)) ++first;
    while (last > first && blank(*last)) --last;
    if (first > last) return 0;
    const char* const start = first->key != nullptr ? first->key : first->value;
    const char* const end = last->value != nullptr ? last->value + last->value_size : last->key + last->key_size;
    return static_cast<size_t>(end - start);
  }
  std::shared_ptr<MemoryTopic> topic_;
  int32_t partition_;
  size_t block_ = 0;
  Offset position_ = 0;
};

class MemorySource final : public Source {
 public:
  MemorySource(std::string name, std::shared_ptr<MemoryTopic> topic) : name_(std::move(name)), topic_(std::move(topic)) {}
  std::string name() const override { return name_; }
  StatusOr<std::vector<int32_t>> Partitions() override {
    std::vector<int32_t> partitions(static_cast<size_t>(topic_->partitions()));
    for (size_t p = 0; p < partitions.size(); ++p) partitions[p] = static_cast<int32_t>(p);
    return partitions;
  }
  StatusOr<std::unique_ptr<PartitionReader>> Open(int32_t partition, const RecordNeeds&) override {
    if (partition < 0 || partition >= topic_->partitions()) {
      return SqlError(sqlstate::kUndefinedObject) << "memory topic \"" << name_ << "\" has no partition " << partition;
    }
    return std::unique_ptr<PartitionReader>(new MemoryReader(topic_, partition));
  }
  bool bounded() const override { return true; }

 private:
  std::string name_;
  std::shared_ptr<MemoryTopic> topic_;
};

}  // namespace

void MemoryTopic::Add(int32_t partition, std::string_view value, int64_t timestamp_ms) { AddWithKey(partition, {}, value, timestamp_ms); }

void MemoryTopic::AddWithKey(int32_t partition, std::string_view key, std::string_view value, int64_t timestamp_ms) {
  Partition& to = partitions_[static_cast<size_t>(partition)];
  const size_t size = key.size() + value.size();
  if (to.blocks.empty() || to.blocks.back().capacity - to.blocks.back().used < size) {
    Block& fresh = to.blocks.emplace_back();
    fresh.capacity = std::max(kBlockBytes, size);
    fresh.bytes = std::make_unique_for_overwrite<char[]>(fresh.capacity + kPadding);
  }
  Block& block = to.blocks.back();
  char* at = block.bytes.get() + block.used;
  Record record;
  if (key.data() != nullptr) {
    if (!key.empty()) std::memcpy(at, key.data(), key.size());
    record.key = at;
    record.key_size = static_cast<uint32_t>(key.size());
  }
  at += key.size();
  if (value.data() != nullptr) {
    if (!value.empty()) std::memcpy(at, value.data(), value.size());
    record.value = at;
    record.value_size = static_cast<uint32_t>(value.size());
  }
  std::memset(at + value.size(), 0, kPadding);
  record.offset = to.size++;
  record.timestamp_ms = timestamp_ms;
  block.used += size;
  block.records.push_back(record);
}

std::shared_ptr<MemoryTopic> MemoryTopics::Create(const std::string& name, int32_t partitions) {
  auto topic = std::make_shared<MemoryTopic>(partitions);
  std::lock_guard<std::mutex> lock(mutex_);
  topics_[name] = topic;
  return topic;
}

std::shared_ptr<MemoryTopic> MemoryTopics::Find(const std::string& name) const {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto found = topics_.find(name);
  return found == topics_.end() ? nullptr : found->second;
}

std::vector<std::string> MemoryTopics::Names() const {
  std::lock_guard<std::mutex> lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, topic] : topics_) names.push_back(name);
  return names;
}

ConnectorDescriptor MemoryConnector(std::shared_ptr<MemoryTopics> topics) {
  ConnectorDescriptor descriptor;
  descriptor.name = "memory";
  descriptor.documentation = "Records that the process itself has put into a named set; for tests and benchmarks.";
  descriptor.source_options = {{"topic", OptionKind::kText, true, "", "the name of the set"}};
  descriptor.make_source = [topics, declared = descriptor.source_options](const Options& options,
                                                                          const ConnectorContext&) -> StatusOr<std::unique_ptr<Source>> {
    ASSIGN_OR_RETURN(const OptionValues values, OptionValues::Parse("memory", declared, false, options));
    const std::string name = values.text("topic");
    std::shared_ptr<MemoryTopic> topic = topics->Find(name);
    if (topic == nullptr)
      return SqlError(sqlstate::kUndefinedObject) << "there is no memory topic \"" << name << "\"" << DidYouMean(name, topics->Names());
    return std::unique_ptr<Source>(new MemorySource(name, std::move(topic)));
  };
  return descriptor;
}

}  // namespace kappa
