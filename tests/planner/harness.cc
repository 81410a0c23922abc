#include "tests/planner/harness.h"

#include <map>

#include "parser/parser.h"

namespace kappa::planner_test {
namespace {

class DescribedConnectors final : public ConnectorRegistry {
 public:
  DescribedConnectors() {
    const ConnectorOption topic{"topic", OptionKind::kText, true, "", "the topic's name"};
    Add("kafka", {topic, {"properties.*", OptionKind::kText, false, "", ""}}, {topic, {"properties.*", OptionKind::kText, false, "", ""}});
    Add("log", {topic, {"partitions", OptionKind::kInteger, false, "", ""}}, {topic, {"partitions", OptionKind::kInteger, false, "", ""}});
    Add("file", {{"path", OptionKind::kText, true, "", "a path or a glob"}, {"follow", OptionKind::kBoolean, false, "", ""}},
        {{"path", OptionKind::kText, true, "", "a folder"}});
    Add("nexmark",
        {{"rows", OptionKind::kInteger, false, "", ""},
         {"seed", OptionKind::kInteger, false, "", ""},
         {"event.rate", OptionKind::kInteger, false, "", ""},
         {"rate", OptionKind::kInteger, false, "", ""}},
        {});
    Add("stdout", {}, {{"format", OptionKind::kText, false, "", ""}});
    Add("print", {}, {{"format", OptionKind::kText, false, "", ""}});
    Add("blackhole", {}, {{"unused", OptionKind::kText, false, "", ""}});
    all_["blackhole"].sink_folds_checksum = true;
  }
  const ConnectorDescriptor* Find(std::string_view name) const override {
    const auto found = all_.find(std::string(name));
    return found == all_.end() ? nullptr : &found->second;
  }
  std::vector<std::string> Names() const override {
    std::vector<std::string> names;
    for (const auto& [name, descriptor] : all_) names.push_back(name);
    return names;
  }

 private:
  void Add(const std::string& name, std::vector<ConnectorOption> source, std::vector<ConnectorOption> sink) {
    ConnectorDescriptor& descriptor = all_[name];
    descriptor.name = name;
    descriptor.source_options = std::move(source);
    descriptor.sink_options = std::move(sink);
  }
  std::map<std::string, ConnectorDescriptor> all_;
};

}  // namespace

const ConnectorRegistry& Connectors() {
  static const auto* connectors = new DescribedConnectors();
  return *connectors;
}

const char kSources[] = R"sql(
CREATE SOURCE bids (auction BIGINT, bidder BIGINT, price BIGINT NOT NULL, url TEXT, ts TIMESTAMP,
  part INT METADATA FROM 'partition', price2 BIGINT AS price * 2,
  WATERMARK FOR ts AS ts - INTERVAL '4 seconds')
  WITH (connector = 'kafka', topic = 'bids', properties.bootstrap.server = 'localhost:9092') FORMAT PLAIN ENCODE JSON;
CREATE SOURCE plain (k INT NOT NULL, "V" DOUBLE PRECISION, n NUMERIC(10,2), d DATE, b BOOLEAN, t TEXT, ts TIMESTAMP, item STRUCT<name TEXT, size STRUCT<w INT, h INT>>)
  WITH (connector = 'log', topic = 'plain') FORMAT PLAIN ENCODE JSON;
CREATE SOURCE documents (id INT, j JSONB, t JSON, w JSONB, k JSONB NOT NULL) WITH (connector = 'log', topic = 'documents') FORMAT PLAIN ENCODE JSON;
CREATE SOURCE lines (line TEXT, word TEXT AS lower(line)) WITH (connector = 'file', path = 'x.log') FORMAT PLAIN ENCODE BYTES ON ERROR SKIP;
CREATE SOURCE events (event_type INT,
  person STRUCT<id BIGINT, name TEXT, "emailAddress" TEXT, "creditCard" TEXT, city TEXT, state TEXT, "dateTime" TIMESTAMP, extra TEXT>,
  auction STRUCT<id BIGINT, "itemName" TEXT, description TEXT, "initialBid" BIGINT, reserve BIGINT, "dateTime" TIMESTAMP, expires TIMESTAMP, seller BIGINT, category BIGINT, extra TEXT>,
  bid STRUCT<auction BIGINT, bidder BIGINT, price BIGINT, channel TEXT, url TEXT, "dateTime" TIMESTAMP, extra TEXT>,
  ts TIMESTAMP AS CASE WHEN event_type = 0 THEN (person)."dateTime" WHEN event_type = 1 THEN (auction)."dateTime" ELSE (bid)."dateTime" END,
  WATERMARK FOR ts AS ts - INTERVAL '4' SECOND) WITH (connector = 'nexmark', rows = 1000);
CREATE VIEW bid AS SELECT (bid).auction AS auction, (bid).bidder AS bidder, (bid).price AS price, (bid).channel AS channel, (bid).url AS url, ts AS date_time, (bid).extra AS extra
  FROM events WHERE event_type = 2;
CREATE TABLE accounts (id INT PRIMARY KEY, owner TEXT, balance NUMERIC(12,2));
CREATE INDEX by_owner ON accounts (owner);
)sql";

Status Session::Run(std::string_view text) {
  ASSIGN_OR_RETURN(const std::vector<ast::StatementPtr> statements, Parse(text));
  for (const ast::StatementPtr& statement : statements) {
    ProgramPlanner planner(&catalog, &Connectors(), settings);
    if (statement->kind == ast::StatementKind::kQuery)
      RETURN_IF_ERROR(planner.PlanSelect(*statement).status());
    else
      RETURN_IF_ERROR(planner.Add(*statement, text));
  }
  return OkStatus();
}

StatusOr<ExplainedPlan> Session::Explain(std::string_view text) {
  ASSIGN_OR_RETURN(const ast::StatementPtr statement, ParseStatement(text));
  return ProgramPlanner(&catalog, &Connectors(), settings).Explain(*statement, text);
}

StatusOr<SelectPlan> Session::Select(std::string_view text, const std::vector<Type>& parameters) {
  ASSIGN_OR_RETURN(const ast::StatementPtr statement, ParseStatement(text));
  return ProgramPlanner(&catalog, &Connectors(), settings).PlanSelect(*statement, parameters);
}

StatusOr<Dataflow> Session::Program(std::string_view text) {
  ASSIGN_OR_RETURN(const std::vector<ast::StatementPtr> statements, Parse(text));
  ProgramPlanner planner(&catalog, &Connectors(), settings);
  for (const ast::StatementPtr& statement : statements) RETURN_IF_ERROR(planner.Add(*statement, text));
  ASSIGN_OR_RETURN(std::optional<Dataflow> dataflow, planner.Finish());
  if (!dataflow) return SqlError(sqlstate::kInternalError) << "nothing streams";
  return *std::move(dataflow);
}

}  // namespace kappa::planner_test
