// One client's session: what its messages mean, after startup. The simple and the extended protocol, in text format (PostgreSQL 15 manual, chapter
// 55.2). docs/server.md says what is covered.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "server/frontend_message.h"
#include "server/outlet.h"
#include "server/startup.h"
#include "server/wire_results.h"

namespace kappa::server {

// Told before and after each statement: cancelling and timeouts look at what runs.
class StatementWatch {
 public:
  virtual ~StatementWatch() = default;
  virtual void Begin(int64_t timeout_millis) = 0;  // 0: none
  // The same error, or that of the timeout that caused it.
  virtual Status End(const Status& status) = 0;
};

// An error that has no place of its own carries that of its whole statement: clients would point at its first word.
Status WithoutWholeRange(const Status& status, std::string_view statement);

// One thread at a time.
class ProtocolSession {
 public:
  // All that is pointed to must outlive it.
  ProtocolSession(Session* session, Outlet* outlet, StatementWatch* watch)
      : session_(session), outlet_(outlet), watch_(watch), reported_(ReportedOf(*session)) {}

  // Executes a message; answers go to the outlet. False: the connection is to end (Terminate, or the client is gone).
  // `sync_follows`: the next message is there, and is a Sync.
  bool Handle(const FrontendMessage& message, bool sync_follows = false);

 private:
  struct Portal {
    std::shared_ptr<PreparedStatement> statement;
    std::string text;  // of the statement, which its errors are about
    std::vector<Datum> parameters;
    bool started = false;
    KeptRows kept;
    std::string tag;  // when all rows have been sent
  };
  struct Statement {
    std::shared_ptr<PreparedStatement> prepared;
    std::string text;
  };

  // What a client copies, in the middle of a query's statements.
  struct CopyFromClient {
    std::string text;  // of the query
    std::vector<StatementText> statements;
    size_t at = 0;
    std::string data;
  };

  Status HandleExtended(const FrontendMessage& message, bool sync_follows);
  void BeginBatch();
  Status EndBatch();
  Status SimpleQuery(std::string_view body);
  Status RunStatements(std::vector<StatementText> statements, size_t next);
  Status HandleCopy(const FrontendMessage& message);
  bool EndQuery(const Status& status);
  Status RunStatement(std::string_view text, const StatementText& statement);
  Status Watched(const std::function<Status()>& run);
  // Tells the client the parameters that a SET or RESET has changed.
  void TellParameters(std::string_view tag);
  bool in_block() const { return session_->transaction() != TransactionState::kNone; }
  void Answer(const Status& error, std::string_view text);
  void Ready();
  int64_t StatementTimeout() const;

  // extended_query.cc
  Status Parse(std::string_view body);
  Status Bind(std::string_view body);
  Status Describe(std::string_view body);
  Status Execute(std::string_view body);
  Status Start(Portal* portal, int64_t limit, int64_t* sent);
  Status SendKept(Portal* portal, int64_t limit, int64_t* sent);
  Status Close(std::string_view body);
  StatusOr<Statement*> FindStatement(std::string_view name);
  StatusOr<Portal*> FindPortal(std::string_view name);

  Session* const session_;
  Outlet* const outlet_;
  StatementWatch* const watch_;
  std::map<std::string, Statement, std::less<>> statements_;
  std::map<std::string, Portal, std::less<>> portals_;
  std::optional<CopyFromClient> copy_;  // data is awaited
  std::string about_;                   // the text that an error of the message in hand is about
  bool batch_ = false;                  // several statements, which are one transaction, up to Sync or the query's end
  bool skipping_ = false;               // after an error of the extended protocol, up to Sync
  ReportedParameters reported_;         // as the client knows them
};

}  // namespace kappa::server
