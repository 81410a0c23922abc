// Aggregate calls as tests run them: every aggregate of the registry in every form it can be called in, over rows of texts.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "functions/general_aggregate.h"
#include "tests/functions/random_values.h"

namespace kappa {

using TextRow = std::vector<std::optional<std::string>>;

struct AggregateShape {
  const AggregateEntry* entry = nullptr;
  std::vector<Type> columns;  // the arguments of a row, then what it is ordered by besides
  size_t arguments = 0;
  std::vector<std::pair<Type, std::string>> direct;
  Type result;
  bool distinct = false;
  std::vector<GeneralAggregate::Order> order;
  bool general = false;  // functions/general_aggregate.h
  bool takes_retractions = true;
  std::string Name() const;  // for messages: count(DISTINCT integer)
};

// Every entry but kappa's own: as it is, over rows that may go again, with DISTINCT, with ORDER BY; those over any type with several.
std::vector<AggregateShape> AllAggregateShapes();

// A row for the shape. `position` goes to a bigint column that is no argument.
TextRow RandomRow(const AggregateShape& shape, int64_t position, Random* random);

class AggregateRun {
 public:
  explicit AggregateRun(const AggregateShape& shape);
  void Add(const TextRow& row, int64_t weight);
  void Merge(AggregateRun& other);
  void CopyTo(AggregateRun* other);  // which is new
  std::string Result();              // its text, NULL, or !SQLSTATE message
  std::string KeptResult();          // by way of a before-image; general shapes only
  bool Release();                    // is nothing left in the state?

 private:
  std::string ResultOf(StateContext* context, const void* state);
  const AggregateShape& shape_;
  std::shared_ptr<const GeneralAggregate> general_;
  StateContext context_;
  std::vector<uint64_t> state_;
};

}  // namespace kappa
