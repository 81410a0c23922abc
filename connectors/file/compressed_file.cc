#include "connectors/file/compressed_file.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>

namespace kappa::file {
namespace {

constexpr size_t kInputBytes = 256 << 10;

// One pass over a compressed file.
class Inflater {
 public:
  Inflater(const std::string& path, os::ReadableFile* file) : path_(path), file_(file), input_(std::make_unique_for_overwrite<char[]>(kInputBytes)) {}
  virtual ~Inflater() = default;
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Fewer than `size` only at the end.
  StatusOr<size_t> Read(char* out, size_t size) {
    size_t done = 0;
    while (done < size) {
      if (at_ == used_) {
        ASSIGN_OR_RETURN(used_, file_->ReadAt(file_position_, input_.get(), kInputBytes));
        at_ = 0;
        file_position_ += used_;
      }
      if (at_ == used_) {
        if (within_) return SqlError(sqlstate::kDataCorrupted) << path_ << " ends in the middle of its compressed data";
        break;
      }
      ASSIGN_OR_RETURN(const size_t got, Inflate(out + done, size - done));
      done += got;
    }
    return done;
  }

 protected:
  // Takes some of input_[at_, used_), answers how much it made; within_: a frame has begun and not ended.
  virtual StatusOr<size_t> Inflate(char* out, size_t size) = 0;
  Status Damaged(std::string_view what) const {
    return SqlError(sqlstate::kDataCorrupted) << path_ << " is damaged near byte " << file_position_ - used_ + at_ << " (" << what << ")";
  }
  const std::string& path_;
  os::ReadableFile* const file_;
  const std::unique_ptr<char[]> input_;
  size_t at_ = 0, used_ = 0;
  uint64_t file_position_ = 0;
  bool within_ = false;
};

class GzipInflater final : public Inflater {
 public:
  GzipInflater(const std::string& path, os::ReadableFile* file) : Inflater(path, file) { ready_ = inflateInit2(&stream_, 15 + 16) == Z_OK; }
  ~GzipInflater() override {
    if (ready_) inflateEnd(&stream_);
  }

 private:
  StatusOr<size_t> Inflate(char* out, size_t size) override {
    if (!ready_) return SqlError(sqlstate::kInternalError) << "zlib cannot be set up";
    if (!within_) {
      if (input_[at_] == '\0') {  // what pads the last member
        ++at_;
        return size_t{0};
      }
      inflateReset(&stream_);
      within_ = true;
    }
    stream_.next_in = reinterpret_cast<Bytef*>(input_.get() + at_);
    stream_.avail_in = static_cast<uInt>(used_ - at_);
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = static_cast<uInt>(std::min<size_t>(size, 1 << 30));
    const uInt room = stream_.avail_out;
    const int result = inflate(&stream_, Z_NO_FLUSH);
    at_ = used_ - stream_.avail_in;
    if (result == Z_STREAM_END)
      within_ = false;
    else if (result != Z_OK && result != Z_BUF_ERROR)
      return Damaged(stream_.msg != nullptr ? stream_.msg : "gzip");
    return static_cast<size_t>(room - stream_.avail_out);
  }
  z_stream stream_{};
  bool ready_ = false;
};

class ZstdInflater final : public Inflater {
 public:
  ZstdInflater(const std::string& path, os::ReadableFile* file) : Inflater(path, file), stream_(ZSTD_createDStream(), &ZSTD_freeDStream) {}

 private:
  StatusOr<size_t> Inflate(char* out, size_t size) override {
    ZSTD_inBuffer in{input_.get(), used_, at_};
    ZSTD_outBuffer to{out, size, 0};
    const size_t result = ZSTD_decompressStream(stream_.get(), &to, &in);
    at_ = in.pos;
    if (ZSTD_isError(result)) return Damaged(ZSTD_getErrorName(result));
    within_ = result != 0;
    return to.pos;
  }
  const std::unique_ptr<ZSTD_DStream, size_t (*)(ZSTD_DStream*)> stream_;
};

class CompressedFile final : public os::ReadableFile {
 public:
  CompressedFile(std::string path, std::unique_ptr<os::ReadableFile> file) : path_(std::move(path)), file_(std::move(file)) {}

  StatusOr<size_t> ReadAt(uint64_t offset, void* buffer, size_t size) override {
    if (inflater_ == nullptr || offset < position_) {
      inflater_ = path_.ends_with(".gz") ? std::unique_ptr<Inflater>(std::make_unique<GzipInflater>(path_, file_.get()))
                                         : std::make_unique<ZstdInflater>(path_, file_.get());
      position_ = 0;
    }
    while (position_ < offset) {
      const auto step = static_cast<size_t>(std::min<uint64_t>(offset - position_, size));
      if (step == 0) return size_t{0};
      ASSIGN_OR_RETURN(const size_t got, inflater_->Read(static_cast<char*>(buffer), step));
      position_ += got;
      if (got < step) return size_t{0};
    }
    ASSIGN_OR_RETURN(const size_t got, inflater_->Read(static_cast<char*>(buffer), size));
    position_ += got;
    return got;
  }
  StatusOr<uint64_t> Size() override { return position_; }

 private:
  const std::string path_;
  const std::unique_ptr<os::ReadableFile> file_;
  std::unique_ptr<Inflater> inflater_;
  uint64_t position_ = 0;
};

}  // namespace

bool IsCompressedName(std::string_view path) { return path.ends_with(".gz") || path.ends_with(".zst"); }

std::unique_ptr<os::ReadableFile> Decompressed(const std::string& path, std::unique_ptr<os::ReadableFile> file) {
  if (!IsCompressedName(path)) return file;
  return std::make_unique<CompressedFile>(path, std::move(file));
}

}  // namespace kappa::file
