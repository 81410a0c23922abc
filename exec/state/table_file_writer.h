// Writes a table file of RocksDB (block-based, format version 5: docs/rocksdb's "BlockBasedTable format"), in the form that SstFileWriter gives it
// and rocksdb::DB takes in: blocks of 16 KiB with XXH64 checksums, not compressed, no filter; keys with sequence number 0. RocksDB reads it.
// SstFileWriter takes about 100 ns an entry besides copying it, several times what is needed when keys come sorted from memory.
//
//   data block ...: entries | restarts (4 each) | their number 4 |, then type 1 (0: not compressed), checksum 4
//   entry:          shared key bytes, other key bytes, value bytes (varints) | other key bytes | 1 as 8 bytes (sequence 0, a put) | value
//   properties, metaindex, index (the last key of each data block -> its place), footer
//
// One thread. Source: the RocksDB wiki, "Rocksdb BlockBasedTable Format".
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/os/file_system.h"
#include "common/status.h"

namespace kappa {

class TableFileWriter {
 public:
  TableFileWriter(os::FileSystem* files, std::string path) : files_(files), path_(std::move(path)) {}

  Status Open();  // empties a file that is there
  // Keys in bytewise order, each once, of at least 8 bytes.
  Status Put(std::string_view key, std::string_view value);

  struct Written {
    uint64_t bytes = 0, entries = 0;
    uint32_t crc = 0;  // CRC-32C of the whole file
  };
  // Durably. At least one entry was put.
  StatusOr<Written> Finish();

 private:
  struct Place {
    uint64_t offset = 0, size = 0;
  };
  void EndDataBlock();
  Place EndBlock(size_t begin);  // what the buffer holds from there on becomes a block
  Place PutBlock(const std::string& entries, const std::vector<uint32_t>& restarts);
  std::string Properties() const;
  void Reserve(size_t bytes);
  void Append(std::string_view bytes);
  Status Flush();

  os::FileSystem* const files_;
  const std::string path_;
  std::unique_ptr<os::WritableFile> file_;
  std::vector<char> buffer_;
  size_t used_ = 0;  // of the buffer
  uint64_t flushed_ = 0;
  uint32_t crc_ = 0;
  // The open data block.
  size_t block_begin_ = 0;
  std::vector<uint32_t> restarts_;  // places in it of entries that share nothing
  uint32_t in_block_ = 0;           // entries
  uint64_t last_prefix_ = 0;        // of the last key, its first 8 bytes; how many of them its entry shares, and where the rest of it lies
  size_t last_shared_ = 0, last_rest_ = 0, last_rest_bytes_ = 0;
  // Of the index block.
  std::string index_;
  std::vector<uint32_t> index_restarts_;
  uint64_t entries_ = 0, key_bytes_ = 0, value_bytes_ = 0, data_bytes_ = 0;
};

}  // namespace kappa
