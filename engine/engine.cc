#include "engine/engine.h"

#include <atomic>

#include "common/logging.h"
#include "common/os/standard_streams.h"
#include "connectors/registry.h"
#include "engine/engine_state.h"
#include "engine/memory_share.h"
#include "engine/settings.h"
#include "engine/table_sink.h"
#include "engine/transaction_log.h"
#include "parser/redact.h"

namespace kappa {
namespace {

constexpr char kCatalogFile[] = "/catalog.json";
constexpr int64_t kLagShare = 20;               // of the time, one part is spent asking how far the logs reach
constexpr int64_t kPublishNanos = 500'000'000;  // between two looks of the status board
constexpr int64_t kRoundNanos = 1'000'000;      // the background thread takes at least so long a round: what trickles in is taken together
constexpr int64_t kIdleNanos = 10'000'000;      // how long the background thread sleeps when no source tells of arrivals

class EngineImpl final : public Engine {
 public:
  explicit EngineImpl(std::shared_ptr<EngineState> state) : state_(std::move(state)) {}
  ~EngineImpl() override {
    stop_.store(true);
    state_->wake.Set();
    ended_.Set();
    if (background_) background_->Join();
    const std::lock_guard<EngineMutex> lock(state_->mutex);
    for (auto& program : state_->running) {
      if (program->done()) continue;
      const Status kept = program->run().Checkpoint();  // graceful: what was read is visible, and kept
      if (!kept.ok()) LogError("last commit failed", {{"program", program->name()}, {"error", MessageOf(kept)}});
    }
    state_->Publish(state_->running, true);
    state_->running.clear();
  }
  std::unique_ptr<Session> NewSession() override { return MakeSession(state_); }
  Status Acquire() override {
    const std::lock_guard<EngineMutex> lock(state_->mutex);
    return state_->Lock();
  }
  void StartBackground() override {
    if (background_) return;
    if (const Status started = state_->StartRestoredSinks(); !started.ok()) LogError("recovery", {{"error", MessageOf(started)}});
    {
      const std::lock_guard<EngineMutex> lock(state_->mutex);
      state_->driven = true;
    }
    background_ = state_->environment->threads().Start("epochs", [this] { Loop(); });
  }
  const ConnectorRegistry& connectors() const override { return *state_->connectors; }
  std::vector<std::string> ObjectNames() const override {
    const std::lock_guard<EngineMutex> lock(state_->mutex);
    return state_->catalog.Names();
  }
  int metrics_port() const override { return state_->metrics == nullptr ? 0 : state_->metrics->port(); }
  const std::string& data_directory() const override { return state_->options.data_directory; }

 private:
  void Loop() {
    int64_t published = 0;
    while (!stop_.load()) {
      bool worked = false;
      const int64_t begin = state_->environment->clock().MonotonicNanos();
      {
        const std::lock_guard<EngineMutex> lock(state_->mutex);
        worked = state_->domain->Step(state_->running, state_->tables, state_->writes.load());
        if (const int64_t now = state_->environment->clock().MonotonicNanos(); now - published > kPublishNanos) {
          published = now;
          state_->Publish(state_->running);
        }
      }
      if (!worked) {
        state_->wake.WaitFor(kIdleNanos);
      } else {
        state_->mutex.LetOthers();
      }
      if (const int64_t rest = begin + kRoundNanos - state_->environment->clock().MonotonicNanos(); rest > 0) ended_.WaitFor(rest);
    }
  }
  std::shared_ptr<EngineState> state_;
  std::unique_ptr<os::Thread> background_;
  std::atomic<bool> stop_{false};
  os::Event ended_;
};

}  // namespace

ProgramHost EngineState::Host(ViewMap* view_map) {
  ProgramHost host;
  host.environment = environment;
  host.connectors = connectors.get();
  host.context = {environment, options.data_directory, ""};
  host.jit = jit.get();
  host.plans = &plans;
  host.log = log;
  host.views = view_map;
  host.time_log = time_log.get();
  host.board = board.get();
  host.secrets = secrets.get();
  host.memory = memory;
  if (view_map == &views) {
    host.table_sink = [this](const SinkOp& sink, std::shared_ptr<const RowSchema> schema, const std::string& writer) {
      return MakeTableSink(this, sink, std::move(schema), writer);
    };
  }
  return host;
}

Status EngineState::Output(std::string_view bytes) const {
  if (!options.output) return os::WriteStandardOutput(bytes);
  options.output(bytes);
  return OkStatus();
}

EngineStatus EngineState::Report() const {
  EngineStatus status;
  status.running = true;
  status.data_directory = options.data_directory;
  status.version = KAPPA_VERSION;
  status.at_micros = environment->clock().WallMicros();
  status.started_micros = started_micros;
  status.pipelines = board->Read();
  return status;
}

void EngineState::Publish(const std::list<std::unique_ptr<RunningProgram>>& programs, bool ended) {
  const int64_t begin = environment->clock().MonotonicNanos();
  const bool ask = !ended && begin >= lag_due_nanos.load();
  for (const auto& program : programs) {
    if (!program->done() && ask) program->run().RefreshLag();
    PipelineStatus status = program->Report();
    if (ended && status.state == PipelineState::kRunning) status.state = PipelineState::kStopped;
    board->Publish(std::move(status), ended);
  }
  // A server that answers slowly, or not at all, must not hold the rows up for more than a small part of the time.
  if (ask) lag_due_nanos.store(begin + kLagShare * (environment->clock().MonotonicNanos() - begin));
}

Status EngineState::Lock() {
  if (lock != nullptr) return OkStatus();
  RETURN_IF_ERROR(environment->files().CreateDirectories(options.data_directory));
  auto held = environment->files().Lock(options.data_directory + "/engine.lock");
  if (!held.ok()) {
    if (SqlStateOf(held.status()) != sqlstate::kObjectInUse) return held.status();
    return SqlError(sqlstate::kObjectInUse)
           << "another kappa engine is using the data directory \"" << options.data_directory << "\""
           << Hint("give this one a directory of its own with --data, or stop the other (kappa topic works beside a running engine)");
  }
  lock = std::move(*held);
  RETURN_IF_ERROR(FinishTransactions(this->log));
  RETURN_IF_ERROR(RemoveOrphans());
  if (environment->deterministic()) return OkStatus();  // a simulation has no thread that could wait for clients
  if (environment == &os::RealEnvironment()) {          // a simulated world has no sockets
    auto server = StatusServer::Start(environment, options.data_directory + kStatusSocket, [this] { return Report(); });
    if (server.ok())
      status_server = std::move(*server);
    else  // a file system without sockets, perhaps: everything but `kappa status` works
      LogWarning("status socket failed", {{"error", MessageOf(server.status())}});
  }
  LogInfo("engine opened", {{"data", options.data_directory}});
  return OkStatus();
}

Status EngineState::EnsureJit() {
  if (jit == nullptr) jit = options.jit;
  if (jit != nullptr) return OkStatus();
  ASSIGN_OR_RETURN(jit, Jit::Create());
  return OkStatus();
}

Status EngineState::SaveCatalog() { return environment->files().WriteAtomically(options.data_directory + kCatalogFile, catalog.Serialize()); }

StatusOr<std::unique_ptr<Engine>> Engine::Open(EngineOptions options) {
  auto state = std::make_shared<EngineState>();
  state->environment = options.environment != nullptr ? options.environment : &os::RealEnvironment();
  state->options = std::move(options);
  state->board = std::make_unique<StatusBoard>(&state->environment->clock());
  state->memory = MemoryOfProcess(state->environment->files());
  state->started_micros = state->environment->clock().WallMicros();
  state->domain = std::make_unique<EpochDomain>(&state->environment->clock());
  ConnectorHost host;
  if (state->options.output) {
    host.output = [output = state->options.output](std::string_view bytes) {
      output(bytes);
      return OkStatus();
    };
  }
  if (state->options.memory) host.memory = state->options.memory;
  state->connectors = MakeConnectors(host);
  state->time_log = std::make_unique<FileTimeLog>(*state->environment, state->options.data_directory + "/time");
  state->log = host.logs->Get(*state->environment, state->options.data_directory);
  state->secrets = std::make_unique<SecretStore>(state->environment, state->options.data_directory);
  RETURN_IF_ERROR(state->LoadCatalog());
  if (state->options.metrics_port) {
    ASSIGN_OR_RETURN(state->metrics,
                     MetricsEndpoint::Start(state->environment, *state->options.metrics_port, [raw = state.get()] { return raw->Report(); }));
  }
  return std::unique_ptr<Engine>(std::make_unique<EngineImpl>(std::move(state)));
}

std::string ErrorText(const Status& status, const std::vector<ProgramText>& texts) {
  // The session marks which text an error is about (see session.cc: TextOf).
  const auto mark = status.GetPayload("kappa/text");
  if (mark) {
    const size_t index = static_cast<size_t>(std::stoul(std::string(*mark)));
    if (index < texts.size()) return FormatError(status, texts[index].name, RedactSecrets(texts[index].text));
  }
  return texts.size() == 1 ? FormatError(status, texts[0].name, RedactSecrets(texts[0].text)) : FormatError(status, "", "");
}

}  // namespace kappa
