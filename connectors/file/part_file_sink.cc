#include "connectors/file/part_file_sink.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "connectors/encoded_rows.h"

namespace kappa::file {
namespace {

constexpr size_t kSpillBytes = 1 << 20;
constexpr std::string_view kTemporaryPrefix = ".part-";

// The sequence of part-EPOCH-SEQUENCE.jsonl; -1 for other names.
int64_t SequenceOf(std::string_view name) {
  constexpr std::string_view kPrefix = "part-", kSuffix = ".jsonl";
  if (name.size() < kPrefix.size() + kSuffix.size() || name.substr(0, kPrefix.size()) != kPrefix ||
      name.substr(name.size() - kSuffix.size()) != kSuffix)
    return -1;
  name.remove_suffix(kSuffix.size());
  const size_t dash = name.rfind('-');
  int64_t sequence = -1;
  const auto [end, error] = std::from_chars(name.data() + dash + 1, name.data() + name.size(), sequence);
  return error == std::errc() && end == name.data() + name.size() ? sequence : -1;
}

}  // namespace

StatusOr<std::unique_ptr<PartFileSink>> PartFileSink::Open(os::FileSystem& files, const std::string& folder, std::unique_ptr<RecordEncoder> encoder) {
  std::unique_ptr<PartFileSink> sink(new PartFileSink(files, folder, std::move(encoder)));
  RETURN_IF_ERROR(files.CreateDirectories(folder));
  ASSIGN_OR_RETURN(const std::vector<std::string> names, files.List(folder));
  for (const std::string& name : names) {
    sink->sequence_ = std::max(sink->sequence_, SequenceOf(name) + 1);
    if (name.compare(0, kTemporaryPrefix.size(), kTemporaryPrefix) == 0) RETURN_IF_ERROR(files.Remove(folder + "/" + name));
  }
  return sink;
}

std::string PartFileSink::TemporaryPath() const { return fmt::format("{}/{}{}.tmp", folder_, kTemporaryPrefix, sequence_); }

Status PartFileSink::Write(Epoch epoch, const ChangeBatch& changes) {
  (void)epoch;
  return ForEachEncoded(*encoder_, changes, &scratch_, [&](const EncodedRecord& record) {
    if (!record.has_value) return OkStatus();  // a deletion has no line of its own
    buffered_.append(record.value).push_back('\n');
    ++rows_;
    return buffered_.size() < kSpillBytes ? OkStatus() : Spill();
  });
}

Status PartFileSink::Spill() {
  if (part_ == nullptr) { ASSIGN_OR_RETURN(part_, files_.OpenForAppend(TemporaryPath())); }
  RETURN_IF_ERROR(part_->Append(buffered_));
  buffered_.clear();
  return OkStatus();
}

Status PartFileSink::Commit(const EpochCommit& commit) {
  if (!buffered_.empty()) RETURN_IF_ERROR(Spill());
  if (part_ != nullptr) {
    RETURN_IF_ERROR(part_->Sync());
    RETURN_IF_ERROR(files_.Rename(TemporaryPath(), fmt::format("{}/part-{:012}-{:06}.jsonl", folder_, commit.upto, sequence_)));
    RETURN_IF_ERROR(files_.SyncDirectory(folder_));
    part_.reset();
    ++sequence_;
    ++parts_;
  }
  committed_ = commit.upto;
  return OkStatus();
}

std::string PartFileSink::Summary() const { return fmt::format("file: {} lines in {} part files in {}", rows_, parts_, folder_); }

}  // namespace kappa::file
