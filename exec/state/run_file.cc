#include "exec/state/run_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "common/crc32c.h"
#include "exec/state/rocksdb_files.h"
#include "exec/state/table_file_writer.h"
#include "rocksdb/options.h"
#include "rocksdb/sst_file_reader.h"
#include "rocksdb/table.h"

namespace kappa {
namespace {

constexpr size_t kReadAhead = 1 << 20;
constexpr size_t kAhead = 16;  // entries whose memory is fetched before their turn

// --- sorting

// An entry in the memory of its run: what stands before the key says the rest.
struct SortItem {
  uint64_t hash;
  const char* key;
};

std::string_view KeyOf(const SortItem& item) { return {item.key, StateRun::KeyBytes(item.key)}; }
bool Less(const SortItem& a, const SortItem& b) { return a.hash != b.hash ? a.hash < b.hash : KeyOf(a) < KeyOf(b); }

// By the 33 highest bits, least significant digit first, 11 bits a pass. Stable.
void RadixSort(std::vector<SortItem>* items, std::vector<SortItem>* scratch) {
  constexpr int kDigit = 11, kPasses = 3, kLow = 64 - kDigit * kPasses;
  constexpr size_t kBuckets = size_t{1} << kDigit;
  scratch->resize(items->size());
  std::vector<uint32_t> begins(kBuckets * kPasses);
  for (const SortItem& item : *items) {
    for (int pass = 0; pass < kPasses; ++pass) ++begins[kBuckets * static_cast<size_t>(pass) + (item.hash >> (kLow + pass * kDigit)) % kBuckets];
  }
  for (int pass = 0; pass < kPasses; ++pass) {
    uint32_t* const begin = begins.data() + kBuckets * static_cast<size_t>(pass);
    uint32_t sum = 0;
    for (size_t i = 0; i < kBuckets; ++i) sum += std::exchange(begin[i], sum);
    for (const SortItem& item : *items) (*scratch)[begin[(item.hash >> (kLow + pass * kDigit)) % kBuckets]++] = item;
    items->swap(*scratch);
  }
}

// A range whose entries stand in the order in which they came, of equal entries the one that came last stands last.
using Items = std::vector<SortItem>::iterator;
void SortRange(Items begin, Items end) {
  if (end - begin <= 16) {
    for (auto next = begin; next != end; ++next) {
      const SortItem item = *next;
      auto place = next;
      for (; place != begin && Less(item, *(place - 1)); --place) *place = *(place - 1);
      *place = item;
    }
    return;
  }
  std::vector<std::pair<SortItem, uint32_t>> numbered;
  numbered.reserve(static_cast<size_t>(end - begin));
  for (auto at = begin; at != end; ++at) numbered.emplace_back(*at, static_cast<uint32_t>(at - begin));
  std::sort(numbered.begin(), numbered.end(), [](const auto& a, const auto& b) {
    if (Less(a.first, b.first)) return true;
    return !Less(b.first, a.first) && a.second < b.second;
  });
  for (const auto& [item, number] : numbered) *begin++ = item;
}

void Sort(std::vector<SortItem>* items, std::vector<SortItem>* scratch) {
  if (items->size() < 1024) return SortRange(items->begin(), items->end());
  RadixSort(items, scratch);
  for (auto begin = items->begin(); begin != items->end();) {
    auto end = begin + 1;
    while (end != items->end() && end->hash >> 31 == begin->hash >> 31) ++end;
    if (end - begin > 1) SortRange(begin, end);
    begin = end;
  }
}

// Calls `put(key with its prefix, value with its mark)` in order of (table, hash, key), for the last of equal ones.
template <typename Put>
Status ForEachSorted(const std::vector<const StateRun*>& runs, const Put& put) {
  std::map<uint32_t, std::vector<SortItem>> tables;
  std::vector<SortItem>* items = nullptr;
  uint32_t of_items = 0;
  for (const StateRun* run : runs) {
    for (const StateRun::Entry& entry : run->list()) {
      if (items == nullptr || entry.table != of_items) items = &tables[of_items = entry.table];
      items->push_back({entry.hash, entry.key});
    }
  }
  std::vector<SortItem> scratch;
  for (auto& [table, sorted] : tables) {
    Sort(&sorted, &scratch);
    for (size_t i = 0; i < sorted.size(); ++i) {
      if (i + kAhead < sorted.size()) {  // in this order every entry is far from the one before
        const char* ahead = sorted[i + kAhead].key - StateRun::kHeader;
        __builtin_prefetch(ahead);
        __builtin_prefetch(ahead + 64);
      }
      const char* const key = sorted[i].key;
      if (i + 1 < sorted.size() && sorted[i + 1].hash == sorted[i].hash && KeyOf(sorted[i + 1]) == KeyOf(sorted[i])) continue;
      const size_t key_bytes = StateRun::KeyBytes(key);
      RETURN_IF_ERROR(put(std::string_view(key - StateRun::kPrefix, StateRun::kPrefix + key_bytes),
                          std::string_view(key + key_bytes, StateRun::ValueBytes(key) + 1)));
    }
  }
  return OkStatus();
}

// --- reading

// One file's entries within a range of hashes.
class Cursor {
 public:
  Cursor(std::string path, int age, uint64_t first, uint64_t last) : path_(std::move(path)), age_(age), first_(first), last_(last) {}

  Status Open(const rocksdb::Options& options) {
    reader_ = std::make_unique<rocksdb::SstFileReader>(options);
    RETURN_IF_ERROR(FromRocksDb(reader_->Open(path_), path_));
    rocksdb::ReadOptions read;
    read.readahead_size = kReadAhead;
    read.fill_cache = false;
    iterator_.reset(reader_->NewIterator(read));
    SeekTo(0, first_);
    return Settle();
  }
  Status Next() {
    iterator_->Next();
    return Settle();
  }
  bool valid() const { return valid_; }
  const RunEntry& entry() const { return entry_; }
  // Order of visit between entries of one table and hash: by key, the newest first.
  bool Before(const Cursor& other) const {
    const int order = entry_.key.compare(other.entry_.key);
    return order != 0 ? order < 0 : age_ > other.age_;
  }
  bool SameKey(const RunEntry& other) const { return entry_.hash == other.hash && entry_.table == other.table && entry_.key == other.key; }

 private:
  void SeekTo(uint32_t table, uint64_t hash) {
    if (table == 0 && hash == 0) return iterator_->SeekToFirst();
    char prefix[StateRun::kPrefix];
    const uint32_t table_big = __builtin_bswap32(table);
    const uint64_t hash_big = __builtin_bswap64(hash);
    std::memcpy(prefix, &table_big, 4);
    std::memcpy(prefix + 4, &hash_big, 8);
    iterator_->Seek({prefix, sizeof(prefix)});
  }
  // Takes what the iterator stands on, after skipping to the range.
  Status Settle() {
    for (;;) {
      valid_ = iterator_->Valid();
      if (!valid_) return FromRocksDb(iterator_->status(), path_);
      const rocksdb::Slice key = iterator_->key(), value = iterator_->value();
      if (key.size() < StateRun::kPrefix || value.empty()) return SqlError(sqlstate::kDataCorrupted) << path_ << " is damaged: an entry is too short";
      std::memcpy(&entry_.table, key.data(), 4);
      std::memcpy(&entry_.hash, key.data() + 4, 8);
      entry_.table = __builtin_bswap32(entry_.table);
      entry_.hash = __builtin_bswap64(entry_.hash);
      if (entry_.hash < first_) {
        SeekTo(entry_.table, first_);
      } else if (entry_.hash > last_) {
        if (entry_.table == UINT32_MAX) {
          valid_ = false;
          return OkStatus();
        }
        SeekTo(entry_.table + 1, first_);
      } else {
        entry_.key = {key.data() + StateRun::kPrefix, key.size() - StateRun::kPrefix};
        entry_.value = {value.data(), value.size() - 1};
        const char mark = value[value.size() - 1];
        if (mark < StateRun::kPut || mark > StateRun::kPacked) return SqlError(sqlstate::kDataCorrupted) << path_ << " is damaged: an entry's mark";
        entry_.deleted = mark == StateRun::kDeleted;
        entry_.packed = mark == StateRun::kPacked;
        return OkStatus();
      }
    }
  }

  const std::string path_;
  const int age_;  // higher: newer
  const uint64_t first_, last_;
  std::unique_ptr<rocksdb::SstFileReader> reader_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
  bool valid_ = false;
  RunEntry entry_;
};

// A binary heap of cursors, the next to visit on top. The first part of the keys lies in the heap: most comparisons need no more.
class CursorHeap {
 public:
  void Push(Cursor* cursor) {
    nodes_.push_back(Node::Of(cursor));
    for (size_t at = nodes_.size() - 1; at > 0 && Before(nodes_[at], nodes_[(at - 1) / 2]); at = (at - 1) / 2) {
      std::swap(nodes_[at], nodes_[(at - 1) / 2]);
    }
  }
  bool empty() const { return nodes_.empty(); }
  Cursor* top() const { return nodes_[0].cursor; }
  // The top has moved on, or is at its end.
  void Update() {
    if (nodes_[0].cursor->valid()) {
      nodes_[0] = Node::Of(nodes_[0].cursor);
    } else {
      nodes_[0] = nodes_.back();
      nodes_.pop_back();
    }
    size_t at = 0;
    for (size_t child = 1; child < nodes_.size(); child = 2 * at + 1) {
      if (child + 1 < nodes_.size() && Before(nodes_[child + 1], nodes_[child])) ++child;
      if (!Before(nodes_[child], nodes_[at])) return;
      std::swap(nodes_[at], nodes_[child]);
      at = child;
    }
  }

 private:
  struct Node {
    uint64_t hash;
    uint32_t table;
    Cursor* cursor;
    static Node Of(Cursor* cursor) { return {cursor->entry().hash, cursor->entry().table, cursor}; }
  };
  static bool Before(const Node& a, const Node& b) {
    if (a.table != b.table) return a.table < b.table;
    return a.hash != b.hash ? a.hash < b.hash : a.cursor->Before(*b.cursor);
  }
  std::vector<Node> nodes_;
};

}  // namespace

bool Covers(const std::vector<ClosedWindows>& closed, const RunEntry& entry) {
  for (const ClosedWindows& windows : closed) {
    if (windows.table == entry.table) return windows.Covers(entry.key);
  }
  return false;
}

struct RunFiles::Settings {
  std::unique_ptr<rocksdb::Env> env;
  rocksdb::Options options;
};

RunFiles::RunFiles(os::FileSystem* files, std::string directory)
    : files_(files), directory_(std::move(directory)), settings_(std::make_unique<Settings>()) {
  settings_->env = MakeRocksDbEnv(files);
  rocksdb::BlockBasedTableOptions table;
  table.no_block_cache = true;
  settings_->options.env = settings_->env.get();
  settings_->options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
}

RunFiles::~RunFiles() = default;

std::string RunFiles::PathOf(uint64_t number) const { return fmt::format("{}/{:06}.sst", directory_, number); }

StatusOr<RunFile> RunFiles::Write(uint64_t number, Epoch epoch, const std::vector<const StateRun*>& runs) const {
  TableFileWriter writer(files_, PathOf(number));
  RETURN_IF_ERROR(writer.Open());
  RETURN_IF_ERROR(ForEachSorted(runs, [&](std::string_view key, std::string_view value) { return writer.Put(key, value); }));
  ASSIGN_OR_RETURN(const TableFileWriter::Written written, writer.Finish());
  return RunFile{number, written.bytes, written.entries, written.crc, epoch};
}

Status RunFiles::Merge(const std::vector<RunFile>& inputs, uint64_t first, uint64_t last, const Visitor& visit) const {
  std::vector<std::unique_ptr<Cursor>> cursors;
  CursorHeap heap;
  for (const RunFile& input : inputs) {
    cursors.push_back(std::make_unique<Cursor>(PathOf(input.number), static_cast<int>(cursors.size()), first, last));
    RETURN_IF_ERROR(cursors.back()->Open(settings_->options));
    if (cursors.back()->valid()) heap.Push(cursors.back().get());
  }
  std::string key;
  while (!heap.empty()) {
    Cursor* top = heap.top();
    RunEntry entry = top->entry();
    RETURN_IF_ERROR(visit(entry));
    const bool alone = cursors.size() == 1;
    if (!alone) {  // the cursor moves on; older entries of the key are passed over
      key.assign(entry.key);
      entry.key = key;
    }
    RETURN_IF_ERROR(top->Next());
    heap.Update();
    while (!alone && !heap.empty() && heap.top()->SameKey(entry)) {
      RETURN_IF_ERROR(heap.top()->Next());
      heap.Update();
    }
  }
  return OkStatus();
}

StatusOr<RunFile> RunFiles::MergeInto(uint64_t number, const std::vector<RunFile>& inputs, bool full, const std::vector<ClosedWindows>& closed,
                                      const std::function<bool()>& pause) const {
  constexpr uint64_t kPauseEvery = 4096;
  TableFileWriter writer(files_, PathOf(number));
  RETURN_IF_ERROR(writer.Open());
  uint64_t visited = 0, written = 0;
  RETURN_IF_ERROR(Merge(inputs, 0, UINT64_MAX, [&](const RunEntry& entry) -> Status {
    if (++visited % kPauseEvery == 0 && !pause()) return SqlError(sqlstate::kQueryCanceled) << "the merge was given up";
    if ((full && entry.deleted) || Covers(closed, entry)) return OkStatus();
    ++written;
    // The prefix and the mark stand around what the entry shows: it is a view into the file's entry.
    return writer.Put({entry.key.data() - StateRun::kPrefix, entry.key.size() + StateRun::kPrefix}, {entry.value.data(), entry.value.size() + 1});
  }));
  if (written == 0) return RunFile{number, 0, 0, 0, inputs.back().epoch};  // no empty tables
  ASSIGN_OR_RETURN(const TableFileWriter::Written file, writer.Finish());
  return RunFile{number, file.bytes, file.entries, file.crc, inputs.back().epoch};
}

Status RunFiles::Verify(const RunFile& file) const {
  const std::string path = PathOf(file.number);
  auto damaged = [&](std::string_view why) -> Status { return SqlError(sqlstate::kDataCorrupted) << path << " is damaged: " << why; };
  const auto opened = files_->OpenForRead(path);
  if (!opened.ok()) {
    if (SqlStateOf(opened.status()) == sqlstate::kUndefinedFile) return damaged("it is not there");
    return opened.status();
  }
  std::string buffer(kReadAhead, '\0');
  uint64_t at = 0;
  uint32_t crc = 0;
  for (;;) {
    ASSIGN_OR_RETURN(const size_t got, (*opened)->ReadAt(at, buffer.data(), buffer.size()));
    crc = Crc32c(buffer.data(), got, crc);
    at += got;
    if (got < buffer.size()) break;
  }
  if (at != file.bytes) return damaged(fmt::format("it has {} bytes, {} were written", at, file.bytes));
  if (crc != file.crc) return damaged("its checksum is not the one that was written");
  return OkStatus();
}

}  // namespace kappa
