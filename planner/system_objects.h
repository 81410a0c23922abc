// pg_catalog and information_schema, as the binder asks for them: relations whose rows are known when a statement is bound, and SQL functions that
// are written out where they stand. The engine makes them from its catalog (engine/system_catalog).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/catalog.h"
#include "types/datum.h"

namespace kappa {

struct SystemRelation {
  struct Column {
    std::string name;
    Type type;
  };
  std::vector<Column> columns;           // all may be NULL
  std::vector<std::vector<Datum>> rows;  // as things are now
};

// One statement's; one thread.
class SystemObjects {
 public:
  virtual ~SystemObjects() = default;
  // `schema` "": pg_catalog, which is looked into without being named. nullopt: there is none of that name.
  virtual std::optional<SystemRelation> Relation(std::string_view schema, std::string_view name) const = 0;
  // A relation that is there for clients to ask, and never holds a row.
  virtual bool AlwaysEmpty(std::string_view schema, std::string_view name) const = 0;
  // Functions of pg_catalog that depend on the catalog or the session, with FunctionObjects and definitions. Empty: there is none of that name.
  virtual std::vector<CatalogObjectPtr> Functions(std::string_view name) const = 0;
  // What a name stands for: regclass, regtype... (a cast of a text), and the name of a number (a cast of a number): functions of one argument, by the
  // type cast to. Empty: it is no such type.
  virtual std::vector<CatalogObjectPtr> NameCast(std::string_view type, bool from_text) const = 0;
};

}  // namespace kappa
