// pg_catalog and information_schema in statements.
#pragma once

#include <optional>

#include "planner/binder/context.h"
#include "planner/binder/query.h"
#include "planner/system_objects.h"

namespace kappa {

// A relation of theirs, its rows as constants; nullopt: there is none of the name. 0A000 in views and sinks, whose rows would never change.
StatusOr<std::optional<Relation>> BindSystemRelation(BindContext* context, const ast::QualifiedName& name);

// A query that reads, in every branch, a relation that never holds a row: tools ask many such, in more of the language than need be understood to
// know the answer. Its columns are texts. nullopt: it is none.
std::optional<Relation> BindEmptySystemQuery(BindContext* context, const ast::Query& query);

// oid, name, regclass...: the types of pg_catalog that are numbers and texts here. kUnknown: the name is none of them, or is to be looked up
// (SystemObjects::NameCast).
std::optional<Type> SystemTypeOf(const ast::TypeName& name);
bool IsObjectNameType(const ast::TypeName& name);

}  // namespace kappa
