#include "connectors/file/file_connector.h"

#include <algorithm>

#include "common/os/environment.h"
#include "connectors/file/compressed_file.h"
#include "connectors/file/followed_files.h"
#include "connectors/file/line_reader.h"
#include "connectors/file/part_file_sink.h"
#include "connectors/file/record_form.h"
#include "connectors/options.h"

namespace kappa {
namespace {

// Files as they are when the source is made, each a partition by its place in sorted order.
class FileSource final : public Source {
 public:
  FileSource(os::FileSystem& files, std::string pattern, std::vector<std::string> paths, const file::LineSettings& settings)
      : files_(files), pattern_(std::move(pattern)), paths_(std::move(paths)), settings_(settings) {}
  std::string name() const override { return pattern_; }
  StatusOr<std::vector<int32_t>> Partitions() override {
    std::vector<int32_t> partitions(paths_.size());
    for (size_t p = 0; p < partitions.size(); ++p) partitions[p] = static_cast<int32_t>(p);
    return partitions;
  }
  StatusOr<std::unique_ptr<PartitionReader>> Open(int32_t partition, const RecordNeeds&) override {
    if (partition < 0 || static_cast<size_t>(partition) >= paths_.size()) {
      return SqlError(sqlstate::kUndefinedObject) << pattern_ << " has no partition " << partition << ": it matches " << paths_.size() << " files";
    }
    ASSIGN_OR_RETURN(std::unique_ptr<file::LineReader> reader,
                     file::LineReader::Open(files_, paths_[static_cast<size_t>(partition)], partition, settings_));
    return std::unique_ptr<PartitionReader>(std::move(reader));
  }
  bool bounded() const override { return true; }

 private:
  os::FileSystem& files_;
  const std::string pattern_;
  const std::vector<std::string> paths_;  // as found when the source was made: partition numbers must not change
  const file::LineSettings settings_;
};

// Files that grow, and others that appear: log rotation gives a new file the old one's name.
class FollowedSource final : public Source {
 public:
  FollowedSource(os::FileSystem& files, std::string pattern, std::unique_ptr<file::FollowedFiles> followed, const file::LineSettings& settings)
      : files_(files), pattern_(std::move(pattern)), followed_(std::move(followed)), settings_(settings) {}
  std::string name() const override { return pattern_; }
  StatusOr<std::vector<int32_t>> Partitions() override { return followed_->Refresh(); }
  StatusOr<std::unique_ptr<PartitionReader>> Open(int32_t partition, const RecordNeeds&) override {
    StatusOr<std::string> path = followed_->PathOf(partition);
    if (!path.ok()) {  // nobody has looked yet
      RETURN_IF_ERROR(followed_->Refresh().status());
      path = followed_->PathOf(partition);
    }
    RETURN_IF_ERROR(path.status());
    if (file::IsCompressedName(*path)) {
      return SqlError(sqlstate::kFeatureNotSupported) << "\"" << *path << "\" is compressed: it cannot be followed as it grows"
                                                      << Hint("choose a path that leaves compressed files out, or read it without follow");
    }
    ASSIGN_OR_RETURN(std::unique_ptr<file::LineReader> reader, file::LineReader::Open(files_, *path, partition, settings_));
    return std::unique_ptr<PartitionReader>(std::move(reader));
  }
  bool bounded() const override { return false; }

 private:
  os::FileSystem& files_;
  const std::string pattern_;
  const std::unique_ptr<file::FollowedFiles> followed_;
  const file::LineSettings settings_;
};

StatusOr<std::unique_ptr<Source>> MakeSource(const OptionValues& values, const ConnectorContext& context) {
  os::FileSystem& files = context.environment->files();
  const std::string pattern = values.text("path");
  file::LineSettings settings;
  settings.follow = values.boolean("follow");
  settings.form = file::RecordFormOf(values);
  settings.form.json = !settings.form.csv && values.boolean("multiline");
  settings.header = values.boolean("record.header");
  settings.skip_blank = !values.boolean("record.blank");
  const int64_t longest = values.size_bytes("max.line.bytes");
  if (longest < 1 || longest > (int64_t{1} << 30)) return SqlError(sqlstate::kInvalidParameterValue) << "max.line.bytes must be from 1 byte to 1 GB";
  settings.max_line_bytes = static_cast<size_t>(longest);
  ASSIGN_OR_RETURN(std::vector<std::string> paths, file::MatchingFiles(files, pattern));
  if (!settings.follow) return std::unique_ptr<Source>(new FileSource(files, pattern, std::move(paths), settings));
  const std::string remembered = context.data_directory.empty() ? "" : context.data_directory + "/files";
  ASSIGN_OR_RETURN(std::unique_ptr<file::FollowedFiles> followed, file::FollowedFiles::Open(files, pattern, remembered));
  return std::unique_ptr<Source>(new FollowedSource(files, pattern, std::move(followed), settings));
}

}  // namespace

ConnectorDescriptor FileConnector() {
  ConnectorDescriptor descriptor;
  descriptor.name = "file";
  descriptor.documentation = "Files of lines. As a source: one file or many, once or followed as they grow. As a sink: a folder of part files.";
  descriptor.source_options = {
      {"path", OptionKind::kText, true, "", "the file, or a pattern with *, ? and [...]; each file is a partition"},
      {"follow", OptionKind::kBoolean, false, "false", "go on reading as the files grow, and as others appear"},
      {"max.line.bytes", OptionKind::kSize, false, "16 MB", "a longer line is an error"},
      {"multiline", OptionKind::kBoolean, false, "false", "JSON objects over several lines, or in one array: each is a record"},
  };
  for (ConnectorOption& option : file::RecordOptions()) descriptor.source_options.push_back(std::move(option));
  descriptor.sink_options = {
      {"path", OptionKind::kText, true, "", "the folder, made when missing"},
      {"rollover.interval", OptionKind::kInterval, false, "10 s",
       "of a durable program: a part is finished with the first commit that comes so long after its first row"},
      {"rollover.size", OptionKind::kSize, false, "128 MB", "of a durable program: a part is finished with the first commit at which it is so large"},
  };
  descriptor.make_source = [declared = descriptor.source_options](const Options& options,
                                                                  const ConnectorContext& context) -> StatusOr<std::unique_ptr<Source>> {
    ASSIGN_OR_RETURN(const OptionValues values, OptionValues::Parse("file", declared, false, options));
    return MakeSource(values, context);
  };
  descriptor.make_sink = [declared = descriptor.sink_options](const Options& options, const ConnectorContext& context,
                                                              std::unique_ptr<RecordEncoder> encoder) -> StatusOr<std::unique_ptr<Sink>> {
    ASSIGN_OR_RETURN(const OptionValues values, OptionValues::Parse("file", declared, true, options));
    const file::PartFileSettings settings{values.text("path"), context.writer, values.interval_micros("rollover.interval"),
                                          values.size_bytes("rollover.size")};
    ASSIGN_OR_RETURN(std::unique_ptr<file::PartFileSink> sink, file::PartFileSink::Open(*context.environment, settings, std::move(encoder)));
    return std::unique_ptr<Sink>(std::move(sink));
  };
  return descriptor;
}

}  // namespace kappa
