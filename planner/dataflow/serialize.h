// The JSON form of the parts of a dataflow; used by serialize.cc and parse.cc only.
//
// One member per field, named as the field; enumerations by their number, which therefore never changes; functions by signature; constants in
// PostgreSQL's text form.
#pragma once

#include <nlohmann/json.hpp>

#include "planner/dataflow/dataflow.h"

namespace kappa::dataflow_json {

using Json = nlohmann::json;

// Stable names of types, apart from what users are shown.
inline constexpr const char* kTypeNames[] = {"unknown", "bool",  "int2",   "int4", "int8",      "float4",      "float8",   "numeric",
                                             "text",    "bytea", "date",   "time", "timestamp", "timestamptz", "interval", "uuid",
                                             "jsonb",   "array", "struct", "any",  "json",      "anyelement",  "anyarray"};

}  // namespace kappa::dataflow_json
