// Statements to plans, over connectors that are only described.
#pragma once

#include <string>
#include <string_view>

#include "planner/planner.h"

namespace kappa::planner_test {

const ConnectorRegistry& Connectors();

// Sources that the tests read: bids (flat, watermarked), events (Nexmark's nested layout), plain (no watermark).
extern const char kSources[];

struct Session {
  Catalog catalog;
  PlannerSettings settings;
  // Adds every statement but queries; queries and programs are explained. Fails with the first error.
  Status Run(std::string_view text);
  StatusOr<ExplainedPlan> Explain(std::string_view statement);
  StatusOr<SelectPlan> Select(std::string_view statement, const std::vector<Type>& parameters = {});
  StatusOr<Dataflow> Program(std::string_view text);  // all of `text` as one program
};

}  // namespace kappa::planner_test
