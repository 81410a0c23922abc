#include "connectors/kafka/record_batch_pool.h"

#include <new>

namespace kappa::kafka {

// Puts the control block of an owner into its slot. The control block is freed last of all, after the deleter has run: only then does the slot return
// to the pool, so that no other thread can take it while the block is still in use.
template <typename T>
struct SlotAllocator {
  using value_type = T;
  SlotAllocator(RecordBatchPool::Slot* of, std::shared_ptr<RecordBatchPool> to) : slot(of), pool(std::move(to)) {}
  template <typename U>
  SlotAllocator(const SlotAllocator<U>& other) : slot(other.slot), pool(other.pool) {}  // NOLINT: a rebind
  T* allocate(size_t) {
    static_assert(sizeof(T) <= sizeof(slot->control_block_) && alignof(T) <= alignof(std::max_align_t));
    return reinterpret_cast<T*>(slot->control_block_);
  }
  void deallocate(T*, size_t) { pool->Return(slot); }
  template <typename U>
  bool operator==(const SlotAllocator<U>& other) const {
    return slot == other.slot;
  }
  RecordBatchPool::Slot* slot;
  std::shared_ptr<RecordBatchPool> pool;
};

void RecordBatchPool::Slot::AddHeaders(rd_kafka_message_t* message) {
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return;  // has none
  if (headers_used_ == headers_.size()) headers_.emplace_back();
  std::vector<RecordHeader>& list = headers_[headers_used_++];
  list.clear();
  const char* name = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
    list.push_back({name, value == nullptr ? std::string_view() : std::string_view(static_cast<const char*>(value), size), value == nullptr});
  }
  records_.back().headers = &list;
}

void RecordBatchPool::Slot::Add(rd_kafka_message_t* message, const RecordNeeds& needs) {
  messages_.push_back(message);
  Record& record = records_.emplace_back();
  record.value = static_cast<const char*>(message->payload);
  record.value_size = static_cast<uint32_t>(message->len);
  record.offset = message->offset;
  if (needs.key) {
    record.key = static_cast<const char*>(message->key);
    record.key_size = static_cast<uint32_t>(message->key_len);
  }
  if (needs.timestamp) {
    rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    const int64_t timestamp = rd_kafka_message_timestamp(message, &type);
    if (type != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE) record.timestamp_ms = timestamp;
  }
  if (needs.headers) AddHeaders(message);
  bytes_ += message->len + message->key_len;
}

void RecordBatchPool::Slot::DestroyMessages() {
  for (rd_kafka_message_t* message : messages_) rd_kafka_message_destroy(message);
  messages_.clear();
  records_.clear();
  headers_used_ = 0;
  bytes_ = 0;
}

RecordBatchPool::Slot* RecordBatchPool::Take() {
  const std::lock_guard lock(mutex_);
  if (free_.empty()) {
    free_.reserve(slots_.size() + 1);  // Return must not allocate
    return slots_.emplace_back(std::make_unique<Slot>()).get();
  }
  Slot* slot = free_.back();
  free_.pop_back();
  return slot;
}

void RecordBatchPool::Return(Slot* slot) {
  const std::lock_guard lock(mutex_);
  free_.push_back(slot);
}

RecordBatch RecordBatchPool::Finish(Slot* slot) {
  RecordBatch batch;
  batch.records = slot->records_;
  batch.bytes = slot->bytes_;
  batch.owner = std::shared_ptr<void>(
      slot, [](void* released) { static_cast<Slot*>(released)->DestroyMessages(); }, SlotAllocator<Slot>(slot, shared_from_this()));
  return batch;
}

}  // namespace kappa::kafka
