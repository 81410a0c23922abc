#include "exec/epoch/journal.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>

#include "common/os/kill_point.h"
#include "exec/epoch/framed_file.h"

namespace kappa {
namespace {

constexpr std::string_view kMagic = kJournalMagic, kSuffix = kJournalSuffix;
constexpr uint16_t kVersion = kJournalVersion;

class Writer {
 public:
  template <typename T>
  void Number(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(T));
  }
  void Text(std::string_view text) {
    Number(static_cast<uint32_t>(text.size()));
    bytes_.append(text);
  }
  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  template <typename T>
  T Number() {
    T value{};
    if (bytes_.size() < sizeof(T)) {
      ok_ = false;
      return value;
    }
    std::memcpy(&value, bytes_.data(), sizeof(T));
    bytes_.remove_prefix(sizeof(T));
    return value;
  }
  std::string Text() {
    const size_t size = Number<uint32_t>();
    if (bytes_.size() < size) {
      ok_ = false;
      return "";
    }
    std::string text(bytes_.substr(0, size));
    bytes_.remove_prefix(size);
    return text;
  }
  bool ok() const { return ok_; }
  bool AtEnd() const { return bytes_.empty(); }

 private:
  std::string_view bytes_;
  bool ok_ = true;
};

std::string HeaderJson(const JournalHeader& header) {
  return nlohmann::json{{"build", header.build}, {"tzdata", header.tzdata}, {"program", header.program}}.dump();
}

JournalHeader ParseHeader(const std::string& text) {
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return {};
  return {json.value("build", ""), json.value("tzdata", ""), json.value("program", "")};
}

class FileJournal final : public Journal {
 public:
  FileJournal(os::Environment& environment, std::string directory, const JournalHeader& header)
      : files_(environment.files()), clock_(environment.clock()), directory_(std::move(directory)), header_(HeaderJson(header)) {}

  Status Recover(std::vector<JournalEpoch>* epochs, JournalHeader* written_by) {
    RETURN_IF_ERROR(files_.CreateDirectories(directory_));
    ASSIGN_OR_RETURN(const std::vector<std::string> names, files_.List(directory_));
    std::map<Epoch, JournalEpoch> found;  // a group that was moved to a new file may be in the old one too
    for (const std::string& name : names) {
      if (!name.ends_with(kSuffix)) continue;
      const std::string path = directory_ + "/" + name;
      ASSIGN_OR_RETURN(FramedContents contents, ReadFramedFile(files_, path, kMagic, kVersion));
      if (contents.good_bytes == 0) {
        RETURN_IF_ERROR(files_.Remove(path));
        continue;
      }
      *written_by = ParseHeader(contents.header);
      for (const std::string& record : contents.records) {
        auto epoch = DecodeJournalEpoch(record);
        if (!epoch.ok()) return SqlError(sqlstate::kDataCorrupted) << "journal \"" << path << "\": " << MessageOf(epoch.status());
        found[epoch->epoch] = std::move(*epoch);
      }
      bytes_before_ += contents.good_bytes;
      last_ = name;
      last_contents_ = std::move(contents);
      last_contents_.records.clear();
    }
    for (auto& [number, epoch] : found) epochs->push_back(std::move(epoch));
    next_ = epochs->empty() ? 0 : epochs->back().epoch + 1;
    return OkStatus();
  }

  void Append(const JournalEpoch& epoch) override {
    if (waiting_.empty()) first_waiting_ = epoch.epoch;
    waiting_.push_back(EncodeJournalEpoch(epoch));
    next_ = epoch.epoch + 1;
  }

  Status Sync() override {
    if (waiting_.empty() && (file_ == nullptr || !file_->pending())) return OkStatus();
    os::KillPoint("journal-before-sync");
    RETURN_IF_ERROR(HandOver());
    RETURN_IF_ERROR(file_->Sync());
    os::KillPoint("journal-after-sync");
    return OkStatus();
  }

  Status SyncInTime(int64_t others) override {
    const int64_t now = clock_.MonotonicNanos();
    if (now < due_nanos_ && others == others_) {
      if (waiting_.empty() && (file_ == nullptr || !file_->pending())) return OkStatus();
      RETURN_IF_ERROR(HandOver());
      return file_->Write();
    }
    RETURN_IF_ERROR(Sync());
    due_nanos_ = now + kLongestWaitNanos;
    others_ = others;
    return OkStatus();
  }

  Status TrimBefore(Epoch epoch) override {
    RETURN_IF_ERROR(Sync());
    const std::string name = NameOf(std::max(epoch, next_));
    if (file_ == nullptr || name != last_) {
      ASSIGN_OR_RETURN(file_, FramedFile::Create(files_, directory_, name, kMagic, kVersion, header_));
      last_ = name;
    }
    os::KillPoint("journal-before-trim");
    // A file ends where the next one begins.
    ASSIGN_OR_RETURN(const std::vector<std::string> names, files_.List(directory_));
    std::string previous;
    for (const std::string& file : names) {
      if (!file.ends_with(kSuffix)) continue;
      if (!previous.empty() && FirstOf(file) <= epoch) RETURN_IF_ERROR(files_.Remove(directory_ + "/" + previous));
      previous = file;
    }
    bytes_before_ = 0;
    return OkStatus();
  }

  uint64_t bytes() const override { return bytes_before_ + (file_ == nullptr ? 0 : file_->bytes()); }

 private:
  // What waits goes to a file that can be trusted.
  Status HandOver() {
    RETURN_IF_ERROR(EnsureFile(first_waiting_));
    if (file_->broken()) RETURN_IF_ERROR(Replace());
    for (const std::string& record : waiting_) file_->Append(record);
    waiting_.clear();
    return OkStatus();
  }
  static std::string NameOf(Epoch epoch) { return fmt::format("{:020}{}", epoch, kSuffix); }
  static Epoch FirstOf(const std::string& name) {
    Epoch epoch = INT64_MAX;
    std::from_chars(name.data(), name.data() + name.size() - kSuffix.size(), epoch);
    return epoch;
  }

  // The last file is continued where that is possible, else a new one begun.
  Status EnsureFile(Epoch first) {
    if (file_ != nullptr) return OkStatus();
    if (!last_.empty()) {
      ASSIGN_OR_RETURN(file_, FramedFile::Continue(files_, directory_ + "/" + last_, last_contents_));
      bytes_before_ -= std::min(bytes_before_, file_->bytes());
      return OkStatus();
    }
    const std::string name = NameOf(first);
    ASSIGN_OR_RETURN(file_, FramedFile::Create(files_, directory_, name, kMagic, kVersion, header_));
    last_ = name;
    return OkStatus();
  }

  // A sync has failed: what is pending goes to a new file.
  Status Replace() {
    const std::string name = NameOf(next_) == last_ ? NameOf(next_ + 1) : NameOf(next_);
    ASSIGN_OR_RETURN(std::unique_ptr<FramedFile> file, FramedFile::Create(files_, directory_, name, kMagic, kVersion, header_));
    file_->MovePending(file.get());
    bytes_before_ += file_->bytes();
    file_ = std::move(file);
    last_ = name;
    return OkStatus();
  }

  int64_t due_nanos_ = 0, others_ = 0;
  static constexpr int64_t kLongestWaitNanos = 1'000'000'000;
  os::FileSystem& files_;
  os::Clock& clock_;
  const std::string directory_, header_;
  std::unique_ptr<FramedFile> file_;  // null until something is appended
  std::string last_;                  // name of the newest file; "": none
  FramedContents last_contents_;
  uint64_t bytes_before_ = 0;
  std::vector<std::string> waiting_;  // appended, not yet given to the file
  Epoch first_waiting_ = 0;
  Epoch next_ = 0;
};

}  // namespace

std::string EncodeJournalEpoch(const JournalEpoch& epoch) {
  Writer out;
  out.Number(epoch.epoch);
  out.Number(epoch.clock_micros);
  out.Number(static_cast<uint8_t>(epoch.ended));
  out.Number(static_cast<uint32_t>(epoch.slices.size()));
  for (const JournalSlice& slice : epoch.slices) {
    out.Number(slice.scan);
    out.Number(slice.partition);
    out.Number(slice.begin);
    out.Number(slice.end);
    out.Number(slice.records);
    out.Number(slice.crc);
  }
  out.Number(static_cast<uint32_t>(epoch.time.size()));
  for (const TimeLogEntry& entry : epoch.time) {
    out.Number(static_cast<uint8_t>(entry.kind));
    out.Text(entry.source);
    out.Number(entry.partition);
    out.Number(entry.offset);
    out.Number(entry.micros);
  }
  return out.Take();
}

StatusOr<JournalEpoch> DecodeJournalEpoch(std::string_view payload) {
  Reader in(payload);
  JournalEpoch epoch;
  epoch.epoch = in.Number<Epoch>();
  epoch.clock_micros = in.Number<int64_t>();
  epoch.ended = in.Number<uint8_t>() != 0;
  for (uint32_t left = in.Number<uint32_t>(); left > 0 && in.ok(); --left) {
    JournalSlice slice;
    slice.scan = in.Number<int32_t>();
    slice.partition = in.Number<int32_t>();
    slice.begin = in.Number<Offset>();
    slice.end = in.Number<Offset>();
    slice.records = in.Number<int64_t>();
    slice.crc = in.Number<uint32_t>();
    epoch.slices.push_back(slice);
  }
  for (uint32_t left = in.Number<uint32_t>(); left > 0 && in.ok(); --left) {
    TimeLogEntry entry;
    entry.kind = static_cast<TimeLogEntry::Kind>(in.Number<uint8_t>());
    entry.source = in.Text();
    entry.partition = in.Number<int32_t>();
    entry.offset = in.Number<int64_t>();
    entry.micros = in.Number<int64_t>();
    epoch.time.push_back(std::move(entry));
  }
  if (!in.ok() || !in.AtEnd()) return SqlError(sqlstate::kDataCorrupted) << "a record of " << payload.size() << " bytes is no epoch";
  return epoch;
}

StatusOr<std::unique_ptr<Journal>> Journal::Open(os::Environment& environment, const std::string& directory, const JournalHeader& header,
                                                 std::vector<JournalEpoch>* epochs, JournalHeader* written_by) {
  auto journal = std::make_unique<FileJournal>(environment, directory, header);
  RETURN_IF_ERROR(journal->Recover(epochs, written_by));
  return std::unique_ptr<Journal>(std::move(journal));
}

}  // namespace kappa
