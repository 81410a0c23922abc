// Packed rows: how keys and kept rows lie in memory, relocatable. The fixed part is as a RowLayout says; a text there is (size, prefix, offset from
// the row's begin), and the texts' bytes follow the fixed part in order of their slots.
#pragma once

#include <utility>
#include <vector>

#include "exec/operators/operator_emitter.h"

namespace kappa {

// Values that SQL calls equal get equal bytes: types/canonical_key.h.
SqlValue EmitCanonical(Emission& e, SqlValue value);

// The row's bytes and their number (i64), in scratch memory. What is NULL is zero, so that equal rows have equal bytes.
std::pair<llvm::Value*, llvm::Value*> EmitPacked(Emission& e, const RowLayout& layout, std::vector<SqlValue> values);

// Of a key as it lies in memory; `size` of one with texts, else nullptr.
llvm::Value* EmitHash(Emission& e, const RowLayout& layout, llvm::Value* key, llvm::Value* size);

SqlValue EmitLoadPacked(Emission& e, const RowLayout& layout, const Slot& slot, llvm::Value* row);

// The value with its bytes in scratch memory: of one whose bytes may change before it is used.
SqlValue EmitCopied(Emission& e, SqlValue value);

}  // namespace kappa
