// The wire protocol from hostile bytes: streams of messages, cut, repeated and bent, go through the parser and a session over an engine that only
// remembers. Nothing is read past what has come (each stream ends where its page does), what is answered is a sequence of whole messages, every Sync
// and query is answered by one ReadyForQuery, and however the stream is cut into reads the answers are the same.
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstring>
#include <random>

#include "server/backend_message.h"
#include "server/frontend_message.h"
#include "server/protocol_session.h"
#include "server/startup.h"
#include "tests/fuzz/fuzz_budget.h"

namespace kappa::server {
namespace {

// Bytes that end where their page does; behind it nothing may be read.
class GuardedEnd {
 public:
  GuardedEnd() {
    memory_ = static_cast<char*>(mmap(nullptr, kPages + kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    mprotect(memory_ + kPages, kPage, PROT_NONE);
  }
  ~GuardedEnd() { munmap(memory_, kPages + kPage); }
  static constexpr size_t kPage = 4096, kPages = 16 * kPage;
  std::string_view Place(std::string_view bytes) {
    char* const at = memory_ + kPages - bytes.size();
    std::memcpy(at, bytes.data(), bytes.size());
    return {at, bytes.size()};
  }

 private:
  char* memory_;
};

class Remembered final : public PreparedStatement {
 public:
  Remembered(std::string command, std::vector<Type> parameters, bool rows) : command_(std::move(command)), parameters_(std::move(parameters)) {
    if (!rows) return;
    result_.emplace();
    result_->columns = {{"a", TypeId::kInt8, true}};
    result_->layout = RowLayout(std::vector<RowLayout::Column>{{TypeId::kInt8, true}});
    result_->append_only = true;
  }
  const std::string& command() const override { return command_; }
  const std::vector<Type>& parameters() const override { return parameters_; }
  const std::optional<RowSchema>& result() const override { return result_; }

 private:
  const std::string command_;
  const std::vector<Type> parameters_;
  std::optional<RowSchema> result_;
};

// Answers by the first letter of a statement.
class FakeSession final : public Session {
 public:
  Status Execute(std::string_view text, Results* results, const std::vector<Datum>&) override { return Answer(text, results); }
  StatusOr<std::shared_ptr<PreparedStatement>> PrepareStatement(std::string_view text, const std::vector<Type>& types) override {
    if (text.find('!') != std::string_view::npos) return SqlError(sqlstate::kSyntaxError) << "no";
    std::vector<Type> parameters = types;
    for (size_t i = 0; i < 3 && text.find('$') != std::string_view::npos && parameters.size() < 3; ++i)
      parameters.push_back(i == 0 ? TypeId::kInt8 : i == 1 ? TypeId::kText : TypeId::kTimestamp);
    return std::shared_ptr<PreparedStatement>(std::make_shared<Remembered>(text.empty()     ? ""
                                                                           : text[0] == 'S' ? "SELECT"
                                                                                            : "INSERT",
                                                                           parameters, !text.empty() && text[0] == 'S'));
  }
  Status ExecutePrepared(PreparedStatement* statement, const std::vector<Datum>& parameters, Results* results) override {
    EXPECT_EQ(parameters.size(), statement->parameters().size());
    return Answer(statement->command(), results);
  }
  Status CopyIn(std::string_view, std::string_view data, Results* results) override {
    results->OnTag("COPY " + std::to_string(data.size()));
    return OkStatus();
  }
  TransactionState transaction() const override { return TransactionState::kNone; }
  void FailTransaction() override {}
  bool WhileWaiting(const std::function<void()>&) override { return false; }
  StatusOr<ProgramSummary> RunProgram(const std::vector<ProgramText>&, const ProgramRunOptions&, Results*) override { return ProgramSummary{}; }
  Status Check(const std::vector<ProgramText>&) override { return OkStatus(); }
  StatusOr<std::string> Explain(const std::vector<ProgramText>&, std::string_view) override { return std::string(); }
  void Identify(const SessionIdentity&) override {}
  Status Set(std::string_view, std::string_view) override { return OkStatus(); }
  StatusOr<std::string> Get(std::string_view name) const override { return name == "statement_timeout" ? "0" : std::string("x"); }
  void Cancel() override {}

 private:
  static Status Answer(std::string_view text, Results* results) {
    if (text.starts_with("S")) {
      const Remembered rows("SELECT", {}, true);
      RETURN_IF_ERROR(results->OnSchema("", *rows.result()));
      std::string row(rows.result()->layout.size(), '\0');
      for (int64_t i = 0; i < 3; ++i) {
        rows.result()->layout.Store(row.data(), rows.result()->layout.slots()[0], Datum::Int(i));
        const char* pointer = row.data();
        RETURN_IF_ERROR(results->OnRows({&*rows.result(), {&pointer, 1}, {}, 0}));
      }
      return results->OnEnd(3);
    }
    if (text.starts_with("V")) return SqlError(sqlstate::kDivisionByZero) << "division by zero";
    results->OnTag("INSERT 0 1");
    return OkStatus();
  }
};

class Buffered final : public Outlet, public StatementWatch {
 public:
  std::string* buffer() override { return &out; }
  Status Send() override { return OkStatus(); }
  void Begin(int64_t) override {}
  Status End(const Status& status) override { return status; }
  std::string out;
};

std::string Int16(size_t value) { return {static_cast<char>(value >> 8), static_cast<char>(value)}; }
std::string Int32(size_t value) { return Int16(value >> 16) + Int16(value & 0xFFFF); }
std::string Z(std::string_view text) { return std::string(text) + '\0'; }
std::string Packet(char type, const std::string& body) { return type + Int32(body.size() + 4) + body; }

using Random = std::mt19937_64;

std::string Name(Random& random) { return Z(std::vector<std::string>{"", "s", "p", "\xc3\xa9"}[random() % 4]); }

std::string Statement(Random& random) {
  static const std::vector<std::string> kTexts = {
      "SELECT 1", "SELECT $1",     "INSERT INTO t VALUES ($1, $2)",          "VALUES (1/0)", "", ";", "SELECT 1; SELECT 2", "COPY t FROM STDIN",
      "!",        "SELECT '\xff'", "SELECT 1; COPY t FROM STDIN; VALUES (3)"};
  return kTexts[random() % kTexts.size()];
}

std::string Bind(Random& random) {
  std::string body = Name(random) + Name(random);
  const size_t formats = random() % 3, values = random() % 4, results = random() % 3;
  body += Int16(formats);
  for (size_t i = 0; i < formats; ++i) body += Int16(random() % 3);
  body += Int16(values);
  static const std::vector<std::string> kValues = {"1", "x", "", "2024-01-02", std::string(8, '\0'), "99999999999999999999"};
  for (size_t i = 0; i < values; ++i) {
    const std::string& value = kValues[random() % kValues.size()];
    body += random() % 8 == 0 ? Int32(0xFFFFFFFF) : Int32(value.size()) + value;
  }
  body += Int16(results);
  for (size_t i = 0; i < results; ++i) body += Int16(random() % 2);
  return body;
}

std::string Message(Random& random) {
  switch (random() % 13) {
    case 0:
    case 1:
      return Packet('Q', Z(Statement(random)));
    case 2: {
      const size_t types = random() % 3;
      std::string body = Name(random) + Z(Statement(random)) + Int16(types);
      for (size_t i = 0; i < types; ++i) body += Int32(std::vector<size_t>{0, 20, 25, 1009, 4242}[random() % 5]);
      return Packet('P', body);
    }
    case 3:
    case 4:
      return Packet('B', Bind(random));
    case 5:
      return Packet('D', (random() % 2 == 0 ? "S" : "P") + Name(random));
    case 6:
    case 7:
      return Packet('E', Name(random) + Int32(random() % 4));
    case 8:
      return Packet('C', (random() % 2 == 0 ? "S" : "P") + Name(random));
    case 9:
      return Packet("dcfHXFp"[random() % 7], std::string(random() % 20, 'd'));
    default:
      return Packet('S', "");
  }
}

std::string Stream(Random& random) {
  std::string stream;
  for (size_t count = 1 + random() % 12; count > 0; --count) stream += Message(random);
  for (size_t edits = random() % 4; edits > 0; --edits) {
    const size_t at = random() % stream.size();
    switch (random() % 3) {
      case 0:
        stream[at] = static_cast<char>(random());
        break;
      case 1:
        stream.erase(at, 1 + random() % 5);
        break;
      default:
        stream.insert(at, stream.substr(random() % stream.size(), random() % 30));
    }
    if (stream.empty()) stream = "Q";
  }
  return stream;
}

struct Answers {
  std::string bytes;
  size_t consumed = 0, wanted_ready = 0;
  bool ended = false;  // the connection is to close
};

// As a connection does it, with reads of `sizes` bytes (0: all at once).
Answers Serve(std::string_view stream, GuardedEnd* guarded, Random* sizes) {
  FakeSession engine;
  Buffered outlet;
  ProtocolSession session(&engine, &outlet, &outlet);
  Answers answers;
  size_t come = sizes == nullptr ? stream.size() : 0;
  while (!answers.ended) {
    const auto message = NextMessage(guarded->Place(stream.substr(answers.consumed, come - answers.consumed)));
    if (!message.ok()) {
      EXPECT_EQ(SqlStateOf(message.status()), kProtocolViolation);
      answers.ended = true;
    } else if (message->has_value()) {
      EXPECT_GE((*message)->bytes, 5u);
      answers.ended = !session.Handle(**message);
      answers.consumed += (*message)->bytes;
    } else if (come == stream.size()) {
      break;
    } else {
      come = std::min(stream.size(), come + 1 + (*sizes)() % 9);
    }
  }
  answers.bytes = outlet.out;
  return answers;
}

// Whole messages of types that a backend has.
size_t ReadyMessages(std::string_view bytes) {
  size_t ready = 0;
  while (!bytes.empty()) {
    EXPECT_NE(std::string_view("12CDEGHINSTZnst3").find(bytes[0]), std::string_view::npos) << bytes[0];
    EXPECT_GE(bytes.size(), 5u);
    MessageReader reader(bytes.substr(1));
    const size_t length = reader.Int32();
    EXPECT_GE(length, 4u);
    EXPECT_LE(length + 1, bytes.size());
    if (length < 4 || length + 1 > bytes.size()) return 0;
    ready += bytes[0] == 'Z';
    bytes.remove_prefix(length + 1);
  }
  return ready;
}

TEST(WireFuzz, AnswersAreWholeAndDoNotDependOnReads) {
  FuzzBudget budget(6, 30'000);
  Random random(budget.seed());
  GuardedEnd guarded;
  size_t served = 0, ended = 0;
  while (budget.Next()) {
    const std::string stream = Stream(random);
    const Answers whole = Serve(stream, &guarded, nullptr);
    const Answers cut = Serve(stream, &guarded, &random);
    ASSERT_EQ(whole.bytes, cut.bytes) << budget.where();
    ASSERT_EQ(whole.ended, cut.ended) << budget.where();
    served += ReadyMessages(whole.bytes) > 0;
    ended += whole.ended;
    ASSERT_FALSE(HasFailure()) << budget.where();
  }
  EXPECT_GT(served, budget.round() / 4);  // most streams do get somewhere
  EXPECT_GT(ended, budget.round() / 100);
}

TEST(WireFuzz, StartupPackets) {
  FuzzBudget budget(7, 30'000);
  Random random(budget.seed());
  GuardedEnd guarded;
  FakeSession engine;
  size_t taken = 0;
  static const std::vector<std::string> kTexts = {"user",   "me", "database",    "db",  "options", "-c timezone=UTC", "-c a\\ b=c --d=e",
                                                  "_pq_.x", "",   "replication", "\xff"};
  while (budget.Next()) {
    std::string body;
    for (size_t count = random() % 8; count > 0; --count) body += Z(kTexts[random() % kTexts.size()]);
    body += '\0';
    std::string packet = Int32(body.size() + 8) + Int32(random() % 16 == 0 ? random() : kProtocol3 + random() % 3) + body;
    for (size_t edits = random() % 3; edits > 0; --edits) packet[random() % packet.size()] = static_cast<char>(random());
    if (random() % 4 == 0) packet.resize(random() % (packet.size() + 1));
    const auto next = NextStartupPacket(guarded.Place(packet));
    if (!next.ok() || !next->has_value()) continue;
    ASSERT_LE((*next)->bytes, packet.size()) << budget.where();
    const auto request = ParseStartup(**next);
    if (!request.ok()) continue;
    ASSERT_FALSE(request->user.empty()) << budget.where();
    const auto welcome = Welcome(*request, {1, 2}, "1", &engine);
    if (welcome.ok()) {
      ++taken;
      ASSERT_EQ(ReadyMessages(welcome->substr(welcome->size() - 6)), 1u) << budget.where();
    }
  }
  EXPECT_GT(taken, budget.round() / 100);
}

}  // namespace
}  // namespace kappa::server
