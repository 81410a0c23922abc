#include "exec/state/run_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "common/crc32c.h"
#include "exec/state/rocksdb_files.h"
#include "rocksdb/file_checksum.h"
#include "rocksdb/options.h"
#include "rocksdb/sst_file_reader.h"
#include "rocksdb/sst_file_writer.h"
#include "rocksdb/table.h"

namespace kappa {
namespace {

constexpr size_t kBlockBytes = 16 << 10;
constexpr size_t kReadAhead = 1 << 20;

rocksdb::Slice ToSlice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

// CRC-32C of a whole file as it is written, with the CPU's instruction: the packaged RocksDB is built without it.
class FileCrc final : public rocksdb::FileChecksumGenerator {
 public:
  void Update(const char* data, size_t size) override { crc_ = Crc32c(data, size, crc_); }
  void Finalize() override {}
  std::string GetChecksum() const override { return std::string(reinterpret_cast<const char*>(&crc_), sizeof(crc_)); }
  const char* Name() const override { return "kappa crc32c"; }

 private:
  uint32_t crc_ = 0;
};

class FileCrcFactory final : public rocksdb::FileChecksumGenFactory {
 public:
  std::unique_ptr<rocksdb::FileChecksumGenerator> CreateFileChecksumGenerator(const rocksdb::FileChecksumGenContext&) override {
    return std::make_unique<FileCrc>();
  }
  const char* Name() const override { return "kappa crc32c"; }
};

// --- sorting

struct SortItem {
  uint64_t hash;
  uint32_t ordinal;  // in the order in which entries came
};

struct EntryRef {
  const char* key;
  uint32_t key_bytes, value_bytes;
};

// By the 33 highest bits, least significant digit first, 11 bits a pass.
void RadixSort(std::vector<SortItem>* items, std::vector<SortItem>* scratch) {
  constexpr int kDigit = 11, kPasses = 3, kLow = 64 - kDigit * kPasses;
  constexpr size_t kBuckets = size_t{1} << kDigit;
  scratch->resize(items->size());
  std::vector<uint32_t> begin(kBuckets);
  for (int pass = 0; pass < kPasses; ++pass) {
    const int shift = kLow + pass * kDigit;
    std::fill(begin.begin(), begin.end(), 0);
    for (const SortItem& item : *items) ++begin[(item.hash >> shift) & (kBuckets - 1)];
    uint32_t sum = 0;
    for (uint32_t& bucket : begin) sum += std::exchange(bucket, sum);
    for (const SortItem& item : *items) (*scratch)[begin[(item.hash >> shift) & (kBuckets - 1)]++] = item;
    items->swap(*scratch);
  }
}

class Sorter {
 public:
  explicit Sorter(const std::vector<const StateRun*>& runs) {
    size_t entries = 0;
    for (const StateRun* run : runs) entries += run->entries();
    refs_.reserve(entries);
    std::vector<SortItem>* items = nullptr;
    uint32_t table = 0;
    for (const StateRun* run : runs) {
      for (const StateRun::Entry& entry : run->list()) {
        if (items == nullptr || entry.table != table) items = &tables_[table = entry.table];
        items->push_back({entry.hash, static_cast<uint32_t>(refs_.size())});
        refs_.push_back({entry.key, entry.key_bytes, entry.value_bytes});
      }
    }
  }

  // Calls `put(key with its prefix, value with its mark)` in order of (table, hash, key), for the last of equal ones.
  template <typename Put>
  Status ForEach(const Put& put) {
    for (auto& [table, items] : tables_) {
      Sort(&items);
      for (size_t i = 0; i < items.size(); ++i) {
        // In this order every entry is far from the one before: two lines of memory each are fetched ahead.
        if (i + 32 < items.size()) __builtin_prefetch(&refs_[items[i + 32].ordinal]);
        if (i + 12 < items.size()) {
          const char* ahead = refs_[items[i + 12].ordinal].key - StateRun::kPrefix;
          __builtin_prefetch(ahead);
          __builtin_prefetch(ahead + 64);
        }
        const EntryRef& ref = refs_[items[i].ordinal];
        if (i + 1 < items.size() && items[i + 1].hash == items[i].hash && KeyOf(items[i + 1]) == KeyOf(items[i])) continue;
        RETURN_IF_ERROR(put(std::string_view(ref.key - StateRun::kPrefix, StateRun::kPrefix + ref.key_bytes),
                            std::string_view(ref.key + ref.key_bytes, ref.value_bytes + 1)));
      }
    }
    return OkStatus();
  }

 private:
  std::string_view KeyOf(const SortItem& item) const { return {refs_[item.ordinal].key, refs_[item.ordinal].key_bytes}; }
  bool Less(const SortItem& a, const SortItem& b) const {
    if (a.hash != b.hash) return a.hash < b.hash;
    const int order = KeyOf(a).compare(KeyOf(b));
    return order != 0 ? order < 0 : a.ordinal < b.ordinal;
  }
  void Sort(std::vector<SortItem>* items) {
    const auto less = [this](const SortItem& a, const SortItem& b) { return Less(a, b); };
    if (items->size() < 4096) return std::sort(items->begin(), items->end(), less);
    RadixSort(items, &scratch_);
    for (auto begin = items->begin(); begin != items->end();) {
      auto end = begin + 1;
      while (end != items->end() && end->hash >> 31 == begin->hash >> 31) ++end;
      if (end - begin > 1) std::sort(begin, end, less);
      begin = end;
    }
  }

  std::vector<EntryRef> refs_;
  std::map<uint32_t, std::vector<SortItem>> tables_;
  std::vector<SortItem> scratch_;
};

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
        entry_.deleted = value[value.size() - 1] != StateRun::kPut;
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

struct RunFiles::Settings {
  std::unique_ptr<rocksdb::Env> env;
  rocksdb::Options options;
};

RunFiles::RunFiles(os::FileSystem* files, std::string directory)
    : files_(files), directory_(std::move(directory)), settings_(std::make_unique<Settings>()) {
  settings_->env = MakeRocksDbEnv(files);
  rocksdb::BlockBasedTableOptions table;
  table.block_size = kBlockBytes;
  table.no_block_cache = true;
  table.format_version = 5;
  table.checksum = rocksdb::kXXH3;
  rocksdb::Options& options = settings_->options;
  options.env = settings_->env.get();
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  // LZ4 halves the files of typical states, and costs a third more CPU to write and to load them.
  options.compression = rocksdb::kNoCompression;
  options.file_checksum_gen_factory = std::make_shared<FileCrcFactory>();
}

RunFiles::~RunFiles() = default;

std::string RunFiles::PathOf(uint64_t number) const { return fmt::format("{}/{:06}.sst", directory_, number); }

namespace {

// A table file in the making.
class Writer {
 public:
  Writer(const rocksdb::Options& options, std::string path) : path_(std::move(path)), writer_(rocksdb::EnvOptions(), options) {}
  Status Open() { return FromRocksDb(writer_.Open(path_), path_); }
  Status Put(std::string_view key, std::string_view value) { return FromRocksDb(writer_.Put(ToSlice(key), ToSlice(value)), path_); }
  StatusOr<RunFile> Finish(uint64_t number, Epoch epoch) {
    rocksdb::ExternalSstFileInfo info;
    RETURN_IF_ERROR(FromRocksDb(writer_.Finish(&info), path_));
    RunFile file{number, info.file_size, info.num_entries, 0, epoch};
    if (info.file_checksum.size() != sizeof(file.crc)) return SqlError(sqlstate::kInternalError) << path_ << ": RocksDB gave no checksum";
    std::memcpy(&file.crc, info.file_checksum.data(), sizeof(file.crc));
    return file;
  }

 private:
  const std::string path_;
  rocksdb::SstFileWriter writer_;
};

}  // namespace

StatusOr<RunFile> RunFiles::Write(uint64_t number, Epoch epoch, const std::vector<const StateRun*>& runs) const {
  Sorter sorter(runs);
  Writer writer(settings_->options, PathOf(number));
  RETURN_IF_ERROR(writer.Open());
  RETURN_IF_ERROR(sorter.ForEach([&](std::string_view key, std::string_view value) { return writer.Put(key, value); }));
  return writer.Finish(number, epoch);
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

StatusOr<RunFile> RunFiles::MergeInto(uint64_t number, const std::vector<RunFile>& inputs, bool full, const std::function<bool()>& pause) const {
  constexpr uint64_t kPauseEvery = 4096;
  Writer writer(settings_->options, PathOf(number));
  RETURN_IF_ERROR(writer.Open());
  uint64_t visited = 0, written = 0;
  RETURN_IF_ERROR(Merge(inputs, 0, UINT64_MAX, [&](const RunEntry& entry) -> Status {
    if (++visited % kPauseEvery == 0 && !pause()) return SqlError(sqlstate::kQueryCanceled) << "the merge was given up";
    if (full && entry.deleted) return OkStatus();
    ++written;
    // The prefix and the mark stand around what the entry shows: it is a view into the file's entry.
    return writer.Put({entry.key.data() - StateRun::kPrefix, entry.key.size() + StateRun::kPrefix}, {entry.value.data(), entry.value.size() + 1});
  }));
  if (written == 0) return RunFile{number, 0, 0, 0, inputs.back().epoch};  // RocksDB writes no empty table
  return writer.Finish(number, inputs.back().epoch);
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
