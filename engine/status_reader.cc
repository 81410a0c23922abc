// The other end of the status socket, and what a data directory tells when nobody answers there.
#include <algorithm>
#include <charconv>

#include "common/os/socket.h"
#include "engine/pipeline_directory.h"
#include "engine/status.h"
#include "engine/status_server.h"

namespace kappa {
namespace {

constexpr int64_t kPatienceNanos = 5'000'000'000;
constexpr size_t kLongestAnswer = 64 << 20;

StatusOr<EngineStatus> Ask(os::LocalStream* server) {
  RETURN_IF_ERROR(server->Write("status\n", kPatienceNanos));
  std::string answer;
  char buffer[16 << 10];
  for (;;) {
    ASSIGN_OR_RETURN(const size_t got, server->Read(buffer, sizeof(buffer), kPatienceNanos));
    if (got == 0) break;
    answer.append(buffer, got);
    if (answer.size() > kLongestAnswer) return SqlError(sqlstate::kDataCorrupted) << "the engine's answer does not end";
  }
  return ParseStatusJson(answer);
}

// The newest snapshot, by its file's name and time; it is not looked into.
Status ReadSnapshots(os::FileSystem& files, const std::string& directory, PipelineStatus* pipeline) {
  if (!files.Exists(directory)) return OkStatus();
  ASSIGN_OR_RETURN(const std::vector<std::string> names, files.List(directory));
  for (const std::string& name : names) {
    const auto stat = files.Stat(directory + "/" + name);
    if (!stat.ok()) continue;  // it went away meanwhile
    if (name.ends_with(".sst")) pipeline->snapshot_bytes += stat->size;
    int64_t epoch = -1;
    const size_t dot = name.find('.');
    const auto [end, error] = std::from_chars(name.data(), name.data() + std::min(dot, name.size()), epoch);
    if (!name.ends_with(".manifest") || error != std::errc() || end != name.data() + dot || epoch < pipeline->snapshot_epoch) continue;
    pipeline->snapshot_epoch = epoch;
    pipeline->snapshot_micros = stat->modified_micros;
  }
  return OkStatus();
}

Status ReadJournal(os::FileSystem& files, const std::string& directory, PipelineStatus* pipeline) {
  if (!files.Exists(directory)) return OkStatus();
  ASSIGN_OR_RETURN(const std::vector<std::string> names, files.List(directory));
  for (const std::string& name : names) {
    const auto stat = files.Stat(directory + "/" + name);
    if (stat.ok() && name.ends_with(".journal")) pipeline->journal_bytes += stat->size;
  }
  return OkStatus();
}

}  // namespace

StatusOr<EngineStatus> ReadStatus(const std::string& data_directory, os::Environment* environment) {
  os::FileSystem& files = environment->files();
  if (!files.Exists(data_directory)) {
    return SqlError(sqlstate::kUndefinedFile) << "there is no data directory \"" << data_directory << "\""
                                              << Hint("name the one that the engine was given: --data DIR, or $KAPPA_DATA");
  }
  auto server = os::ConnectLocal(data_directory + kStatusSocket, kPatienceNanos);
  if (server.ok()) {
    auto status = Ask(server->get());
    if (status.ok()) return status;
    if (SqlStateOf(status.status()) == sqlstate::kConnectionFailure) {
      return SqlError(sqlstate::kCannotConnect) << "the engine of \"" << data_directory << "\" does not answer: " << MessageOf(status.status());
    }
    return status.status();
  }
  // No socket, or nobody behind it (a process that was killed leaves its socket): none runs. Anything else keeps us from knowing.
  const SqlState state = SqlStateOf(server.status());
  if (state != sqlstate::kUndefinedFile && state != sqlstate::kCannotConnect) return server.status();
  EngineStatus status;
  status.data_directory = data_directory;
  status.at_micros = environment->clock().WallMicros();
  ASSIGN_OR_RETURN(const std::vector<std::string> names, PipelineNames(files, data_directory));
  for (const std::string& name : names) {
    PipelineStatus& pipeline = status.pipelines.emplace_back();
    pipeline.name = name;
    pipeline.durable = true;
    pipeline.state = PipelineState::kStopped;
    RETURN_IF_ERROR(ReadSnapshots(files, PipelineDirectory(data_directory, name) + kSnapshotFolder, &pipeline));
    RETURN_IF_ERROR(ReadJournal(files, PipelineDirectory(data_directory, name) + kJournalFolder, &pipeline));
  }
  return status;
}

}  // namespace kappa
