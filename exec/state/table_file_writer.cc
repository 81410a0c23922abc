#include "exec/state/table_file_writer.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "common/crc32c.h"

namespace kappa {
namespace {

constexpr size_t kBlockBytes = 16 << 10;
constexpr size_t kFlushBytes = 256 << 10;  // small enough to be in the cache still when it is summed and written
constexpr uint32_t kRestartInterval = 16;
constexpr size_t kTrailer = 5;
constexpr uint64_t kMagic = 0x88e241b785f4cff7;  // of block-based tables
constexpr uint32_t kFormatVersion = 5;
constexpr char kXxHash64 = 3;
constexpr uint64_t kSequence0Put = 1;  // behind each key

template <typename T>
T LoadAs(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

// xxHash, 64 bits, seed 0: Collet, "xxHash fast digest algorithm", specification 0.1.1.
uint64_t XxHash64(const char* data, size_t size) {
  constexpr uint64_t kP1 = 0x9E3779B185EBCA87, kP2 = 0xC2B2AE3D27D4EB4F, kP3 = 0x165667B19E3779F9, kP4 = 0x85EBCA77C2B2AE63, kP5 = 0x27D4EB2F165667C5;
  const auto round = [&](uint64_t lane, uint64_t word) { return std::rotl(lane + word * kP2, 31) * kP1; };
  const char* const end = data + size;
  uint64_t hash = kP5;
  if (size >= 32) {
    uint64_t a = kP1 + kP2, b = kP2, c = 0, d = 0 - kP1;
    for (; end - data >= 32; data += 32) {
      a = round(a, LoadAs<uint64_t>(data));
      b = round(b, LoadAs<uint64_t>(data + 8));
      c = round(c, LoadAs<uint64_t>(data + 16));
      d = round(d, LoadAs<uint64_t>(data + 24));
    }
    hash = std::rotl(a, 1) + std::rotl(b, 7) + std::rotl(c, 12) + std::rotl(d, 18);
    for (const uint64_t lane : {a, b, c, d}) hash = (hash ^ round(0, lane)) * kP1 + kP4;
  }
  hash += size;
  for (; end - data >= 8; data += 8) hash = std::rotl(hash ^ round(0, LoadAs<uint64_t>(data)), 27) * kP1 + kP4;
  for (; end - data >= 4; data += 4) hash = std::rotl(hash ^ LoadAs<uint32_t>(data) * kP1, 23) * kP2 + kP3;
  for (; data < end; ++data) hash = std::rotl(hash ^ static_cast<uint8_t>(*data) * kP5, 11) * kP1;
  hash = (hash ^ hash >> 33) * kP2;
  hash = (hash ^ hash >> 29) * kP3;
  return hash ^ hash >> 32;
}

char* PutVarint(uint64_t value, char* out) {
  for (; value >= 0x80; value >>= 7) *out++ = static_cast<char>(value | 0x80);
  *out++ = static_cast<char>(value);
  return out;
}

std::string Varint(uint64_t value) {
  char bytes[10];
  return {bytes, PutVarint(value, bytes)};
}

template <typename T>
std::string Fixed(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof(T)};
}

// That shares nothing with the one before.
void PutEntry(std::string_view key, std::string_view value, std::string* out) {
  *out += Varint(0) + Varint(key.size()) + Varint(value.size());
  out->append(key).append(value);
}

}  // namespace

Status TableFileWriter::Open() {
  ASSIGN_OR_RETURN(file_, files_->OpenForAppend(path_));
  return file_->size() == 0 ? OkStatus() : file_->Truncate(0);
}

void TableFileWriter::Reserve(size_t bytes) {
  if (buffer_.size() - used_ < bytes) buffer_.resize(std::max(used_ + bytes, 2 * kFlushBytes));
}

void TableFileWriter::Append(std::string_view bytes) {
  Reserve(bytes.size());
  std::memcpy(buffer_.data() + used_, bytes.data(), bytes.size());
  used_ += bytes.size();
}

Status TableFileWriter::Put(std::string_view key, std::string_view value) {
  Reserve(key.size() + value.size() + 40);
  const auto prefix = LoadAs<uint64_t>(key.data());
  size_t shared = 0;
  if (in_block_ % kRestartInterval == 0) {
    restarts_.push_back(static_cast<uint32_t>(used_ - block_begin_));
  } else {
    shared = static_cast<size_t>(std::countr_zero(prefix ^ last_prefix_)) / 8;
  }
  char* out = PutVarint(shared, buffer_.data() + used_);
  out = PutVarint(key.size() - shared + sizeof(kSequence0Put), out);
  out = PutVarint(value.size(), out);
  last_prefix_ = prefix;
  last_shared_ = shared;
  last_rest_ = static_cast<size_t>(out - buffer_.data());
  last_rest_bytes_ = key.size() - shared + sizeof(kSequence0Put);
  std::memcpy(out, key.data() + shared, key.size() - shared);
  out += key.size() - shared;
  std::memcpy(out, &kSequence0Put, sizeof(kSequence0Put));
  out += sizeof(kSequence0Put);
  std::memcpy(out, value.data(), value.size());
  used_ = static_cast<size_t>(out - buffer_.data()) + value.size();
  ++in_block_;
  ++entries_;
  key_bytes_ += key.size() + sizeof(kSequence0Put);
  value_bytes_ += value.size();
  if (used_ - block_begin_ < kBlockBytes) return OkStatus();
  EndDataBlock();
  return used_ < kFlushBytes ? OkStatus() : Flush();
}

void TableFileWriter::EndDataBlock() {
  std::string last(reinterpret_cast<const char*>(&last_prefix_), last_shared_);
  last.append(buffer_.data() + last_rest_, last_rest_bytes_);
  for (const uint32_t restart : restarts_) Append(Fixed(restart));
  Append(Fixed(static_cast<uint32_t>(restarts_.size())));
  const Place place = EndBlock(block_begin_);
  data_bytes_ += place.size + kTrailer;
  index_restarts_.push_back(static_cast<uint32_t>(index_.size()));
  PutEntry(last, Varint(place.offset) + Varint(place.size), &index_);
  restarts_.clear();
  in_block_ = 0;
  block_begin_ = used_;
}

TableFileWriter::Place TableFileWriter::EndBlock(size_t begin) {
  const Place place{flushed_ + begin, used_ - begin};
  Append(std::string_view("\0", 1));  // not compressed; the checksum is of this byte too
  Append(Fixed(static_cast<uint32_t>(XxHash64(buffer_.data() + begin, used_ - begin))));
  return place;
}

TableFileWriter::Place TableFileWriter::PutBlock(const std::string& entries, const std::vector<uint32_t>& restarts) {
  const size_t begin = used_;
  Append(entries);
  for (const uint32_t restart : restarts) Append(Fixed(restart));
  Append(Fixed(static_cast<uint32_t>(restarts.size())));
  return EndBlock(begin);
}

// In order of their names.
std::string TableFileWriter::Properties() const {
  std::string entries;
  const auto put = [&](std::string_view name, std::string_view value) { PutEntry("rocksdb." + std::string(name), value, &entries); };
  put("block.based.table.index.type", Fixed(uint32_t{0}));  // binary search
  put("block.based.table.prefix.filtering", "0");
  put("block.based.table.whole.key.filtering", "1");
  put("comparator", "leveldb.BytewiseComparator");
  put("data.size", Varint(data_bytes_));
  put("deleted.keys", Varint(0));
  put("external_sst_file.global_seqno", Fixed(uint64_t{0}));
  put("external_sst_file.version", Fixed(uint32_t{2}));
  put("index.size", Varint(index_.size() + (index_restarts_.size() + 1) * sizeof(uint32_t) + kTrailer));
  put("merge.operands", Varint(0));
  put("num.data.blocks", Varint(index_restarts_.size()));
  put("num.entries", Varint(entries_));
  put("raw.key.size", Varint(key_bytes_));
  put("raw.value.size", Varint(value_bytes_));
  return entries;
}

StatusOr<TableFileWriter::Written> TableFileWriter::Finish() {
  if (in_block_ > 0) EndDataBlock();
  const Place index = PutBlock(index_, index_restarts_);
  const Place properties = PutBlock(Properties(), {0});
  std::string meta;
  PutEntry("rocksdb.properties", Varint(properties.offset) + Varint(properties.size), &meta);
  const Place metaindex = PutBlock(meta, {0});
  std::string places = Varint(metaindex.offset) + Varint(metaindex.size) + Varint(index.offset) + Varint(index.size);
  places.resize(40);
  Append(kXxHash64 + places + Fixed(kFormatVersion) + Fixed(kMagic));
  RETURN_IF_ERROR(Flush());
  RETURN_IF_ERROR(file_->Sync());
  file_.reset();
  return Written{flushed_, entries_, crc_};
}

// Between blocks.
Status TableFileWriter::Flush() {
  crc_ = Crc32c(buffer_.data(), used_, crc_);
  RETURN_IF_ERROR(file_->Append({buffer_.data(), used_}));
  flushed_ += used_;
  used_ = block_begin_ = 0;
  return OkStatus();
}

}  // namespace kappa
