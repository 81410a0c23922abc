// The SQL type that a C++ value of a function's call stands for, where there is just one.
#pragma once

#include "types/numeric.h"
#include "types/type.h"
#include "types/uuid.h"

namespace kappa {

template <typename T>
inline constexpr TypeId kTypeOf = TypeId::kUnknown;
template <>
inline constexpr TypeId kTypeOf<bool> = TypeId::kBool;
template <>
inline constexpr TypeId kTypeOf<int16_t> = TypeId::kInt2;
template <>
inline constexpr TypeId kTypeOf<int32_t> = TypeId::kInt4;
template <>
inline constexpr TypeId kTypeOf<int64_t> = TypeId::kInt8;
template <>
inline constexpr TypeId kTypeOf<float> = TypeId::kFloat4;
template <>
inline constexpr TypeId kTypeOf<double> = TypeId::kFloat8;
template <>
inline constexpr TypeId kTypeOf<Numeric> = TypeId::kNumeric;
template <>
inline constexpr TypeId kTypeOf<Uuid> = TypeId::kUuid;

}  // namespace kappa
