// Writes part files into a folder: a hidden temporary file while epochs run, renamed when they are committed.
#pragma once

#include <memory>
#include <string>

#include "common/os/file_system.h"
#include "common/sink.h"

namespace kappa::file {

class PartFileSink final : public Sink {
 public:
  // Makes the folder. Names go on after the highest sequence found there, so that a run never replaces what another has written; temporary files that
  // a crash has left are removed.
  static StatusOr<std::unique_ptr<PartFileSink>> Open(os::FileSystem& files, const std::string& folder, std::unique_ptr<RecordEncoder> encoder);

  Status Write(Epoch epoch, const ChangeBatch& changes) override;
  Status Commit(const EpochCommit& commit) override;  // durable when it returns
  StatusOr<SinkMark> LastCommitted() override { return SinkMark{committed_, ""}; }
  Guarantee guarantee() const override { return Guarantee::kAtLeastOnce; }
  std::string Summary() const override;

 private:
  PartFileSink(os::FileSystem& files, std::string folder, std::unique_ptr<RecordEncoder> encoder)
      : files_(files), folder_(std::move(folder)), encoder_(std::move(encoder)) {}
  Status Spill();
  std::string TemporaryPath() const;

  os::FileSystem& files_;
  const std::string folder_;
  const std::unique_ptr<RecordEncoder> encoder_;
  EncodedRecord scratch_;
  std::string buffered_;
  std::unique_ptr<os::WritableFile> part_;  // nullptr: nothing written since the last commit
  int64_t sequence_ = 0;                    // of the next part
  int64_t rows_ = 0;
  int64_t parts_ = 0;
  Epoch committed_ = -1;
};

}  // namespace kappa::file
