// A SQL value in registers of generated code: its machine parts, and whether it is NULL. A value the plan knows to be non-null carries no bit and
// needs no check.
//
// Parts by type: one scalar (bool i1, int2 i16, int4/date i32, int8/time/timestamps i64, floats), or
//   text, bytea, jsonb: i64 (size and prefix), ptr      numeric: i64 low, i64 high, i32 scale, i32 kind      interval: i64, i32, i32      uuid: i64,
//   i64
// A struct has fields instead of parts. Parts of a NULL are zero or harmless.
#pragma once

#include <vector>

#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/Value.h"
#include "types/type.h"

namespace kappa {

struct SqlValue {
  Type type;
  llvm::SmallVector<llvm::Value*, 4> parts;
  llvm::Value* null = nullptr;  // i1; nullptr: never NULL
  std::vector<SqlValue> fields;
};

// A row in flight: values by column id, and its weight.
struct EmittedRow {
  std::vector<std::pair<int32_t, SqlValue>> columns;
  llvm::Value* weight = nullptr;     // i64; nullptr: +1 (append-only)
  llvm::Value* watermark = nullptr;  // i64: its partition's watermark at its turn; nullptr: not followed

  const SqlValue* Find(int32_t column) const {
    for (const auto& entry : columns) {
      if (entry.first == column) return &entry.second;
    }
    return nullptr;
  }
  void Set(int32_t column, SqlValue value) {
    for (auto& entry : columns) {
      if (entry.first == column) {
        entry.second = std::move(value);
        return;
      }
    }
    columns.emplace_back(column, std::move(value));
  }
};

}  // namespace kappa
