// The real broker the tests talk to (scripts/kafka-broker.sh, started by ctest), and kcat as the other side.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/connector.h"
#include "common/os/environment.h"
#include "common/source.h"

namespace kappa::kafka {

// The address in the file named by $KAPPA_TEST_KAFKA_FILE; ends the test program when there is none: a test that is skipped proves nothing.
std::string BrokerAddress();

// A topic of its own for the calling test.
std::string MakeTopic(const std::string& name, int partitions = 1);

// Options of connector 'kafka' for `topic`, with `more` over them.
Options With(const std::string& topic, const Options& more = {});

// Runs a shell command with `input`; its output. Fails the test when the command does.
std::string Shell(const std::string& command, const std::string& input = "");

// What a record said, copied out of its batch.
struct Seen {
  int32_t partition = 0;
  Offset offset = 0;
  std::string key;
  std::string value;
  bool has_key = false;
  bool has_value = false;
  int64_t timestamp_ms = -1;
  std::vector<std::pair<std::string, std::string>> headers;
};
Seen Copy(int32_t partition, const Record& record);
std::vector<std::string> Values(const std::vector<Seen>& records);

StatusOr<std::unique_ptr<Source>> OpenSource(const Options& options);

// Reads one partition until its position is `end` (-1: the end of its range when called). Fails the test after 20 s.
std::vector<Seen> ReadUntil(PartitionReader& reader, Offset end = -1, BatchLimit limit = {});
// Opens the source and reads all of its partitions, needs everything.
std::vector<Seen> ReadAll(const Options& options);

}  // namespace kappa::kafka
