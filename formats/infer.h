// What columns do these records have? For files and topics that are read without a declaration: a look at the first records, off the data path.
//
//   JSON   members in the order they are first seen, names in lower case (they match whatever their case) unless two would then be one. Integers are
//          bigint, numbers with a point double precision, integers past bigint numeric; texts that are all dates, timestamps (with or without zone)
//          are those; objects structs; arrays of one kind of values arrays; arrays in arrays, and mixtures of
//          containers with anything else, jsonb; other mixtures text; nothing but null text.
//   CSV    delimiter of , ; tab |, whichever gives every record the same number of fields, two at least; a header line where the first record's
//   fields
//          are names: not empty, no number, no date, and no two alike. Types as of JSON's texts, and numbers; with leading zeros text.
// Every column may be NULL.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"
#include "formats/csv/format.h"
#include "types/type.h"

namespace kappa {

struct InferredColumn {
  std::string name;
  bool quoted = false;  // its member's name matches exactly only
  Type type;
};

struct InferredCsv {
  std::map<std::string, std::string> options;  // as ParseCsvFormat takes them
  std::vector<InferredColumn> columns;
};

// Records that are no JSON objects are left out. 22032: none is one, naming the first problem.
StatusOr<std::vector<InferredColumn>> InferJson(const std::vector<std::string>& records);

// `options`: those that are given, which are believed. `records`: lines as a file has them, the header among them; split by `options`' quote.
StatusOr<InferredCsv> InferCsv(const std::vector<std::string>& records, std::map<std::string, std::string> options);

}  // namespace kappa
