// What objects are, as SQL and as PostgreSQL's catalogs describe it.
#pragma once

#include <string>

#include "engine/system_catalog/system_catalog.h"

namespace kappa {

// The query of a view, with its semicolon; "": it is none.
std::string ViewDefinition(const NumberedObject& object);
// CREATE [UNIQUE] INDEX name ON table USING btree (columns); `column` > 0: that column's name alone.
std::string IndexDefinition(const NumberedObject& index, int column);
std::string KeyDefinition(const NumberedObject& table);  // CREATE UNIQUE INDEX t_pkey ON public.t USING btree (id)
std::string KeyConstraint(const NumberedObject& table);  // PRIMARY KEY (id)
// The default of a column, or how it is computed, as an expression; "": none.
std::string ColumnDefault(const NumberedObject& object, size_t column);
bool IsGenerated(const NumberedObject& object, size_t column);
// pg_attribute's: numeric (p << 16 | s) + 4...
int64_t TypeModifierOf(const Type& type);
std::string TypeName(const Type& type);                     // as format_type shows it
std::string ArrayText(const std::vector<int64_t>& values);  // {1,2}

}  // namespace kappa
