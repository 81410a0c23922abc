// What the connector 'datagen' puts into a field: a function of (seed, field, row number), so that any offset can be read by itself and every run
// gives the same rows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/connector.h"
#include "types/type.h"

namespace kappa::datagen {

enum class Kind : uint8_t { kSequence, kRandom, kChoice };

struct Field {
  std::string name;
  Type type;
  Kind kind = Kind::kRandom;
  // Integers, dates (days) and times (microseconds) alike; of numeric: in units of 10^-scale.
  int64_t low = 0, high = 0;  // random: both are reached; sequence: from low, and again after high where low < high
  int64_t step = 1;
  double low_float = 0, high_float = 1;
  int scale = 0;
  size_t length = 10;                // of texts and bytea
  std::vector<std::string> choices;  // as JSON
  double null_rate = 0;
};

// `columns`: the declared ones that come from the record, by name and type. `options` of the form fields.NAME.OPTION:
//   kind 'sequence' | 'random'; start, end, step (sequence); min, max (random); length; choices 'a,b,c'; null_rate 0..1.
// 42703: a field that is no column; 22023: a value that is not of its kind, or an option its type does not have; 0A000: a type that is not made.
StatusOr<std::vector<Field>> ParseFields(const std::vector<std::pair<std::string, Type>>& columns, const Options& options);

// Appends {"a":1,...} of row `row`.
void AppendRow(const std::vector<Field>& fields, uint64_t seed, int64_t row, std::string* out);

}  // namespace kappa::datagen
