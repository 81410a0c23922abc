// The objects that statements name: relations (sources, views, materialized views, sinks, tables), secrets, connections, SQL functions, indexes; and
// the schemas they live in.
//
// An object has a key, which never changes and which plans, state and dependencies go by, and a schema and label, which are what users call it. The
// key of an object in `public` is the label it was made under, unless that was taken.
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
#include "common/sqlstate.h"
#include "common/status.h"
#include "types/type.h"

namespace kappa {

namespace ast {
struct Statement;
}

namespace sqlstate {
inline constexpr SqlState kDuplicateSchema{"42P06"};
inline constexpr SqlState kInvalidSchemaName{"3F000"};
inline constexpr SqlState kDuplicateFunction{"42723"};
inline constexpr SqlState kInvalidFunctionDefinition{"42P13"};
}  // namespace sqlstate

inline constexpr int kCatalogVersion = 2;  // 2: schemas, keys, comments; 1 is read too
inline constexpr char kPublicSchema[] = "public";

struct CatalogColumn {
  std::string name;
  Type type;
  bool not_null = false;
  bool quoted = false;    // declared in quotes: JSON member names match exactly only
  std::string metadata;   // 'partition', 'offset', ...; "": a member of the record, or computed
  std::string header;     // of metadata 'header': its name
  bool computed = false;  // its expression stands in the definition
  int64_t added = 0;      // generation of the catalog at which ALTER ... ADD COLUMN added it: objects that are older do not see it
};

struct CatalogWatermark {
  int column = -1;  // position among the columns
  int64_t delay_micros = 0;
  std::optional<int64_t> max_ahead_micros;  // none: nothing is too far ahead
  bool expression = false;                  // the watermark is the running maximum of the expression in the definition, not of column - delay
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

// A table: a changelog and an index over it, which is a materialized view of the table's own key. Without a connector the changelog is a topic of the
// embedded log that DML writes (`source` says how it is read); with one it is the connector's, and takes no DML.
struct TableObject {
  SourceObject source;  // columns as users see them, key, how the changelog is read
  bool append_only = false;
  bool takes_dml = true;
  std::string topic;  // of its changelog; "": the connector's
  // What becomes of an INSERT whose key is there, where the statement does not say: 23505, or ON CONFLICT of CREATE TABLE.
  enum class Conflict { kError, kOverwrite, kIgnore, kUpdateIfNotNull } conflict = Conflict::kError;
  std::vector<bool> generated;  // by column: its value is computed from the others, and stored
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

// The value is not here: the engine keeps it (engine/secrets.h).
struct SecretObject {};

// Options that several sources and sinks share; they stand in its definition.
struct ConnectionObject {};

// CREATE INDEX: which columns of a materialized view or table are looked up by.
struct IndexObject {
  std::string table;         // key of what it is on
  std::vector<int> columns;  // positions
  bool unique = false;
};

// CREATE FUNCTION ... LANGUAGE SQL; its body stands in its definition.
struct FunctionObject {
  std::vector<Type> parameters;
  size_t required = 0;  // parameters without a default
  Type result;
};

struct CatalogObject {
  std::string name;   // the key
  std::string label;  // "": as the key
  std::string schema = kPublicSchema;
  int64_t generation = 0;                                  // of the catalog when it was made
  std::vector<std::string> search_path = {kPublicSchema};  // names in its definition are looked up in these
  std::string time_zone;                                   // TimeZone of its definition; "": UTC
  std::string comment;
  std::map<std::string, std::string> column_comments;
  std::string ddl;                                   // the statement as written, without the semicolon
  std::shared_ptr<const ast::Statement> definition;  // ddl parsed; nullptr for dead letters
  std::variant<SourceObject, ViewObject, MaterializedViewObject, SinkObject, TableObject, SecretObject, ConnectionObject, FunctionObject, IndexObject>
      object;
  std::vector<std::string> depends_on;

  template <typename T>
  const T* As() const {
    return std::get_if<T>(&object);
  }
  // "source", "view", "materialized view", "sink", "table", "secret", "connection", "function", "index"
  std::string_view KindName() const;
  bool is_relation() const { return object.index() <= 4; }
  const std::string& shown_name() const { return label.empty() ? name : label; }
  std::string qualified_name() const;                 // label, with its schema unless that is public
  const std::vector<CatalogColumn>* columns() const;  // of relations; nullptr for others
};
using CatalogObjectPtr = std::shared_ptr<const CatalogObject>;

class Catalog {
 public:
  Catalog();  // holds kappa_dead_letters

  CatalogObjectPtr Find(std::string_view name) const;  // by key; nullptr: no such object
  // By what users call it: `schema` ("": the first in `search_path` that has it) and label. nullptr: none.
  enum class Family : uint8_t { kRelation, kSecret, kConnection, kFunction, kIndex };
  CatalogObjectPtr Resolve(Family family, std::string_view schema, std::string_view label, const std::vector<std::string>& search_path) const;
  // All functions of the name, in creation order: they differ in their parameters.
  std::vector<CatalogObjectPtr> Functions(std::string_view schema, std::string_view label, const std::vector<std::string>& search_path) const;
  // A key for a new object: the one it would have by its name, or that with a number where it is taken.
  std::string NewKey(Family family, std::string_view schema, std::string_view label) const;

  const std::vector<std::string>& schemas() const { return schemas_; }  // "public" first
  bool HasSchema(std::string_view name) const;
  Status AddSchema(std::string_view name);  // 42P06 when it is there
  // 3F000 when there is none; 2BP01 when it holds something, unless `cascade`; 0A000 for public. Answers the keys dropped.
  StatusOr<std::vector<std::string>> DropSchema(std::string_view name, bool cascade);
  int64_t generation() const { return generation_; }
  int64_t NextGeneration() { return ++generation_; }
  // In its place: another definition, comment or name of the object with this key.
  void Replace(CatalogObject object);
  // 42P07 when the name is taken, unless by the dead letters of the same name.
  Status Add(CatalogObject object);
  // 42P01 when there is none; 2BP01 naming what depends on it, unless `cascade`. Answers the names dropped, dependents first.
  StatusOr<std::vector<std::string>> Drop(std::string_view name, bool cascade);
  // Makes the table of dead letters `name` unless it is there; 42809 when the name belongs to something else.
  Status EnsureDeadLetters(std::string_view name);
  std::vector<CatalogObjectPtr> Objects() const;                            // in creation order
  std::vector<std::string> Names(Family family = Family::kRelation) const;  // what users call them, for "did you mean"

  // JSON with a version: the DDL of each object in creation order (dead letters make themselves again).
  std::string Serialize() const;
  // What a serialised catalog holds, objects in creation order: the planner executes their definitions again (ProgramPlanner::Restore). XX001:
  // damage, or a newer version.
  struct SavedObject {
    CatalogObject object;                  // but for `object`, `definition` and `depends_on`
    std::map<std::string, int64_t> added;  // columns, by generation
    std::string kind;
    std::string problem;  // of what was not restored: why
  };
  struct Saved {
    std::vector<std::string> schemas;
    int64_t generation = 0;
    std::vector<SavedObject> objects;
  };
  static StatusOr<Saved> Parse(std::string_view text);
  void RestoreSchemas(const Saved& saved);
  // What cannot be made again (a file that a view reads is gone) is kept as it was saved, so that it comes back when it can. Its name is free: an
  // object of that name takes its place, and DROP drops it.
  void KeepUnrestored(SavedObject saved) { unrestored_.push_back(std::move(saved)); }
  const std::vector<SavedObject>& unrestored() const { return unrestored_; }
  bool DropUnrestored(std::string_view schema, std::string_view label);  // false: there is none

 private:
  std::vector<CatalogObjectPtr> objects_;
  std::vector<std::string> schemas_ = {kPublicSchema};
  int64_t generation_ = 0;
  std::vector<SavedObject> unrestored_;
};

}  // namespace kappa
