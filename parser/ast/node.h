// What every node of the tree has, and names.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/status.h"

namespace kappa::ast {

// A name as it is compared: folded to lower case unless it was quoted.
struct Identifier {
  std::string name;
  bool quoted = false;
  TextRange range;
};

// `schema.object`, `catalog.schema.object`: at least one part.
struct QualifiedName {
  std::vector<Identifier> parts;
  TextRange range;
  const Identifier& last() const { return parts.back(); }
  bool empty() const { return parts.empty(); }
};

// The text between dots, unquoted: "public.bids". For messages, not for parsing.
std::string ToString(const QualifiedName& name);

// Checked downcast over the `kind` of a node: As<BinaryExpression>(e) is null when `e` is of another kind.
template <typename T, typename Base>
const T* As(const Base& node) {
  return node.kind == T::kKind ? static_cast<const T*>(&node) : nullptr;
}
template <typename T, typename Base>
T* As(Base& node) {
  return node.kind == T::kKind ? static_cast<T*>(&node) : nullptr;
}
// The same where the caller has looked at `kind` already.
template <typename T, typename Base>
const T& Cast(const Base& node) {
  return static_cast<const T&>(node);
}

}  // namespace kappa::ast
