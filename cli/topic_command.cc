#include "cli/topic_command.h"

#include <algorithm>

#include "cli/display_text.h"
#include "cli/exit_code.h"
#include "cli/human_text.h"
#include "cli/interrupt.h"
#include "cli/record_text.h"

namespace kappa::cli {
namespace {

constexpr size_t kFlushBytes = 1 << 20;
constexpr int64_t kTailPauseNanos = 20'000'000;  // another process's appends are seen by looking

class TopicCommand {
 public:
  // `target`: where a copy goes.
  TopicCommand(const TopicArguments& arguments, os::Environment* environment, TopicStore* store, TopicStore* target)
      : arguments_(arguments), store_(store), target_(target), interrupt_(environment, 2, nullptr) {}

  int Run() {
    const Status status = Dispatch();
    if (!status.ok() && !output_.closed()) {
      std::string text = FormatError(status, "", "");
      const bool missing = IsMissingTopic(status) && HintOf(status).empty();
      if (missing) text += "  hint: to see the topics there are: kappa topic list" + PlaceOptions() + "\n";
      (void)errors_.Write(PrintableLines(text));
      return SqlStateOf(status).view().substr(0, 2) == "08" ? kConnectionLost : kUsage;
    }
    return interrupt_.interrupted() ? kInterrupted : kDone;
  }

 private:
  using Action = TopicArguments::Action;

  Status Dispatch() {
    switch (arguments_.action) {
      case Action::kCreate:
        return Create();
      case Action::kDelete:
        RETURN_IF_ERROR(store_->Delete(arguments_.topic));
        return Say("deleted topic " + arguments_.topic + " from " + store_->place() + "\n");
      case Action::kList:
        return List();
      case Action::kDescribe:
        return Describe();
      case Action::kCopy:
        return Copy();
      case Action::kProduce:
        return Produce();
      case Action::kConsume:
        return Consume();
    }
    return OkStatus();
  }

  // For people, and only what is not the command's output.
  Status Say(const std::string& text) { return arguments_.quiet ? OkStatus() : errors_.Write(text); }
  // What another command needs to find the same topics.
  std::string PlaceOptions() const {
    if (!arguments_.bootstrap.empty()) return " --bootstrap " + arguments_.bootstrap;
    return arguments_.data_was_given ? " --data " + arguments_.data : "";
  }

  Status Create() {
    NewTopic topic{arguments_.topic, arguments_.partitions, arguments_.replication, arguments_.compression, arguments_.configuration};
    RETURN_IF_ERROR(store_->Create(topic));
    return Say("created topic " + arguments_.topic + " with " + Plural(arguments_.partitions, "partition") + " in " + store_->place() + "\n");
  }

  Status List() {
    ASSIGN_OR_RETURN(const std::vector<TopicListing> topics, store_->List());
    if (topics.empty()) return Say("no topics in " + store_->place() + "; to make one: kappa topic create NAME" + PlaceOptions() + "\n");
    size_t width = 5;
    for (const TopicListing& topic : topics) width = std::max(width, topic.name.size());
    std::string text = "topic" + std::string(width - 5, ' ') + "  partitions     records  offsets\n";
    for (const TopicListing& topic : topics) {
      int64_t records = 0;
      std::string offsets;
      for (size_t p = 0; p < topic.ranges.size(); ++p) {
        records += topic.ranges[p].end - topic.ranges[p].begin;
        if (p < 8)
          offsets +=
              (p == 0 ? "" : ",") + std::to_string(p) + ":" + std::to_string(topic.ranges[p].begin) + ".." + std::to_string(topic.ranges[p].end);
        if (p == 8) offsets += ",...";
      }
      const std::string partitions = std::to_string(topic.ranges.size()), count = GroupedCount(records);
      text +=
          topic.name + std::string(width - topic.name.size(), ' ') + "  " + Right(partitions, 10) + "  " + Right(count, 10) + "  " + offsets + "\n";
    }
    return output_.Write(text);
  }

  Status Describe() {
    ASSIGN_OR_RETURN(const TopicDescription topic, store_->Describe(arguments_.topic));
    std::string text = "topic " + arguments_.topic + " in " + store_->place() + "\n";
    for (const auto& [name, value] : topic.settings) text += "  " + name + std::string(name.size() < 16 ? 16 - name.size() : 1, ' ') + value + "\n";
    text += "partition       begin         end     records\n";
    for (size_t p = 0; p < topic.ranges.size(); ++p) {
      const OffsetRange& range = topic.ranges[p];
      text += Right(std::to_string(p), 9) + Right(GroupedCount(range.begin), 12) + Right(GroupedCount(range.end), 12) +
              Right(GroupedCount(range.end - range.begin), 12) + "\n";
    }
    return output_.Write(text);
  }

  // Every record up to the present end, to the same partition, in order, with its key, time and headers.
  Status Copy() {
    const std::string target = arguments_.target.empty() ? arguments_.topic : arguments_.target;
    ASSIGN_OR_RETURN(const TopicDescription topic, store_->Describe(arguments_.topic));
    const Status created = target_->Create({target, static_cast<int32_t>(topic.ranges.size()), -1, "none", {}});
    if (!created.ok()) return created;
    ASSIGN_OR_RETURN(const TopicReaders readers, store_->OpenReaders(arguments_.topic));
    ASSIGN_OR_RETURN(const std::unique_ptr<RecordWriter> writer, target_->OpenWriter(target));
    int64_t records = 0;
    for (size_t p = 0; p < readers.readers.size() && !interrupt_.interrupted(); ++p) {
      PartitionReader* const reader = readers.readers[p].get();
      ASSIGN_OR_RETURN(const OffsetRange range, reader->Range());
      RETURN_IF_ERROR(reader->Seek(range.begin));
      while (reader->position() < range.end && !interrupt_.interrupted()) {
        BatchLimit limit;
        limit.end = range.end;
        const Offset before = reader->position();
        ASSIGN_OR_RETURN(const RecordBatch batch, reader->Poll(limit));
        for (const Record& record : batch.records) {
          RETURN_IF_ERROR(writer->Append(Outgoing(record, static_cast<int32_t>(p))));
          if (writer->buffered_bytes() >= kFlushBytes) RETURN_IF_ERROR(writer->Flush());
          ++records;
        }
        if (batch.records.empty() && reader->position() == before) os::SleepNanos(kTailPauseNanos);
      }
    }
    RETURN_IF_ERROR(writer->Flush());
    return Say("copied " + Plural(records, "record") + " of " + arguments_.topic + " to " + target + " in " + target_->place() + "\n");
  }

  static std::string Right(const std::string& text, size_t width) { return std::string(width > text.size() ? width - text.size() : 0, ' ') + text; }

  Status Produce() {
    ASSIGN_OR_RETURN(const std::unique_ptr<RecordWriter> writer, store_->OpenWriter(arguments_.topic));
    if (input_.terminal()) RETURN_IF_ERROR(Say("one record a line; Ctrl-D ends\n"));
    const ProduceFormat format{arguments_.key_separator, arguments_.empty_is_tombstone};
    std::vector<RecordHeader> headers;
    for (const auto& [name, value] : arguments_.headers) headers.push_back({name, value});
    std::string line;
    int64_t records = 0, unflushed = 0;
    while (input_.ReadLine(&line) == StandardInput::Outcome::kLine) {
      OutgoingRecord record = RecordOfLine(line, format);
      record.partition = arguments_.partition;
      record.headers = headers;
      RETURN_IF_ERROR(writer->Append(record));
      ++records;
      ++unflushed;
      if (writer->buffered_bytes() >= kFlushBytes || input_.WouldWait()) {  // what was typed is in the topic when the next line is asked for
        RETURN_IF_ERROR(writer->Flush());
        unflushed = 0;
      }
      if (interrupt_.interrupted()) break;
    }
    if (unflushed > 0) RETURN_IF_ERROR(writer->Flush());
    return Say("produced " + Plural(records, "record") + " to " + arguments_.topic + "\n");
  }

  struct Position {
    PartitionReader* reader;
    int32_t partition;
    Offset end;  // exclusive; INT64_MAX: none
  };

  StatusOr<std::vector<Position>> Place(const TopicReaders& topic) {
    std::vector<Position> positions;
    for (const auto& [partition, offset] : arguments_.from.offsets) {
      if (static_cast<size_t>(partition) >= topic.readers.size()) return NoPartition(partition, topic);
    }
    if (arguments_.partition >= 0 && static_cast<size_t>(arguments_.partition) >= topic.readers.size())
      return NoPartition(arguments_.partition, topic);
    for (size_t p = 0; p < topic.readers.size(); ++p) {
      const auto partition = static_cast<int32_t>(p);
      if (arguments_.partition >= 0 && partition != arguments_.partition) continue;
      PartitionReader* const reader = topic.readers[p].get();
      ASSIGN_OR_RETURN(const OffsetRange range, reader->Range());
      Offset start = arguments_.from.kind == LogPosition::Kind::kLatest ? range.end : range.begin;
      if (arguments_.from.time_ms) { ASSIGN_OR_RETURN(start, reader->PositionAt(*arguments_.from.time_ms)); }
      if (const auto given = arguments_.from.offsets.find(partition); given != arguments_.from.offsets.end()) start = given->second;
      RETURN_IF_ERROR(reader->Seek(start));
      positions.push_back({reader, partition, arguments_.until_latest ? range.end : INT64_MAX});
    }
    return positions;
  }

  Status NoPartition(int32_t partition, const TopicReaders& topic) {
    return SqlError(sqlstate::kInvalidParameterValue)
           << "topic \"" << arguments_.topic << "\" has no partition " << partition << ": it has " << topic.readers.size();
  }

  Status Consume() {
    ASSIGN_OR_RETURN(const TopicReaders topic, store_->OpenReaders(arguments_.topic));
    ASSIGN_OR_RETURN(std::vector<Position> positions, Place(topic));
    int64_t left = arguments_.max < 0 ? INT64_MAX : arguments_.max;
    std::string text;
    while (left > 0 && !positions.empty() && !interrupt_.interrupted()) {
      bool moved = false;
      for (Position& position : positions) {
        if (left == 0 || position.reader->position() >= position.end) continue;
        const Offset before = position.reader->position();
        BatchLimit limit;
        limit.records = static_cast<size_t>(std::min<int64_t>(left, static_cast<int64_t>(limit.records)));
        limit.end = position.end;
        ASSIGN_OR_RETURN(const RecordBatch batch, position.reader->Poll(limit));
        text.clear();
        for (const Record& record : batch.records) {
          if (arguments_.json)
            AppendRecordJson(arguments_.topic, position.partition, record, &text);
          else
            AppendRecordValue(record, &text);
        }
        RETURN_IF_ERROR(output_.Write(text));
        left -= static_cast<int64_t>(batch.records.size());
        moved = moved || position.reader->position() != before;
      }
      std::erase_if(positions, [](const Position& position) { return position.reader->position() >= position.end; });
      if (!moved && !positions.empty()) os::SleepNanos(kTailPauseNanos);
    }
    return OkStatus();
  }

  const TopicArguments& arguments_;
  TopicStore* const store_;
  TopicStore* const target_;
  InterruptScope interrupt_;
  StandardInput input_;
  StandardOutput output_{1}, errors_{2};
};

}  // namespace

int RunTopicCommand(const TopicArguments& arguments, os::Environment* environment) {
  const std::unique_ptr<TopicStore> store = arguments.bootstrap.empty() ? OpenLogTopics(environment, arguments.data)
                                                                        : OpenKafkaTopics(environment, arguments.bootstrap, arguments.properties);
  std::unique_ptr<TopicStore> target;
  if (arguments.action == TopicArguments::Action::kCopy) {
    target = arguments.target_bootstrap.empty() ? OpenLogTopics(environment, arguments.target_data.empty() ? arguments.data : arguments.target_data)
                                                : OpenKafkaTopics(environment, arguments.target_bootstrap, arguments.properties);
  }
  return TopicCommand(arguments, environment, store.get(), target.get()).Run();
}

}  // namespace kappa::cli
