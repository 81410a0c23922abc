// An aggregate: a state of fixed size inside a state row, and the functions that fold values into it.
//
//   Aggregate("sum", {kInt8}, kNumeric).Doc("...").Native<SumInt8>()
//
// where SumInt8 is a struct:
//   struct SumInt8 {
//     struct State { ... };                                  trivially copyable, at most 8-byte aligned, all-zero = empty; a relocatable row holds it
//     static void Add(StateContext&, State*, int64_t v, int64_t weight);    weight +1 / -1 (invertible aggregates), or only +1 (append-only ones)
//     static void Merge(StateContext&, State*, StateContext& from, const State& other);     adds another partial state, whose parts live in `from`
//     static Nullable<Numeric> Result(StateContext&, CallContext&, const State&);           or bool Result(..., const State&, Nullable<Numeric>* out)
//     when it may fail static void Release(StateContext&, State*);                                           only when the state holds blocks of the
//     arena static void Copy(StateContext& from, const State&, StateContext& to, State* out);     likewise static constexpr bool kInvertible = true;
//     Add takes weight -1; Merge works with differences
//   };
// with up to three arguments before the weight. A row is not added when one of the arguments that the aggregate is strict in is NULL (all, unless it
// says Strict(n)). Variable-length parts of a state (a text, an exact float sum) live in StateContext's arena as offsets.
//
// Two other forms, which generated code reaches through functions/general_aggregate.h:
//   Raw     over types known only when a query is planned: Add and Result see AnyValues (types/any_value.h)
//     static void Add(StateContext&, State*, const AnyValue* args, uint32_t count, int64_t weight);
//     static bool Result(StateContext&, CallContext&, const State&, const TypeDescriptor* result, void* out, bool* out_null);
//   Over    over the rows of the group in order, which are kept as a multiset: one function that computes the result from OrderedValues
//     bool f(const OrderedValues& values, CallContext& c, const TypeDescriptor* result, void* out, bool* out_null)
//   An entry may have Native and Over: Native is used where rows only come.
#pragma once

#include "functions/function.h"
#include "functions/state_context.h"

namespace kappa {

class OrderedValues;  // functions/general_aggregate.h
using OverFunction = bool (*)(const OrderedValues& values, CallContext& c, const TypeDescriptor* result, void* out, bool* out_null);

// Compiled forms, by pointers to slots:
//   void add(StateContext* s, void* state, const void* a0, ... (a pointer per argument), int64_t weight)
//   void merge(StateContext* s, void* state, StateContext* other_context, const void* other)
//   bool result(StateContext* s, CallContext* c, const void* state, void* out, bool* out_null)
//   void release(StateContext* s, void* state)      frees what the state holds in the arena; nullptr when it holds nothing
//   void copy(StateContext* from, const void* state, StateContext* to, void* out)   deep copy (before-images); nullptr: memcpy
// Raw: add(s, state, const AnyValue* args, uint32_t count, weight) and result(s, c, state, const TypeDescriptor* result, out, out_null).
struct AggregateEntry {
  std::string_view name;
  std::vector<TypeId> arguments;
  TypeId result = TypeId::kUnknown;
  size_t state_size = 0;    // a multiple of 8
  bool invertible = false;  // false: append-only input
  bool nullable_result = true;
  bool fallible = false;
  bool raw = false;               // add and result_code are of the raw form
  int strict = -1;                // NULL in one of the first so many arguments (after the direct ones) leaves a row out; -1: in any
  bool order_matters = false;     // the result depends on the order of rows
  bool ignores_distinct = false;  // DISTINCT changes nothing
  // fraction, ... WITHIN GROUP (ORDER BY x): the first `direct` arguments are constants of the call.
  bool ordered_set = false;
  size_t direct = 0;
  std::string_view doc;
  std::vector<FunctionExample> examples;
  OverFunction over = nullptr;
  const void* add = nullptr;
  const void* merge = nullptr;
  const void* result_code = nullptr;
  const void* release = nullptr;
  const void* copy = nullptr;
  std::string Signature() const;
};

namespace function_internal {

template <typename A>
concept HasRelease = requires(StateContext& s, typename A::State* state) { A::Release(s, state); };
template <typename A>
concept HasCopy = requires(StateContext& s, const typename A::State& state, typename A::State* out) { A::Copy(s, state, s, out); };

template <typename A, typename Arguments>
struct AddCode;
template <typename A>
struct AddCode<A, std::tuple<>> {
  [[gnu::used]] static void Run(StateContext* s, void* state, int64_t weight) { A::Add(*s, static_cast<typename A::State*>(state), weight); }
};
template <typename A, typename V>
struct AddCode<A, std::tuple<V>> {
  [[gnu::used]] static void Run(StateContext* s, void* state, const void* a0, int64_t weight) {
    A::Add(*s, static_cast<typename A::State*>(state), *static_cast<const V*>(a0), weight);
  }
};
template <typename A, typename V, typename W>
struct AddCode<A, std::tuple<V, W>> {
  [[gnu::used]] static void Run(StateContext* s, void* state, const void* a0, const void* a1, int64_t weight) {
    A::Add(*s, static_cast<typename A::State*>(state), *static_cast<const V*>(a0), *static_cast<const W*>(a1), weight);
  }
};
template <typename A>
struct RawAddCode {
  [[gnu::used]] static void Run(StateContext* s, void* state, const AnyValue* args, uint32_t count, int64_t weight) {
    A::Add(*s, static_cast<typename A::State*>(state), args, count, weight);
  }
};
template <typename A>
struct RawResultCode {
  [[gnu::used]] static bool Run(StateContext* s, CallContext* c, const void* state, const TypeDescriptor* result, void* out, bool* out_null) {
    return A::Result(*s, *c, *static_cast<const typename A::State*>(state), result, out, out_null);
  }
};
template <typename A>
struct MergeCode {
  [[gnu::used]] static void Run(StateContext* s, void* state, StateContext* other_context, const void* other) {
    A::Merge(*s, static_cast<typename A::State*>(state), *other_context, *static_cast<const typename A::State*>(other));
  }
};
template <typename A>
struct ReleaseCode {
  [[gnu::used]] static void Run(StateContext* s, void* state) { A::Release(*s, static_cast<typename A::State*>(state)); }
};
template <typename A>
struct CopyCode {
  [[gnu::used]] static void Run(StateContext* from, const void* state, StateContext* to, void* out) {
    A::Copy(*from, *static_cast<const typename A::State*>(state), *to, static_cast<typename A::State*>(out));
  }
};

template <typename Fn>
struct ResultOf;
template <typename R, typename S>
struct ResultOf<R (*)(StateContext&, CallContext&, const S&)> {
  static constexpr bool kFallible = false;
  using type = R;
};
template <typename S, typename R>
struct ResultOf<bool (*)(StateContext&, CallContext&, const S&, R*)> {
  static constexpr bool kFallible = true;
  using type = R;
};

template <typename A>
struct ResultCode {
  using Traits = ResultOf<decltype(&A::Result)>;
  [[gnu::used]] static bool Run(StateContext* s, CallContext* c, const void* state, void* out, bool* out_null) {
    const auto& typed = *static_cast<const typename A::State*>(state);
    if constexpr (Traits::kFallible) {
      typename Traits::type result{};
      if (!A::Result(*s, *c, typed, &result)) return false;
      StoreResult<typename Traits::type>(result, out, out_null);
    } else {
      StoreResult<typename Traits::type>(A::Result(*s, *c, typed), out, out_null);
    }
    return true;
  }
};

template <typename Fn>
struct AddArguments;
template <typename S, typename... P>
struct AddArguments<void (*)(StateContext&, S*, P...)> {
  using type = typename DropLast<std::tuple<P...>>::type;  // without the weight
};

}  // namespace function_internal

class AggregateBuilder {
 public:
  AggregateBuilder(std::string_view name, std::vector<TypeId> arguments, TypeId result) {
    entry_.name = name;
    entry_.arguments = std::move(arguments);
    entry_.result = result;
  }
  AggregateBuilder& Doc(std::string_view doc) {
    entry_.doc = doc;
    return *this;
  }
  AggregateBuilder& Example(std::string_view call, std::string_view result) {
    entry_.examples.push_back({call, result});
    return *this;
  }
  template <typename A>
  AggregateBuilder& Native() {
    static_assert(std::is_trivially_copyable_v<typename A::State> && alignof(typename A::State) <= 8);
    using Arguments = typename function_internal::AddArguments<decltype(&A::Add)>::type;
    using Result = typename function_internal::ResultCode<A>::Traits;
    entry_.state_size = (sizeof(typename A::State) + 7) & ~size_t{7};
    entry_.invertible = A::kInvertible;
    entry_.nullable_result = function_internal::Unwrap<typename Result::type>::nullable;
    entry_.fallible = Result::kFallible;
    entry_.add = reinterpret_cast<const void*>(&function_internal::AddCode<A, Arguments>::Run);
    entry_.result_code = reinterpret_cast<const void*>(&function_internal::ResultCode<A>::Run);
    SetOwnership<A>();
    return *this;
  }
  template <typename A>
  AggregateBuilder& Raw() {
    static_assert(std::is_trivially_copyable_v<typename A::State> && alignof(typename A::State) <= 8);
    entry_.state_size = (sizeof(typename A::State) + 7) & ~size_t{7};
    entry_.raw = entry_.fallible = true;
    entry_.invertible = A::kInvertible;
    entry_.add = reinterpret_cast<const void*>(&function_internal::RawAddCode<A>::Run);
    entry_.result_code = reinterpret_cast<const void*>(&function_internal::RawResultCode<A>::Run);
    SetOwnership<A>();
    return *this;
  }
  template <auto Fn>
  AggregateBuilder& Over() {
    entry_.over = Fn;
    if (entry_.add == nullptr) entry_.fallible = entry_.nullable_result = entry_.invertible = true;
    return *this;
  }
  AggregateBuilder& OverRows(OverFunction function) {  // of a Native that is append-only
    entry_.over = function;
    return *this;
  }
  AggregateBuilder& Strict(int arguments) {
    entry_.strict = arguments;
    return *this;
  }
  AggregateBuilder& OrderMatters() {
    entry_.order_matters = true;
    return *this;
  }
  AggregateBuilder& IgnoresDistinct() {
    entry_.ignores_distinct = true;
    return *this;
  }
  AggregateBuilder& OrderedSet(size_t direct) {
    entry_.ordered_set = true;
    entry_.direct = direct;
    return *this;
  }
  operator AggregateEntry() const { return entry_; }  // NOLINT: meant to convert

 private:
  template <typename A>
  void SetOwnership() {
    entry_.merge = reinterpret_cast<const void*>(&function_internal::MergeCode<A>::Run);
    if constexpr (function_internal::HasRelease<A>) entry_.release = reinterpret_cast<const void*>(&function_internal::ReleaseCode<A>::Run);
    if constexpr (function_internal::HasCopy<A>) entry_.copy = reinterpret_cast<const void*>(&function_internal::CopyCode<A>::Run);
  }
  AggregateEntry entry_;
};

inline AggregateBuilder Aggregate(std::string_view name, std::vector<TypeId> arguments, TypeId result) {
  return {name, std::move(arguments), result};
}

}  // namespace kappa
