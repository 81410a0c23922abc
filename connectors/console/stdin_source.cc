#include "connectors/console/stdin_source.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <deque>
#include <mutex>
#include <vector>

#include "common/os/environment.h"
#include "connectors/file/record_form.h"
#include "connectors/options.h"

namespace kappa {
namespace {

constexpr size_t kReadBytes = 256 << 10;
constexpr size_t kPadding = 64;
constexpr size_t kQueuedBytes = 16 << 20;        // the thread waits when so much has not been read
constexpr int64_t kPatienceNanos = 100'000'000;  // how long the thread may be deaf to being stopped

// Whole lines, ready to be handed out.
struct Lines {
  std::unique_ptr<char[]> bytes;
  size_t size = 0;
  std::vector<Record> records;
  std::shared_ptr<const std::string> header;
};

// Filled by the thread, drained by the reader.
class LineQueue {
 public:
  LineQueue(size_t max_line_bytes, const file::RecordForm& form, bool header, bool skip_blank)
      : max_line_bytes_(max_line_bytes), form_(form), skip_blank_(skip_blank), reads_header_(header) {}

  void Run(const InputFunction& input) {
    std::string pending;  // bytes not yet handed over; ends with the beginning of a line
    std::unique_ptr<char[]> buffer = std::make_unique<char[]>(kReadBytes);
    while (!stopped_) {
      if (queued_bytes_.load() > kQueuedBytes) {
        drained_.WaitFor(kPatienceNanos);
        continue;
      }
      StatusOr<std::optional<size_t>> got = input(buffer.get(), kReadBytes, kPatienceNanos);
      if (!got.ok()) return Finish(got.status());
      if (!got->has_value()) continue;
      if (**got == 0) {
        Push(pending, true);
        return Finish(OkStatus());
      }
      const size_t before = pending.size();
      pending.append(buffer.get(), **got);
      const std::string_view fresh = std::string_view(pending).substr(before);
      const bool has_end = fresh.find('\n') != std::string_view::npos || (form_.csv && fresh.find('\r') != std::string_view::npos);
      if (has_end) pending.erase(0, Push(pending, false));
      if (pending.size() > max_line_bytes_) return Finish(TooLong());
    }
  }
  void Stop() {
    stopped_ = true;
    drained_.Set();
  }

  // nullptr: nothing now. An error comes after all lines before it.
  StatusOr<std::shared_ptr<Lines>> Pop() {
    std::lock_guard<std::mutex> lock(mutex_);
    if (queue_.empty()) {
      if (finished_ && !failure_.ok()) return failure_;
      return std::shared_ptr<Lines>();
    }
    std::shared_ptr<Lines> lines = std::move(queue_.front());
    queue_.pop_front();
    queued_bytes_ -= lines->size;
    drained_.Set();
    return lines;
  }
  Offset End() {
    std::lock_guard<std::mutex> lock(mutex_);
    return finished_ ? next_line_ : INT64_MAX;
  }
  void OnArrival(std::function<void()> wake) {
    std::lock_guard<std::mutex> lock(mutex_);
    wake_ = std::move(wake);
  }

 private:
  Status TooLong() const {
    return SqlError(sqlstate::kStatementTooLong) << "standard input, line " << next_line_ << " (from 0): longer than " << max_line_bytes_ << " bytes"
                                                 << Hint("raise max.line.bytes");
  }
  // Takes the records whose ends are there; answers how many bytes they were.
  size_t Push(std::string_view text, bool at_end) {
    if (text.empty()) return 0;
    const bool marked = at_begin_ && text.starts_with("\xEF\xBB\xBF");
    auto lines = std::make_shared<Lines>();
    lines->bytes = std::make_unique<char[]>(text.size() + kPadding);
    lines->size = text.size();
    std::memcpy(lines->bytes.get(), text.data(), text.size());
    const char* const begin = lines->bytes.get();
    const char* const end = begin + text.size();
    const char* line = begin + (marked ? 3 : 0);
    Offset number = next_line_;
    file::RecordSplitter splitter(form_, line, end, at_end);
    while (line < end) {
      const file::RecordSplitter::Found found = splitter.Next(line);
      if (found.end == nullptr) break;
      const bool blank = skip_blank_ && found.end == line;
      if (reads_header_ && !blank) {
        header_->assign(line, found.end);
        reads_header_ = false;
      } else if (!blank) {
        Record& record = lines->records.emplace_back();
        record.value = line;
        record.value_size = static_cast<uint32_t>(found.end - line);
        record.offset = number++;
      }
      line = found.next;
    }
    const auto taken = static_cast<size_t>(line - begin);
    if (taken > 0) at_begin_ = false;
    if (lines->records.empty()) return taken;
    lines->header = header_;
    std::lock_guard<std::mutex> lock(mutex_);
    next_line_ = number;
    queued_bytes_ += lines->size;
    queue_.push_back(std::move(lines));
    if (wake_) wake_();
    return taken;
  }
  void Finish(Status failure) {
    std::lock_guard<std::mutex> lock(mutex_);
    failure_ = std::move(failure);
    finished_ = true;
    if (wake_) wake_();
  }

  const size_t max_line_bytes_;
  const file::RecordForm form_;
  const bool skip_blank_;
  bool at_begin_ = true, reads_header_;
  const std::shared_ptr<std::string> header_ = std::make_shared<std::string>();  // written before the first records are handed over
  std::atomic<bool> stopped_{false};
  std::atomic<size_t> queued_bytes_{0};
  os::Event drained_;
  std::mutex mutex_;  // guards what follows
  std::deque<std::shared_ptr<Lines>> queue_;
  Offset next_line_ = 0;
  bool finished_ = false;
  Status failure_;
  std::function<void()> wake_;
};

class StdinReader final : public PartitionReader {
 public:
  explicit StdinReader(std::shared_ptr<LineQueue> queue) : queue_(std::move(queue)) {}

  StatusOr<RecordBatch> Poll(const BatchLimit& limit) override {
    RecordBatch batch;
    batch.next = position_;
    if (position_ >= limit.end || limit.records == 0) return batch;
    if (lines_ == nullptr || cursor_ == lines_->records.size()) {
      ASSIGN_OR_RETURN(lines_, queue_->Pop());
      cursor_ = 0;
      if (lines_ == nullptr) return batch;
    }
    const Record* const first = lines_->records.data() + cursor_;
    const size_t most = std::min({limit.records, lines_->records.size() - cursor_, static_cast<size_t>(limit.end - position_)});
    size_t count = 0;
    while (count < most && (count == 0 || batch.bytes + first[count].value_size <= limit.bytes)) batch.bytes += first[count++].value_size;
    cursor_ += count;
    position_ += static_cast<Offset>(count);
    batch.records = std::span<const Record>(first, count);
    batch.next = position_;
    batch.preamble = *lines_->header;
    batch.owner = lines_;
    return batch;
  }
  Status Seek(Offset position) override {
    if (position == position_) return OkStatus();
    return SqlError(sqlstate::kFeatureNotSupported)
           << "the standard input cannot be read again from line " << position
           << Hint("put it into a topic first: kappa topic produce; or give the program a name: kappa run --name");
  }
  Offset position() const override { return position_; }
  StatusOr<OffsetRange> Range() override { return OffsetRange{position_, queue_->End()}; }

 private:
  std::shared_ptr<LineQueue> queue_;
  std::shared_ptr<Lines> lines_;
  size_t cursor_ = 0;
  Offset position_ = 0;
};

class StdinSource final : public Source {
 public:
  StdinSource(InputFunction input, std::shared_ptr<LineQueue> queue, os::Threads* threads)
      : input_(std::move(input)), threads_(threads), queue_(std::move(queue)) {}
  ~StdinSource() override {
    queue_->OnArrival(nullptr);
    queue_->Stop();
  }
  std::string name() const override { return "stdin"; }
  StatusOr<std::vector<int32_t>> Partitions() override { return std::vector<int32_t>{0}; }
  StatusOr<std::unique_ptr<PartitionReader>> Open(int32_t partition, const RecordNeeds&) override {
    if (partition != 0) return SqlError(sqlstate::kUndefinedObject) << "the standard input has only partition 0";
    if (thread_ != nullptr) return SqlError(sqlstate::kObjectInUse) << "the standard input is already being read";
    thread_ = threads_->Start("kappa-stdin", [queue = queue_, input = input_] { queue->Run(input); });
    return std::unique_ptr<PartitionReader>(new StdinReader(queue_));
  }
  bool bounded() const override { return true; }
  bool replayable() const override { return false; }
  void OnArrival(std::function<void()> wake) override { queue_->OnArrival(std::move(wake)); }

 private:
  const InputFunction input_;
  os::Threads* const threads_;
  const std::shared_ptr<LineQueue> queue_;
  std::unique_ptr<os::Thread> thread_;  // last: joined before the rest goes
};

}  // namespace

ConnectorDescriptor StdinConnector(InputFunction input) {
  ConnectorDescriptor descriptor;
  descriptor.name = "stdin";
  descriptor.documentation = "Lines of the standard input. It cannot be read again: a durable program records it into the embedded log first.";
  descriptor.source_options = {{"max.line.bytes", OptionKind::kSize, false, "16 MB", "a longer line is an error"}};
  for (ConnectorOption& option : file::RecordOptions()) descriptor.source_options.push_back(std::move(option));
  descriptor.make_source = [input = std::move(input), declared = descriptor.source_options](
                               const Options& options, const ConnectorContext& context) -> StatusOr<std::unique_ptr<Source>> {
    ASSIGN_OR_RETURN(const OptionValues values, OptionValues::Parse("stdin", declared, false, options));
    const int64_t longest = values.size_bytes("max.line.bytes");
    if (longest < 1 || longest > (int64_t{1} << 30))
      return SqlError(sqlstate::kInvalidParameterValue) << "max.line.bytes must be from 1 byte to 1 GB";
    auto queue = std::make_shared<LineQueue>(static_cast<size_t>(longest), file::RecordFormOf(values), values.boolean("record.header"),
                                             !values.boolean("record.blank"));
    return std::unique_ptr<Source>(new StdinSource(input, std::move(queue), &context.environment->threads()));
  };
  return descriptor;
}

}  // namespace kappa
