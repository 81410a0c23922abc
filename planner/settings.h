// What SET and the command line may change about planning.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/connector.h"
#include "common/status.h"

namespace kappa {

namespace ast {
struct Expression;
struct TypeName;
}  // namespace ast

class Datum;
struct SourceObject;
class SystemObjects;  // planner/system_objects.h

// A source named in FROM without a declaration: 'events.json', read_json(path), read_csv(path), kafka(brokers, topic).
struct AdHocSource {
  std::string function;                // "": a file by its name alone
  std::vector<std::string> arguments;  // at least one
  Options options, format_options;     // of the connector, and of ENCODE CSV
};

struct PlannerSettings {
  std::string time_zone = "UTC";  // TimeZone, as plans name it (types/time_zone.h: NameForPlan)
  std::vector<std::string> search_path = {"public"};
  // Of EXECUTE: what $1, $2... stand for, and their declared types (may be fewer); they live as long as the planner. Null: parameters stay
  // parameters.
  const std::vector<std::unique_ptr<ast::Expression>>* arguments = nullptr;
  const std::vector<ast::TypeName>* argument_types = nullptr;
  // Of the execution that is planned: what LIMIT and OFFSET need to know. Null: they are not known yet (ProgramPlanner::needs_parameter_values).
  const std::vector<Datum>* parameter_values = nullptr;
  // Stands between "kappa_table." and a table's key in the name of its topic: a program's own tables are not the engine's.
  std::string table_prefix;
  // Finds the columns of such a source by a look at it; null: there is no way to.
  std::function<StatusOr<SourceObject>(const AdHocSource&)> infer;
  std::shared_ptr<const SystemObjects> system;  // pg_catalog; null: there is none
  std::set<std::string> disabled_rules;         // optimizer_disable
  std::optional<bool> validate_full;            // SET validate; none: what each source says
  // The program stops at the logs' ends as they are when it opens (--until latest; INSERT ... SELECT by itself).
  bool until_latest = false;
  int64_t recursion_limit = 100'000;  // rounds of WITH RECURSIVE within an epoch
  // Replay: every scan reads this range instead of the source's own, offsets by partition.
  std::optional<std::map<int32_t, int64_t>> replay_from, replay_until;
  // Over them: each partition's first record at or after this time, milliseconds since 1970 UTC.
  std::optional<int64_t> replay_from_ms, replay_until_ms;
};

}  // namespace kappa
