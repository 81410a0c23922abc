// The objects that statements name: sources, views, materialized views, sinks. One schema, `public`, for now.
//
// Names are compared as the parser folded them (lower case unless quoted). The catalog does no binding: the planner registers what it has bound.
// Expressions of a definition (computed columns, the query of a view) stay in its parsed statement, which the catalog holds without knowing what it
// is. Not thread safe: the engine serialises DDL. Objects are immutable and shared: one that was dropped lives while a plan holds it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/connector.h"
#include "common/status.h"
#include "types/type.h"

namespace kappa {

namespace ast {
struct Statement;
}

inline constexpr int kCatalogVersion = 1;

struct CatalogColumn {
  std::string name;
  Type type;
  bool not_null = false;
  bool quoted = false;    // declared in quotes: JSON member names match exactly only
  std::string metadata;   // 'partition', 'offset', ...; "": a member of the record, or computed
  std::string header;     // of metadata 'header': its name
  bool computed = false;  // its expression stands in the definition
};

struct CatalogWatermark {
  int column = -1;  // position among the columns
  int64_t delay_micros = 0;
  std::optional<int64_t> max_ahead_micros;  // none: nothing is too far ahead
};

struct CatalogErrorPolicy {
  enum class Action : uint8_t { kFail, kSkip, kDeadLetter } action = Action::kDeadLetter;
  std::string table = "kappa_dead_letters";
};

struct SourceObject {
  std::vector<CatalogColumn> columns;
  std::optional<CatalogWatermark> watermark;
  int64_t idle_timeout_micros = 30'000'000;
  std::string connector;
  Options options;                 // for the connector
  std::string encoding = "json";   // json | csv | bytes
  Options format_options;          // of ENCODE, checked
  std::string envelope = "plain";  // plain | upsert | debezium
  std::vector<int> key;            // PRIMARY KEY, positions among the columns
  bool validate_full = true;
  bool from_latest = false;  // scan.startup.mode
  std::map<int32_t, int64_t> from_offsets;
  std::optional<int64_t> from_timestamp_ms;  // since 1970 UTC
  bool until_latest = false;                 // scan.bounded.mode
  CatalogErrorPolicy on_error;
  enum class OffsetLost { kFail, kEarliest, kLatest } offset_lost = OffsetLost::kFail;
  bool dead_letters = false;  // made by itself, holds dead letters: not persisted
};

struct ViewObject {
  std::vector<CatalogColumn> columns;
};

struct MaterializedViewObject {
  std::vector<CatalogColumn> columns;
  std::vector<int> key;  // unique key, positions; empty: none known
  bool append_only = false;
};

struct SinkObject {
  std::vector<CatalogColumn> columns;  // what it takes
  std::string connector;
  Options options;
  std::string encoding = "json";      // json | csv | bytes
  Options format_options;             // of ENCODE, checked
  std::string envelope = "plain";     // plain | upsert | debezium
  std::vector<std::string> key;       // primary_key
  std::string key_encoding = "json";  // json | csv | bytes
  bool declared = false;              // with columns of its own, filled by INSERT
};

struct CatalogObject {
  std::string name;
  std::string ddl;                                   // the statement as written, without the semicolon
  std::shared_ptr<const ast::Statement> definition;  // ddl parsed; nullptr for dead letters
  std::variant<SourceObject, ViewObject, MaterializedViewObject, SinkObject> object;
  std::vector<std::string> depends_on;

  template <typename T>
  const T* As() const {
    return std::get_if<T>(&object);
  }
  std::string_view KindName() const;  // "source", "view", "materialized view", "sink"
};
using CatalogObjectPtr = std::shared_ptr<const CatalogObject>;

class Catalog {
 public:
  Catalog();  // holds kappa_dead_letters

  CatalogObjectPtr Find(std::string_view name) const;  // nullptr: no such object
  // 42P07 when the name is taken, unless by the dead letters of the same name.
  Status Add(CatalogObject object);
  // 42P01 when there is none; 2BP01 naming what depends on it, unless `cascade`. Answers the names dropped, dependents first.
  StatusOr<std::vector<std::string>> Drop(std::string_view name, bool cascade);
  // Makes the table of dead letters `name` unless it is there; 42809 when the name belongs to something else.
  Status EnsureDeadLetters(std::string_view name);
  std::vector<CatalogObjectPtr> Objects() const;  // in creation order
  std::vector<std::string> Names() const;         // for "did you mean"

  // JSON with a version: the DDL of each object in creation order (dead letters make themselves again).
  std::string Serialize() const;
  // The DDL statements of a serialised catalog, in creation order; the planner executes them again (ProgramPlanner::Restore). XX001: damage, or a
  // newer version.
  static StatusOr<std::vector<std::string>> Parse(std::string_view text);

 private:
  std::vector<CatalogObjectPtr> objects_;
};

}  // namespace kappa
