#include "connectors/console/stdout_sink.h"

#include <utility>

#include "connectors/encoded_rows.h"
#include "connectors/options.h"

namespace kappa {
namespace {

class StdoutSink final : public Sink {
 public:
  StdoutSink(OutputFunction output, std::unique_ptr<RecordEncoder> encoder) : output_(std::move(output)), encoder_(std::move(encoder)) {}

  // Nothing is shown before Commit, however much it is: an epoch that fails leaves no lines behind.
  Status Write(Epoch epoch, const ChangeBatch& changes) override {
    (void)epoch;
    if (std::exchange(first_, false)) {
      if (const std::string header = encoder_->Preamble(); !header.empty()) buffered_.append(header).push_back('\n');
    }
    return ForEachEncoded(*encoder_, changes, &scratch_, [&](const EncodedRecord& record) {
      buffered_.append(record.has_value ? std::string_view(record.value) : std::string_view("null")).push_back('\n');
      return OkStatus();
    });
  }
  Status Commit(const EpochCommit& commit) override {
    if (!buffered_.empty()) RETURN_IF_ERROR(output_(buffered_));
    buffered_.clear();
    if (buffered_.capacity() > kKeptBytes) buffered_.shrink_to_fit();
    committed_ = commit.upto;
    return OkStatus();
  }
  StatusOr<SinkMark> LastCommitted() override { return SinkMark{committed_, ""}; }
  Guarantee guarantee() const override { return Guarantee::kAtLeastOnce; }

 private:
  static constexpr size_t kKeptBytes = 4 << 20;
  const OutputFunction output_;
  const std::unique_ptr<RecordEncoder> encoder_;
  EncodedRecord scratch_;
  std::string buffered_;
  bool first_ = true;
  Epoch committed_ = -1;
};

}  // namespace

ConnectorDescriptor StdoutConnector(const std::string& name, OutputFunction output) {
  ConnectorDescriptor descriptor;
  descriptor.name = name;
  descriptor.documentation = "Prints each change as a line of the standard output.";
  descriptor.make_sink = [name, output = std::move(output)](const Options& options, const ConnectorContext&,
                                                            std::unique_ptr<RecordEncoder> encoder) -> StatusOr<std::unique_ptr<Sink>> {
    RETURN_IF_ERROR(OptionValues::Parse(name, {}, true, options).status());
    if (encoder == nullptr) return SqlError(sqlstate::kInternalError) << "the sink '" << name << "' needs an encoder";
    return std::unique_ptr<Sink>(new StdoutSink(output, std::move(encoder)));
  };
  return descriptor;
}

}  // namespace kappa
