// An append-only file of framed, checksummed records under a header: what the journal and the time log are made of.
//
//   | magic 4 | version 2 | 0 2 | header frame | frame* |        frame: | size 4 | CRC-32C of the payload 4 | payload |, little-endian
//
// Append collects payloads in memory; Sync writes them as one group and waits for the disk. A frame that does not fit its checksum, and everything
// after it, was never acknowledged, or is damage: reading stops there and says so (`cut_bytes`); whether acknowledged records are missing is for the
// caller to find out, who knows what must follow what. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/os/file_system.h"
#include "common/status.h"

namespace kappa {

struct FramedContents {
  uint16_t version = 0;
  std::string header;
  std::vector<std::string> records;
  uint64_t good_bytes = 0;  // up to the end of the last whole frame; 0: not even the header is whole
  uint64_t cut_bytes = 0;   // what follows
};

// XX001: another kind of file.  0A000: a version newer than `version`.
StatusOr<FramedContents> ReadFramedFile(os::FileSystem& files, const std::string& path, std::string_view magic, uint16_t version);

// Does a whole record stand anywhere in what was cut from such a file? Then it is damage; what a crash has left unfinished is followed by nothing.
bool HoldsRecord(std::string_view cut);

class FramedFile {
 public:
  // A new file with its header, durable (its name too) when it returns.
  static StatusOr<std::unique_ptr<FramedFile>> Create(os::FileSystem& files, const std::string& directory, const std::string& name,
                                                      std::string_view magic, uint16_t version, std::string_view header);
  // Goes on after the whole frames of `contents`; what follows them is cut.
  static StatusOr<std::unique_ptr<FramedFile>> Continue(os::FileSystem& files, const std::string& path, const FramedContents& contents);

  void Append(std::string_view payload);
  bool pending() const { return !pending_.empty() || !written_.empty(); }
  // What was appended is with the operating system: it outlives this process, if not a power failure. Errors as those of Sync.
  Status Write();
  // All that was appended is on the disk. After an error it is not, is kept, and the next call tries again; a file whose sync has failed is not
  // trusted any more (`broken`): the caller goes on in a new one, moving what is pending.
  Status Sync();
  bool broken() const { return broken_; }
  void MovePending(FramedFile* to) { to->pending_ = std::move(pending_); }
  uint64_t bytes() const { return good_bytes_; }

 private:
  FramedFile(std::unique_ptr<os::WritableFile> file, uint64_t good_bytes) : file_(std::move(file)), good_bytes_(good_bytes) {}
  void TakeBack();
  std::unique_ptr<os::WritableFile> file_;
  std::string pending_;
  std::string written_;  // behind good_bytes_, not synced
  uint64_t good_bytes_;
  bool broken_ = false;
};

}  // namespace kappa
