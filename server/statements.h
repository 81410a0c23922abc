// What the protocol needs of the engine's statements: their texts, what they take and answer, executing them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "server/backend_message.h"

namespace kappa::server {

// A statement that was parsed once, for any number of executions. Belongs to its session; one thread at a time.
class PreparedText {
 public:
  virtual ~PreparedText() = default;
  virtual const std::string& command() const = 0;  // "SELECT", "INSERT"; "": the text is empty
  virtual const std::vector<Type>& parameters() const = 0;
  virtual const std::optional<std::vector<ColumnDescription>>& columns() const = 0;  // none: it answers no rows
  virtual Status Execute(const std::vector<Datum>& parameters, Results* results) = 0;
};

// `parameters`: types that the client declared; kUnknown or missing: to be inferred. 42601 when the text holds several statements.
StatusOr<std::unique_ptr<PreparedText>> PrepareText(Session* session, std::string_view text, const std::vector<Type>& parameters);

}  // namespace kappa::server
