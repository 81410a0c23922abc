#include "exec/epoch/framed_file.h"

#include <cstring>

#include "common/crc32c.h"

namespace kappa {
namespace {

constexpr size_t kPrefixBytes = 8, kFrameBytes = 8;

template <typename T>
void Put(T value, std::string* out) {
  out->append(reinterpret_cast<const char*>(&value), sizeof(T));
}

template <typename T>
T Get(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

void PutFrame(std::string_view payload, std::string* out) {
  Put(static_cast<uint32_t>(payload.size()), out);
  Put(Crc32c(payload.data(), payload.size()), out);
  out->append(payload);
}

// The payload of the frame at `*at`, which moves past it; false where none is whole.
bool NextFrame(std::string_view bytes, size_t* at, std::string_view* payload) {
  if (bytes.size() - *at < kFrameBytes) return false;
  const size_t size = Get<uint32_t>(bytes.data() + *at);
  if (bytes.size() - *at - kFrameBytes < size) return false;
  *payload = bytes.substr(*at + kFrameBytes, size);
  if (Crc32c(payload->data(), payload->size()) != Get<uint32_t>(bytes.data() + *at + 4)) return false;
  *at += kFrameBytes + size;
  return true;
}

}  // namespace

StatusOr<FramedContents> ReadFramedFile(os::FileSystem& files, const std::string& path, std::string_view magic, uint16_t version) {
  ASSIGN_OR_RETURN(const std::string bytes, files.ReadAll(path));
  FramedContents contents;
  contents.cut_bytes = bytes.size();
  if (bytes.size() < kPrefixBytes) return contents;  // cut off when it was made
  if (std::string_view(bytes).substr(0, magic.size()) != magic)
    return SqlError(sqlstate::kDataCorrupted) << "\"" << path << "\" is not a file of this kind: it does not begin with " << magic;
  contents.version = Get<uint16_t>(bytes.data() + magic.size());
  if (contents.version > version) {
    return SqlError(sqlstate::kFeatureNotSupported) << "\"" << path << "\" was written by a newer version of kappa (format " << contents.version
                                                    << ", this one knows " << version << ")" << Hint("use that version, or a newer one");
  }
  size_t at = kPrefixBytes;
  std::string_view payload;
  if (!NextFrame(bytes, &at, &payload)) return contents;
  contents.header = std::string(payload);
  while (NextFrame(bytes, &at, &payload)) contents.records.emplace_back(payload);
  contents.good_bytes = at;
  contents.cut_bytes = bytes.size() - at;
  return contents;
}

bool HoldsRecord(std::string_view cut) {
  std::string_view payload;
  for (size_t begin = 1; begin < cut.size(); ++begin) {
    size_t at = begin;
    if (NextFrame(cut, &at, &payload) && !payload.empty()) return true;  // of no bytes: eight zero bytes look so
  }
  return false;
}

StatusOr<std::unique_ptr<FramedFile>> FramedFile::Create(os::FileSystem& files, const std::string& directory, const std::string& name,
                                                         std::string_view magic, uint16_t version, std::string_view header) {
  std::string bytes(magic);
  Put(version, &bytes);
  Put(uint16_t{0}, &bytes);
  PutFrame(header, &bytes);
  const std::string path = directory + "/" + name;
  if (files.Exists(path)) RETURN_IF_ERROR(files.Remove(path));  // one that never got its header
  ASSIGN_OR_RETURN(std::unique_ptr<os::WritableFile> file, files.OpenForAppend(path));
  RETURN_IF_ERROR(file->Append(bytes));
  RETURN_IF_ERROR(file->Sync());
  RETURN_IF_ERROR(files.SyncDirectory(directory));
  return std::unique_ptr<FramedFile>(new FramedFile(std::move(file), bytes.size()));
}

StatusOr<std::unique_ptr<FramedFile>> FramedFile::Continue(os::FileSystem& files, const std::string& path, const FramedContents& contents) {
  ASSIGN_OR_RETURN(std::unique_ptr<os::WritableFile> file, files.OpenForAppend(path));
  if (contents.cut_bytes != 0) {
    RETURN_IF_ERROR(file->Truncate(contents.good_bytes));
    RETURN_IF_ERROR(file->Sync());
  }
  return std::unique_ptr<FramedFile>(new FramedFile(std::move(file), contents.good_bytes));
}

void FramedFile::Append(std::string_view payload) { PutFrame(payload, &pending_); }

Status FramedFile::Write() {
  if (pending_.empty()) return OkStatus();
  if (broken_) return SqlError(sqlstate::kIoError) << "the file is not trusted after a sync that failed";
  if (Status appended = file_->Append(pending_); !appended.ok()) {
    if (!file_->Truncate(good_bytes_ + written_.size()).ok()) {  // half a group may not be followed by another
      broken_ = true;
      TakeBack();
    }
    return appended;
  }
  written_ += pending_;
  pending_.clear();
  return OkStatus();
}

void FramedFile::TakeBack() {
  pending_.insert(0, written_);
  written_.clear();
}

Status FramedFile::Sync() {
  RETURN_IF_ERROR(Write());
  if (written_.empty()) return OkStatus();
#ifndef KAPPA_BREAK_JOURNAL_SYNC
  if (Status synced = file_->Sync(); !synced.ok()) {
    broken_ = true;
    (void)file_->Truncate(good_bytes_);
    TakeBack();
    return synced;
  }
#endif
  good_bytes_ += written_.size();
  written_.clear();
  return OkStatus();
}

}  // namespace kappa
