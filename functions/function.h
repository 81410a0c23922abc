// A function of the language: one row that holds its signature, documentation, example and implementation (docs/adding-a-function.md).
//
//   Scalar("left", {kText, kInt4}, kText)
//       .Doc("The first n characters; a negative n leaves out the last |n|.")
//       .Example("left('kappa', 2)", "ka")
//       .Native<&TextLeft>()
//
// An implementation is a plain C++ function over types/values.h:
//   R f(CallContext& c, A a, B b)                        never NULL, never fails
//   Nullable<R> f(CallContext& c, A a, B b)              may answer NULL
//   bool f(CallContext& c, A a, B b, R* out)             may fail: false after c.Fail(...)
//   bool f(CallContext& c, A a, B b, Nullable<R>* out)   may do both
// with A one of bool, int16_t, int32_t, int64_t, float, double, Numeric, Text, Bytea, JsonText, Jsonb, Array, Date, Time, Timestamp, TimestampTz,
// Interval, Uuid. A parameter of type Nullable<A> makes the function non-strict in it; a function whose parameters are all plain is strict: a NULL
// argument answers NULL without a call. What it allocates for its result comes from c.scratch and lives until the batch of rows is done.
//
// A function over types that are known only when a query is planned (kAny, kAnyElement, kAnyArray, structs) is written against types/any_value.h:
//   bool f(CallContext& c, const AnyValue* args, uint32_t count, const TypeDescriptor* result, void* out, bool* out_null)
//   Scalar("num_nulls", {kAny}, kInt4).Variadic().NullsToo().Raw<&NumNulls>()
// `out` is a slot of the result's type (of a struct: a row of result->layout, zeroed); *out_null is false when it is called.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "common/runtime.h"
#include "common/sqlstate.h"
#include "functions/call_context.h"
#include "types/any_value.h"
#include "types/type.h"
#include "types/values.h"

namespace kappa {

template <typename T>
struct Nullable {
  T value{};
  bool null = true;
  Nullable() = default;
  Nullable(T v) : value(v), null(false) {}  // NOLINT: meant to convert
  explicit operator bool() const { return !null; }
};

enum class FunctionKind : uint8_t { kScalar, kOperator, kCast };
enum class Volatility : uint8_t { kImmutable, kStable, kVolatile };
enum class CastContext : uint8_t { kImplicit, kAssignment, kExplicit };

struct FunctionExample {
  std::string_view call;    // "left('kappa', 2)"
  std::string_view result;  // its text output; "NULL" for NULL; "ERROR 22012" for an error
};

using RawFunction = bool (*)(CallContext* c, const AnyValue* args, uint32_t count, const TypeDescriptor* result, void* out, bool* out_null);

// Called by generated code (and by the host) with pointers to slots; inlined there, so that nothing of this remains:
//   bool code(CallContext* c, void* out, bool* out_null, const void* a0, bool n0, const void* a1, bool n1, ...)
// false: failed, c says why. Strict functions are never called with a NULL.
struct FunctionEntry {
  std::string_view name;  // lower case; an operator's symbol for kOperator ("+", "||", "like", "not like"...); for kCast "cast"
  FunctionKind kind = FunctionKind::kScalar;
  std::vector<TypeId> arguments;
  bool variadic = false;  // the last argument repeats
  TypeId result = TypeId::kUnknown;
  Volatility volatility = Volatility::kImmutable;
  CastContext cast_context = CastContext::kExplicit;
  bool strict = true;
  bool fallible = false;         // may answer an error for some row
  bool nullable_result = false;  // may answer NULL for non-NULL arguments
  std::string_view doc;
  std::vector<FunctionExample> examples;
  std::string_view category;  // heading in the reference: "String", "Date and time", ...
  // The last argument is the session's time zone, a text that the binder adds: users do not write it, a persisted plan names it.
  bool zoned = false;
  bool text_arrays = false;  // kAnyArray, as argument or result, is text[]
  // Called in another form, RawFunction, by generated code and by the host alike: `code` is its address, `invoke` is null.
  bool raw = false;
  const void* code = nullptr;  // address of the compiled form above; its symbol is found by address
  // The same, callable from the host.
  bool (*invoke)(CallContext*, void* out, bool* out_null, const void* const* args, const bool* nulls) = nullptr;

  // Identifies it in a persisted dataflow: "left(text,integer)".
  std::string Signature() const;
};

namespace function_internal {

template <typename T>
struct Unwrap {
  using type = T;
  static constexpr bool nullable = false;
};
template <typename T>
struct Unwrap<Nullable<T>> {
  using type = T;
  static constexpr bool nullable = true;
};

template <typename P>
KAPPA_INLINE P LoadArgument(const void* slot, bool null) {
  using Value = typename Unwrap<P>::type;
  if constexpr (Unwrap<P>::nullable)
    return null ? P() : P(*static_cast<const Value*>(slot));
  else
    return *static_cast<const Value*>(slot);
}

template <typename R>
KAPPA_INLINE void StoreResult(const R& result, void* out, bool* out_null) {
  using Value = typename Unwrap<R>::type;
  if constexpr (Unwrap<R>::nullable) {
    *out_null = result.null;
    *static_cast<Value*>(out) = result.value;
  } else {
    *out_null = false;
    *static_cast<Value*>(out) = result;
  }
}

template <typename Tuple>
struct DropLast;
template <typename Last>
struct DropLast<std::tuple<Last>> {
  using type = std::tuple<>;
};
template <typename First, typename... Rest>
struct DropLast<std::tuple<First, Rest...>> {
  template <typename T>
  struct Prepend;
  template <typename... Ts>
  struct Prepend<std::tuple<Ts...>> {
    using type = std::tuple<First, Ts...>;
  };
  using type = typename Prepend<typename DropLast<std::tuple<Rest...>>::type>::type;
};

template <typename... P>
struct LastOf {
  using type = void;
};
template <typename Last>
struct LastOf<Last> {
  using type = Last;
};
template <typename First, typename Second, typename... Rest>
struct LastOf<First, Second, Rest...> : LastOf<Second, Rest...> {};

// Does the signature end in a pointer and answer bool? Then it is the fallible form.
template <typename R, typename... P>
constexpr bool IsFallible() {
  return std::is_same_v<R, bool> && std::is_pointer_v<typename LastOf<P...>::type>;
}

template <auto Fn, typename Signature>
struct Traits;
template <auto Fn, typename R, typename... P>
struct Traits<Fn, R (*)(CallContext&, P...)> {
  static constexpr bool kFallible = IsFallible<R, P...>();
  using All = std::tuple<P...>;
  template <bool F, typename = void>
  struct Pick {
    using Parameters = All;
    using Result = R;
  };
  template <typename V>
  struct Pick<true, V> {
    using Parameters = typename DropLast<All>::type;
    using Result = std::remove_pointer_t<typename LastOf<P...>::type>;
  };
  using Parameters = typename Pick<kFallible>::Parameters;
  using Result = typename Pick<kFallible>::Result;
  static constexpr size_t kCount = std::tuple_size_v<Parameters>;
  template <size_t I>
  using At = std::tuple_element_t<I, Parameters>;
};

template <auto Fn, size_t... I>
KAPPA_INLINE bool Apply(CallContext* c, void* out, bool* out_null, const void* const* args, const bool* nulls, std::index_sequence<I...>) {
  using T = Traits<Fn, decltype(Fn)>;
  if constexpr (T::kFallible) {
    typename T::Result result{};
    if (!Fn(*c, LoadArgument<typename T::template At<I>>(args[I], nulls[I])..., &result)) return false;
    StoreResult<typename T::Result>(result, out, out_null);
    return true;
  } else {
    StoreResult<typename T::Result>(Fn(*c, LoadArgument<typename T::template At<I>>(args[I], nulls[I])...), out, out_null);
    return true;
  }
}

// Up to 6 arguments, written out so that the ABI of generated code is plain.
template <auto Fn, size_t N>
struct Code;
#define KAPPA_CODE(N, PARAMS, SLOTS, NULLS)                                   \
  template <auto Fn>                                                          \
  struct Code<Fn, N> {                                                        \
    [[gnu::used]] static bool Run PARAMS {                                    \
      const void* const args[] = SLOTS;                                       \
      const bool nulls[] = NULLS;                                             \
      return Apply<Fn>(c, o, on, args, nulls, std::make_index_sequence<N>{}); \
    }                                                                         \
  }
#define KAPPA_LIST(...) {__VA_ARGS__}
KAPPA_CODE(0, (CallContext * c, void* o, bool* on), KAPPA_LIST(nullptr), KAPPA_LIST(false));
KAPPA_CODE(1, (CallContext * c, void* o, bool* on, const void* a0, bool n0), KAPPA_LIST(a0), KAPPA_LIST(n0));
KAPPA_CODE(2, (CallContext * c, void* o, bool* on, const void* a0, bool n0, const void* a1, bool n1), KAPPA_LIST(a0, a1), KAPPA_LIST(n0, n1));
KAPPA_CODE(3, (CallContext * c, void* o, bool* on, const void* a0, bool n0, const void* a1, bool n1, const void* a2, bool n2), KAPPA_LIST(a0, a1, a2),
           KAPPA_LIST(n0, n1, n2));
KAPPA_CODE(4,
           (CallContext * c, void* o, bool* on, const void* a0, bool n0, const void* a1, bool n1, const void* a2, bool n2, const void* a3, bool n3),
           KAPPA_LIST(a0, a1, a2, a3), KAPPA_LIST(n0, n1, n2, n3));
KAPPA_CODE(5,
           (CallContext * c, void* o, bool* on, const void* a0, bool n0, const void* a1, bool n1, const void* a2, bool n2, const void* a3, bool n3,
            const void* a4, bool n4),
           KAPPA_LIST(a0, a1, a2, a3, a4), KAPPA_LIST(n0, n1, n2, n3, n4));
KAPPA_CODE(6,
           (CallContext * c, void* o, bool* on, const void* a0, bool n0, const void* a1, bool n1, const void* a2, bool n2, const void* a3, bool n3,
            const void* a4, bool n4, const void* a5, bool n5),
           KAPPA_LIST(a0, a1, a2, a3, a4, a5), KAPPA_LIST(n0, n1, n2, n3, n4, n5));
#undef KAPPA_CODE
#undef KAPPA_LIST

template <auto Fn>
struct RawCode {
  [[gnu::used]] static bool Run(CallContext* c, const AnyValue* args, uint32_t count, const TypeDescriptor* result, void* out, bool* out_null) {
    return Fn(*c, args, count, result, out, out_null);
  }
};

template <auto Fn>
bool Invoke(CallContext* c, void* o, bool* on, const void* const* a, const bool* n) {
  return Apply<Fn>(c, o, on, a, n, std::make_index_sequence<Traits<Fn, decltype(Fn)>::kCount>{});
}

}  // namespace function_internal

class FunctionBuilder {
 public:
  FunctionBuilder(FunctionKind kind, std::string_view name, std::vector<TypeId> arguments, TypeId result) {
    entry_.kind = kind;
    entry_.name = name;
    entry_.arguments = std::move(arguments);
    entry_.result = result;
  }
  FunctionBuilder& Doc(std::string_view doc) {
    entry_.doc = doc;
    return *this;
  }
  FunctionBuilder& Category(std::string_view category) {
    entry_.category = category;
    return *this;
  }
  FunctionBuilder& Example(std::string_view call, std::string_view result) {
    entry_.examples.push_back({call, result});
    return *this;
  }
  FunctionBuilder& Stable() {
    entry_.volatility = Volatility::kStable;
    return *this;
  }
  FunctionBuilder& Implicit() {
    entry_.cast_context = CastContext::kImplicit;
    return *this;
  }
  FunctionBuilder& Assignment() {
    entry_.cast_context = CastContext::kAssignment;
    return *this;
  }
  FunctionBuilder& Zoned() {  // the last argument is the session's time zone
    entry_.zoned = true;
    return *this;
  }
  FunctionBuilder& Variadic() {
    entry_.variadic = true;
    return *this;
  }
  FunctionBuilder& TextArrays() {  // kAnyArray is text[]
    entry_.text_arrays = true;
    return *this;
  }
  FunctionBuilder& NullsToo() {  // called with NULL arguments; only for Raw
    entry_.strict = false;
    return *this;
  }
  // May fail, may answer NULL.
  template <auto Fn>
  FunctionBuilder& Raw() {
    entry_.raw = true;
    entry_.fallible = true;
    entry_.nullable_result = true;
    entry_.code = reinterpret_cast<const void*>(&function_internal::RawCode<Fn>::Run);
    return *this;
  }
  template <auto Fn>
  FunctionBuilder& Native() {
    using T = function_internal::Traits<Fn, decltype(Fn)>;
    entry_.fallible = T::kFallible;
    entry_.nullable_result = function_internal::Unwrap<typename T::Result>::nullable;
    entry_.strict = Strict<T>(std::make_index_sequence<T::kCount>{});
    entry_.code = reinterpret_cast<const void*>(&function_internal::Code<Fn, T::kCount>::Run);
    entry_.invoke = &function_internal::Invoke<Fn>;
    return *this;
  }
  operator FunctionEntry() const { return entry_; }  // NOLINT: meant to convert

 private:
  template <typename T, size_t... I>
  static constexpr bool Strict(std::index_sequence<I...>) {
    return (!function_internal::Unwrap<typename T::template At<I>>::nullable && ...);
  }
  FunctionEntry entry_;
};

inline FunctionBuilder Scalar(std::string_view name, std::vector<TypeId> arguments, TypeId result) {
  return {FunctionKind::kScalar, name, std::move(arguments), result};
}
inline FunctionBuilder Operator(std::string_view symbol, std::vector<TypeId> arguments, TypeId result) {
  return {FunctionKind::kOperator, symbol, std::move(arguments), result};
}
inline FunctionBuilder Cast(TypeId from, TypeId to) { return {FunctionKind::kCast, "cast", {from}, to}; }

}  // namespace kappa
